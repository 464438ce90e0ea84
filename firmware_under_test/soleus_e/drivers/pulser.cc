// The two compare channels run side by side: gate 1 also counts the time to the next pulse in
// hops, gate 2 first marks the moment to sample.
#include "drivers/pulser.h"

#include <avr/cpufunc.h>
#include <avr/interrupt.h>
#include <util/atomic.h>

#include "drivers/adc.h"
#include "drivers/board.h"
#include "drivers/events.h"
#include "drivers/gates.h"

namespace {

constexpr uint16_t kSettleTicks = 20000;  // 10 ms for the high-voltage converter
constexpr uint16_t kDueTicks = 6000;      // 3 ms for the main loop to plan and arm
constexpr uint16_t kLateTicks = 100;      // arming later than 50 us before the edge is too late
constexpr uint16_t kHopTicks = 0x8000;
constexpr uint16_t kSampleTicks = 32;  // 16 us after the edge the current has settled
constexpr uint16_t kQuietTicks = 40;   // a conversion takes 26 ticks and must end before it

enum class Gate1 : uint8_t { kOff, kWaiting, kDue, kArmed, kOpen };
enum class Gate2 : uint8_t { kOff, kSample, kClosed, kOpen };

volatile Gate1 gate1;
volatile Gate2 gate2;
volatile bool ending;
PulsePlan running;
uint32_t wait_ticks;  // left until the next pulse is due

void gate1_on_match(uint8_t action) {
  TCCR1A = static_cast<uint8_t>((TCCR1A & ~GATE1_SET_ON_MATCH) | action);
}

void gate2_on_match(uint8_t action) {
  TCCR1A = static_cast<uint8_t>((TCCR1A & ~GATE2_SET_ON_MATCH) | action);
}

void switch_off() {
  TCCR1A = 0;
  TIMSK1 = 0;
  gate1 = Gate1::kOff;
  gate2 = Gate2::kOff;
  board_disable_output();
}

void wait_on() {
  if (wait_ticks == 0) {
    GATE1_OCR += kDueTicks;
    gate1 = Gate1::kDue;
    events |= kEventPulseDue;
    return;
  }
  const uint16_t hop = wait_ticks > kHopTicks ? kHopTicks : static_cast<uint16_t>(wait_ticks);
  GATE1_OCR += hop;
  wait_ticks -= hop;
  gate1 = Gate1::kWaiting;
}

// An edge that the timer has already passed would come 33 ms late, with the gate open.
void check_still_ahead(uint16_t edge) {
  if (static_cast<int16_t>(edge - TCNT1) > 0) return;
  pulser_cut();
  events |= kEventTimingLost;
}

}  // namespace

void pulser_init() { TCCR1B = _BV(CS11); }

void pulser_start() {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    board_enable_output();
    ending = false;
    running.period_ticks = kSettleTicks;
    GATE1_OCR = static_cast<uint16_t>(TCNT1 + kSettleTicks);
    TIFR1 = GATE1_FLAG;
    TIMSK1 = GATE1_INTERRUPT;
    gate1_on_match(GATE1_CLEAR_ON_MATCH);
    gate1 = Gate1::kDue;
    events |= kEventPulseDue;
  }
}

bool pulser_arm(const PulsePlan& plan) {
  bool armed = false;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    const uint16_t edge = GATE1_OCR;
    if (gate1 == Gate1::kDue &&
        static_cast<int16_t>(edge - TCNT1) > static_cast<int16_t>(kLateTicks)) {
      running = plan;
      GATE2_OCR = static_cast<uint16_t>(edge + kSampleTicks);
      TIFR1 = GATE2_FLAG;
      TIMSK1 |= GATE2_INTERRUPT;
      gate2 = Gate2::kSample;
      gate1_on_match(GATE1_SET_ON_MATCH);
      gate1 = Gate1::kArmed;
      armed = true;
    }
  }
  return armed;
}

void pulser_stop() {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    if (gate1 != Gate1::kOff) {
      gate1_on_match(GATE1_CLEAR_ON_MATCH);  // from here an armed edge cannot happen any more
      _NOP();                                // the pin is read through a latch
      const bool not_begun = gate1 == Gate1::kArmed && !(PINB & GATE1_PIN);
      if (not_begun || gate2 == Gate2::kOff) {
        switch_off();
      } else {
        ending = true;
      }
    }
  }
}

bool pulser_idle() { return gate1 == Gate1::kOff; }

void pulser_cut() {
  // Forced matches close the gates and leave the compare latches low: one left high would open
  // its gate at the next start.
  TCCR1A = GATE1_CLEAR_ON_MATCH | GATE2_CLEAR_ON_MATCH;
  TCCR1C = _BV(FOC1A) | _BV(FOC1B);
  TCCR1A = 0;
  PORTB = static_cast<uint8_t>(PORTB & ~kGates);
  switch_off();
}

bool pulser_needs_converter() {
  if (gate1 == Gate1::kOpen) return true;
  return gate1 == Gate1::kArmed &&
         static_cast<int16_t>(GATE1_OCR - TCNT1) < static_cast<int16_t>(kQuietTicks);
}

uint16_t pulser_trip_above() { return running.trip_above; }

ISR(GATE1_VECT) {
  switch (gate1) {
    case Gate1::kArmed: {  // phase 1 has just begun
      const uint16_t edge = static_cast<uint16_t>(GATE1_OCR + running.width_ticks);
      GATE1_OCR = edge;
      gate1_on_match(GATE1_CLEAR_ON_MATCH);
      gate1 = Gate1::kOpen;
      PORTD |= kSync;
      check_still_ahead(edge);
      break;
    }
    case Gate1::kOpen:  // phase 1 has just ended
      wait_ticks = running.period_ticks - running.width_ticks - kDueTicks;
      wait_on();
      break;
    case Gate1::kWaiting: wait_on(); break;
    case Gate1::kDue:  // nobody armed: this pulse is left out
      wait_ticks = running.period_ticks - kDueTicks;
      wait_on();
      break;
    case Gate1::kOff: break;
  }
}

ISR(GATE2_VECT) {
  switch (gate2) {
    case Gate2::kSample: {
      adc_sample_pulse();
      const uint16_t edge =
          static_cast<uint16_t>(GATE2_OCR + running.width_ticks + running.gap_ticks - kSampleTicks);
      GATE2_OCR = edge;
      gate2_on_match(GATE2_SET_ON_MATCH);
      gate2 = Gate2::kClosed;
      check_still_ahead(edge);
      break;
    }
    case Gate2::kClosed: {  // phase 2 has just begun
      const uint16_t edge = static_cast<uint16_t>(GATE2_OCR + running.width_ticks);
      GATE2_OCR = edge;
      gate2_on_match(GATE2_CLEAR_ON_MATCH);
      gate2 = Gate2::kOpen;
      check_still_ahead(edge);
      break;
    }
    case Gate2::kOpen:  // phase 2 has just ended
      gate2 = Gate2::kOff;
      TIMSK1 = static_cast<uint8_t>(TIMSK1 & ~GATE2_INTERRUPT);
      PORTD = static_cast<uint8_t>(PORTD & ~kSync);
      events |= kEventPulseDone;
      if (ending) switch_off();
      break;
    case Gate2::kOff: break;
  }
}

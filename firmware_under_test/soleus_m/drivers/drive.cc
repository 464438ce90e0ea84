// Converter clock 1 MHz: a conversion takes 14 us, and the tick's own work fills most of that.
#include "drivers/drive.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

#include "drivers/board.h"
#include "drivers/dac.h"
#include "drivers/events.h"
#include "drivers/tick.h"
#include "logic/limits.h"
#include "logic/safety.h"
#include "logic/sine.h"

namespace {

constexpr uint8_t kAdcOn = _BV(ADEN) | _BV(ADPS2);
constexpr uint8_t kTicksPerMs = kTickHz / 1000;
constexpr uint16_t kServedWithin = kTickHz / 10;
constexpr AdcChannel kInTurn[kTicksPerMs] = {AdcChannel::kCurrent, AdcChannel::kBattery,
                                             AdcChannel::kCurrent, AdcChannel::kForce};
constexpr Cycle kNoSample = {0, 0, 0, 0, 0, 0, kMiddle, -kMiddle, 0};

volatile uint32_t now_ms;
uint8_t turn;  // of the millisecond's ticks
volatile uint16_t battery;
volatile uint16_t force;
SupplyMonitor supply;

volatile bool running;
uint32_t phase;
uint32_t step;
uint16_t amplitude;
uint16_t since_set;      // ticks
bool acceleration_high;  // of the sample before
bool came_from_rail;
bool current_high;
int16_t weight_sine;  // of the sample that is taken in this tick
int16_t weight_cosine;
Cycle gathering;
Cycle finished;

void convert(AdcChannel channel) {
  ADMUX = static_cast<uint8_t>(_BV(REFS0) | static_cast<uint8_t>(channel));
  ADCSRA = kAdcOn | _BV(ADSC);
}

uint16_t converted() {
  while (ADCSRA & _BV(ADSC)) {
  }
  return ADC;
}

void cut() {
  running = false;
  board_disable_output();
  dac_write(kDacZero);
}

void cut_for(uint8_t event) {
  cut();
  events |= event;
}

int16_t magnitude(int16_t counts) { return counts < 0 ? static_cast<int16_t>(-counts) : counts; }

void take_current(uint16_t counts) {
  const int16_t current = magnitude(static_cast<int16_t>(counts) - kMiddle);
  if (current > gathering.current) gathering.current = current;
  const bool high = current > kOverCurrent;
  if (high && current_high && running) cut_for(kEventOverCurrent);
  current_high = high;
}

void take_in_turn(uint16_t counts) {
  switch (kInTurn[turn]) {
    case AdcChannel::kBattery:
      battery = counts;
      if (supply.failed(counts)) events |= kEventSupplyFailed;
      break;
    case AdcChannel::kForce: force = counts; break;
    default: take_current(counts); break;
  }
}

void take_acceleration(uint16_t counts) {
  const int16_t x = static_cast<int16_t>(counts) - kMiddle;
  ++gathering.samples;
  gathering.in_phase += static_cast<int32_t>(x) * weight_sine;
  gathering.quadrature += static_cast<int32_t>(x) * weight_cosine;
  gathering.sine_sum = static_cast<int16_t>(gathering.sine_sum + weight_sine);
  gathering.cosine_sum = static_cast<int16_t>(gathering.cosine_sum + weight_cosine);
  gathering.sum += x;
  if (x < gathering.lowest) gathering.lowest = x;
  if (x > gathering.highest) gathering.highest = x;
  const bool high = magnitude(x) > kOverAcceleration;
  // A platform cannot get from within the limit to the rail in one sample: a lost sensor does.
  if (high && acceleration_high) cut_for(came_from_rail ? kEventAtRail : kEventOverAcceleration);
  came_from_rail = magnitude(x) >= kRail;
  acceleration_high = high;
}

// The next value of the sine.
void advance() {
  phase += step;
  if (phase < step) {
    finished = gathering;
    gathering = kNoSample;
    events |= kEventCycle;
  }
  const uint8_t index = static_cast<uint8_t>(phase >> 24);
  const int16_t value = sine(index);
  constexpr int32_t kHalf = 1l << 18;
  dac_write(static_cast<uint16_t>(
      kDacZero + static_cast<int16_t>((static_cast<int32_t>(value) * amplitude + kHalf) >> 19)));
  if (index < 128) {
    PORTD |= kSync;
  } else {
    PORTD = static_cast<uint8_t>(PORTD & ~kSync);
  }
  weight_sine = weight_of(value);
  weight_cosine = weight_of(sine(static_cast<uint8_t>(index + 64)));
}

void count_time() {
  if (++turn < kTicksPerMs) return;
  turn = 0;
  const uint32_t now = now_ms + 1;
  now_ms = now;
  if (static_cast<uint8_t>(now) % kTurnMs == 0) events |= kEventTurn;
}

}  // namespace

void drive_init() {
  ADCSRA = kAdcOn;
  gathering = kNoSample;
}

void tick_init() {
  convert(kInTurn[0]);
  OCR1A = F_CPU / kTickHz - 1;
  TCCR1B = _BV(WGM12) | _BV(CS10);
  TIMSK1 = _BV(OCIE1A);
}

uint32_t tick_ms() {
  uint32_t now = 0;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { now = now_ms; }
  return now;
}

void drive_start(uint32_t phase_step) {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    step = phase_step;
    phase = 0;
    amplitude = 0;
    since_set = 0;
    acceleration_high = false;
    gathering = kNoSample;
    weight_sine = 0;
    weight_cosine = 0;
    board_enable_output();
    running = true;
  }
}

void drive_set(uint16_t new_amplitude) {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    amplitude = new_amplitude;
    since_set = 0;
  }
}

void drive_stop() {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    if (running) cut();
  }
}

bool drive_running() { return running; }

Cycle drive_cycle() {
  Cycle cycle{};
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { cycle = finished; }
  return cycle;
}

uint16_t drive_battery() {
  uint16_t counts = 0;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { counts = battery; }
  return counts;
}

uint16_t drive_force() {
  uint16_t counts = 0;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { counts = force; }
  return counts;
}

uint16_t drive_read(AdcChannel channel) {
  uint16_t counts = 0;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    converted();  // what the tick has begun
    convert(channel);
    counts = converted();
    convert(kInTurn[turn]);
  }
  return counts;
}

ISR(TIMER1_COMPA_vect) {
  take_in_turn(converted());
  count_time();
  if (running && ++since_set > kServedWithin) cut_for(kEventNotServed);
  if (running) {
    convert(AdcChannel::kAcceleration);
    advance();
    take_acceleration(converted());
  }
  convert(kInTurn[turn]);
}

// Soleus E: a one-channel NMES stimulator on an ATmega328P at 16 MHz. The main loop carries
// what happened to the logic, and what the logic decided to the hardware.
#include <avr/interrupt.h>

#include "drivers/adc.h"
#include "drivers/board.h"
#include "drivers/dac.h"
#include "drivers/events.h"
#include "drivers/memory.h"
#include "drivers/nvm.h"
#include "drivers/pulser.h"
#include "drivers/selftest.h"
#include "drivers/tick.h"
#include "drivers/uart.h"
#include "drivers/watchdog.h"
#include "logic/device.h"
#include "logic/packets.h"
#include "logic/safety.h"
#include "logic/text.h"

#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)

namespace {

constexpr uint8_t kLongestAnswer = 200;  // characters of a text line

const char kBuildId[] = TEXT(BUILD_ID);
static_assert(sizeof kBuildId == kBuildIdSize + 1, "BUILD_ID has eight characters");

const Platform kPlatform = {nvm_store, board_output_flags, self_test, stack_free, kBuildId};
Device device(kPlatform);
PacketHandler packets(device);
Debounced stop_button;
Debounced dead_man;
bool output_started;
bool current_set;  // the DAC holds something else than zero

// Makes the hardware follow the therapy.
void apply() {
  if (!device.therapy.active()) {
    output_started = false;
    pulser_stop();
    if (current_set && pulser_idle()) {
      dac_write(0);
      current_set = false;
    }
  } else if (!output_started && pulser_idle()) {
    output_started = true;
    pulser_start();
  }
}

void send_char(char c) { uart_put(static_cast<uint8_t>(c)); }
void send_nothing(char) {}

void answer_packet() {
  uint8_t frame[kMaxFrame];
  const uint8_t size =
      packets.answer(device.receiver.packet(), device.receiver.packet_size(), frame);
  if (uart_room() < size) return;  // a reply comes whole or not at all
  for (uint8_t i = 0; i < size; ++i) uart_put(frame[i]);
}

void receive() {
  uint8_t byte = 0;
  while (uart_take(byte)) {
    const Sink sink = uart_room() < kLongestAnswer ? send_nothing : send_char;
    switch (device.receiver.feed(byte, tick_ms())) {
      case Receiver::Got::kPacket: answer_packet(); break;
      case Receiver::Got::kLine: answer_line(device, device.receiver.line(), sink); break;
      case Receiver::Got::kLongLine: refuse_long_line(sink); break;
      case Receiver::Got::kNothing: continue;
    }
    apply();
  }
  if (uart_damaged()) device.receiver.damaged();
}

// What is looked at every turn.
void turn() {
  const uint32_t now = tick_ms();
  device.receiver.poll(now);
  device.therapy.tick({now, adc_battery(), stop_button.update(board_stop_pressed()),
                       dead_man.update(board_dead_man_held())});
}

void make_pulse() {
  PulsePlan plan{};
  if (!device.therapy.plan(plan)) return;
  dac_write(plan.dac_code);
  current_set = true;
  pulser_arm(plan);
}

void handle(uint8_t seen) {
  if (seen & kEventOverCurrent) device.therapy.latch(Fault::kOverCurrent);
  if (seen & kEventTimingLost) device.therapy.latch(Fault::kSelfTest);
  if (seen & kEventPulseDone) device.therapy.pulse_done(adc_pulse());
  if (seen & kEventSupplyFailed) device.therapy.latch(Fault::kBrownOut);
  if (seen & kEventTurn) turn();
  if (seen & kEventReceived) receive();
  apply();
  if (seen & kEventPulseDue) make_pulse();
  apply();
  watchdog_serve();
}

}  // namespace

int main() {
  board_init();
  paint_stack();
  watchdog_arm();
  pulser_init();
  dac_init();
  adc_init();
  tick_init();
  uart_init();
  uint8_t image[kImageSize];
  nvm_load(image);
  device.boot(reset_cause, self_test(), image);
  sei();
  for (;;) {
    handle(take_events());
    sleep_until_event();
  }
}

// Soleus M: a plantar vibrator on an ATmega328P at 16 MHz. The main loop carries what happened to
// the logic, and what the logic decided to the hardware.
#include <avr/interrupt.h>

#include "drivers/board.h"
#include "drivers/dac.h"
#include "drivers/drive.h"
#include "drivers/events.h"
#include "drivers/memory.h"
#include "drivers/nvm.h"
#include "drivers/selftest.h"
#include "drivers/tick.h"
#include "drivers/uart.h"
#include "drivers/watchdog.h"
#include "logic/device.h"
#include "logic/limits.h"
#include "logic/packets.h"
#include "logic/safety.h"
#include "logic/sine.h"

#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)

namespace {

const char kBuildId[] = TEXT(BUILD_ID);
static_assert(sizeof kBuildId == kBuildIdSize + 1, "BUILD_ID has eight characters");

const Platform kPlatform = {nvm_store, board_output_flags, self_test, stack_free, kBuildId};
Device device(kPlatform);
PacketHandler packets(device);
Debounced stop_button;
Debounced dead_man;
Debounced foot;
FootSensor foot_sensor;
bool output_started;

// Makes the hardware follow the therapy.
void apply() {
  if (!device.therapy.active()) {
    output_started = false;
    drive_stop();
  } else if (!output_started) {
    output_started = true;
    drive_start(phase_step(static_cast<uint32_t>(device.params.get(Param::kFrequency))));
  }
}

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
    if (device.receiver.feed(byte, tick_ms()) != Receiver::Got::kPacket) continue;
    answer_packet();
    apply();
  }
  if (uart_damaged()) device.receiver.damaged();
}

// What is looked at every turn.
void turn() {
  const uint32_t now = tick_ms();
  device.receiver.poll(now);
  device.therapy.tick({now, drive_battery(), stop_button.update(board_stop_pressed()),
                       dead_man.update(board_dead_man_held()),
                       foot.update(foot_sensor.update(drive_force()))});
}

void regulate() {
  if (!drive_running()) return;
  device.therapy.cycle_done(motion_of(drive_cycle()));
  drive_set(device.therapy.drive());
}

void handle(uint8_t seen) {
  if (seen & kEventOverAcceleration) device.therapy.latch(Fault::kOverAcceleration);
  if (seen & kEventAtRail) device.therapy.latch(Fault::kAccelerometer);
  if (seen & kEventOverCurrent) device.therapy.latch(Fault::kOverCurrent);
  if (seen & kEventNotServed) device.therapy.latch(Fault::kSelfTest);
  if (seen & kEventSupplyFailed) device.therapy.latch(Fault::kBrownOut);
  if (seen & kEventTurn) turn();
  if (seen & kEventReceived) receive();
  apply();
  if (seen & kEventCycle) regulate();
  apply();
  watchdog_serve();
}

}  // namespace

int main() {
  board_init();
  paint_stack();
  watchdog_arm();
  dac_init();
  drive_init();
  uint8_t image[kImageSize];
  nvm_load(image);
  device.boot(reset_cause, self_test(), image);
  tick_init();
  uart_init();
  sei();
  for (;;) {
    handle(take_events());
    sleep_until_event();
  }
}

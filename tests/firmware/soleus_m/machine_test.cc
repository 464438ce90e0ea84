// The vibrator's image on the simulated controller, with a platform on a spring for its coil: what
// the pins and the protocol say.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <utility>
#include <vector>

#include "fixtures/simulated/avr/machine.h"
#include "rig/dut/frame.h"

namespace rig {
namespace {

using simulated::EdgeCause;
using simulated::Machine;
using simulated::MachineObserver;
using simulated::MachineSetup;
using simulated::Pin;
using simulated::ResetCause;

constexpr std::uint64_t kSecond = 16'000'000;
constexpr std::uint64_t kByte = 4160;  // cycles at 38400 baud, as 25 in UBRR0 makes it

enum Op : std::uint8_t { kStatus = 2, kSet = 3, kStart = 5, kStop = 6, kClear = 7, kAlive = 8 };
enum Id : std::uint8_t { kAcceleration = 1, kFrequency, kRampUp, kRampDown, kSession };
enum State : std::uint8_t { kIdle = 1, kRampingUp = 2, kRunning = 3, kFault = 6 };
enum Fault : std::uint8_t {
  kNone,
  kOverCurrent = 2,
  kCommsLoss = 5,
  kWatchdog = 6,
  kFootLifted = 9,
  kOverAcceleration = 10,
  kStall = 11
};

// A mass on a spring, moved by a coil; semi-implicit Euler in steps of 10 us.
struct Platform {
  double mass = 1.2;
  double resonance_hz = 27;
  double quality = 3;
  double sensor_gain = 1;
  bool held = false;
  double volts = 0;
  bool connected = false;
  double x = 0;
  double v = 0;
  double a = 0;
  double current = 0;
  std::uint64_t at = 0;
  double highest = 0;  // of |a|, since it was last asked

  void run_to(std::uint64_t cycle) {
    constexpr std::uint64_t kStep = 160;
    for (; at + kStep <= cycle; at += kStep) step(1e-5);
  }
  void step(double dt) {
    const double w = 2 * std::numbers::pi * resonance_hz;
    current = connected ? (volts - 12 * v) / 4.2 : -12 * v / 14;
    a = held ? 0 : 12 * current / mass - w * w * x - w / quality * v;
    v += a * dt;
    x += v * dt;
    highest = std::max(highest, std::fabs(a));
  }
  double take_highest() { return std::exchange(highest, 0); }
};

class Desk final : public MachineObserver {
 public:
  Desk() : machine(setup(), *this) { press_nothing(); }

  void on_pin(std::uint64_t cycle, Pin pin, bool level, EdgeCause /*cause*/) override {
    platform.run_to(cycle);
    if (pin.bit == 7 && level) platform.volts = (((high_ << 8 | low_) & 0x0FFF) - 2048) * 0.005;
    if (pin.bit == 4) platform.connected = level;
    if (pin.bit == 6 && level) sync.push_back(cycle);
  }
  void on_spi_byte(std::uint64_t /*cycle*/, std::uint8_t byte) override {
    high_ = low_;
    low_ = byte;
  }
  void on_uart_byte(std::uint64_t /*cycle*/, std::uint8_t byte) override {
    if (auto item = deframer_.take(byte)) answers.push_back(item->bytes);
  }
  double adc_volts(std::uint64_t cycle, int channel) override {
    platform.run_to(cycle);
    const double volts = channel == 0   ? 2.5 + 0.5 * platform.current
                         : channel == 1 ? 2.5 + 0.25 * platform.a * platform.sensor_gain
                         : channel == 2 ? battery / 2
                                        : 0.02 * force;
    return std::clamp(volts, 0.0, 5.0);
  }
  void on_reset(std::uint64_t /*cycle*/, ResetCause cause) override { resets.push_back(cause); }

  // The reply to a request, without its CRC; empty when none came within 50 ms.
  Bytes ask(Bytes op_and_args) {
    Bytes packet{++sequence_};
    packet.insert(packet.end(), op_and_args.begin(), op_and_args.end());
    std::uint64_t when = machine.cycle();
    for (const std::uint8_t byte : frame(packet)) {
      machine.at(when += kByte, [this, byte] { machine.send_uart(byte); });
    }
    answers.clear();
    machine.run_until(when + kSecond / 20);
    return answers.empty() ? Bytes() : answers.front();
  }
  std::uint8_t command(std::uint8_t op) { return ask({op}).at(2); }
  std::uint8_t set(std::uint8_t id, std::uint32_t value) {
    Bytes request{kSet, id};
    for (int shift = 0; shift < 32; shift += 8) {
      request.push_back(static_cast<std::uint8_t>(value >> shift));
    }
    return ask(request).at(2);
  }
  // Signs of life go on.
  void run(double seconds) {
    const auto end = machine.cycle() + static_cast<std::uint64_t>(seconds * kSecond);
    while (machine.cycle() + kSecond / 2 < end) {
      machine.run_until(machine.cycle() + kSecond / 4);
      ask({kAlive});
    }
    machine.run_until(std::max(end, machine.cycle()));
  }
  void start(double g, std::uint32_t millihertz) {
    run(0.1);
    ASSERT_EQ(set(kFrequency, millihertz), 0);
    ASSERT_EQ(set(kAcceleration, static_cast<std::uint32_t>(std::lround(g * 98066500))), 0);
    ASSERT_EQ(command(kStart), 0);
  }
  std::uint8_t state() { return ask({kStatus}).at(3); }
  std::uint8_t fault() { return ask({kStatus}).at(4); }
  double reported_acceleration() {
    const Bytes s = ask({kStatus});
    return 1e-7 * (s.at(10) | s.at(11) << 8 | s.at(12) << 16 | s.at(13) << 24);
  }

  Platform platform;
  double force = 150;
  double battery = 7.4;
  std::vector<std::uint64_t> sync;
  std::vector<ResetCause> resets;
  std::vector<Bytes> answers;
  Machine machine;

 private:
  static MachineSetup setup() {
    MachineSetup setup;
    setup.elf = SOLEUS_M_ELF;
    setup.mcu = "atmega328p";
    setup.watched = {{'D', 4}, {'D', 6}, {'D', 7}};
    return setup;
  }
  void press_nothing() {
    machine.drive_pin({'D', 2}, true);
    machine.drive_pin({'D', 3}, true);
  }

  Deframer deframer_;
  std::uint8_t sequence_ = 0;
  int high_ = 0x08;
  int low_ = 0;
};

struct Setting {
  double g;
  std::uint32_t millihertz;
};

class EverySetting : public testing::TestWithParam<Setting> {};

TEST_P(EverySetting, IsWhatThePlatformDoes) {
  Desk desk;
  desk.start(GetParam().g, GetParam().millihertz);
  desk.run(2.5);
  EXPECT_EQ(desk.state(), kRunning);
  const double set = GetParam().g * 9.80665;
  desk.sync.clear();
  desk.platform.take_highest();
  desk.run(0.4);
  EXPECT_NEAR(desk.platform.take_highest(), set, 0.03 * set + 0.05);
  EXPECT_NEAR(desk.reported_acceleration(), set, 0.02 * set + 0.01);
  ASSERT_GT(desk.sync.size(), 2u);
  const double period = static_cast<double>(desk.sync.back() - desk.sync.front()) / kSecond /
                        static_cast<double>(desk.sync.size() - 1);
  EXPECT_NEAR(1 / period, GetParam().millihertz / 1e3, 0.2);
  EXPECT_EQ(desk.resets, std::vector{ResetCause::kPowerOn});
  EXPECT_TRUE(desk.machine.take_doubts().empty());
}

INSTANTIATE_TEST_SUITE_P(SoleusM, EverySetting,
                         testing::Values(Setting{0.05, 45000}, Setting{0.1, 45000},
                                         Setting{0.5, 45000}, Setting{0.2, 20000},
                                         Setting{0.3, 27000}, Setting{0.5, 60000}));

TEST(SoleusM, StartsWithoutOvershootAndStopsSoftly) {
  Desk desk;
  desk.start(0.2, 30000);
  desk.run(3);
  EXPECT_LT(desk.platform.take_highest(), 0.2 * 9.81 * 1.1);
  EXPECT_EQ(desk.command(kStop), 0);
  desk.run(0.45);
  EXPECT_EQ(desk.state(), kIdle);
  EXPECT_FALSE(desk.platform.connected);
  desk.platform.take_highest();
  desk.run(0.1);
  EXPECT_LT(desk.platform.take_highest(), 0.02 * 9.81);
}

TEST(SoleusM, CutsWhenTheFootIsLifted) {
  Desk desk;
  desk.start(0.1, 45000);
  desk.run(2);
  desk.force = 0;
  desk.machine.run_until(desk.machine.cycle() + kSecond / 40);
  EXPECT_FALSE(desk.platform.connected);
  EXPECT_EQ(desk.fault(), kFootLifted);
  EXPECT_EQ(desk.command(kClear), 6) << "not before the foot is back";
  desk.force = 150;
  desk.run(0.1);
  EXPECT_EQ(desk.command(kClear), 0);
}

TEST(SoleusM, CutsAnAccelerationThatIsTooLarge) {
  Desk desk;
  desk.start(0.4, 45000);
  desk.run(2);
  desk.platform.sensor_gain = 2;
  desk.machine.run_until(desk.machine.cycle() + kSecond / 40);
  EXPECT_FALSE(desk.platform.connected);
  EXPECT_EQ(desk.fault(), kOverAcceleration);
}

TEST(SoleusM, NoticesThatThePlatformIsHeld) {
  Desk desk;
  desk.start(0.1, 45000);
  desk.run(2);
  desk.platform.held = true;
  desk.platform.v = 0;
  desk.run(1);
  EXPECT_FALSE(desk.platform.connected);
  EXPECT_EQ(desk.fault(), kStall);
}

TEST(SoleusM, EndsWhenTheLineIsSilent) {
  Desk desk;
  desk.start(0.1, 45000);
  desk.run(2);
  desk.machine.run_until(desk.machine.cycle() + kSecond + kSecond / 50);
  EXPECT_FALSE(desk.platform.connected);
  EXPECT_EQ(desk.fault(), kCommsLoss);
}

TEST(SoleusM, IsEndedByTheWatchdogWhenItHangs) {
  Desk desk;
  desk.start(0.1, 45000);
  desk.run(2);
  desk.machine.hang();
  desk.machine.run_until(desk.machine.cycle() + kSecond / 5);
  EXPECT_FALSE(desk.platform.connected);
  EXPECT_EQ(desk.resets.back(), ResetCause::kWatchdog);
  EXPECT_EQ(desk.fault(), kWatchdog);
  EXPECT_EQ(desk.command(kStart), 6);
}

TEST(SoleusM, IsCutByItsTickWhenOnlyTheMainProgramHangs) {
  Desk desk;
  desk.start(0.1, 45000);
  desk.run(2);
  const std::size_t resets = desk.resets.size();
  desk.machine.hang_main();
  desk.machine.run_until(desk.machine.cycle() + kSecond * 105 / 1000);
  EXPECT_FALSE(desk.platform.connected);
  EXPECT_EQ(desk.resets.size(), resets) << "before the watchdog";
}

}  // namespace
}  // namespace rig

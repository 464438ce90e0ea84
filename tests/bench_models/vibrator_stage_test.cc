// A vibrator's stage through the pins, the converter and the sensors of its controller.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "fixtures/simulated/stage.h"

namespace rig::simulated {
namespace {

constexpr Picos kStep = std::chrono::microseconds(250);

SimulatedBenchSettings settings() {
  SimulatedBenchSettings s;
  s.vibrator = VibratorSettings{};
  s.wiring.has_enable = true;
  s.wiring.enable = {'D', 4};
  s.wiring.has_dac = true;
  s.wiring.dac_step = 5e-3;
  s.wiring.dac_zero = 2048;
  return s;
}

class VibratorStage : public ::testing::Test {
 protected:
  void make(const SimulatedBenchSettings& s) { stage_ = make_stage(s, 1); }
  void live(Picos until) {
    while (stage_->live_until(until)) {
    }
    now_ = until;
  }
  // A sine of so many volts at 45 Hz; returns the largest acceleration in its last part.
  double vibrate(double seconds, double volts) {
    double peak = 0;
    const Picos begin = now_;
    for (int k = 0; now_ < begin + from_seconds(seconds); ++k) {
      const double turn = 2 * std::numbers::pi * 45 * to_seconds(kStep * k);
      stage_->set_converter(
          now_, static_cast<std::uint32_t>(std::lround(2048 + volts / 5e-3 * std::sin(turn))));
      live(now_ + kStep);
      const double t = to_seconds(now_ - stage_->segment_begin());
      if (to_seconds(now_ - begin) > 0.7 * seconds) {
        peak = std::max(peak, std::fabs(stage_->signal("acceleration").at(t)));
      }
    }
    return peak;
  }
  double sensed(const char* what) {
    const auto value = stage_->sensed(what, now_);
    EXPECT_TRUE(value.has_value());
    return value.value_or(0);
  }

  std::unique_ptr<Stage> stage_ = make_stage(settings(), 1);
  Picos now_{};
};

TEST_F(VibratorStage, DrivesNothingUntilItIsEnabled) {
  EXPECT_FALSE(stage_->driving());
  EXPECT_EQ(vibrate(0.3, 2), 0);
  stage_->set_pin(now_, {'D', 4}, true);
  EXPECT_TRUE(stage_->driving());
  EXPECT_GT(vibrate(0.5, 2), 1);
  stage_->set_powered(now_, false);
  EXPECT_FALSE(stage_->driving());
  live(now_ + std::chrono::seconds(1));
  EXPECT_LT(vibrate(0.3, 2), 1e-3);
}

TEST_F(VibratorStage, IsLimitedByItsAmplifier) {
  stage_->set_pin(now_, {'D', 4}, true);
  stage_->set_converter(now_, 4095);
  live(std::chrono::seconds(2));
  EXPECT_NEAR(stage_->signal("current").at(0), 10 / 4.2, 1e-6) << "not 10.235 V";
  EXPECT_NEAR(stage_->signal("voltage").at(0), 10 * 4 / 4.2, 1e-6);
  stage_->inject(now_, {"source_gain", 0.5});
  live(std::chrono::seconds(4));
  EXPECT_NEAR(stage_->signal("current").at(0), 2047 * 5e-3 * 0.5 / 4.2, 1e-6);
}

TEST_F(VibratorStage, HasAnAccelerometerThatSaturatesAndIsBiased) {
  SimulatedBenchSettings s = settings();
  s.vibrator->accelerometer = {.range = 1, .bandwidth = 500, .bias = 0.2};
  make(s);
  EXPECT_EQ(sensed("acceleration"), 0.2);
  stage_->set_pin(now_, {'D', 4}, true);
  double highest = 0;
  double lowest = 0;
  for (int k = 0; k < 400; ++k) {
    stage_->set_converter(now_, k % 88 < 44 ? 3500 : 600);
    live(now_ + kStep);
    highest = std::max(highest, sensed("acceleration"));
    lowest = std::min(lowest, sensed("acceleration"));
  }
  EXPECT_EQ(highest, 1);
  EXPECT_EQ(lowest, -1);
}

TEST_F(VibratorStage, ShowsTheHorizontalAxisInItsSensorAsFarAsItIsCrossed) {
  SimulatedBenchSettings s = settings();
  s.vibrator->platform.rocking = 0.5;
  s.vibrator->accelerometer.bandwidth = 2000;
  const auto shown = [&](double cross) {
    s.vibrator->accelerometer.cross_axis = cross;
    make(s);
    now_ = {};
    stage_->set_pin(now_, {'D', 4}, true);
    vibrate(0.1, 2);
    const double t = to_seconds(now_ - stage_->segment_begin());
    EXPECT_NEAR(stage_->signal("acceleration_x").at(t), 0.5 * stage_->signal("acceleration").at(t),
                1e-12);
    return sensed("acceleration");
  };
  EXPECT_NEAR(shown(0.1), 1.05 * shown(0), 1e-9);
}

TEST_F(VibratorStage, HasNoiseInItsSensorThatIsTheSameForTheSameInstant) {
  SimulatedBenchSettings s = settings();
  s.vibrator->accelerometer.noise = 0.1;
  make(s);
  double square = 0;
  for (int k = 0; k < 4000; ++k) {
    live(now_ + kStep);
    EXPECT_EQ(sensed("acceleration"), sensed("acceleration"));
    square += std::pow(sensed("acceleration"), 2);
  }
  EXPECT_NEAR(std::sqrt(square / 4000), 0.1, 0.005);
}

TEST_F(VibratorStage, FeelsTheFoot) {
  stage_->set_load(now_, DummyMass{15});
  live(std::chrono::seconds(5));
  EXPECT_NEAR(sensed("force"), 15 * 9.80665, 0.01);
  stage_->set_load(now_, TwoMassLeg{});
  live(std::chrono::seconds(10));
  EXPECT_NEAR(sensed("force"), 7.5 * 9.80665, 0.01);
  stage_->set_load(now_, FootLifted{});
  live(std::chrono::seconds(11));
  EXPECT_NEAR(sensed("force"), 0, 0.01);
}

TEST_F(VibratorStage, HasDefectsThatARestoreTakesAway) {
  stage_->set_pin(now_, {'D', 4}, true);
  const double good = vibrate(1, 2);
  stage_->inject(now_, {"accelerometer_open", 1});
  EXPECT_FALSE(stage_->sensed("acceleration", now_).has_value());
  stage_->inject(now_, {"accelerometer_open", 0});
  stage_->inject(now_, {"accelerometer_gain", 0});
  stage_->inject(now_, {"accelerometer_bias", 0.3});
  EXPECT_EQ(sensed("acceleration"), 0.3);
  stage_->inject(now_, {"sense_offset", 0.25});
  stage_->inject(now_, {"rattle", 0.2e-3});
  stage_->set_load(now_, ClampedPlatform{});
  EXPECT_EQ(vibrate(0.5, 2), 0);
  stage_->set_load(now_, DummyMass{0});
  EXPECT_GT(vibrate(1, 2), 1.5 * good) << "it rattles";
  stage_->restore(now_);
  EXPECT_NEAR(sensed("current"), 0, 1e-9);
  EXPECT_NEAR(sensed("acceleration"), 0, 1e-9);
  EXPECT_NEAR(vibrate(1, 2), good, 1e-3 * good);
}

TEST_F(VibratorStage, SaysWhatItsBenchCanDo) {
  const auto can = stage_->capabilities();
  EXPECT_TRUE(can.contains("load.mass"));
  EXPECT_TRUE(can.contains("inject.rattle"));
  EXPECT_FALSE(can.contains("load.open"));
}

}  // namespace
}  // namespace rig::simulated

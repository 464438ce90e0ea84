// Cut-offs: what came out after an event, and when it can be said that it ended.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "tests/measure/drawn.h"

namespace rig::testing {
namespace {

constexpr double kPeriod = 20e-3;
constexpr double kFirst = 5e-3;

// `count` pulses of 0.5 ms, then silence until `length`.
Drawn stopping_after(std::size_t count, double length) {
  Drawn drawn = train(count, kPeriod, 20e-3, 200e-6, 100e-6, kFirst);
  drawn.length = length;
  return drawn;
}

constexpr double end_of(std::size_t pulse) {  // 0: the first
  return kFirst + static_cast<double>(pulse) * kPeriod + 500e-6;
}

TEST(OffLatency, CountsFromTheEventToTheEndOfTheLastOutput) {
  const Measuring capture(record(stopping_after(6, 0.3)));
  const Measured latency = capture.take("output.off_latency", nullptr, 50e-3);
  ASSERT_TRUE(latency.value.has_value()) << latency.why_not;
  EXPECT_NEAR(latency.value->value, end_of(5) - 50e-3, 3e-6);
  EXPECT_GT(latency.value->u, 0);
  EXPECT_FALSE(latency.lower_bound);
}

TEST(OffLatency, IsZeroWhenNothingFollowsTheEvent) {
  const Measuring capture(record(stopping_after(3, 0.3)));
  const Measured latency = capture.take("output.off_latency", nullptr, 60e-3);
  ASSERT_TRUE(latency.value.has_value());
  EXPECT_EQ(latency.value->value, 0);
  EXPECT_GT(latency.value->u, 0);
  EXPECT_FALSE(latency.lower_bound);
}

// Silence that ends before the next pulse was due says nothing, however few words ask for it.
TEST(Silence, AfterAnEventCountsOnlyOnceItOutlastsAPeriod) {
  for (const auto& [looked, believed] : {std::pair(0.9 * kPeriod, false), {1.1 * kPeriod, true}}) {
    Measuring capture(record(stopping_after(4, 0.3)));
    const double event = end_of(3) + 1e-3;
    capture.look_from(event);
    capture.look_to(event + looked);
    const Limit limit = at_most(1e-3, "A");
    for (const char* name : {"current.peak", "pulse.count"}) {
      const Measured silence = capture.take(name, &limit, event);
      ASSERT_TRUE(silence.value) << silence.why_not;
      EXPECT_EQ(silence.value->value, 0);
      EXPECT_EQ(silence.lower_bound, !believed) << name << " " << looked;
      EXPECT_FALSE(capture.take(name, nullptr, event).lower_bound) << "nothing is claimed of it";
    }
  }
}

// A single pulse does not tell when the next one would have come: at 1 Hz, a second later.
TEST(OffLatency, OfASinglePulseNeedsQuietForLongerThanTheSlowestRhythm) {
  for (const auto& [length, may_go_on] : {std::pair(1.4, true), std::pair(1.6, false)}) {
    const Measuring capture(record(stopping_after(1, length), {.rate = {200'000, 1}}));
    for (const char* name : {"output.off_latency", "output.energy_after"}) {
      EXPECT_EQ(capture.take(name, nullptr, end_of(0) + 1e-3).lower_bound, may_go_on) << name;
    }
  }
}

TEST(OffLatency, CountsTheRestOfAPulseThatTheEventHits) {
  const Measuring capture(record(stopping_after(3, 0.3)));
  const double event = end_of(2) - 150e-6;
  EXPECT_NEAR(capture.take("output.off_latency", nullptr, event).value->value, 150e-6, 2e-6);
  EXPECT_EQ(capture.take("output.pulses_after", nullptr, event).value->value, 0);
}

TEST(OffLatency, CountsVoltageWithoutCurrentAsOutput) {
  Drawn drawn = stopping_after(3, 0.3);
  drawn.voltage.push_back({.begin = 65e-3, .width = 5e-3, .level = 100});
  const Measuring capture(record(drawn));
  EXPECT_NEAR(capture.take("output.off_latency", nullptr, 50e-3).value->value, 20e-3, 3e-6);
}

TEST(OffLatency, IsNoPassWhenThereWasNothingToBeCutOff) {
  const Measuring silent(record({.length = 0.1}));
  const Measuring later(record(train(3, kPeriod, 20e-3, 200e-6, 100e-6, 60e-3)));
  for (const char* name : {"output.off_latency", "output.pulses_after", "output.energy_after",
                           "output.charge_after"}) {
    for (const Measuring* capture : {&silent, &later}) {
      const Measured measured = capture->take(name, nullptr, 50e-3);
      EXPECT_FALSE(measured.value.has_value()) << name;
      EXPECT_EQ(measured.why_not, "no output before the event: nothing was there to be cut off");
      EXPECT_TRUE(measured.device_silent);
    }
  }
}

TEST(OffLatency, NeedsAnEvent) {
  const Measuring capture(record(stopping_after(3, 0.3)));
  const Measured measured = capture.take("output.off_latency");
  EXPECT_FALSE(measured.value.has_value());
  EXPECT_FALSE(measured.device_silent);
  EXPECT_EQ(measured.why_not, "output.off_latency needs an event: `after: LABEL`");
}

// The limit of 1 s was not even watched for: 0.1 s of output must not pass for a cut-off in 0.1 s.
TEST(OffLatency, OfAStuckOnOutputIsOnlyALowerBound) {
  Drawn drawn = stopping_after(3, 0.15);
  drawn.current.push_back({.begin = 52e-3, .width = 1, .level = 20e-3});
  const Measuring capture(record(drawn));
  const Measured latency = capture.take("output.off_latency", nullptr, 50e-3);
  ASSERT_TRUE(latency.value.has_value());
  EXPECT_NEAR(latency.value->value, 0.1, 5e-6);
  EXPECT_TRUE(latency.lower_bound);
}

TEST(OffLatency, OfAStuckOnVoltageIsOnlyALowerBound) {
  Drawn drawn = stopping_after(3, 0.15);
  drawn.voltage.push_back({.begin = 52e-3, .width = 1, .level = 100});
  EXPECT_TRUE(Measuring(record(drawn)).take("output.off_latency", nullptr, 50e-3).lower_bound);
}

TEST(OffLatency, IsOnlyALowerBoundWhileTheNextPulseMayStillCome) {
  // The last pulse begins at 105 ms; that no other follows can be known after 125 ms.
  for (const char* name : {"output.off_latency", "output.energy_after", "output.charge_after"}) {
    const Measuring too_short(record(stopping_after(6, 0.122)));
    EXPECT_TRUE(too_short.take(name, nullptr, 50e-3).lower_bound) << name;
    const Measuring enough(record(stopping_after(6, 0.140)));
    EXPECT_FALSE(enough.take(name, nullptr, 50e-3).lower_bound) << name;
  }
}

TEST(OffLatency, OfZeroIsOnlyALowerBoundRightAfterTheEvent) {
  const Measuring capture(record(stopping_after(3, 0.060)));
  EXPECT_TRUE(capture.take("output.off_latency", nullptr, 59e-3).lower_bound);
}

TEST(OffLatency, OfATriggeredCaptureIsKnownThoughNoSegmentFollows) {
  Recording recording = segmented(record(stopping_after(4, 0.3)),
                                  {4.94e-3, 24.94e-3, 44.94e-3, 64.94e-3}, 60e-6, 800e-6);
  const Measured latency = Measuring(recording).take("output.off_latency", nullptr, 50e-3);
  EXPECT_NEAR(latency.value->value, end_of(3) - 50e-3, 3e-6);
  EXPECT_FALSE(latency.lower_bound) << "the trigger was watched for until 0.3 s";
}

TEST(PulsesAfter, CountsOnsetsAfterTheEvent) {
  const Measuring capture(record(stopping_after(6, 0.3)));
  EXPECT_EQ(capture.take("output.pulses_after", nullptr, 50e-3).value->value, 3);
  EXPECT_EQ(capture.take("output.pulses_after", nullptr, 0.2).value->value, 0);
}

TEST(PulsesAfter, WithinALimitIsOnlyALowerBoundWhileMoreMayCome) {
  const Limit limit = at_most(5, "1");
  const Measuring capture(record(stopping_after(6, 0.122)));
  EXPECT_TRUE(capture.take("output.pulses_after", &limit, 50e-3).lower_bound);
}

TEST(EnergyAfter, CountsEveryPulseThatEndsAfterTheEvent) {
  const Measuring capture(record(stopping_after(6, 0.3)));
  const double each = 500 * 20e-3 * 20e-3 * 400e-6;
  const double energy = capture.take("output.energy_after", nullptr, 50e-3).value->value;
  EXPECT_NEAR(energy, 3 * each, 0.02 * each);
  const double hit = capture.take("output.energy_after", nullptr, end_of(5) - 1e-4).value->value;
  EXPECT_NEAR(hit, each, 0.02 * each) << "all of the pulse that the event hits";
}

TEST(ChargeAfter, SumsBothPhasesMagnitudes) {
  const Measuring capture(record(stopping_after(6, 0.3)));
  const double charge = capture.take("output.charge_after", nullptr, 50e-3).value->value;
  EXPECT_NEAR(charge, 3 * 2 * 4e-6, 0.01 * 24e-6);
}

TEST(TrainDuration, RunsFromTheFirstOnsetToTheEndOfActivity) {
  const Measuring capture(record(stopping_after(6, 0.3)));
  const Measured duration = capture.take("train.duration");
  EXPECT_NEAR(duration.value->value, end_of(5) - kFirst, 3e-6);
  EXPECT_FALSE(duration.lower_bound);
}

TEST(TrainDuration, IsOnlyALowerBoundWhileTheTrainMayGoOn) {
  EXPECT_TRUE(Measuring(record(stopping_after(6, 0.122))).take("train.duration").lower_bound);
}

}  // namespace
}  // namespace rig::testing

// Triggered captures: where segments begin and end, what fires and what does not, and that an
// output that stays on cannot hide between them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/bench_models/world.h"

namespace rig::testing {
namespace {

constexpr Picos kArmed = std::chrono::milliseconds(777);

CaptureSetup triggered(Picos length, Picos pre = us(60), Picos segment = us(800)) {
  return {.name = "drawn",
          .channels = {"current"},
          .rate = {1'000'000, 1},
          .length = length,
          .trigger = Trigger{.channel = "current", .level = 1e-3},
          .pre_trigger = pre,
          .segment_length = segment};
}

std::vector<std::uint64_t> firsts(const std::vector<Segment>& segments) {
  std::vector<std::uint64_t> all;
  all.reserve(segments.size());
  for (const Segment& s : segments) all.push_back(s.first);
  return all;
}

TEST(Trigger, BeginsEachSegmentBeforeTheEdge) {
  World world(kArmed);
  for (const double t : {5000.0, 25000.25, 45000.999}) {
    world.pulse(kArmed + us(t), kArmed + us(t + 200), 20e-3);
  }
  const std::vector<Segment> segments = captured(world, triggered(us(100'000)));
  // The first sample at or after the edge less 60 us.
  EXPECT_EQ(firsts(segments), (std::vector<std::uint64_t>{4940, 24941, 44941}));
  for (const Segment& s : segments) {
    EXPECT_EQ(s.size(), 800u);
    EXPECT_EQ(s.codes[0][59], 0);
    EXPECT_NE(s.codes[0][60], 0);
  }
}

TEST(Trigger, TellsTheLengthsItUsed) {
  World world(kArmed);
  const CaptureInfo info = world.digitizer(ideal())->arm(triggered(us(1000)));
  EXPECT_EQ(info.pre_trigger, us(60));
  EXPECT_EQ(info.segment_length, us(800));
}

TEST(Trigger, NeverFiringGivesNoSamplesAndEnds) {
  World world(kArmed);
  world.pulse(kArmed + us(5000), kArmed + us(5200), 0.9e-3);
  EXPECT_TRUE(captured(world, triggered(us(100'000))).empty());
}

TEST(Trigger, FiresOnEitherSign) {
  World world(kArmed);
  world.pulse(kArmed + us(5000), kArmed + us(5200), -20e-3);
  EXPECT_EQ(firsts(captured(world, triggered(us(10'000)))), (std::vector<std::uint64_t>{4940}));
}

TEST(Trigger, DoesNotFireAgainInsideItsSegment) {
  World world(kArmed);
  world.pulse(kArmed + us(5000), kArmed + us(5200), 20e-3);
  world.pulse(kArmed + us(5300), kArmed + us(5500), -20e-3);
  world.pulse(kArmed + us(5800), kArmed + us(5810), 20e-3);  // 60 us after the segment's end
  EXPECT_EQ(firsts(captured(world, triggered(us(10'000)))),
            (std::vector<std::uint64_t>{4940, 5740}));
}

TEST(Trigger, ShortlyAfterASegmentShortensThePreTriggerInsteadOfRepeatingSamples) {
  World world(kArmed);
  world.pulse(kArmed + us(5000), kArmed + us(5200), 20e-3);
  world.pulse(kArmed + us(5750), kArmed + us(5950), 20e-3);  // 10 us after the segment's end
  const std::vector<Segment> segments = captured(world, triggered(us(10'000)));
  EXPECT_EQ(firsts(segments), (std::vector<std::uint64_t>{4940, 5740}));
  EXPECT_EQ(segments[1].size(), 750u) << "its end is where it would have been";
}

TEST(Trigger, RightAfterArmingHasAsMuchBeforeItAsThereIs) {
  World world(kArmed);
  world.pulse(kArmed + us(20), kArmed + us(220), 20e-3);
  const std::vector<Segment> segments = captured(world, triggered(us(10'000)));
  EXPECT_EQ(firsts(segments), (std::vector<std::uint64_t>{0}));
  EXPECT_EQ(segments[0].size(), 760u);
}

TEST(Trigger, KeepsFiringWhileTheOutputStaysOn) {
  World world(kArmed);
  world.at(kArmed + us(1000), 20e-3);
  const std::vector<Segment> segments = captured(world, triggered(us(10'000)));
  ASSERT_GT(segments.size(), 10u);
  std::uint64_t next = 940;
  for (const Segment& s : segments) {
    ASSERT_EQ(s.first, next) << "no sample of a stuck-on output may be missing";
    next += s.size();
  }
  EXPECT_EQ(next, 10'000u);
}

TEST(Trigger, FiresAtOnceOnAnOutputThatIsAlreadyOn) {
  World world(kArmed);
  world.at(kArmed + us(1), 20e-3);
  world.live_until(kArmed + us(100));
  EXPECT_EQ(firsts(captured(world, triggered(us(500)))), (std::vector<std::uint64_t>{0}));
}

TEST(Trigger, NearTheEndGivesAShortSegment) {
  World world(kArmed);
  world.pulse(kArmed + us(9900), kArmed + us(9950), 20e-3);
  const std::vector<Segment> segments = captured(world, triggered(us(10'000)));
  EXPECT_EQ(firsts(segments), (std::vector<std::uint64_t>{9840}));
  EXPECT_EQ(segments[0].size(), 160u);
}

TEST(Trigger, AtTheVeryEndIsNotPartOfTheCapture) {
  World world(kArmed);
  world.pulse(kArmed + us(10'000), kArmed + us(10'100), 20e-3);
  EXPECT_TRUE(captured(world, triggered(us(10'000), us(0))).empty());
}

TEST(Trigger, FiresWhereASlowEdgeReachesTheLevel) {
  // Behind 10 us: 20 mA reach 1 mA after 10 us * ln(20/19).
  World world(kArmed, {1e5, 1e5});
  world.pulse(kArmed + us(5000), kArmed + us(5200), 20e-3);
  CaptureSetup setup = triggered(us(10'000), us(0), us(100));
  setup.rate = {20'000'000, 1};
  const double delay = 10 * std::log(20.0 / 19.0);
  EXPECT_EQ(firsts(captured(world, setup)).front(),
            static_cast<std::uint64_t>(std::ceil((5000 + delay) * 20)));
}

TEST(Trigger, FiresOnASlope) {
  World world(kArmed);
  world.at(kArmed + us(5000), simulated::Waveform{.slope = 10});  // 1 mA after 100 us
  world.at(kArmed + us(5300), 0.0);
  EXPECT_EQ(firsts(captured(world, triggered(us(10'000)))), (std::vector<std::uint64_t>{5040}));
}

// A discharge behind a low pass rises and falls within one closed-form segment: below the level at
// both of its ends.
TEST(Trigger, SeesASpikeThatHasGoneBeforeTheNextEvent) {
  for (const double decay : {3e3, 3e4, 2e5, 1.9e6}) {
    World world(kArmed, {2e6, 2e6});
    simulated::Waveform spike;
    spike.decays[0] = {50e-3, decay};
    world.at(kArmed + us(5000), spike);
    const std::vector<Segment> segments = captured(world, triggered(us(20'000)));
    ASSERT_FALSE(segments.empty()) << decay;
    EXPECT_EQ(segments.front().first, 4941u) << decay;
  }
}

TEST(Trigger, SeesASpikeAgainstTheFlow) {
  // From -0.5 mA through zero up to +5 mA and back.
  World world(kArmed, {2e6, 2e6});
  world.at(kArmed + us(100), -0.5e-3);
  simulated::Waveform spike{.level = -0.5e-3};
  spike.decays[0] = {8e-3, 1e5};
  world.at(kArmed + us(5000), spike);
  EXPECT_EQ(captured(world, triggered(us(20'000))).size(), 1u);
}

TEST(Trigger, IgnoresTheNoiseOfItsChannel) {
  World world(kArmed);
  world.pulse(kArmed + us(5000), kArmed + us(5200), 20e-3);
  DigitizerSettings settings = ideal();
  settings.channels[0].noise = 2e-3;
  EXPECT_EQ(captured(world, triggered(us(100'000)), settings).size(), 1u);
}

TEST(Trigger, WorksOnAChannelThatIsNotCaptured) {
  World world(kArmed);
  world.pulse(kArmed + us(5000), kArmed + us(5200), 20e-3);
  CaptureSetup setup = triggered(us(10'000));
  setup.trigger = Trigger{.channel = "voltage", .level = 5};
  EXPECT_EQ(firsts(captured(world, setup)), (std::vector<std::uint64_t>{4940}));
}

}  // namespace
}  // namespace rig::testing

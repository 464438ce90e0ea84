// The digitizer's settings, ranges and errors, and how many samples a capture has.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <string>

#include "rig/core/error.h"
#include "tests/bench_models/world.h"

namespace rig::testing {
namespace {

constexpr Picos kArmed = std::chrono::milliseconds(777);

CaptureSetup continuous(Picos length, SampleRate rate = {1'000'000, 1}) {
  return {.name = "drawn", .channels = {"current"}, .rate = rate, .length = length};
}

std::string blocked_by(const CaptureSetup& setup, const DigitizerSettings& settings = ideal()) {
  World world;
  try {
    world.digitizer(settings)->arm(setup);
  } catch (const Blocked& why) {
    return why.what();
  }
  return "";
}

TEST(Digitizer, SamplesFromArmingUpToButNotAtTheEnd) {
  for (const auto& [length, count] :
       {std::pair{us(1000), 1000u}, std::pair{us(1000) + Picos(1), 1001u},
        std::pair{us(999) + Picos(1), 1000u}}) {
    World world(kArmed);
    const std::vector<Segment> segments = captured(world, continuous(length));
    ASSERT_EQ(segments.size(), 1u);
    EXPECT_EQ(segments[0].first, 0u);
    EXPECT_EQ(segments[0].size(), count) << length.count() << " ps";
  }
}

TEST(Digitizer, PutsAnEventAtItsSample) {
  World world(kArmed);
  world.pulse(kArmed + us(100), kArmed + us(300), 75e-3);
  const std::vector<std::int16_t> codes = captured(world, continuous(us(1000))).at(0).codes.at(0);
  EXPECT_EQ(codes[99], 0);
  EXPECT_EQ(codes[100], 1024);
  EXPECT_EQ(codes[299], 1024);
  EXPECT_EQ(codes[300], 0);
}

TEST(Digitizer, DoesNotMindWhatWasBeforeArming) {
  World world(kArmed);
  world.at(kArmed + us(10), 75e-3);
  world.live_until(kArmed + us(500));
  const std::vector<Segment> segments = captured(world, continuous(us(100)));
  EXPECT_EQ(segments.at(0).codes.at(0).front(), 1024);
}

TEST(Digitizer, SamplesLogicBesideTheOthers) {
  World world(kArmed);
  world.at(kArmed + us(40), 0.0, true);
  world.at(kArmed + us(60), 0.0, false);
  CaptureSetup setup = continuous(us(100));
  setup.channels = {"led", "voltage"};
  const Segment segment = captured(world, setup).at(0);
  EXPECT_EQ(std::accumulate(segment.codes[0].begin(), segment.codes[0].end(), 0), 20);
  EXPECT_EQ(segment.codes[0][40], 1);
  EXPECT_EQ(segment.codes[0][60], 0);
}

DigitizerSettings noisy() {
  DigitizerSettings settings = ideal();
  settings.clock_error_ppm = 12;
  settings.channels[0].noise = 60e-6;
  settings.channels[1].noise = 80e-3;
  return settings;
}

void draw_pulses(World& world, std::uint64_t seed) {
  std::mt19937_64 draw(seed);
  Picos t = kArmed;
  for (int n = 0; n < 40; ++n) {
    t += Picos(1'000'000 + static_cast<std::int64_t>(draw() % 4'000'000'000));
    world.at(t, simulated::Waveform{.level = 50e-3, .decays = {{{20e-3, 1e4}, {}, {}}}},
             n % 3 == 0);
    t += Picos(1 + static_cast<std::int64_t>(draw() % 400'000'000));
    world.at(t, -30e-3);
    t += Picos(1 + static_cast<std::int64_t>(draw() % 400'000'000));
    world.at(t, 0.0);
  }
}

TEST(Digitizer, GivesTheSameSamplesHoweverTheyAreCollected) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    CaptureSetup setup = continuous(us(110'000), {5'000'000, 1});
    setup.channels = {"current", "voltage", "led"};
    if (seed % 2 == 0) {
      setup.trigger = Trigger{.channel = "current", .level = 10e-3};
      setup.pre_trigger = us(60);
      setup.segment_length = us(800);
    }
    const auto with_step = [&](Picos step) {
      World world(kArmed, {1.2e7, 1.2e7});
      draw_pulses(world, seed);
      return captured(world, setup, noisy(), 99, step);
    };
    const std::vector<Segment> whole = with_step(Picos(0));
    ASSERT_FALSE(whole.empty());
    std::mt19937_64 draw(seed);
    for (int n = 0; n < 4; ++n) {
      const Picos step(1'000'000 + static_cast<std::int64_t>(draw() % 30'000'000'000));
      ASSERT_TRUE(with_step(step) == whole)
          << "seed " << seed << ", steps of " << step.count() << " ps";
    }
  }
}

TEST(Digitizer, HandsOverWhatWasTakenWhileTheBenchLivedOnItsOwn) {
  World world(kArmed);
  const auto digitizer = world.digitizer(ideal());
  digitizer->arm(continuous(us(1000)));
  world.live_until(kArmed + us(600));
  Joined joined;
  EXPECT_TRUE(digitizer->collect(kArmed + us(600), joined));
  ASSERT_EQ(joined.segments.size(), 1u);
  EXPECT_GE(joined.segments[0].size(), 600u) << "every sample taken before `until`";
  EXPECT_FALSE(digitizer->collect(kArmed + us(1000), joined));
  EXPECT_EQ(joined.segments[0].size(), 1000u);
}

TEST(Digitizer, KeepsTheHistoryOnlyWhileItIsArmed) {
  World world(kArmed);
  draw_pulses(world, 1);
  const auto digitizer = world.digitizer(ideal());
  EXPECT_FALSE(world.keeps_history());
  digitizer->arm(continuous(us(1000)));
  EXPECT_TRUE(world.keeps_history());
  Joined joined;
  while (digitizer->collect(world.now() + us(100), joined)) {
  }
  EXPECT_FALSE(world.keeps_history());
}

TEST(Digitizer, ForgetsTheHistoryThatItHasSampled) {
  World world(kArmed);
  for (int n = 1; n < 20'000; ++n) world.at(kArmed + us(10 * n), n % 2 == 0 ? 0.0 : 20e-3);
  const auto digitizer = world.digitizer(ideal());
  CaptureSetup setup = continuous(us(200'000));
  for (const bool triggered : {false, true}) {
    if (triggered) setup.trigger = Trigger{.channel = "current", .level = 1};
    setup.pre_trigger = us(60);
    setup.segment_length = us(800);
    digitizer->arm(setup);
    Joined joined;
    std::size_t most = 0;
    while (digitizer->collect(world.now() + us(5000), joined)) {
      most = std::max(most, world.history().segments().size());
    }
    EXPECT_LT(most, 1100u);
    for (int n = 1; n < 20'000; ++n) world.at(world.now() + us(10 * n), n % 2 == 0 ? 0.0 : 20e-3);
  }
}

TEST(Digitizer, ReadsItsSettingsBack) {
  World world(kArmed);
  DigitizerSettings settings = ideal();
  settings.channels[0].gain_u = 0.0025;
  settings.channels[0].bandwidth_hz = 2e6;
  CaptureSetup setup = continuous(us(1000), {5'000'000, 1});
  setup.channels = {"current", "led"};
  const CaptureInfo info = world.digitizer(settings)->arm(setup);
  EXPECT_EQ(info.armed_at, kArmed);
  EXPECT_EQ(info.rate, (SampleRate{5'000'000, 1}));
  EXPECT_DOUBLE_EQ(info.rate_u, 25e-6);
  EXPECT_EQ(info.segment_length, Picos(0));
  ASSERT_EQ(info.channels.size(), 2u);
  EXPECT_DOUBLE_EQ(info.channels[0].scale, 0.15 / 2048);
  EXPECT_EQ(info.channels[0].clip_low, -2048);
  EXPECT_EQ(info.channels[0].clip_high, 2047);
  EXPECT_DOUBLE_EQ(info.channels[0].gain_u, 0.0025);
  EXPECT_EQ(info.channels[1].unit, "logic");
  EXPECT_EQ(info.channels[1].clip_high, 1);
}

TEST(Digitizer, TakesTheNarrowestRangeThatHoldsWhatIsAsked) {
  const auto range_for = [](double asked) {
    World world;
    CaptureSetup setup = continuous(us(10));
    setup.ranges["current"] = asked;
    return world.digitizer(ideal())->arm(setup).channels[0].scale * 2048;
  };
  EXPECT_DOUBLE_EQ(range_for(0.15), 0.15);
  EXPECT_DOUBLE_EQ(range_for(0.08), 0.15);
  EXPECT_DOUBLE_EQ(range_for(0.075), 0.075);
  EXPECT_DOUBLE_EQ(range_for(0.02), 0.03);
  EXPECT_DOUBLE_EQ(range_for(0.015), 0.015);
  EXPECT_DOUBLE_EQ(range_for(0.004), 0.0075);
  EXPECT_DOUBLE_EQ(range_for(0.001), 0.003) << "the narrowest there is";
}

TEST(Digitizer, BlocksWhatItCannotDo) {
  CaptureSetup too_fast = continuous(us(10), {25'000'000, 1});
  EXPECT_EQ(blocked_by(too_fast),
            "the digitizer samples at most 20000 kHz, the capture needs 25000 kHz");
  CaptureSetup too_much = continuous(us(10));
  too_much.ranges["current"] = 0.2;
  EXPECT_EQ(blocked_by(too_much),
            "channel 'current' reaches 0.150000 A, the capture needs 0.200000");
  CaptureSetup unknown = continuous(us(10));
  unknown.channels = {"pressure"};
  EXPECT_EQ(blocked_by(unknown), "the digitizer has no channel 'pressure'");
  CaptureSetup no_trigger = continuous(us(10));
  no_trigger.trigger = Trigger{.channel = "led", .level = 1};
  EXPECT_EQ(blocked_by(no_trigger), "the digitizer has no analog channel 'led'");
  DigitizerSettings not_wired = ideal();
  not_wired.channels[2].signal = "sync";
  CaptureSetup logic = continuous(us(10));
  logic.channels = {"led"};
  EXPECT_EQ(blocked_by(logic, not_wired), "nothing is wired to 'sync'");
}

TEST(Digitizer, ClipsAtFullScale) {
  World world(kArmed);
  world.pulse(kArmed + us(10), kArmed + us(20), 0.2);
  world.pulse(kArmed + us(30), kArmed + us(40), -0.2);
  const std::vector<std::int16_t> codes = captured(world, continuous(us(50))).at(0).codes.at(0);
  EXPECT_EQ(codes[15], 2047);
  EXPECT_EQ(codes[35], -2048);
}

TEST(Digitizer, IsWrongByItsGainAndOffset) {
  World world(kArmed);
  world.at(kArmed + us(1), 75e-3);
  DigitizerSettings settings = ideal();
  settings.channels[0].gain_error = 0.02;
  settings.channels[0].offset_error = 750e-6;
  EXPECT_NEAR(captured(world, continuous(us(50)), settings).at(0).codes.at(0).at(10),
              (75e-3 * 1.02 + 750e-6) / 0.15 * 2048, 0.51);
}

TEST(Digitizer, ClockErrorMovesAnEdgeToAnotherSample) {
  World world(kArmed);
  world.at(kArmed + us(500'000.5), 75e-3);
  DigitizerSettings settings = ideal();
  settings.clock_error_ppm = 100;
  const std::vector<std::int16_t> codes =
      captured(world, continuous(us(600'000)), settings).at(0).codes.at(0);
  EXPECT_EQ(codes.size(), 600'060u) << "too fast: more samples in the same time";
  const auto edge = std::ranges::find(codes, 1024) - codes.begin();
  EXPECT_EQ(edge, 500'051) << "500000.5 us * 1.0001, rounded up";
}

TEST(Digitizer, ChannelsHaveNoiseOfTheirOwn) {
  World world(kArmed);
  CaptureSetup setup = continuous(us(200'000));
  setup.channels = {"current", "voltage"};
  DigitizerSettings settings = ideal();
  settings.channels[0].noise = 10 * 0.15 / 2048;
  settings.channels[1].noise = 10 * 200.0 / 2048;
  const Segment segment = captured(world, setup, settings).at(0);
  double cross = 0;
  double square = 0;
  for (std::size_t n = 0; n < segment.size(); ++n) {
    cross += segment.codes[0][n] * segment.codes[1][n];
    square += segment.codes[0][n] * segment.codes[0][n];
  }
  EXPECT_NEAR(std::sqrt(square / 200'000), 10, 0.1);
  EXPECT_LT(std::fabs(cross / square), 4 / std::sqrt(200'000.0));
}

TEST(Digitizer, SameSeedSameSamplesOtherSeedOthers) {
  const auto with_seed = [](std::uint64_t seed) {
    World world(kArmed);
    return captured(world, continuous(us(1000)), noisy(), seed);
  };
  EXPECT_TRUE(with_seed(3) == with_seed(3));
  EXPECT_FALSE(with_seed(3) == with_seed(4));
}

}  // namespace
}  // namespace rig::testing

// The loss detector on drawn clocks: whatever is removed, wherever, is found, and every sample that
// it calls proven has its true place in time.
#include "rig/instruments/loss_detector.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "rig/core/error.h"

namespace rig {
namespace {

constexpr std::uint64_t kBlock = 256;

struct Drawn {
  std::vector<std::uint8_t> codes;   // as received
  std::vector<std::uint64_t> taken;  // the true index of each
};

struct DrawnClock {
  double period = 1000;  // samples
  double duty = 0.5;
  double jitter = 0;  // samples, either way
  double phase = 0;   // of a period
};

// So many samples of a clock with slopes of three samples and some noise.
std::vector<std::uint8_t> draw(const DrawnClock& clock, std::size_t count, std::uint64_t seed = 1) {
  std::mt19937 random(static_cast<unsigned>(seed));
  std::uniform_real_distribution<double> jitter(-clock.jitter, clock.jitter);
  std::uniform_int_distribution<int> noise(-3, 3);
  std::vector<std::uint8_t> codes(count);
  double offset = 0;
  double last = -1;
  for (std::size_t k = 0; k < count; ++k) {
    const double turn = std::floor(static_cast<double>(k) / clock.period + clock.phase + 0.5);
    if (turn != last) offset = jitter(random);
    last = turn;
    const double at = static_cast<double>(k) + clock.phase * clock.period - offset;
    const double in_period = at - clock.period * std::floor(at / clock.period);
    const double up = std::min(1.0, in_period / 3);
    const double down = std::clamp((in_period - clock.duty * clock.period) / 3, 0.0, 1.0);
    codes[k] = static_cast<std::uint8_t>(std::lround(60 + 130 * (up - down)) + noise(random));
  }
  return codes;
}

Drawn received(const std::vector<std::uint8_t>& codes,
               const std::vector<std::pair<std::uint64_t, std::uint64_t>>& removed) {
  Drawn drawn;
  for (std::uint64_t k = 0; k < codes.size(); ++k) {
    const bool gone = std::ranges::any_of(
        removed, [&](const auto& r) { return k >= r.first && k < r.first + r.second; });
    if (gone) continue;
    drawn.codes.push_back(codes[k]);
    drawn.taken.push_back(k);
  }
  return drawn;
}

struct Judged {
  int losses = 0;
  std::uint64_t proven = 0;
  bool true_places = true;
};

// Feeds the detector in pieces of a drawn size and holds what it proves against the truth.
Judged judge(LossDetector detector, const Drawn& drawn, std::size_t piece) {
  Judged judged;
  for (std::size_t at = 0; at < drawn.codes.size(); at += piece) {
    const auto part = std::span(drawn.codes).subspan(at, std::min(piece, drawn.codes.size() - at));
    for (const Proven& p : detector.take(part)) {
      judged.losses += p.lost_before ? 1 : 0;
      judged.proven += p.count;
      for (std::uint64_t k = 0; k < p.count; ++k) {
        judged.true_places &= drawn.taken.at(p.received + k) == p.index + k;
      }
    }
  }
  return judged;
}

// A detector that has seen forty periods of it.
LossDetector locked(const LossSettings& settings, const DrawnClock& clock) {
  const auto detector =
      LossDetector::lock(settings, draw(clock, static_cast<std::size_t>(40 * clock.period), 99));
  EXPECT_TRUE(detector.has_value());
  return *detector;
}

std::string error_of(const std::function<void()>& what) {
  try {
    what();
  } catch (const RigError& error) {
    return error.what();
  }
  return "no error";
}

const LossSettings kMegahertz{.rate_hz = 1e6, .clock_hz = 1e3};

TEST(LossDetector, FindsOneBlockRemovedAnywhere) {
  const auto codes = draw({}, 9'000);
  const LossDetector detector = locked(kMegahertz, {});
  for (std::uint64_t at = 2000; at < 5000; ++at) {  // three periods, sample by sample
    const Judged judged = judge(detector, received(codes, {{at, kBlock}}), 4096);
    ASSERT_EQ(judged.losses, 1) << at;
    ASSERT_TRUE(judged.true_places) << at;
    ASSERT_GE(judged.proven, codes.size() - 5 * 1000) << at;
  }
}

TEST(LossDetector, FindsLossesOfAnySizeBelowItsBlindOneAtEveryRateAndClock) {
  std::mt19937 random(7);
  struct Case {
    LossSettings settings;
    DrawnClock clock;
  };
  const std::vector<Case> cases{
      {{.rate_hz = 8e6, .clock_hz = 2e3}, {.period = 4000.3, .jitter = 2}},
      {{.rate_hz = 8e6, .clock_hz = 1e3}, {.period = 7999.1, .duty = 0.2, .jitter = 2}},
      {{.rate_hz = 1e6, .clock_hz = 1e3}, {.period = 1000.05, .duty = 0.8, .jitter = 0.5}},
      {{.rate_hz = 1e6, .clock_hz = 1.9e3}, {.period = 526.3, .jitter = 0.5}},
      {{.rate_hz = 100e3, .clock_hz = 1e3}, {.period = 100.0, .jitter = 0.5}}};
  for (const Case& c : cases) {
    const std::uint64_t blind = blind_to(c.settings);
    for (int trial = 0; trial < 40; ++trial) {
      DrawnClock clock = c.clock;
      clock.phase = std::uniform_real_distribution<double>(0, 1)(random);
      const auto period = static_cast<std::uint64_t>(clock.period);
      const auto count = static_cast<std::size_t>(36 * period + 130 * kBlock);
      const auto codes = draw(clock, count, random());
      const std::uint64_t lost = std::uniform_int_distribution<std::uint64_t>(1, blind - 1)(random);
      const std::uint64_t at =
          std::uniform_int_distribution<std::uint64_t>(20 * period, 23 * period)(random);
      const LossDetector detector = locked(c.settings, c.clock);
      const Judged judged =
          judge(detector, received(codes, {{at, lost * kBlock}}), 1 + random() % 5000);
      ASSERT_EQ(judged.losses, 1) << c.settings.rate_hz << " Hz, " << lost << " blocks at " << at;
      ASSERT_TRUE(judged.true_places) << c.settings.rate_hz << ", " << lost << " blocks at " << at;
    }
  }
}

TEST(LossDetector, FindsSeveralLossesInOneCapture) {
  std::mt19937 random(11);
  for (int trial = 0; trial < 200; ++trial) {
    const auto codes = draw({.jitter = 0.5}, 60'000, random());
    std::vector<std::pair<std::uint64_t, std::uint64_t>> removed;
    for (std::uint64_t at = 15'000; at < 50'000; at += 6000 + random() % 6000) {
      removed.emplace_back(at, kBlock * (1 + random() % 9));
    }
    const LossDetector detector = locked(kMegahertz, {});
    const Judged judged = judge(detector, received(codes, removed), 1 + random() % 3000);
    ASSERT_EQ(judged.losses, static_cast<int>(removed.size())) << trial;
    ASSERT_TRUE(judged.true_places) << trial;
  }
}

TEST(LossDetector, CallsNothingLostWhenNothingIs) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    const auto codes = draw({.period = 1000.07, .jitter = 1}, 40'000, seed);
    const LossDetector detector = locked(kMegahertz, {});
    const Judged judged = judge(detector, received(codes, {}), 777);
    ASSERT_EQ(judged.losses, 0);
    ASSERT_TRUE(judged.true_places);
    ASSERT_GE(judged.proven, 38'900u) << "all but what the last edge has not proven yet";
  }
}

TEST(LossDetector, AGlitchOnTheClockIsNoLoss) {
  auto codes = draw({}, 30'000);
  const LossDetector detector = locked(kMegahertz, {});
  for (std::size_t k = 20'700; k < 20'720; ++k) codes[k] = 190;
  const Judged judged = judge(detector, received(codes, {}), 512);
  EXPECT_EQ(judged.losses, 0);
  EXPECT_TRUE(judged.true_places);
}

TEST(LossDetector, EndsWithAnErrorWhenTheClockStops) {
  auto codes = draw({}, 30'000);
  LossDetector detector = locked(kMegahertz, {});
  std::fill(codes.begin() + 20'100, codes.end(), std::uint8_t{60});
  EXPECT_EQ(error_of([&] { detector.take(codes); }),
            "the clock stopped at sample 20003: nothing after it is proven");
}

TEST(LossDetector, EndsWithAnErrorWhenTheClockStopsAndGoesOnInStep) {
  auto codes = draw({}, 40'000);
  LossDetector detector = locked(kMegahertz, {});
  std::fill(codes.begin() + 20'100, codes.begin() + 25'900, std::uint8_t{60});
  EXPECT_EQ(error_of([&] { detector.take(codes); }),
            "the clock stopped at sample 20003: nothing after it is proven");
}

TEST(LossDetector, EndsWithAnErrorWhenWhatIsMissingIsNoWholeBlock) {
  const auto codes = draw({.period = 100}, 4000);
  LossDetector detector = locked({.rate_hz = 100e3, .clock_hz = 1e3}, {.period = 100});
  EXPECT_EQ(error_of([&] {
              detector.take(received(codes, {{2050, 30}}).codes);
            }),
            "the clock's step at sample 2003 fits no number of blocks, or several: it cannot tell "
            "what is lost");
}

TEST(LossDetector, LocksToAClockAndMeasuresItsPeriodAndToNothingElse) {
  EXPECT_NEAR(locked(kMegahertz, {}).period(), 1000, 0.3);
  EXPECT_NEAR(locked(kMegahertz, {.period = 1100}).period(), 1100, 0.3);
  EXPECT_FALSE(LossDetector::lock(kMegahertz, draw({.period = 1300}, 40'000)));
  EXPECT_FALSE(LossDetector::lock(kMegahertz, draw({.jitter = 40}, 40'000)));
  EXPECT_FALSE(LossDetector::lock(kMegahertz, std::vector<std::uint8_t>(40'000, 128)));
  EXPECT_FALSE(LossDetector::lock(kMegahertz, draw({.period = 1000}, 7'000))) << "too short";
  EXPECT_FALSE(LossDetector::lock(kMegahertz, {}));
  std::mt19937 random(3);
  std::vector<std::uint8_t> noise(40'000);
  for (auto& code : noise) code = static_cast<std::uint8_t>(random());
  EXPECT_FALSE(LossDetector::lock(kMegahertz, noise));
}

TEST(LossDetector, SaysWhatItIsBlindTo) {
  EXPECT_EQ(blind_to({.rate_hz = 8e6, .clock_hz = 1e3}), 125u) << "4 ms";
  EXPECT_EQ(blind_to({.rate_hz = 8e6, .clock_hz = 2e3}), 125u);
  EXPECT_EQ(blind_to({.rate_hz = 8e6, .clock_hz = 31'250}), 1u) << "a period of 256 samples";
  const auto codes = draw({}, 100'000);
  const std::uint64_t blind = blind_to(kMegahertz);
  const LossDetector detector = locked(kMegahertz, {});
  EXPECT_EQ(judge(detector, received(codes, {{20'500, blind * kBlock}}), 4096).losses, 0);
}

}  // namespace
}  // namespace rig

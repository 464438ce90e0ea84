// Codes out of closed-form segments: the same however a range is split, right to half a code,
// noisy as stated, at the instants of a clock that is as wrong as stated.
#include "fixtures/simulated/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace rig::simulated {
namespace {

constexpr Picos kStart = std::chrono::microseconds(123);
constexpr std::size_t kSamples = 20'000;

SampledInput input(double noise = 0, std::uint64_t seed = 7) {
  SampledInput how{.noise = noise, .seed = seed};
  how.channel.scale = 1e-4;
  return how;
}

// Events on sample instants, a picosecond beside them, anywhere, and several within one sample.
SignalHistory eventful(const SampleClock& clock, std::uint64_t seed) {
  std::mt19937_64 draw(seed);
  std::uniform_real_distribution<double> unit(-1, 1);
  SignalHistory history({seed % 2 == 0 ? 2e6 : 0, 0});
  const auto wave = [&] {
    Waveform x{.level = 0.1 * unit(draw), .slope = 10 * unit(draw)};
    x.decays[0] = {0.1 * unit(draw), std::pow(10, 4 + 2 * unit(draw))};
    if (draw() % 2 == 0) x.decays[1] = {0.1 * unit(draw), std::pow(10, 4 + 2 * unit(draw))};
    return x;
  };
  history.append(clock.start - Picos(1000), {wave(), wave()}, 0);
  std::uint64_t index = 0;
  Picos last = clock.start - Picos(1000);
  while (index < kSamples) {
    index += draw() % 700;
    Picos t = clock.time_of(index);
    switch (draw() % 5) {
      case 0: break;
      case 1: t += Picos(1); break;
      case 2: t -= Picos(1); break;
      case 3: t += Picos(static_cast<std::int64_t>(draw() % 200'000)); break;
      default: t = last + Picos(1 + static_cast<std::int64_t>(draw() % 3000)); break;
    }
    if (t <= last) continue;
    last = t;
    history.append(t, {wave(), wave()}, static_cast<std::uint32_t>(draw() % 4));
  }
  return history;
}

TEST(Sampler, GivesTheSameCodesHoweverARangeIsSplit) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const SampleClock clock{.start = kStart, .rate = {5'000'000, 1}, .error_ppb = 12'345};
    const SignalHistory history = eventful(clock, seed);
    std::vector<std::int16_t> whole(kSamples);
    sample_analog(history, seed % 2, input(0.8), clock, 0, whole);
    std::mt19937_64 draw(seed);
    std::vector<std::int16_t> split(kSamples);
    for (std::size_t done = 0; done < kSamples;) {
      const std::size_t count =
          std::min<std::size_t>(draw() % 3 == 0 ? 1 : 1 + draw() % 900, kSamples - done);
      sample_analog(history, seed % 2, input(0.8), clock, done,
                    std::span(split).subspan(done, count));
      done += count;
    }
    ASSERT_TRUE(split == whole) << "seed " << seed;
  }
}

// A code of 1e-15 beside a level of 1: the last bits of the closed form decide.
TEST(Sampler, GivesTheSameCodesEvenWhereRoundingShows) {
  const SampleClock clock{.start = kStart, .rate = {5'000'000, 1}};
  SignalHistory history({0});
  Waveform slow;
  slow.decays[0] = {1, 1e-8};
  history.append(kStart, {slow}, 0);
  SampledInput how;
  how.channel.scale = 1e-15;
  how.channel.offset = 1 - 2.00025e-12;
  std::vector<std::int16_t> whole(2000);
  sample_analog(history, 0, how, clock, 0, whole);
  EXPECT_GT(whole.front(), whole.back() + 3000);
  std::vector<std::int16_t> split(2000);
  for (std::size_t done = 0; done < split.size(); ++done) {
    sample_analog(history, 0, how, clock, done, std::span(split).subspan(done, 1));
  }
  EXPECT_TRUE(split == whole);
}

TEST(Sampler, GivesTheSameLogicHoweverARangeIsSplit) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const SampleClock clock{.start = kStart, .rate = {5'000'000, 1}};
    const SignalHistory history = eventful(clock, seed);
    std::vector<std::int16_t> whole(kSamples);
    sample_logic(history, 1, clock, 0, whole);
    std::mt19937_64 draw(seed);
    std::vector<std::int16_t> split(kSamples);
    for (std::size_t done = 0; done < kSamples;) {
      const std::size_t count = std::min<std::size_t>(1 + draw() % 300, kSamples - done);
      sample_logic(history, 1, clock, done, std::span(split).subspan(done, count));
      done += count;
    }
    ASSERT_TRUE(split == whole) << "seed " << seed;
  }
}

TEST(Sampler, GivesTheSameCodesWhileThePastIsForgotten) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const SampleClock clock{.start = kStart, .rate = {5'000'000, 1}};
    SignalHistory history = eventful(clock, seed);
    std::vector<std::int16_t> whole(kSamples);
    sample_analog(history, 0, input(), clock, 0, whole);
    std::vector<std::int16_t> split(kSamples);
    for (std::size_t done = 0; done < kSamples; done += 1000) {
      history.forget_before(clock.time_of(done));
      sample_analog(history, 0, input(), clock, done, std::span(split).subspan(done, 1000));
    }
    ASSERT_TRUE(split == whole) << "seed " << seed;
  }
}

TEST(Sampler, IsRightToHalfACodeAtEverySample) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const SampleClock clock{.start = kStart, .rate = {3'000'000, 7}, .error_ppb = -40'000};
    const SignalHistory history = eventful(clock, seed);
    std::vector<std::int16_t> codes(kSamples);
    std::vector<std::int16_t> logic(kSamples);
    sample_analog(history, 0, input(), clock, 0, codes);
    sample_logic(history, 0, clock, 0, logic);
    for (std::size_t n = 0; n < kSamples; ++n) {
      const Picos t = clock.time_of(n);
      const SignalSegment* segment = &history.segments().front();
      for (const SignalSegment& s : history.segments()) {
        if (s.begin <= t) segment = &s;
      }
      const double exact = std::clamp(SignalHistory::value(*segment, 0, t) / 1e-4, -2048.0, 2047.0);
      ASSERT_NEAR(codes[n], exact, 0.5 + 1e-5) << "seed " << seed << ", sample " << n;
      ASSERT_EQ(logic[n], segment->logic & 1u) << "seed " << seed << ", sample " << n;
    }
  }
}

TEST(Sampler, TakesAnEventAtASampleInstantForThatSample) {
  const SampleClock clock{.start = kStart, .rate = {1'000'000, 1}};
  for (const int beside : {-1, 0, 1}) {
    SignalHistory history({0});
    history.append(kStart, {Waveform{}}, 0);
    history.append(clock.time_of(50) + Picos(beside), {Waveform{.level = 0.1}}, 1);
    std::vector<std::int16_t> codes(100);
    std::vector<std::int16_t> logic(100);
    sample_analog(history, 0, input(), clock, 0, codes);
    sample_logic(history, 0, clock, 0, logic);
    EXPECT_EQ(codes[50], beside <= 0 ? 1000 : 0) << beside << " ps";
    EXPECT_EQ(logic[50], beside <= 0 ? 1 : 0) << beside << " ps";
    EXPECT_EQ(codes[49], 0);
    EXPECT_EQ(codes[51], 1000);
  }
}

TEST(Sampler, ClipsAtTheRails) {
  SignalHistory history({0});
  history.append(kStart, {Waveform{.level = -1, .slope = 2000}}, 0);
  const SampleClock clock{.start = kStart, .rate = {1'000'000, 1}};
  std::vector<std::int16_t> codes(1000);
  sample_analog(history, 0, input(), clock, 0, codes);
  EXPECT_EQ(codes.front(), -2048);
  EXPECT_EQ(codes.back(), 2047);
  EXPECT_TRUE(std::ranges::is_sorted(codes));
}

TEST(Sampler, AppliesGainAndOffsetErrors) {
  SignalHistory history({0});
  history.append(kStart, {Waveform{.level = 0.1}}, 0);
  SampledInput how = input();
  how.gain = 1.01;
  how.offset = 2e-3;
  std::vector<std::int16_t> codes(1);
  sample_analog(history, 0, how, {.start = kStart, .rate = {1'000'000, 1}}, 0, codes);
  EXPECT_EQ(codes[0], 1030) << "0.1 * 1.01 + 0.002";
}

std::vector<double> noise_of(std::uint64_t seed, double noise, std::size_t count) {
  SignalHistory history({0});
  history.append(kStart, {Waveform{}}, 0);
  std::vector<std::int16_t> codes(count);
  sample_analog(history, 0, input(noise, seed), {.start = kStart, .rate = {1'000'000, 1}}, 0,
                codes);
  return {codes.begin(), codes.end()};
}

double correlation(const std::vector<double>& a, const std::vector<double>& b, std::size_t lag) {
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t n = lag; n < a.size(); ++n) {
    ab += a[n] * b[n - lag];
    aa += a[n] * a[n];
    bb += b[n - lag] * b[n - lag];
  }
  return ab / std::sqrt(aa * bb);
}

constexpr std::size_t kMany = 400'000;
constexpr double kFourSigma = 4 / 632.0;  // of a correlation of so many: 4 / sqrt(kMany)

TEST(Noise, HasTheStatedSigmaAndNoMean) {
  for (const double sigma : {0.8, 3.0, 20.0}) {
    const std::vector<double> x = noise_of(11, sigma, kMany);
    double sum = 0;
    double square = 0;
    for (const double v : x) {
      sum += v;
      square += v * v;
    }
    const double n = static_cast<double>(kMany);
    EXPECT_NEAR(sum / n, 0, kFourSigma * sigma);
    // Rounding to codes adds 1/12 of a code squared.
    const double expected = std::sqrt(sigma * sigma + 1.0 / 12.0);
    EXPECT_NEAR(std::sqrt(square / n), expected, 4 * expected / std::sqrt(2 * n));
  }
}

TEST(Noise, IsNearlyNormal) {
  const std::vector<double> x = noise_of(12, 50, kMany);
  const auto beyond = [&x](double k) {
    return static_cast<double>(
               std::ranges::count_if(x, [k](double v) { return std::fabs(v) > k * 50; })) /
           static_cast<double>(kMany);
  };
  EXPECT_NEAR(beyond(1), 0.3173, 0.02);
  EXPECT_NEAR(beyond(2), 0.0455, 0.005);
  EXPECT_LT(beyond(3), 0.0027);
  EXPECT_GT(beyond(2.8), 0.001) << "the tails are there";
}

TEST(Noise, OfNeighboursIsNotCorrelated) {
  const std::vector<double> x = noise_of(13, 20, kMany);
  for (const std::size_t lag : {1u, 2u, 3u, 16u, 256u, 4096u}) {
    EXPECT_LT(std::fabs(correlation(x, x, lag)), kFourSigma) << "lag " << lag;
  }
}

TEST(Noise, IsTheSameForTheSameSampleAndAnotherForAnotherSeed) {
  EXPECT_EQ(noise_of(14, 5, 1000), noise_of(14, 5, 1000));
  EXPECT_LT(std::fabs(correlation(noise_of(14, 20, kMany), noise_of(15, 20, kMany), 0)),
            kFourSigma);
}

TEST(SampleClock, ShiftsSampleInstantsByItsError) {
  const SampleClock fast{.start = kStart, .rate = {1'000'000, 1}, .error_ppb = 100'000};
  const SampleClock slow{.start = kStart, .rate = {1'000'000, 1}, .error_ppb = -100'000};
  EXPECT_EQ(fast.time_of(0), kStart);
  EXPECT_NEAR(to_seconds(fast.time_of(1'000'000) - kStart), 1 / 1.0001, 1e-12);
  EXPECT_NEAR(to_seconds(slow.time_of(1'000'000) - kStart), 1 / 0.9999, 1e-12);
}

TEST(SampleClock, FindsTheFirstSampleAtOrAfterAnyInstant) {
  std::mt19937_64 draw(23);
  for (int n = 0; n < 20'000; ++n) {
    const SampleClock clock{
        .start = Picos(static_cast<std::int64_t>(draw() % 1'000'000'000'000'000u)),
        .rate = {1 + draw() % 20'000'000, 1 + draw() % 3},
        .error_ppb = static_cast<std::int64_t>(draw() % 400'000) - 200'000};
    const Picos t =
        clock.start + Picos(static_cast<std::int64_t>(draw() % 40'000'000'000'000'000u));
    const std::uint64_t index = clock.first_at_or_after(t);
    ASSERT_GE(clock.time_of(index), t);
    ASSERT_TRUE(index == 0 || clock.time_of(index - 1) < t);
    ASSERT_EQ(clock.first_at_or_after(clock.time_of(index)), index);
  }
}

TEST(SampleClock, HasNoSampleBeforeItsStart) {
  const SampleClock clock{.start = kStart, .rate = {1'000'000, 1}};
  EXPECT_EQ(clock.first_at_or_after(kStart - Picos(1)), 0u);
  EXPECT_EQ(clock.first_at_or_after(Picos(0)), 0u);
}

}  // namespace
}  // namespace rig::simulated

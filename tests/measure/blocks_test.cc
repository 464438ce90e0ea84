// The same samples give the same pulses, to the last bit, whatever the blocks they come in; and a
// capture of any length is measured in bounded memory.
#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <random>
#include <vector>

#include "tests/measure/allocated.h"
#include "tests/measure/drawn.h"

namespace rig::testing {
namespace {

void append(std::vector<std::uint64_t>& bits, double x) {
  bits.push_back(std::bit_cast<std::uint64_t>(x));
}
void append(std::vector<std::uint64_t>& bits, Picos t) {
  bits.push_back(static_cast<std::uint64_t>(t.count()));
}

// Every field of a pulse, NaN compared like any other value.
std::vector<std::uint64_t> bits_of(const Pulse& p) {
  std::vector<std::uint64_t> bits;
  for (const Picos t : {p.active_begin, p.active_end, p.first.begin, p.second.begin}) {
    append(bits, t);
  }
  for (const Phase& phase : {p.first, p.second}) {
    for (const double x : {phase.width, phase.amplitude, phase.charge}) append(bits, x);
    bits.push_back(phase.samples);
  }
  for (const double x : {p.gap, p.baseline, p.noise, p.net_charge, p.square, p.energy,
                         p.current_peak, p.voltage_peak, p.edge_u}) {
    append(bits, x);
  }
  for (const std::uint32_t x :
       {static_cast<std::uint32_t>(p.phases), p.segment, p.samples, p.baseline_samples}) {
    bits.push_back(x);
  }
  for (const bool x : {p.clipped, p.cut, p.late}) bits.push_back(x ? 1 : 0);
  return bits;
}

struct Heard {
  std::vector<std::vector<std::uint64_t>> pulses;
  std::vector<std::uint64_t> totals;
  bool operator==(const Heard&) const = default;
};

Heard hear(const Recording& recording, std::size_t size, std::uint64_t seed) {
  Heard heard;
  PulseFinder finder(recording.info, {},
                     [&heard](const Pulse& p) { heard.pulses.push_back(bits_of(p)); });
  std::mt19937_64 draw(seed);
  feed(recording, finder, size, draw);
  finder.finish();
  const CaptureTotals& t = finder.totals();
  heard.totals = {t.samples, t.segments, t.losses, static_cast<std::uint64_t>(t.end.count())};
  heard.totals.insert(heard.totals.end(), t.clipped.begin(), t.clipped.end());
  return heard;
}

// Everything that can happen: pulses, double pulses, a clipped one, voltage alone, a stuck-on end.
Drawn eventful(std::uint64_t seed) {
  std::mt19937_64 draw(seed);
  std::uniform_real_distribution<double> unit(0, 1);
  Drawn drawn{.length = 60e-3, .tau = seed % 3 == 0 ? 3e-6 : 0};
  double t = unit(draw) * 2e-3 - 0.5e-3;
  while (t < 58e-3) {
    const double width = 20e-6 + 600e-6 * unit(draw);
    const double level = (unit(draw) < 0.1 ? 200e-3 : 1.5e-3 + 90e-3 * unit(draw));
    add_biphasic(drawn, t, unit(draw) < 0.5 ? level : -level, width, 150e-6 * unit(draw));
    if (unit(draw) < 0.2) drawn.voltage.push_back({.begin = t + 2e-3, .width = width, .level = 90});
    t += 0.3e-3 + 6e-3 * unit(draw);
  }
  if (seed % 2 == 0) drawn.current.push_back({.begin = 58.9e-3, .width = 1, .level = 30e-3});
  return drawn;
}

TEST(Blocks, OfAnySizeGiveTheSamePulses) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const Recording recording = record(eventful(seed), {.noise = 100e-6}, seed);
    const Heard whole = hear(recording, recording.samples(), 0);
    ASSERT_GT(whole.pulses.size(), 3u);
    for (std::uint64_t split = 1; split <= 5; ++split) {
      ASSERT_TRUE(hear(recording, 0, 1000 * seed + split) == whole) << "seed " << seed;
    }
    ASSERT_TRUE(hear(recording, 1 + seed, 0) == whole) << "seed " << seed;
  }
}

TEST(Blocks, OfASingleSampleGiveTheSamePulses) {
  const Recording recording = record(eventful(7), {.noise = 100e-6}, 7);
  EXPECT_TRUE(hear(recording, 1, 0) == hear(recording, recording.samples(), 0));
}

TEST(Blocks, OfSegmentsGiveTheSamePulses) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    std::mt19937_64 draw(seed);
    std::vector<double> begins;
    for (double t = 0; t < 58e-3; t += 1.2e-3 + 1e-6 * static_cast<double>(draw() % 3000)) {
      begins.push_back(t);
    }
    const Recording recording =
        segmented(record(eventful(seed), {.noise = 100e-6}, seed), begins, 60e-6, 1.2e-3);
    const Heard whole = hear(recording, recording.samples(), 0);
    ASSERT_GT(whole.pulses.size(), 3u);
    ASSERT_EQ(whole.totals[1], begins.size());
    for (std::uint64_t split = 1; split <= 5; ++split) {
      ASSERT_TRUE(hear(recording, 0, 1000 * seed + split) == whole) << "seed " << seed;
    }
  }
}

TEST(Blocks, WithLossesGiveTheSamePulses) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    std::mt19937_64 draw(seed);
    Recording recording = record(eventful(seed), {.noise = 100e-6}, seed);
    recording.stretches.clear();
    for (std::uint64_t at = 0; at + 12'000 < recording.samples(); at += 10'000 + draw() % 2000) {
      recording.stretches.push_back({.first = at, .count = 9'000, .lost_before = at > 0});
    }
    const Heard whole = hear(recording, recording.samples(), 0);
    for (std::uint64_t split = 1; split <= 5; ++split) {
      ASSERT_TRUE(hear(recording, 0, 1000 * seed + split) == whole) << "seed " << seed;
    }
  }
}

// 24 million samples of an output that never goes off, from one buffer over and over.
TEST(StuckOn, ForLongIsReportedInPiecesAndInBoundedMemory) {
  constexpr std::size_t kBlock = 1 << 16;
  constexpr std::uint64_t kBlocks = 366;
  const Recording one =
      record({.current = {{.begin = -1, .width = 9, .level = 20e-3}}, .length = kBlock * 1e-6});
  std::vector<Pulse> pieces;
  const std::size_t before = allocated_now();
  reset_allocated_peak();
  {
    PulseFinder finder(one.info, {}, [&pieces](const Pulse& p) { pieces.push_back(p); });
    for (std::uint64_t n = 0; n < kBlocks; ++n) {
      Block block{.first_sample = n * kBlock};
      for (const auto& codes : one.codes) block.codes.emplace_back(codes);
      finder.take(block);
    }
    finder.finish();
    EXPECT_EQ(finder.totals().samples, kBlocks * kBlock);
  }
  EXPECT_LT(allocated_peak() - before, 32u << 20) << "bytes";
  ASSERT_GT(pieces.size(), 8u);
  ASSERT_LT(pieces.size(), 64u);
  double width = 0;
  double charge = 0;
  std::uint64_t samples = 0;
  for (const Pulse& piece : pieces) {
    EXPECT_TRUE(piece.cut);
    width += piece.first.width;
    charge += piece.net_charge;
    samples += piece.samples;
  }
  const double duration = static_cast<double>(kBlocks * kBlock) * 1e-6;
  EXPECT_NEAR(width, duration, 1e-6 * 2 * static_cast<double>(pieces.size()));
  EXPECT_NEAR(charge, 20e-3 * duration, 0.002 * 20e-3 * duration);
  EXPECT_EQ(samples, kBlocks * kBlock) << "no sample twice, none left out";
}

}  // namespace
}  // namespace rig::testing

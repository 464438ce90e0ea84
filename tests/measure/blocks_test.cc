// The same samples give the same pulses, to the last bit, whatever the blocks they come in; and a
// capture of any length is measured in bounded memory.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <random>
#include <vector>

#include "rig/core/error.h"
#include "rig/measure/scan.h"
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
    for (const double x : {phase.width, phase.amplitude, phase.charge, phase.mode, phase.peak,
                           phase.rise, phase.fall, phase.overshoot, phase.undershoot,
                           phase.preshoot, phase.aftershoot, phase.droop, phase.settling}) {
      append(bits, x);
    }
    bits.push_back(phase.samples);
    bits.push_back(phase.plateau);
  }
  for (const double x : {p.gap, p.duration, p.baseline, p.noise, p.net_charge, p.square, p.energy,
                         p.current_peak, p.voltage_peak, p.edge_u, p.edge_common_u}) {
    append(bits, x);
  }
  for (const std::uint32_t x :
       {static_cast<std::uint32_t>(p.phases), p.segment, p.samples, p.baseline_samples}) {
    bits.push_back(x);
  }
  for (const bool x :
       {p.clipped, p.voltage_clipped, p.cut, p.late, p.first.clipped, p.second.clipped})
    bits.push_back(x ? 1 : 0);
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
  for (const Stretches& at : t.clipped_at) {
    for (const rig::Stretch& s : at.listed()) {
      heard.totals.insert(heard.totals.end(), {s.segment, s.first, s.count, at.more()});
    }
  }
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

TEST(Blocks, GiveTheSamePulsesWithoutVectors) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Recording recording = record(eventful(seed), {.noise = 100e-6}, seed);
    const Heard with = hear(recording, recording.samples(), 0);
    const bool before = use_vectors(false);
    EXPECT_TRUE(hear(recording, recording.samples(), 0) == with) << "seed " << seed;
    use_vectors(before);
  }
}

// The recording's 8-bit codes as another type and layout; `moved` is what its zero lies at.
template <typename T>
Heard hear_as(const Recording& recording, CodeType type, double moved, bool interleaved) {
  CaptureInfo info = recording.info;
  for (Channel& channel : info.channels) {
    channel.offset -= channel.scale * moved;
    channel.clip_low += static_cast<std::int32_t>(moved);
    channel.clip_high += static_cast<std::int32_t>(moved);
  }
  const std::size_t channels = info.channels.size();
  std::vector<T> codes(channels * recording.samples());
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t k = 0; k < recording.samples(); ++k) {
      codes[interleaved ? k * channels + c : c * recording.samples() + k] =
          static_cast<T>(recording.codes[c][k] + moved);
    }
  }
  Heard heard;
  PulseFinder finder(
      info, {.current_threshold = 4e-3, .voltage_threshold = 6},
      [&heard](const Pulse& p) { heard.pulses.push_back(bits_of(p)); }, type);
  constexpr std::size_t kBlock = 10'007;
  for (std::size_t at = 0; at < recording.samples(); at += kBlock) {
    CodeBlock block{.first_sample = at, .type = type, .channels = channels};
    block.size = std::min(kBlock, recording.samples() - at);
    block.stride = interleaved ? channels : 1;
    for (std::size_t c = 0; c < channels; ++c) {
      block.first_code.at(c) =
          codes.data() + (interleaved ? at * channels + c : c * recording.samples() + at);
    }
    finder.take(block);
  }
  finder.finish();
  heard.totals = {finder.totals().samples, finder.totals().clipped[0], finder.totals().clipped[1]};
  return heard;
}

TEST(Blocks, OfAnyTypeAndLayoutGiveTheSamePulses) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Recording recording = record(eventful(seed), {.bits = 8, .noise = 400e-6}, seed);
    const Heard i16 = hear_as<std::int16_t>(recording, CodeType::kI16, 0, false);
    ASSERT_GT(i16.pulses.size(), 3u);
    for (const bool interleaved : {false, true}) {
      EXPECT_TRUE(hear_as<std::int16_t>(recording, CodeType::kI16, 0, interleaved) == i16);
      EXPECT_TRUE(hear_as<std::int8_t>(recording, CodeType::kI8, 0, interleaved) == i16);
    }
  }
}

TEST(Blocks, OfAnyTypeGiveTheSamePulsesButForRounding) {
  const Recording recording = record(eventful(5), {.bits = 8, .noise = 400e-6}, 5);
  const auto i16 = hear_as<std::int16_t>(recording, CodeType::kI16, 0, false);
  for (const bool interleaved : {false, true}) {
    for (const auto& other : {hear_as<std::uint8_t>(recording, CodeType::kU8, 128, interleaved),
                              hear_as<std::uint16_t>(recording, CodeType::kU16, 32768, interleaved),
                              hear_as<float>(recording, CodeType::kF32, 0, interleaved)}) {
      ASSERT_EQ(other.totals, i16.totals);
      ASSERT_EQ(other.pulses.size(), i16.pulses.size());
      for (std::size_t k = 0; k < i16.pulses.size(); ++k) {
        const auto begin = static_cast<std::int64_t>(i16.pulses[k][2]);
        EXPECT_NEAR(static_cast<double>(other.pulses[k][2]), static_cast<double>(begin), 2) << k;
        const double width = std::bit_cast<double>(i16.pulses[k][4]);
        EXPECT_NEAR(std::bit_cast<double>(other.pulses[k][4]), width, 1e-12) << k;
      }
    }
  }
}

TEST(Blocks, FarFromArmingKeepTheirPicoseconds) {
  const Recording recording = record(train(3, 10e-3, 20e-3, 300e-6, 100e-6));
  constexpr std::uint64_t kFar = 1'000'000'000'000;  // samples: 11.6 days at 1 MS/s
  std::vector<Pulse> near;
  std::vector<Pulse> far;
  for (const std::uint64_t first : {std::uint64_t{0}, kFar}) {
    std::vector<Pulse>& found = first == 0 ? near : far;
    PulseFinder finder(recording.info, {}, [&found](const Pulse& p) { found.push_back(p); });
    Block block{.first_sample = first};
    for (const auto& codes : recording.codes) block.codes.emplace_back(codes);
    finder.take(block);
    finder.finish();
  }
  ASSERT_EQ(far.size(), 3u);
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_EQ((far[k].first.begin - near[k].first.begin).count(), 1'000'000'000'000'000'000);
    EXPECT_EQ(far[k].first.width, near[k].first.width);
  }
}

TEST(Blocks, BeyondWhatTheBenchClockCanTellAreRefused) {
  const Recording recording = record(train(1, 10e-3, 20e-3, 300e-6, 100e-6));
  PulseFinder finder(recording.info, {}, [](const Pulse&) {});
  Block block{.first_sample = 10'000'000'000'000};  // 116 days at 1 MS/s
  for (const auto& codes : recording.codes) block.codes.emplace_back(codes);
  EXPECT_THROW(finder.take(block), RigError);
}

// One block over and over; a pulse goes across each border.
TEST(Blocks, OfMoreThanTwoToThe31SamplesInAllStayExactAndInBoundedMemory) {
  constexpr std::uint64_t kBlock = 1 << 22;
  constexpr std::uint64_t kBlocks = 520;
  static_assert(kBlock * kBlocks > (std::uint64_t{1} << 31));
  std::vector<std::uint8_t> codes(kBlock, 128);
  std::fill(codes.end() - 200, codes.end(), std::uint8_t{200});
  std::fill(codes.begin(), codes.begin() + 100, std::uint8_t{200});
  Channel current{.name = "current", .unit = "A", .bits = 8, .scale = 1e-3, .offset = -0.128};
  current.clip_low = 0;
  current.clip_high = 255;
  const CaptureInfo info{.name = "long", .channels = {current}, .rate = {1'000'000, 1}};
  std::uint64_t whole = 0;
  std::vector<Pulse> ends;
  const std::size_t before = allocated_now();
  reset_allocated_peak();
  PulseFinder finder(
      info, {.current_threshold = 20e-3},
      [&](const Pulse& p) {
        if (p.cut) {
          ends.push_back(p);
          return;
        }
        const std::uint64_t first = (whole + 1) * kBlock - 200;  // above 50 % by half a step
        EXPECT_EQ(p.first.begin, info.rate.time_of(first) - Picos(500'000));
        EXPECT_NEAR(p.first.width, 300e-6, 1e-15);
        EXPECT_DOUBLE_EQ(p.first.amplitude, 72e-3);
        ++whole;
      },
      CodeType::kU8);
  for (std::uint64_t n = 0; n < kBlocks; ++n) {
    CodeBlock block{.first_sample = n * kBlock, .type = CodeType::kU8, .channels = 1};
    block.size = kBlock;
    block.first_code[0] = codes.data();
    finder.take(block);
  }
  finder.finish();
  EXPECT_EQ(finder.totals().samples, kBlock * kBlocks);
  EXPECT_EQ(finder.totals().end, info.rate.time_of(kBlock * kBlocks));
  EXPECT_EQ(whole, kBlocks - 1);
  EXPECT_EQ(ends.size(), 2u);
  EXPECT_LT(allocated_peak() - before, 32u << 20) << "bytes";
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

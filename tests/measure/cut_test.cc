// What the ends of a capture, of its segments and lost samples do to a pulse: nothing may vanish,
// and nothing incomplete may pass for a whole.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "rig/measure/integrity.h"
#include "rig/measure/summary.h"
#include "tests/measure/drawn.h"

namespace rig::testing {
namespace {

Drawn stuck_on_from(double begin, double length) {
  return {.current = {{.begin = begin, .width = 1, .level = 20e-3}}, .length = length};
}

Verdict judged(const Measuring& capture, std::string_view quantity, const Limit& limit) {
  const Measured measured = capture.take(quantity, &limit);
  return measured.value ? judge(*measured.value, limit).verdict : Verdict::kError;
}

TEST(CutPulse, ThatIsStuckOnFailsAnUpperLimit) {
  const Measuring capture(record(stuck_on_from(1e-3, 5e-3)));
  ASSERT_EQ(capture.pulses().size(), 1u);
  EXPECT_TRUE(capture.pulses()[0].cut);
  const Limit limit = between(190e-6, 210e-6, "s");
  const Measured width = capture.take("phase1.width", &limit);
  ASSERT_TRUE(width.value.has_value()) << width.why_not;
  EXPECT_NEAR(width.value->value, 4e-3, 2e-6);
  EXPECT_TRUE(width.lower_bound);
  EXPECT_EQ(judge(*width.value, limit).verdict, Verdict::kFail);
}

TEST(CutPulse, AmongGoodOnesStillFailsTheLimit) {
  Drawn drawn = train(10, 20e-3, 20e-3, 200e-6, 100e-6);
  drawn.current.push_back({.begin = drawn.length - 2e-3, .width = 1, .level = 20e-3});
  const Measuring capture(record(drawn));
  EXPECT_EQ(judged(capture, "phase1.width", between(190e-6, 210e-6, "s")), Verdict::kFail);
}

TEST(CutPulse, ThatSaysNothingYetIsLeftOut) {
  // The capture ends 100 us into the last pulse.
  Drawn drawn = train(5, 20e-3, 20e-3, 200e-6, 100e-6);
  drawn.length = 5e-3 + 4 * 20e-3 + 100e-6;
  const Measuring capture(record(drawn));
  ASSERT_EQ(capture.pulses().size(), 5u);
  EXPECT_TRUE(capture.pulses()[4].cut);
  const Measured width = capture.take("phase1.width");
  ASSERT_TRUE(width.value.has_value());
  EXPECT_EQ(width.value->count, 4u);
  EXPECT_EQ(judged(capture, "phase1.width", between(190e-6, 210e-6, "s")), Verdict::kPass);
  EXPECT_EQ(capture.value("pulse.count"), 5) << "its onset was seen";
}

TEST(CutPulse, AloneIsNeitherAPassNorASilentDevice) {
  const Measuring capture(record(stuck_on_from(1e-3, 1.1e-3)));
  const Limit limit = between(190e-6, 210e-6, "s");
  const Measured width = capture.take("phase1.width", &limit);
  EXPECT_FALSE(width.value.has_value());
  EXPECT_FALSE(width.device_silent);
  EXPECT_EQ(width.why_not, "the only pulses are cut by the ends of the capture");
}

TEST(CutPulse, IsSeenAtTheBeginningToo) {
  const Measuring capture(record({.current = {{.begin = -1e-3, .width = 3e-3, .level = 20e-3}}}));
  ASSERT_EQ(capture.pulses().size(), 1u);
  EXPECT_TRUE(capture.pulses()[0].cut);
  EXPECT_EQ(judged(capture, "phase1.width", at_most(210e-6, "s")), Verdict::kFail);
  EXPECT_NEAR(capture.pulses()[0].first.amplitude, 20e-3, 1e-4) << "against the channel's zero";
}

TEST(CutPulse, IsSeenWhenOutputNeverStopsAtAll) {
  const Measuring capture(record({.current = {{.begin = -1, .width = 3, .level = -20e-3}}}));
  ASSERT_EQ(capture.pulses().size(), 1u);
  EXPECT_TRUE(capture.pulses()[0].cut);
  EXPECT_EQ(judged(capture, "phase1.width", at_most(210e-6, "s")), Verdict::kFail);
  EXPECT_NEAR(capture.value("current.peak"), 20e-3, 1e-4);
}

TEST(CutPulse, BetweenItsPhasesIsNotTakenForMonophasic) {
  // The capture ends in the interphase gap.
  Drawn drawn = train(5, 20e-3, 20e-3, 200e-6, 100e-6);
  drawn.length = 5e-3 + 4 * 20e-3 + 250e-6;
  const Measuring capture(record(drawn));
  EXPECT_EQ(judged(capture, "pulse.phases", between(2, 2, "1")), Verdict::kPass);
  EXPECT_EQ(judged(capture, "charge_imbalance", between(-2, 2, "%")), Verdict::kPass);
}

TEST(CutPulse, AtTheBeginningHasNoOnsetToCountAPeriodFrom) {
  // The capture begins 150 us into a pulse.
  const Measuring capture(record(train(5, 20e-3, 20e-3, 200e-6, 100e-6, -150e-6)));
  const Measured period = capture.take("period");
  ASSERT_TRUE(period.value.has_value());
  EXPECT_EQ(period.value->count, 3u);
  EXPECT_NEAR(period.value->lowest, 20e-3, 2e-6);
}

TEST(Segments, AreMeasuredEachWithTheirOwnBaseline) {
  Drawn drawn = train(3, 20e-3, 20e-3, 200e-6, 100e-6);
  const Recording recording =
      segmented(record(drawn), {4.94e-3, 24.94e-3, 44.94e-3}, 60e-6, 800e-6);
  const Measuring capture(recording);
  ASSERT_EQ(capture.pulses().size(), 3u);
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_FALSE(capture.pulses()[k].cut);
    EXPECT_EQ(capture.pulses()[k].segment, k);
    EXPECT_NEAR(capture.pulses()[k].first.width, 200e-6, 1e-6);
  }
  EXPECT_NEAR(capture.value("period"), 20e-3, 1e-6);
}

TEST(Segments, ThatFollowWithoutAPauseDoNotHideAStuckOnOutput) {
  std::vector<double> begins(10);
  for (std::size_t k = 0; k < 10; ++k) begins[k] = 0.9e-3 + static_cast<double>(k) * 400e-6;
  const Measuring capture(segmented(record(stuck_on_from(1e-3, 5e-3)), begins, 100e-6, 400e-6));
  EXPECT_EQ(capture.pulses().size(), 10u);
  for (const Pulse& pulse : capture.pulses()) EXPECT_TRUE(pulse.cut);
  EXPECT_EQ(judged(capture, "phase1.width", at_most(210e-6, "s")), Verdict::kFail);
}

// 1000 samples in the middle of five pulses are missing.
Recording with_a_gap() {
  Recording recording = record(train(5, 20e-3, 20e-3, 200e-6, 100e-6));
  recording.stretches = {{.first = 0, .count = 50'000},
                         {.first = 51'000, .count = recording.samples() - 51'000}};
  return recording;
}

TEST(LostSamples, TakeAwayWhatSpansThemAndLeaveThePulsesElsewhere) {
  const Measuring capture(with_a_gap());
  const auto of_a_pulse = quantities_of_a_pulse();
  for (const QuantityInfo& info : quantities()) {
    const Measured measured = capture.take(info.name, nullptr, 50e-3);
    if (std::ranges::find(of_a_pulse, &info) != of_a_pulse.end()) {
      EXPECT_TRUE(measured.value.has_value()) << info.name;
      continue;
    }
    EXPECT_FALSE(measured.value.has_value()) << info.name;
    EXPECT_FALSE(measured.device_silent) << info.name;
    EXPECT_EQ(measured.why_not, "samples 50000 to 50999 are missing") << info.name;
  }
  EXPECT_NEAR(capture.value("phase1.width.max"), 200e-6, 1e-6);
}

TEST(LostSamples, CutThePulsesTheyTouch) {
  // The second pulse lies from 25 to 25.5 ms; 1 ms either side may hold another phase of it.
  struct Row {
    std::uint64_t first;
    std::uint64_t end;
    std::size_t cut;
  };
  for (const Row& row : {Row{23'000, 23'900, 0}, Row{23'000, 24'500, 1}, Row{25'600, 25'700, 1},
                         Row{24'900, 25'100, 1}, Row{25'100, 25'200, 2}, Row{24'900, 25'250, 1},
                         Row{30'000, 31'000, 0}}) {
    Recording recording = record(train(3, 20e-3, 20e-3, 200e-6, 100e-6));
    recording.stretches = {{.first = 0, .count = row.first},
                           {.first = row.end, .count = recording.samples() - row.end}};
    const Found found = find(recording);
    EXPECT_EQ(std::ranges::count_if(found.pulses, &Pulse::cut), row.cut) << row.first;
    for (const Pulse& pulse : found.pulses) {
      if (pulse.cut) continue;
      EXPECT_NEAR(pulse.first.width, 200e-6, 1e-6) << row.first;
    }
  }
}

TEST(LostSamples, AreListedInBoundedMemory) {
  Recording recording = record({.length = 0.2});
  recording.stretches.clear();
  for (std::uint64_t k = 0; k < 100; ++k) {
    recording.stretches.push_back({.first = 2000 * k, .count = 1990});
  }
  const CaptureTotals totals = find(recording).totals;
  EXPECT_EQ(totals.losses, 99u);
  ASSERT_EQ(totals.lost_at.listed().size(), Stretches::kMost);
  EXPECT_EQ(totals.lost_at.listed()[1], (rig::Stretch{.first = 3990, .count = 10}));
  EXPECT_EQ(totals.lost_at.more(), 99 - Stretches::kMost);
  EXPECT_EQ(missing_samples(totals), "samples 1990 to 1999 are missing, and at 98 more places");
}

TEST(LostSamples, AreNoticedByTheirNumbersAlone) {
  // A driver that drops a block without knowing it: only the sample numbers jump.
  Recording recording = record(train(5, 20e-3, 20e-3, 200e-6, 100e-6));
  recording.stretches = {{.first = 0, .count = 30'000}, {.first = 34'096, .count = 20'000}};
  EXPECT_EQ(find(recording).totals.losses, 1u);
}

TEST(LostSamples, AreNoticedWhereABlockComesTwice) {
  Recording recording = record(train(5, 20e-3, 20e-3, 200e-6, 100e-6));
  recording.stretches = {{.first = 0, .count = 30'000}, {.first = 25'904, .count = 20'000}};
  EXPECT_EQ(find(recording).totals.losses, 1u);
}

TEST(LostSamples, InsideAPulseLeaveTwoCutOnes) {
  Recording recording = record({.current = {{.begin = 1e-3, .width = 2e-3, .level = 20e-3}}});
  recording.stretches = {{.first = 0, .count = 1500},
                         {.first = 2000, .count = 3000, .lost_before = true}};
  const Found found = find(recording);
  ASSERT_EQ(found.pulses.size(), 2u);
  EXPECT_TRUE(found.pulses[0].cut);
  EXPECT_TRUE(found.pulses[1].cut);
}

TEST(EmptyCapture, HasNoValueOfAnything) {
  Recording recording = record({.length = 1e-3});
  recording.stretches.clear();
  const Measuring capture(recording);
  for (const QuantityInfo& info : quantities()) {
    const Measured measured = capture.take(info.name, nullptr, 0.5e-3);
    EXPECT_FALSE(measured.value.has_value()) << info.name;
    EXPECT_EQ(measured.why_not, "the capture has no samples");
  }
}

}  // namespace
}  // namespace rig::testing

// Latencies between channels, overlaps of two gates, and the envelope of a train.
#include "rig/measure/logic.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "tests/measure/drawn.h"

namespace rig::testing {
namespace {

using Highs = std::vector<std::pair<double, double>>;  // s, [from, to)

// Two logic channels, a and b, at 1 MHz for 100 ms.
class Logic final : public LogicTraces, public PulseSource {
 public:
  Logic(const Highs& a, const Highs& b) {
    info_.rate = {1'000'000, 1};
    info_.channels = {{.name = "a", .unit = "logic"}, {.name = "b", .unit = "logic"}};
    constexpr std::size_t kSamples = 100'000;
    std::vector<std::vector<std::int16_t>> codes{drawn(a, kSamples), drawn(b, kSamples)};
    for (std::size_t at = 0; at < kSamples; at += 777) {
      const std::size_t n = std::min<std::size_t>(777, kSamples - at);
      Block block{.first_sample = at};
      for (const auto& channel : codes) {
        block.codes.emplace_back(channel.data() + at, n);
      }
      for (std::size_t k = 0; k < 2; ++k) traces_[k].take(info_, block, k);
    }
  }
  const LogicTrace* logic(const std::string& channel) const override {
    return channel == "a" ? &traces_[0] : channel == "b" ? &traces_[1] : nullptr;
  }
  void visit(const std::function<void(const Pulse&)>& each) const override {
    for (const double onset : onsets) each({.first = {.begin = from_seconds(onset)}, .phases = 1});
  }
  Measured take(const std::string& quantity, double from = 0, double to = 0.1) const {
    const CaptureTotals totals{.samples = 100'000};
    return measure(*find_quantity(quantity),
                   {.info = &info_,
                    .totals = &totals,
                    .pulses = this,
                    .logic = this,
                    .from = from_seconds(from),
                    .to = from_seconds(to)},
                   nullptr);
  }
  std::vector<double> onsets;

 private:
  static std::vector<std::int16_t> drawn(const Highs& highs, std::size_t samples) {
    std::vector<std::int16_t> codes(samples);
    for (const auto& [from, to] : highs) {
      for (auto k = static_cast<std::size_t>(std::ceil(from * 1e6));
           k < std::min(samples, static_cast<std::size_t>(std::ceil(to * 1e6))); ++k) {
        codes[k] = 1;
      }
    }
    return codes;
  }
  CaptureInfo info_;
  std::array<LogicTrace, 2> traces_;
};

TEST(Latency, CountsFromEachRiseToTheNextRiseOfTheOther) {
  const Logic logic({{10e-3, 12e-3}, {30e-3, 32e-3}, {50e-3, 52e-3}},
                    {{10.02e-3, 11e-3}, {30.05e-3, 31e-3}, {50.02e-3, 51e-3}});
  const Measured worst = logic.take("latency.a.to.b");
  ASSERT_TRUE(worst.value.has_value()) << worst.why_not;
  EXPECT_NEAR(worst.value->value, 50e-6, 1e-9);
  EXPECT_EQ(worst.value->count, 3u);
  EXPECT_NEAR(to_seconds(*worst.value->at), 30e-3, 1e-6);
  EXPECT_NEAR(worst.value->u, 1e-6 / std::sqrt(6.0), 1e-9);
  EXPECT_NEAR(logic.take("latency.a.to.b.mean").value->value, 30e-6, 1e-9);
  EXPECT_NEAR(logic.take("latency.a.to.b.min").value->value, 20e-6, 1e-9);
  EXPECT_NEAR(logic.take("latency.a.to.b", 40e-3).value->value, 20e-6, 1e-9) << "the window";
}

TEST(Latency, CountsFromPulsesToo) {
  Logic logic({{10.0075e-3, 12e-3}, {30.0075e-3, 32e-3}}, {});
  logic.onsets = {10e-3, 30e-3};
  const Measured m = logic.take("latency.current.to.a");
  ASSERT_TRUE(m.value.has_value()) << m.why_not;
  EXPECT_NEAR(m.value->value, 7.5e-6, 1e-9);
}

TEST(Latency, HoldsTheTruthWithinItsUncertaintyWhereverTheEdgesFall) {
  for (int k = 0; k < 50; ++k) {
    const double begin = 10e-3 + k * 0.083e-6;
    const double delay = 20e-6 + k * 0.137e-6;
    const Logic logic({{begin, 12e-3}}, {{begin + delay, 12e-3}});
    const Measurement m = *logic.take("latency.a.to.b").value;
    EXPECT_LE(std::fabs(m.value - delay), 2.5 * m.u) << k;
  }
}

TEST(Latency, OfWhatDoesNotFollowIsTheDevicesFault) {
  const Logic logic({{10e-3, 12e-3}, {30e-3, 32e-3}, {50e-3, 52e-3}},
                    {{10.02e-3, 11e-3}, {50.02e-3, 51e-3}});
  const Measured m = logic.take("latency.a.to.b");
  EXPECT_EQ(m.why_not, "b does not follow a at 30 ms");
  EXPECT_TRUE(m.device_silent);
  EXPECT_EQ(logic.take("latency.a.to.c").why_not, "the capture has no logic channel 'c'");
}

TEST(Latency, KnowsNoRiseOfAChannelThatIsHighFromTheBegin) {
  const Logic logic({{0, 2e-3}}, {{1e-3, 2e-3}});
  EXPECT_EQ(logic.take("latency.a.to.b").why_not, "no edge of a in the window");
}

TEST(DeadTime, CountsFromTheFallOfOneGateToTheRiseOfTheOther) {
  const Logic logic({{10e-3, 12e-3}, {30e-3, 32e-3}}, {{12.01e-3, 14e-3}, {32.003e-3, 34e-3}});
  EXPECT_NEAR(logic.take("dead_time.a.to.b.min").value->value, 3e-6, 1e-9);
  EXPECT_NEAR(logic.take("dead_time.a.to.b.max").value->value, 10e-6, 1e-9);
}

TEST(DeadTime, OfGatesThatOverlapIsTheDevicesFault) {
  const Logic logic({{10e-3, 12e-3}, {30e-3, 32e-3}}, {{11.9e-3, 14e-3}, {32.003e-3, 34e-3}});
  const Measured m = logic.take("dead_time.a.to.b");
  EXPECT_EQ(m.why_not, "b does not follow a at 12 ms");
  EXPECT_TRUE(m.device_silent);
}

TEST(Overlap, IsTheLongestTimeThatBothAreHigh) {
  const Logic logic({{10e-3, 12e-3}, {30e-3, 32e-3}, {50e-3, 60e-3}},
                    {{11.9e-3, 14e-3}, {32e-3, 33e-3}, {51e-3, 51.3e-3}, {52e-3, 52.2e-3}});
  EXPECT_NEAR(logic.take("overlap.a.with.b").value->value, 300e-6, 1e-9);
  EXPECT_EQ(logic.take("overlaps.a.with.b").value->value, 3) << "touching is not overlapping";
  EXPECT_EQ(logic.take("overlaps.b.with.a").value->value, 3);
  EXPECT_NEAR(logic.take("overlap.a.with.b", 0, 40e-3).value->value, 100e-6, 1e-9);
  EXPECT_NEAR(logic.take("overlap.a.with.b", 0, 11.95e-3).value->value, 50e-6, 1e-9);
}

TEST(Overlap, IsZeroForGatesThatTakeTurns) {
  const Logic logic({{10e-3, 12e-3}}, {{12e-3, 14e-3}});
  const Measurement m = *logic.take("overlap.a.with.b").value;
  EXPECT_EQ(m.value, 0);
  EXPECT_GT(m.u, 0) << "less than a sample may hide";
  EXPECT_EQ(logic.take("overlaps.a.with.b").value->value, 0);
}

TEST(BetweenChannels, FindsTheChannelsInTheName) {
  const auto found = find_quantity("latency.current.to.sync.max");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->info->name, "latency.A.to.B");
  EXPECT_EQ(found->first, "current");
  EXPECT_EQ(found->second, "sync");
  EXPECT_EQ(found->statistic, Statistic::kMax);
  for (const char* name : {"latency.to.sync", "latency.a.to.", "latency.a.b.to.c", "latency.a",
                           "overlap.a.with.b.max", "overlap.a.to.b"}) {
    EXPECT_FALSE(find_quantity(name).has_value()) << name;
  }
}

// Amplitudes from 10 to 30 mA as a sine of 0.25 s, pulses every 10 ms.
Drawn modulated() {
  Drawn drawn = train(150, 10e-3, 20e-3, 200e-6, 100e-6);
  for (std::size_t k = 0; k < 150; ++k) {
    const double t = 10e-3 * static_cast<double>(k);
    const double part = 1 + 0.5 * std::sin(2 * std::numbers::pi * t / 0.25);
    drawn.current[2 * k].level *= part;
    drawn.current[2 * k + 1].level *= part;
  }
  return drawn;
}

TEST(Envelope, TellsItsExtremesDepthAndPeriod) {
  const Measuring capture(record(modulated(), {.bits = 16, .noise = 20e-6}));
  EXPECT_NEAR(capture.value("envelope.largest"), 30e-3, 0.1e-3);
  EXPECT_NEAR(capture.value("envelope.smallest"), 10e-3, 0.1e-3);
  EXPECT_NEAR(capture.value("envelope.depth"), 50, 0.4);
  const Measurement period = *capture.take("envelope.period").value;
  EXPECT_NEAR(period.value, 0.25, 2 * period.u);
  EXPECT_LT(period.u, 2e-3);
  EXPECT_EQ(period.count, 5u) << "rises through the middle";
}

TEST(Envelope, ThatIsFlatHasNoPeriod) {
  const Measuring capture(record(train(20, 10e-3, 20e-3, 200e-6, 100e-6), {.noise = 50e-6}));
  EXPECT_EQ(capture.take("envelope.period").why_not, "the envelope is flat: it has no period");
  const Measurement depth = *capture.take("envelope.depth").value;
  EXPECT_LE(depth.value, 5 * depth.u);
}

}  // namespace
}  // namespace rig::testing

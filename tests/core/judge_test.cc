// From a number, its uncertainty and a limit to a verdict: the three rules, their boundaries, and
// everything that may not pass.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>

#include "rig/core/verdict.h"

namespace rig {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr std::array kRules{DecisionRule::kSimple, DecisionRule::kGuarded,
                            DecisionRule::kNonbinary};

Measurement measured(double value, double u) {
  return {.name = "phase1.width", .value = value, .u = u, .unit = "s"};
}

Limit limited(std::optional<double> low, std::optional<double> high, DecisionRule rule) {
  return {.low = low,
          .high = high,
          .unit = "s",
          .text = "as agreed",
          .requirement = "SRS-1",
          .rule = rule};
}

Verdict at_most(double high, double value, double u, DecisionRule rule) {
  return judge(measured(value, u), limited(std::nullopt, high, rule)).verdict;
}

Verdict at_least(double low, double value, double u, DecisionRule rule) {
  return judge(measured(value, u), limited(low, std::nullopt, rule)).verdict;
}

// All numbers here are whole or halves, so that boundaries are exact.
TEST(SimpleRule, LooksAtTheValueAlone) {
  EXPECT_EQ(at_most(10, 10, 3, DecisionRule::kSimple), Verdict::kPass) << "limits are inclusive";
  EXPECT_EQ(at_most(10, std::nextafter(10.0, 11.0), 3, DecisionRule::kSimple), Verdict::kFail);
  EXPECT_EQ(at_least(10, 10, 3, DecisionRule::kSimple), Verdict::kPass);
  EXPECT_EQ(at_least(10, std::nextafter(10.0, 9.0), 3, DecisionRule::kSimple), Verdict::kFail);
}

TEST(GuardedRule, PassesOnlyBelowTheLimitMinusU) {
  EXPECT_EQ(at_most(10, 8, 1, DecisionRule::kGuarded), Verdict::kPass) << "U = 2 u = 2";
  EXPECT_EQ(at_most(10, std::nextafter(8.0, 9.0), 1, DecisionRule::kGuarded),
            Verdict::kInconclusive);
  EXPECT_EQ(at_most(10, 10, 1, DecisionRule::kGuarded), Verdict::kInconclusive);
  EXPECT_EQ(at_most(10, std::nextafter(10.0, 11.0), 1, DecisionRule::kGuarded), Verdict::kFail);
  EXPECT_EQ(at_least(10, 12, 1, DecisionRule::kGuarded), Verdict::kPass);
  EXPECT_EQ(at_least(10, std::nextafter(12.0, 11.0), 1, DecisionRule::kGuarded),
            Verdict::kInconclusive);
}

TEST(NonbinaryRule, FailsOnlyBeyondTheLimitPlusU) {
  EXPECT_EQ(at_most(10, 8, 1, DecisionRule::kNonbinary), Verdict::kPass);
  EXPECT_EQ(at_most(10, std::nextafter(8.0, 9.0), 1, DecisionRule::kNonbinary),
            Verdict::kInconclusive);
  EXPECT_EQ(at_most(10, 12, 1, DecisionRule::kNonbinary), Verdict::kInconclusive);
  EXPECT_EQ(at_most(10, std::nextafter(12.0, 13.0), 1, DecisionRule::kNonbinary), Verdict::kFail);
}

TEST(NonbinaryRule, SaysOnWhichSideTheDoubtLies) {
  const auto reason = [](double value) {
    return judge(measured(value, 1), limited(std::nullopt, 10.0, DecisionRule::kNonbinary)).reason;
  };
  EXPECT_EQ(reason(9), "conditional pass: inside the limit by less than U");
  EXPECT_EQ(reason(11), "conditional fail: outside the limit by less than U");
  EXPECT_EQ(reason(13), "outside the limit by more than U");
  EXPECT_EQ(reason(5), "");
}

TEST(EveryRule, AgreesWithSimpleWhereNothingIsUncertain) {
  for (const DecisionRule rule : kRules) {
    EXPECT_EQ(at_most(10, 10, 0, rule), Verdict::kPass);
    EXPECT_EQ(at_most(10, 10.5, 0, rule), Verdict::kFail);
  }
}

TEST(EveryRule, TakesTheNearerOfTwoBounds) {
  const auto judged = [](double value, DecisionRule rule) {
    return judge(measured(value, 0.5), limited(10.0, 20.0, rule)).verdict;
  };
  for (const DecisionRule rule : kRules) {
    EXPECT_EQ(judged(15, rule), Verdict::kPass);
    EXPECT_EQ(judged(8.5, rule), Verdict::kFail);
    EXPECT_EQ(judged(21.5, rule), Verdict::kFail);
  }
  EXPECT_EQ(judged(10.5, DecisionRule::kGuarded), Verdict::kInconclusive);
  EXPECT_EQ(judged(19.5, DecisionRule::kGuarded), Verdict::kInconclusive);
}

TEST(EveryRule, IsInconclusiveInsideABandNarrowerThanU) {
  // 190 .. 210 with U = 20: nowhere is there room for a PASS.
  for (double value = 190; value <= 210; value += 0.5) {
    EXPECT_EQ(judge(measured(value, 10), limited(190.0, 210.0, DecisionRule::kGuarded)).verdict,
              Verdict::kInconclusive);
  }
}

TEST(Judge, GuardedNeverPassesWhatSimpleFailsAndNonbinaryNeverFailsWhatSimplePasses) {
  std::mt19937_64 draw(5);
  std::normal_distribution<double> number(0, 3);
  for (int n = 0; n < 50'000; ++n) {
    const Measurement m = measured(number(draw), std::fabs(number(draw)));
    const double low = number(draw);
    const double high = low + std::fabs(number(draw));
    const Verdict simple = judge(m, limited(low, high, DecisionRule::kSimple)).verdict;
    const Verdict guarded = judge(m, limited(low, high, DecisionRule::kGuarded)).verdict;
    const Verdict nonbinary = judge(m, limited(low, high, DecisionRule::kNonbinary)).verdict;
    ASSERT_TRUE(guarded != Verdict::kPass || simple == Verdict::kPass);
    ASSERT_TRUE(simple != Verdict::kFail || guarded == Verdict::kFail);
    ASSERT_TRUE(nonbinary != Verdict::kFail || simple == Verdict::kFail);
    ASSERT_EQ(guarded == Verdict::kPass, nonbinary == Verdict::kPass);
  }
}

TEST(Judge, NeverPassesWhatIsNotANumber) {
  for (const DecisionRule rule : kRules) {
    for (const Measurement& m : {measured(kNan, 1), measured(kInf, 1), measured(-kInf, 1),
                                 measured(5, kNan), measured(5, kInf), measured(5, -1)}) {
      const Finding finding = judge(m, limited(0.0, 10.0, rule));
      EXPECT_EQ(finding.verdict, Verdict::kError) << m.value << " +- " << m.u;
      EXPECT_EQ(finding.reason, "not a number: nothing was measured");
      EXPECT_FALSE(finding.conformance.has_value());
    }
  }
}

TEST(Judge, NeverPassesALimitWithoutBounds) {
  for (const DecisionRule rule : kRules) {
    const Finding finding = judge(measured(5, 1), limited(std::nullopt, std::nullopt, rule));
    EXPECT_EQ(finding.verdict, Verdict::kError);
    EXPECT_EQ(finding.reason, "the limit has no bound: nothing was checked");
  }
}

TEST(Judge, NeverPassesABoundThatIsNotANumber) {
  for (const DecisionRule rule : kRules) {
    EXPECT_EQ(at_most(kNan, 5, 1, rule), Verdict::kError);
    EXPECT_EQ(at_least(kNan, 5, 1, rule), Verdict::kError);
    EXPECT_EQ(at_most(kInf, 5, 1, rule), Verdict::kError) << "that bounds nothing";
    EXPECT_EQ(at_least(-kInf, 5, 1, rule), Verdict::kError);
    EXPECT_EQ(judge(measured(5, 1), limited(0.0, kNan, rule)).verdict, Verdict::kError);
    EXPECT_EQ(judge(measured(5, 1), limited(kNan, 10.0, rule)).verdict, Verdict::kError);
  }
}

TEST(Judge, BlamesTheLimitNotTheDeviceWhenNoNumberCouldPass) {
  const Finding finding = judge(measured(15, 1), limited(20.0, 10.0, DecisionRule::kSimple));
  EXPECT_EQ(finding.verdict, Verdict::kError);
  EXPECT_EQ(finding.reason, "the limit is empty: its low bound lies above its high bound");
}

TEST(Judge, ThrowsWhenUnitsDiffer) {
  Limit limit = limited(0.0, 10.0, DecisionRule::kSimple);
  limit.unit = "A";
  try {
    judge(measured(5, 1), limit);
    FAIL() << "judged seconds by amperes";
  } catch (const std::logic_error& error) {
    EXPECT_STREQ(error.what(), "phase1.width: measured in 's', limited in 'A'");
  }
}

TEST(Judge, SaysWhatWasExpectedAndFound) {
  const Finding finding =
      judge(measured(203.1e-6, 0.2e-6), limited(190e-6, 210e-6, DecisionRule::kGuarded));
  EXPECT_EQ(finding.quantity, "phase1.width");
  EXPECT_EQ(finding.requirement, "SRS-1");
  EXPECT_EQ(finding.expected, "as agreed");
  EXPECT_EQ(finding.found, "203.1 us +- 400 ns");
  EXPECT_EQ(finding.reason, "");
  EXPECT_EQ(finding.measured->value, 203.1e-6) << "rounded for people only";
}

TEST(Judge, RoundsNothingBeforeDeciding) {
  EXPECT_EQ(at_most(210e-6, 210.0000001e-6, 0, DecisionRule::kSimple), Verdict::kFail);
}

// JCGM 106:2012, 7.4.
TEST(ConformanceProbability, MatchesThePublishedVector) {
  const double p =
      conformance_probability(measured(13.6, 1.8), limited(12.5, 16.3, DecisionRule::kSimple));
  EXPECT_NEAR(p, 0.6626, 5e-5);
}

TEST(ConformanceProbability, IsOneHalfOnALoneLimit) {
  EXPECT_DOUBLE_EQ(
      conformance_probability(measured(10, 1), limited(std::nullopt, 10.0, DecisionRule::kSimple)),
      0.5);
  EXPECT_DOUBLE_EQ(
      conformance_probability(measured(10, 1), limited(10.0, std::nullopt, DecisionRule::kSimple)),
      0.5);
}

TEST(ConformanceProbability, IsCertainWithoutUncertainty) {
  const Limit limit = limited(10.0, 20.0, DecisionRule::kSimple);
  EXPECT_EQ(conformance_probability(measured(10, 0), limit), 1.0);
  EXPECT_EQ(conformance_probability(measured(9.999, 0), limit), 0.0);
}

TEST(ConformanceProbability, IsTheShareOfDrawnTruthsThatConform) {
  std::mt19937_64 draw(6);
  std::normal_distribution<double> truth(13.6, 1.8);
  int conform = 0;
  constexpr int kDraws = 400'000;
  for (int n = 0; n < kDraws; ++n) {
    const double x = truth(draw);
    if (x >= 12.5 && x <= 16.3) ++conform;
  }
  const double p =
      conformance_probability(measured(13.6, 1.8), limited(12.5, 16.3, DecisionRule::kSimple));
  EXPECT_NEAR(p, static_cast<double>(conform) / kDraws, 4 * std::sqrt(0.25 / kDraws));
}

TEST(JudgeText, PassesEqualWordsOnly) {
  EXPECT_EQ(judge_text("status.state", "LEAD_OFF", "LEAD_OFF", "").verdict, Verdict::kPass);
  const Finding finding = judge_text("status.state", "RUNNING", "LEAD_OFF", "SRS-41");
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.reason, "expected LEAD_OFF, found RUNNING");
  EXPECT_EQ(finding.requirement, "SRS-41");
}

TEST(JudgeText, NeverPassesSilence) {
  EXPECT_EQ(judge_text("status.state", "", "", "").verdict, Verdict::kError);
  EXPECT_EQ(judge_text("status.state", "", "LEAD_OFF", "").verdict, Verdict::kError);
}

}  // namespace
}  // namespace rig

// Numbers and verdicts as people read them.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <string>

#include "rig/core/verdict.h"

namespace rig {
namespace {

constexpr std::array kByGravity{Verdict::kPass,    Verdict::kFlaky, Verdict::kInconclusive,
                                Verdict::kBlocked, Verdict::kFail,  Verdict::kError};

TEST(Verdict, IsOrderedByGravity) {
  for (std::size_t a = 0; a < kByGravity.size(); ++a) {
    for (std::size_t b = 0; b < kByGravity.size(); ++b) {
      EXPECT_EQ(worst_of(kByGravity.at(a), kByGravity.at(b)), kByGravity.at(std::max(a, b)));
    }
  }
}

TEST(Verdict, TextsAreStableAndReadBack) {
  const std::array<std::string, 6> texts{"PASS",    "FLAKY", "INCONCLUSIVE",
                                         "BLOCKED", "FAIL",  "ERROR"};
  for (std::size_t k = 0; k < texts.size(); ++k) {
    EXPECT_EQ(to_string(kByGravity.at(k)), texts.at(k));
    EXPECT_EQ(verdict_from(texts.at(k)), kByGravity.at(k));
  }
}

TEST(Verdict, IsNotReadFromAnythingElse) {
  for (const char* text : {"", "pass", "PASS ", "PASSED", "OK", "?"}) {
    EXPECT_EQ(verdict_from(text), std::nullopt) << text;
  }
}

TEST(Verdict, OfAFindingHasToBeEarned) { EXPECT_EQ(Finding{}.verdict, Verdict::kError); }

TEST(DecisionRule, HasAName) {
  EXPECT_EQ(to_string(DecisionRule::kSimple), "simple");
  EXPECT_EQ(to_string(DecisionRule::kGuarded), "guarded");
  EXPECT_EQ(to_string(DecisionRule::kNonbinary), "nonbinary");
}

TEST(InWords, TakesThePrefixThatKeepsTheNumberShort) {
  EXPECT_EQ(in_words(203.1e-6, "s"), "203.1 us");
  EXPECT_EQ(in_words(20e-3, "A"), "20 mA");
  EXPECT_EQ(in_words(-20e-3, "A"), "-20 mA");
  EXPECT_EQ(in_words(1.5e6, "Hz"), "1.5 MHz");
  EXPECT_EQ(in_words(150, "V"), "150 V");
  EXPECT_EQ(in_words(30e-6, "C"), "30 uC");
  EXPECT_EQ(in_words(62.5e-9, "s"), "62.5 ns");
  EXPECT_EQ(in_words(0, "A"), "0 A");
}

TEST(InWords, ChangesPrefixWhereRoundingReachesAThousand) {
  EXPECT_EQ(in_words(999.94e-6, "s"), "999.9 us");
  EXPECT_EQ(in_words(999.96e-6, "s"), "1 ms") << "not 1000 us";
}

TEST(InWords, ScalesNeitherRatiosNorCounts) {
  EXPECT_EQ(in_words(0.02, "%"), "0.02 %");
  EXPECT_EQ(in_words(5000, "1"), "5000");
  EXPECT_EQ(in_words(1, "logic"), "1 logic");
}

TEST(InWords, SaysWhatIsNotANumber) {
  EXPECT_NE(in_words(std::numeric_limits<double>::quiet_NaN(), "s").find("nan"), std::string::npos);
  EXPECT_NE(in_words(std::numeric_limits<double>::infinity(), "s").find("inf"), std::string::npos);
}

TEST(InWords, ReadsBackToFourDigits) {
  std::mt19937_64 draw(4);
  std::uniform_real_distribution<double> exponent(-11.0, 8.0);
  for (int n = 0; n < 20'000; ++n) {
    const double value = (n % 2 == 0 ? 1 : -1) * std::pow(10.0, exponent(draw));
    const std::string words = in_words(value, "s");
    std::size_t end = 0;
    double number = std::stod(words, &end);
    ASSERT_LT(std::fabs(number), 1000.0) << words;
    switch (words.at(end + 1)) {
      case 'M': number *= 1e6; break;
      case 'k': number *= 1e3; break;
      case 's': break;
      case 'm': number *= 1e-3; break;
      case 'u': number *= 1e-6; break;
      case 'n': number *= 1e-9; break;
      case 'p': number *= 1e-12; break;
      default: FAIL() << words;
    }
    ASSERT_NEAR(number, value, std::fabs(value) * 5.1e-4) << words;
  }
}

}  // namespace
}  // namespace rig

// The expression behind --filter, and what it says about one it does not understand.
#include <gtest/gtest.h>

#include "rig/app/plan.h"
#include "rig/core/error.h"

namespace rig {
namespace {

const Scenario lead_off{.id = "safety/lead_off[amplitude=10 mA,rate=35 Hz]",
                        .file = "scenarios/safety/lead_off.yaml",
                        .verifies = {"SRS-041", "SRS-042"},
                        .tags = {"safety", "nightly"}};

bool accepts(const std::string& expression) { return Filter(expression).accepts(lead_off); }

std::string error_of(const std::string& expression) {
  try {
    const Filter filter(expression);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Filter, AcceptsEverythingWhenItIsEmpty) { EXPECT_TRUE(accepts("")); }

TEST(Filter, LooksForATextInIdsAndFilesAndForWholeWordsElsewhere) {
  EXPECT_TRUE(accepts("lead_off"));
  EXPECT_TRUE(accepts("id:safety/"));
  EXPECT_TRUE(accepts("file:scenarios/safety"));
  EXPECT_FALSE(accepts("id:scenarios"));
  EXPECT_TRUE(accepts("tag:nightly"));
  EXPECT_FALSE(accepts("tag:night"));
  EXPECT_TRUE(accepts("verifies:SRS-042"));
  EXPECT_FALSE(accepts("verifies:SRS-04"));
}

TEST(Filter, TakesQuotedTextsWithBlanksAndBrackets) {
  EXPECT_TRUE(accepts("\"rate=35 Hz\""));
  EXPECT_TRUE(accepts("id:\"amplitude=10 mA\""));
  EXPECT_FALSE(accepts("id:\"amplitude=10 mA)\""));
}

TEST(Filter, BindsNotBeforeAndBeforeOr) {
  EXPECT_TRUE(accepts("tag:nope and tag:nope or tag:safety"));
  EXPECT_FALSE(accepts("tag:nope and (tag:nope or tag:safety)"));
  EXPECT_TRUE(accepts("tag:safety or tag:nope and tag:nope"));
  EXPECT_TRUE(accepts("not tag:nope and tag:safety"));
  EXPECT_FALSE(accepts("not (tag:nope or tag:safety)"));
  EXPECT_TRUE(accepts("not not tag:safety"));
}

TEST(Filter, SaysWhatItExpectedAndWhatItFound) {
  EXPECT_EQ(error_of("tag:a or"), "--filter: expected a term, found 'the end' in: tag:a or");
  EXPECT_EQ(error_of("and"), "--filter: expected a term, found 'and' in: and");
  EXPECT_EQ(error_of("(tag:a"), "--filter: expected `)`, found 'the end' in: (tag:a");
  EXPECT_EQ(error_of("tag:a)"), "--filter: expected an end, `and` or `or`, found ')' in: tag:a)");
  EXPECT_EQ(error_of("a b"), "--filter: expected an end, `and` or `or`, found 'b' in: a b");
  EXPECT_EQ(error_of("()"), "--filter: expected a term, found ')' in: ()");
  EXPECT_EQ(error_of("colour:red"),
            "--filter: expected id:, file:, tag: or verifies:, found 'colour:red' in: colour:red");
  EXPECT_EQ(error_of(std::string(60'000, '(')), "--filter: nested more than 100 deep");
  std::string nots;
  for (int k = 0; k < 60'000; ++k) nots += "not ";
  EXPECT_EQ(error_of(nots + "a"), "--filter: nested more than 100 deep");
  EXPECT_EQ(error_of("\"a"), "--filter: a quotation mark is not closed in: \"a");
}

}  // namespace
}  // namespace rig

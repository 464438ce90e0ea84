#include "rig/dut/dialogue.h"

#include <gtest/gtest.h>

#include <string>

namespace rig::testing {
namespace {

Exchange numbered(std::size_t n) {
  return {.at = Picos(static_cast<std::int64_t>(n)), .meaning = std::to_string(n)};
}

TEST(Dialogue, KeepsEverythingOfAShortOne) {
  Dialogue dialogue;
  for (std::size_t n = 0; n < Dialogue::kFirst + Dialogue::kLast; ++n) dialogue.add(numbered(n));
  const std::vector<Exchange> all = dialogue.take();
  ASSERT_EQ(all.size(), Dialogue::kFirst + Dialogue::kLast);
  for (std::size_t n = 0; n < all.size(); ++n) EXPECT_EQ(all[n].meaning, std::to_string(n));
  EXPECT_TRUE(dialogue.take().empty());
}

TEST(Dialogue, KeepsBothEndsOfALongOneAndTellsWhatIsLeftOut) {
  Dialogue dialogue;
  for (std::size_t n = 0; n < 100'000; ++n) dialogue.add(numbered(n));
  const std::vector<Exchange> all = dialogue.take();
  ASSERT_EQ(all.size(), Dialogue::kFirst + 1 + Dialogue::kLast);
  EXPECT_EQ(all[Dialogue::kFirst - 1].meaning, "999");
  EXPECT_EQ(all[Dialogue::kFirst].meaning, "98000 exchanges from here on are not kept");
  EXPECT_EQ(all[Dialogue::kFirst].at, Picos(1000));
  EXPECT_EQ(all[Dialogue::kFirst + 1].meaning, "99000");
  EXPECT_EQ(all.back().meaning, "99999");
}

}  // namespace
}  // namespace rig::testing

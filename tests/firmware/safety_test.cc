// Every cut-off decision at its threshold and on both sides of it.
#include "logic/safety.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace {

constexpr double kMicroampsPerCount = 5e6 / 1024 / 25;

TEST(OverCurrent, TripsExactlyAboveItsLimitForEverySetting) {
  for (std::uint32_t set = 0; set <= 100000; set += 25) {
    const double limit = 1.2 * set + 3000;
    const std::uint16_t last_good = over_current_counts(set);
    EXPECT_LE(last_good * kMicroampsPerCount, limit) << set;
    EXPECT_GT((last_good + 1) * kMicroampsPerCount, limit) << set;
  }
}

TEST(OverCurrent, LimitIsInsideTheConverterForTheHighestSetting) {
  EXPECT_LT(over_current_counts(100000), 1023);
}

TEST(LeadOff, TripsExactlyBelowHalfForEverySetting) {
  for (std::uint32_t set = kLeadOffFrom; set <= 100000; set += 25) {
    const std::uint16_t first_good = lead_off_counts(set);
    EXPECT_GE(first_good * kMicroampsPerCount, 0.5 * set) << set;
    EXPECT_LT((first_good - 1) * kMicroampsPerCount, 0.5 * set) << set;
  }
}

TEST(LeadOff, IsNotWatchedBelowFiveMilliamps) {
  EXPECT_EQ(lead_off_counts(4975), 0);
  EXPECT_GT(lead_off_counts(5000), 0);
}

TEST(Supply, ThresholdIsTheFirstCountAboveSixVolts) {
  EXPECT_LT((kSupplyMinimum - 1) * 5000.0 / 1024 * 2, 6000);
  EXPECT_GE(kSupplyMinimum * 5000.0 / 1024 * 2, 6000);
}

TEST(Supply, FailsAtTheSecondLowSampleInARow) {
  SupplyMonitor monitor;
  EXPECT_FALSE(monitor.failed(kSupplyMinimum - 1));
  EXPECT_TRUE(monitor.failed(kSupplyMinimum - 1));
}

TEST(Supply, ForgivesSingleLowSamples) {
  SupplyMonitor monitor;
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(monitor.failed(kSupplyMinimum - 1));
    EXPECT_FALSE(monitor.failed(kSupplyMinimum));
  }
}

TEST(Readings, AreInTheUnitsOfThePatient) {
  EXPECT_NEAR(microamps(512), 100000, 1);        // 2.5 V at 25 mV/mA
  EXPECT_NEAR(millivolts(512), 125000, 1);       // 2.5 V at 1 : 50
  EXPECT_NEAR(supply_millivolts(757), 7393, 1);  // 3.7 V at 1 : 2
  EXPECT_NEAR(microamps(1023), 199805, 1);
  EXPECT_NEAR(millivolts(1023), 249756, 1);
}

TEST(Debounced, FollowsAfterThreeEqualSamples) {
  Debounced contact;
  EXPECT_FALSE(contact.update(true));
  EXPECT_FALSE(contact.update(true));
  EXPECT_TRUE(contact.update(true));
  EXPECT_TRUE(contact.update(false));
  EXPECT_TRUE(contact.update(false));
  EXPECT_FALSE(contact.update(false));
}

TEST(Debounced, IgnoresABounce) {
  Debounced contact;
  contact.update(true);
  contact.update(true);
  contact.update(false);
  EXPECT_FALSE(contact.update(true));
  EXPECT_FALSE(contact.update(true));
  EXPECT_TRUE(contact.update(true));
}

}  // namespace

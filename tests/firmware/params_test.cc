// Ranges of the settings and their image in EEPROM.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>

#include "logic/params.h"

namespace {

using Image = std::array<std::uint8_t, kImageSize>;

std::uint8_t id(Param param) { return static_cast<std::uint8_t>(param); }

class EveryParam : public testing::TestWithParam<int> {
 protected:
  std::uint8_t which() const { return static_cast<std::uint8_t>(GetParam()); }
  Params params;
};

TEST_P(EveryParam, IsAcceptedUpToItsLimitsAndNotBeyond) {
  const ParamRange range = range_of(which());
  EXPECT_TRUE(params.set(which(), range.min));
  EXPECT_TRUE(params.set(which(), range.max));
  EXPECT_FALSE(params.set(which(), range.max + 1));
  EXPECT_FALSE(params.set(which(), range.min - 1));
  EXPECT_FALSE(params.set(which(), INT32_MIN));
  EXPECT_FALSE(params.set(which(), INT32_MAX));
  EXPECT_EQ(params.get(static_cast<Param>(which())), range.max) << "a refusal changes nothing";
}

TEST_P(EveryParam, BeginsInsideItsRange) {
  const ParamRange range = range_of(which());
  EXPECT_GE(range.initial, range.min);
  EXPECT_LE(range.initial, range.max);
  EXPECT_EQ(params.get(static_cast<Param>(which())), range.initial);
}

INSTANTIATE_TEST_SUITE_P(Params, EveryParam, testing::Range(1, kParamCount + 1));

TEST(Params, KnowsItsNumbers) {
  EXPECT_FALSE(Params::known(0));
  EXPECT_TRUE(Params::known(1));
  EXPECT_TRUE(Params::known(kParamCount));
  EXPECT_FALSE(Params::known(kParamCount + 1));
}

TEST(Params, LetAPulseFillHalfThePeriodAndNotMore) {
  EXPECT_TRUE(fits_half_period(450, 200, 120000));
  EXPECT_TRUE(fits_half_period(2000, 1000, 100000));
  EXPECT_FALSE(fits_half_period(2000, 1001, 100000));
}

TEST(Image, GivesTheSettingsBackWithoutTheAmplitude) {
  Params saved;
  saved.set(id(Param::kAmplitude), 20000);
  saved.set(id(Param::kWidth), 200);
  saved.set(id(Param::kSession), 3600000);
  Image image{};
  pack(saved, image.data());
  Params loaded;
  EXPECT_EQ(unpack(image.data(), loaded), Loaded::kGood);
  EXPECT_EQ(loaded.get(Param::kAmplitude), 0);
  EXPECT_EQ(loaded.get(Param::kWidth), 200);
  EXPECT_EQ(loaded.get(Param::kSession), 3600000);
}

TEST(Image, OfAFreshChipGivesTheDefaults) {
  Image image{};
  image.fill(0xFF);
  Params params;
  params.set(id(Param::kWidth), 200);
  EXPECT_EQ(unpack(image.data(), params), Loaded::kBlank);
  EXPECT_EQ(params.get(Param::kWidth), 300);
}

TEST(Image, IsBadWithAnyBitTurned) {
  Params saved;
  saved.set(id(Param::kWidth), 200);
  Image image{};
  pack(saved, image.data());
  for (std::size_t bit = 0; bit < image.size() * 8; ++bit) {
    Image bad = image;
    bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1 << bit % 8));
    Params params;
    EXPECT_EQ(unpack(bad.data(), params), Loaded::kBad);
    EXPECT_EQ(params.get(Param::kWidth), 300) << "bad settings are not used";
  }
}

TEST(Image, OfAllZerosIsBad) {
  const Image image{};
  Params params;
  EXPECT_EQ(unpack(image.data(), params), Loaded::kBad);
}

}  // namespace

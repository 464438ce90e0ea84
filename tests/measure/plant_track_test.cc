#include "rig/measure/plant_track.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace rig {
namespace {

constexpr std::uint64_t kRate = 100;

CaptureInfo capture_of(const char* channel, const char* unit) {
  CaptureInfo info{.name = "pump", .rate = {kRate, 1}};
  info.channels.push_back(
      {.name = channel, .unit = unit, .bits = 16, .scale = 0.01, .gain_u = 0.05, .offset_u = 0.3});
  return info;
}

// A second at rest, then `seconds` of them, each at 2 mL/s but for a tenth at 12 mL/s.
std::vector<std::int16_t> bursts(std::size_t seconds) {
  std::vector<std::int16_t> codes(kRate, 200);
  for (std::size_t k = 0; k < seconds * kRate; ++k) codes.push_back(k % kRate < 10 ? 1200 : 200);
  return codes;
}

Measured told(const char* quantity, const char* channel, const std::vector<std::int16_t>& codes,
              std::size_t block = 37, std::uint64_t losses = 0) {
  PlantTrack track(capture_of(channel, "mL/s"));
  for (std::size_t first = 0; first < codes.size(); first += block) {
    const std::size_t size = std::min(block, codes.size() - first);
    Block b{.first_sample = first};
    b.codes.emplace_back(codes.data() + first, size);
    track.take(b);
  }
  CaptureTotals totals;
  totals.losses = losses;
  if (losses > 0) totals.lost_at.add({.first = 50, .count = 3});
  return measure_plant(*find_plant_quantity(quantity), track, totals);
}

TEST(PlantTrack, CountsWhatIsEjectedAboveTheFlowOfTheFirstSecond) {
  const Measured m = told("plant.ejected", "popliteal_flow", bursts(9));
  ASSERT_TRUE(m.value);
  EXPECT_NEAR(m.value->value, 60 * 10 * 0.1 * 9 / 10, 1e-9);  // mL/min over all ten seconds
  EXPECT_EQ(m.value->unit, "mL/min");
  EXPECT_NEAR(m.value->u, 0.05 * m.value->value, 1e-9) << "an offset goes with the resting flow";
}

TEST(PlantTrack, TakesTheMeanFlowWithItsOffset) {
  const Measured m = told("plant.flow", "popliteal_flow", bursts(9));
  ASSERT_TRUE(m.value);
  EXPECT_NEAR(m.value->value, 60 * (2 + 10 * 0.1 * 9 / 10), 1e-9);
  EXPECT_NEAR(m.value->u, std::hypot(0.05 * m.value->value, 60 * 0.3), 1e-9);
}

TEST(PlantTrack, SaysHowFarTheCalfSwings) {
  EXPECT_NEAR(told("plant.calf_swing", "calf_volume", bursts(3)).value->value, 10, 1e-9);
}

TEST(PlantTrack, IsTheSameWhateverTheBlocks) {
  const double whole = told("plant.ejected", "popliteal_flow", bursts(9), 100'000).value->value;
  for (const std::size_t block : {1u, 7u, 100u, 333u}) {
    EXPECT_DOUBLE_EQ(told("plant.ejected", "popliteal_flow", bursts(9), block).value->value, whole);
  }
}

TEST(PlantTrack, LeavesACutSecondOut) {
  std::vector<std::int16_t> codes = bursts(2);
  codes.insert(codes.end(), kRate / 2, 30'000);
  EXPECT_NEAR(told("plant.calf_swing", "calf_volume", codes).value->value, 10, 1e-9);
}

TEST(PlantTrack, SaysWhyThereIsNoValue) {
  EXPECT_EQ(told("plant.flow", "calf_volume", bursts(2)).why_not,
            "plant.flow needs channel popliteal_flow");
  EXPECT_EQ(told("plant.flow", "popliteal_flow", {1, 2, 3}).why_not,
            "the capture has no whole second");
  EXPECT_EQ(told("plant.flow", "popliteal_flow", bursts(2), 37, 1).why_not,
            "samples 50 to 52 are missing");
}

TEST(PlantTrack, KnowsNoOtherQuantity) {
  EXPECT_EQ(find_plant_quantity("phase1.width"), nullptr);
  EXPECT_EQ(find_plant_quantity("plant"), nullptr);
}

}  // namespace
}  // namespace rig

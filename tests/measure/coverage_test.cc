// Every quantity of the catalog against the truth: over 2000 drawn captures the stated interval,
// value +- k u, holds it in 93 % to 97 % of them. A count claims no uncertainty, and holds it in
// all.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include "rig/measure/sine_quantities.h"
#include "tests/measure/coverage.h"

namespace rig::testing {
namespace {

// Under a sanitizer, which finds what it finds in fewer, there are too few to tell a share.
#ifdef __SANITIZE_ADDRESS__
constexpr int kCaptures = 60;
constexpr double kFewest = 0.8;
constexpr double kMost = 1;
#else
constexpr int kCaptures = 2000;
constexpr double kFewest = 0.93;
constexpr double kMost = 0.97;
#endif

constexpr Kind kKinds[]{
    {"APulse", draw_a_pulse},
    {"DroopingPhases", draw_drooping_phases},
    {"ATrain", draw_a_train},
    {"ALeak", draw_a_leak},
    {"Bursts", draw_bursts},
    {"AFaultyTrain", draw_a_faulty_train},
    {"ARampAndItsEnd", draw_a_ramp_and_its_end},
    {"ASlope", draw_a_slope},
    {"AModulation", draw_a_modulation},
    {"TwoGates", draw_two_gates},
    {"ASyncOfPulses", draw_a_sync_of_pulses},
    {"ARampedVibration", draw_a_ramped_vibration},
    {"AnOvershoot", draw_an_overshoot},
    {"AStop", draw_a_stop},
    {"ARockingPlatform", draw_a_rocking_platform},
    {"ADriftingVibration", draw_a_drifting_vibration},
};

class Coverage : public ::testing::TestWithParam<Kind> {};

TEST_P(Coverage, IsWhatIsClaimed) {
  Tallies tallies;
  for (int n = 0; n < kCaptures; ++n) {
    GetParam().draw(n, tallies);
    if (HasFatalFailure()) return;
  }
  for (const auto& [name, t] : tallies) {
    const double held = static_cast<double>(t.held) / std::max(1, t.measured);
    EXPECT_GE(t.measured, 0.98 * kCaptures) << name;
    if (t.exact) {
      std::printf("%-16s %-26s held %5.1f %%   a count\n", GetParam().name, name.c_str(),
                  100 * held);
      EXPECT_EQ(t.held, t.measured) << name;
      continue;
    }
    std::printf("%-16s %-26s held %5.1f %%   error %5.2f u r.m.s., %5.2f u mean\n", GetParam().name,
                name.c_str(), 100 * held, std::sqrt(t.square / t.measured), t.sum / t.measured);
    EXPECT_GE(held, kFewest) << name;
    EXPECT_LE(held, kMost) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Of, Coverage, ::testing::ValuesIn(kKinds),
                         [](const auto& kind) { return kind.param.name; });

std::string in_the_catalog(const std::string& quantity) {
  return std::string(find_quantity(quantity)->info->name);
}

TEST(CoverageOfTheCatalog, LeavesOutNoQuantityOfTheCatalog) {
  Tallies tallies;
  for (const Kind& kind : kKinds) kind.draw(0, tallies);
  std::set<std::string> covered;
  for (const auto& [name, t] : tallies) covered.insert(in_the_catalog(name));
  for (const QuantityInfo& info : quantities()) {
    // SineUncertainty, in sine_test.cc
    if (is_of_a_sine(info.name) && info.name != "vibration.drift") continue;
    EXPECT_TRUE(covered.contains(std::string(info.name))) << info.name;
  }
}

}  // namespace
}  // namespace rig::testing

// The plant behind a stage: driven by what it puts out, and unnoticed by it.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "fixtures/simulated/stage.h"
#include "rig/config/plant_file.h"

namespace rig::simulated {
namespace {

using namespace std::chrono_literals;

constexpr PinName kPositive{'B', 1};

SimulatedBenchSettings settings(bool plant) {
  SimulatedBenchSettings s;
  s.wiring.gate_positive = kPositive;
  s.wiring.gate_negative = {'B', 2};
  s.wiring.fixed_current = Amps(40e-3);
  s.output.coupling = Farads(1);  // no droop
  if (plant) s.plant = PlantBench{.settings = load_plant(PLANT_FILE), .posture = "sitting"};
  return s;
}

// Lives as a device does: segment by segment.
void live_until(Stage& stage, Picos t) {
  while (t > stage.segment_begin() && stage.live_until(t)) continue;
}

void pulse(Stage& stage, Picos at, Picos width = 300us) {
  live_until(stage, at);
  stage.set_pin(at, kPositive, true);
  live_until(stage, at + width);
  stage.set_pin(at + width, kPositive, false);
}

double signal(const Stage& stage, const char* name) { return stage.signal(name).at(0); }

// mL that the calf is smaller after a second of pulses.
double emptied(Picos period, Picos width = 300us) {
  const auto stage = make_stage(settings(true), 1);
  const double before = signal(*stage, "calf_volume");
  for (Picos t = 10ms; t < 1s; t += period) pulse(*stage, t, width);
  live_until(*stage, 1s);
  return before - signal(*stage, "calf_volume");
}

TEST(PlantStage, RestsWithoutOutput) {
  const auto stage = make_stage(settings(true), 1);
  const double before = signal(*stage, "calf_volume");
  live_until(*stage, 2s);
  EXPECT_NEAR(signal(*stage, "calf_volume"), before, 0.01);
  EXPECT_GT(before, 60);
}

TEST(PlantStage, EmptiesTheCalfByPulsesAndLessByFewer) {
  EXPECT_GT(emptied(28ms), 10);
  EXPECT_GT(emptied(28ms), emptied(112ms) + 2);
}

TEST(PlantStage, HeedsTheChargeOfAPulse) { EXPECT_GT(emptied(28ms), emptied(28ms, 60us) + 5); }

TEST(PlantStage, LeavesTheOutputAsItIs) {
  const auto with = make_stage(settings(true), 1);
  const auto without = make_stage(settings(false), 1);
  for (Picos t = 5ms; t < 200ms; t += 28ms) {
    for (Stage* stage : {with.get(), without.get()}) {
      pulse(*stage, t);
      live_until(*stage, t + 2ms);
      stage->set_pin(t + 2ms, kPositive, true);
    }
    for (const char* name : {"current", "voltage"}) {
      EXPECT_EQ(signal(*with, name), signal(*without, name));
    }
    for (Stage* stage : {with.get(), without.get()}) stage->set_pin(t + 2ms, kPositive, false);
  }
}

TEST(PlantStage, IsTheSameHoweverItsTimeIsCut) {
  const auto whole = make_stage(settings(true), 1);
  const auto cut = make_stage(settings(true), 1);
  for (Picos t = 5ms; t < 1s; t += 100ms) {
    pulse(*whole, t);
    for (Picos small = cut->segment_begin(); small < t; small += 333us) live_until(*cut, small);
    pulse(*cut, t);
  }
  live_until(*whole, 1s);
  live_until(*cut, 1s);
  for (const char* name : {"calf_volume", "ankle_pressure", "popliteal_flow", "cardiac_output"}) {
    EXPECT_NEAR(signal(*whole, name), signal(*cut, name), 1e-4) << name;
  }
}

}  // namespace
}  // namespace rig::simulated

#include <gtest/gtest.h>

#include <cmath>

#include "tests/second_heart/plant_fixture.h"

namespace rig::second_heart {
namespace {

constexpr StimulationPulse kPulse{.charge = 18e-6, .width = 300e-6};

// 4 s of pulses, 8 s of rest.
void stimulate(Plant& plant, double seconds, double rate) {
  const double begun = plant.now();
  for (int k = 0; k < static_cast<int>(seconds * rate); ++k) {
    plant.live_until(begun + k / rate);
    if (std::fmod(k / rate, 12) < 4) plant.stimulate(kPulse);
  }
}

TEST(Plant, LosesNoBloodInAnHourOfStimulation) {
  Plant plant(shipped());
  plant.take(Posture::kStanding);
  const double before = Circulation::blood(plant.state());
  stimulate(plant, 3600, 35);
  EXPECT_NEAR(Circulation::blood(plant.state()) / before, 1, 1e-9);
  EXPECT_NEAR(before, shipped().blood_volume, 1e-6);
  EXPECT_GT(plant.switches(), 1000u) << "valves worked";
}

TEST(Plant, ComesToTheSameHoweverItsTimeIsCut) {
  Plant whole(shipped());
  Plant cut(shipped());
  for (Plant* plant : {&whole, &cut}) {
    plant->take(Posture::kStanding);
    plant->contract(0.6);
  }
  whole.live_until(3);
  for (int k = 1; k <= 3000; ++k) cut.live_until(k * 1e-3);
  for (std::size_t k = 0; k < kStates; ++k) {
    EXPECT_NEAR(cut.state()[k], whole.state()[k], 1e-9 * (1 + std::fabs(whole.state()[k])));
  }
}

TEST(Plant, LetsNothingBackThroughACompetentValve) {
  Plant plant(shipped());
  plant.take(Posture::kStanding);
  plant.rest(60);
  for (int k = 0; k < 500; ++k) {
    if (k % 100 == 0) plant.contract(k % 200 == 0 ? 0.6 : 0);
    plant.rest(0.01);
    const Flows q = plant.circulation().flows(plant.state(), plant.now());
    for (const double flow : q.valve) EXPECT_GT(flow, -1e-6);
  }
}

TEST(Plant, FlowsBackThroughAnIncompetentValve) {
  Plant plant(shipped());
  plant.take(Posture::kStanding);
  plant.rest(60);
  plant.set_leak(kSaphenous, 1);
  plant.contract(0.6);
  plant.rest(1);
  plant.contract(0);
  plant.rest(0.3);
  EXPECT_LT(plant.circulation().flows(plant.state(), plant.now()).valve[kSaphenous], -1);
}

TEST(Plant, PutsTheWeightOfTheBloodOnTheAnkle) {
  const Parameters& p = shipped();
  Plant plant(p);
  const double lying = plant.signals().ankle_pressure;
  plant.take(Posture::kStanding);
  plant.rest(300);
  const double column = p.blood_density * 9.80665 * p.standing.foot / 133.322387;
  EXPECT_NEAR(plant.signals().ankle_pressure - lying, column, 5);
}

TEST(Plant, IsSteadyWhenNothingHappens) {
  Plant plant(shipped());
  const Signals before = plant.signals();
  plant.rest(120);
  const Signals after = plant.signals();
  EXPECT_NEAR(after.calf_volume, before.calf_volume, 1e-3);
  EXPECT_NEAR(after.cardiac_output, before.cardiac_output, 1e-3);
  const Flows q = plant.circulation().flows(plant.state(), plant.now());
  EXPECT_NEAR(q.right_heart, q.left_heart, 1e-3) << "in the steady state both hearts give the same";
}

TEST(Plant, StandsTiltedAsItsSineSays) {
  Plant tilted(shipped());
  Plant standing(shipped());
  tilted.tilt(90);
  standing.take(Posture::kStanding);
  tilted.rest(10);
  standing.rest(10);
  EXPECT_EQ(tilted.signals().ankle_pressure, standing.signals().ankle_pressure);
}

}  // namespace
}  // namespace rig::second_heart

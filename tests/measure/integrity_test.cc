// Clipped, saturated and undersampled stretches: exactly what rests on them is doubtful, by name.
#include "rig/measure/integrity.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "rig/measure/summary.h"
#include "tests/measure/drawn.h"

namespace rig::testing {
namespace {

Summary summary_of(const Measuring& capture) {
  const Found found = find(capture.recording());
  return summarise({.info = &capture.recording_info(),
                    .totals = &found.totals,
                    .pulses = &capture,
                    .from = Picos(0),
                    .to = found.totals.end});
}

// Quantity: why it is doubtful.
std::map<std::string, std::string> doubts(const Measuring& capture) {
  std::map<std::string, std::string> found;
  for (const QuantitySummary& q : summary_of(capture).measured) {
    if (!q.doubt.empty()) found[std::string(q.info->name)] = q.doubt;
  }
  return found;
}

std::set<std::string> names(const std::map<std::string, std::string>& doubts) {
  std::set<std::string> names;
  for (const auto& [name, why] : doubts) names.insert(name);
  return names;
}

// Ten pulses of two phases; the second phase of the fourth one is three times as strong.
Drawn with_a_strong_second_phase() {
  Drawn drawn = train(10, 5e-3, 20e-3, 200e-6, 100e-6);
  drawn.current[7].level *= 3;
  drawn.tau = 3e-6;
  return drawn;
}

TEST(Clipped, PoisonsThePhaseAndWhatRestsOnBothButNotTheOtherPhase) {
  const Measuring capture(record(with_a_strong_second_phase(), {.range = 50e-3}));
  const auto found = doubts(capture);
  EXPECT_TRUE(found.contains("phase2.amplitude"));
  EXPECT_TRUE(found.contains("phase2.width"));
  EXPECT_TRUE(found.contains("net_charge"));
  EXPECT_TRUE(found.contains("gap")) << "its second edge is at 50 % of the second phase";
  EXPECT_TRUE(found.contains("current.peak"));
  EXPECT_TRUE(found.contains("rms"));
  EXPECT_TRUE(found.contains("dc"));
  for (const char* good : {"phase1.amplitude", "phase1.charge", "period", "rate", "baseline",
                           "pulse.count", "voltage.peak"}) {
    EXPECT_FALSE(found.contains(good)) << good;
  }
  EXPECT_EQ(found.at("phase2.amplitude"), "clipped: 1 pulse, at sample 20002 (20 ms)");
  EXPECT_EQ(found.at("current.peak").find("samples 203"), 0u) << found.at("current.peak");
}

TEST(Clipped, VoltagePoisonsNothingOfTheCurrent) {
  const Measuring capture(record(with_a_strong_second_phase(), {.volt_range = 20}));
  EXPECT_EQ(names(doubts(capture)), (std::set<std::string>{"energy", "voltage.peak"}));
}

TEST(Clipped, StretchesBeyondTheListAreCounted) {
  const Found found = find(record(train(60, 5e-3, 20e-3, 200e-6, 100e-6), {.range = 15e-3}));
  const Stretches& at = found.totals.clipped_at.at(0);
  ASSERT_EQ(at.listed().size(), Stretches::kMost);
  EXPECT_EQ(at.listed()[0], (rig::Stretch{.first = 5000, .count = 200}));
  EXPECT_EQ(at.listed()[1], (rig::Stretch{.first = 5300, .count = 200}));
  EXPECT_EQ(at.more(), 120 - Stretches::kMost);
  EXPECT_TRUE(found.totals.clipped_at.at(1).empty());
}

// The front end's limit lies at 30 mA, the converter's full scale at 150 mA.
Recording saturated(double noise_after) {
  Drawn drawn = train(3, 5e-3, 40e-3, 200e-6, 100e-6);
  drawn.tau = 3e-6;
  Recording recording = record(drawn, {.noise = 100e-6});
  std::mt19937_64 draw(3);
  std::normal_distribution<double> noise(0, noise_after);
  for (std::int16_t& code : recording.codes[0]) {
    const double limit = 30e-3 / recording.info.channels[0].scale + noise(draw);
    code = static_cast<std::int16_t>(std::clamp<double>(code, -limit, limit));
  }
  return recording;
}

TEST(Saturated, FrontEndShowsByATopWithoutNoise) {
  const auto found = doubts(Measuring(saturated(0)));
  EXPECT_TRUE(found.contains("phase1.amplitude"));
  EXPECT_TRUE(found.contains("phase2.charge"));
  EXPECT_FALSE(found.contains("period"));
}

TEST(Saturated, IsNotATopWithNoiseNorACleanRecordingsTop) {
  EXPECT_TRUE(doubts(Measuring(saturated(1.0))).empty());
  Drawn clean = train(3, 5e-3, 40e-3, 200e-6, 100e-6);
  clean.tau = 3e-6;
  EXPECT_TRUE(doubts(Measuring(record(clean))).empty());
  EXPECT_TRUE(doubts(Measuring(record(clean, {.noise = 50e-6}))).empty());
}

TEST(Undersampled, EdgesPoisonTransitionsAberrationsAndSettlingOnly) {
  const Measuring capture(record(train(3, 5e-3, 20e-3, 200e-6, 100e-6)));
  const auto found = doubts(capture);
  EXPECT_TRUE(found.contains("phase1.first_transition"));
  EXPECT_TRUE(found.contains("phase1.overshoot"));
  EXPECT_TRUE(found.contains("phase2.aftershoot"));
  for (const char* good : {"phase1.amplitude", "phase1.width", "phase1.droop", "gap", "energy"}) {
    EXPECT_FALSE(found.contains(good)) << good;
  }
  EXPECT_EQ(found.at("phase1.first_transition"),
            "undersampled, transitions faster than a sample period: 3 pulses, the first at sample "
            "5000 (4.999 ms)");
}

TEST(Undersampled, PhasesPoisonTheirLevelsButNotTheirWidth) {
  const auto found = doubts(Measuring(record(train(3, 5e-3, 20e-3, 4e-6, 20e-6))));
  EXPECT_TRUE(found.contains("phase1.amplitude"));
  EXPECT_TRUE(found.contains("phase2.amplitude"));
  EXPECT_FALSE(found.contains("phase1.width"));
  EXPECT_FALSE(found.contains("period"));
}

TEST(Undersampled, TransitionIsAtMostWhatItShowsAndAnOvershootAtLeast) {
  const Measuring capture(record(train(3, 5e-3, 20e-3, 200e-6, 100e-6)));
  const Measured transition = capture.take("phase1.first_transition");
  EXPECT_TRUE(transition.upper_bound);
  EXPECT_FALSE(transition.lower_bound);
  const Measured overshoot = capture.take("phase1.overshoot");
  EXPECT_TRUE(overshoot.lower_bound);
  EXPECT_FALSE(overshoot.upper_bound);
}

}  // namespace
}  // namespace rig::testing

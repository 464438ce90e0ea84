// The output stage's closed form against what can be worked out on paper.
#include "fixtures/simulated/output_stage.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <vector>

namespace rig::simulated {
namespace {

constexpr Picos us(double t) { return from_seconds(t * 1e-6); }

constexpr OutputStageSettings kSettings{.compliance = Volts(150),
                                        .coupling = Farads(22e-6),
                                        .bleed = Ohms(470e3),
                                        .switch_resistance = Ohms(10)};

// A stage whose segments are integrated as it lives.
class Stage {
 public:
  explicit Stage(const OutputStageSettings& settings = kSettings, double ohms = 500)
      : stage(settings, Ohms(ohms)) {}

  void live_until(Picos t) {
    while (true) {
      const Waveform before = stage.electrode_current();
      const Picos begin = stage.segment_begin();
      const bool split = stage.live_until(t);
      integrate(before, std::max(begin, integrated_), split ? stage.segment_begin() : t, begin);
      integrated_ = split ? stage.segment_begin() : t;
      if (!split) return;
    }
  }
  void gates(Picos t, bool positive, bool negative) {
    live_until(t);
    stage.set_gates(t, positive, negative);
  }
  void load(Picos t, const Load& load) {
    live_until(t);
    stage.set_load(t, load);
  }
  void current(Picos t, double amps) {
    live_until(t);
    stage.set_current(t, Amps(amps));
  }
  double amps(Picos t) const { return stage.electrode_current().at(since(t)); }
  double volts(Picos t) const { return stage.electrode_voltage().at(since(t)); }
  double coupling(Picos t) const { return stage.bridge_voltage_at(t) - volts(t); }

  OutputStage stage;
  double charge = 0;  // C, integral of the electrode's current

 private:
  double since(Picos t) const { return to_seconds(t - stage.segment_begin()); }

  // Simpson's rule, fine enough for the fastest decay.
  void integrate(const Waveform& wave, Picos from, Picos to, Picos origin) {
    constexpr int kParts = 20'000;
    const double a = to_seconds(from - origin);
    const double h = to_seconds(to - from) / kParts;
    double sum = 0;
    for (int k = 0; k < kParts; ++k) {
      sum += wave.at(a + k * h) + 4 * wave.at(a + (k + 0.5) * h) + wave.at(a + (k + 1) * h);
    }
    charge += sum * h / 6;
  }

  Picos integrated_{};
};

TEST(OutputStage, DrivesTheSetCurrentThroughTheElectrode) {
  Stage s;
  s.current(us(0), 20e-3);
  s.gates(us(100), true, false);
  s.live_until(us(300));
  EXPECT_TRUE(s.stage.driving());
  EXPECT_DOUBLE_EQ(s.amps(us(300)), 20e-3);
  EXPECT_DOUBLE_EQ(s.volts(us(300)), 10);
  EXPECT_NEAR(s.stage.bridge_voltage_at(us(300)), 10 + 20e-3 * 200e-6 / 22e-6, 1e-12);
  s.gates(us(300), false, true);
  EXPECT_DOUBLE_EQ(s.amps(us(310)), -20e-3);
  s.gates(us(500), false, false);
  EXPECT_FALSE(s.stage.driving());
  EXPECT_NEAR(s.amps(us(501)), 0, 1e-6);
}

TEST(OutputStage, IsOffWithoutEnableOrPowerAndStrongerWithItsDefect) {
  Stage s;
  s.current(us(0), 20e-3);
  s.gates(us(1), true, false);
  s.stage.set_enabled(us(2), false);
  EXPECT_FALSE(s.stage.driving());
  s.stage.set_enabled(us(3), true);
  EXPECT_DOUBLE_EQ(s.amps(us(3)), 20e-3);
  s.stage.set_powered(us(4), false);
  EXPECT_FALSE(s.stage.driving());
  s.stage.set_powered(us(5), true);
  s.stage.set_source_gain(us(6), 1.3);
  EXPECT_DOUBLE_EQ(s.amps(us(6)), 26e-3);
}

TEST(OutputStage, ConservesChargeOnTheCouplingCapacitor) {
  const std::vector<SeriesLoad> loads{{Ohms(500), Ohms(0), Farads(0)},
                                      {Ohms(200), Ohms(1000), Farads(100e-9)},
                                      {Ohms(500), Ohms(20e3), Farads(30e-9)}};
  for (const SeriesLoad& load : loads) {
    for (const double amps : {5e-3, 100e-3, 290e-3}) {  // the last reaches the compliance
      Stage s;
      s.load(us(0), load);
      s.current(us(0), amps);
      s.gates(us(100), true, false);
      s.gates(us(400), false, false);
      s.gates(us(500), false, true);
      s.gates(us(800), false, false);
      s.live_until(us(2000));
      const double stored = 22e-6 * s.coupling(us(2000));
      EXPECT_NEAR(s.charge, stored, 1e-9 * amps * 300e-6) << load.series.si() << " ohm, " << amps;
    }
  }
}

TEST(OutputStage, ABalancedPulseLeavesNoChargeBehind) {
  Stage s;
  s.current(us(0), 100e-3);
  s.gates(us(100), true, false);
  s.gates(us(400), false, false);
  s.gates(us(500), false, true);
  s.gates(us(800), false, false);
  s.live_until(us(800));
  // All but what 100 us of bleeding took from 1.36 V.
  const double bled = 30e-6 / 22e-6 * 100e-6 / 470.5e3;
  EXPECT_NEAR(s.charge, -bled, 1e-4 * bled);
}

TEST(OutputStage, LeaksThroughItsInsulationWhateverTheGatesDo) {
  OutputStageSettings settings = kSettings;
  settings.insulation = Ohms(499.5e3);  // 150 V: 300 uA
  Stage s(settings);
  s.current(us(0), 20e-3);
  EXPECT_NEAR(s.amps(us(50)), 300e-6, 1e-9);
  s.gates(us(100), true, false);
  EXPECT_NEAR(s.amps(us(200)), 20.3e-3, 1e-9);
  EXPECT_NEAR(s.stage.electrode_voltage().at(50e-6), 10.15, 1e-6);
  EXPECT_NEAR(s.stage.current_at(us(200)), 20e-3, 1e-9) << "the device does not see it";
  s.stage.set_powered(us(250), false);
  EXPECT_NEAR(s.amps(us(300)), 0, 1e-4);
}

TEST(OutputStage, ReachesTheComplianceWhenPaperSaysSo) {
  // 100 mA into 500 ohm and 1 uF: 50 V at once, 150 V after (150 - 50) V * 1 uF / 100 mA.
  OutputStageSettings settings = kSettings;
  settings.coupling = Farads(1e-6);
  for (const bool positive : {true, false}) {
    Stage s(settings);
    s.current(us(0), 100e-3);
    s.gates(us(100), positive, !positive);
    EXPECT_FALSE(s.stage.live_until(us(100) + us(1000) - Picos(2)));
    EXPECT_TRUE(s.stage.live_until(us(3000)));
    EXPECT_NEAR(static_cast<double>((s.stage.segment_begin() - us(1100)).count()), 0, 2) << "ps";
    // From there on a source of 150 V behind 10 ohm.
    const double sign = positive ? 1 : -1;
    const double t = 1e-3;
    const double expected = sign * 50 / 510.0 * std::exp(-t / (510 * 1e-6));
    EXPECT_NEAR(s.amps(us(2100)), expected, 1e-9);
    EXPECT_FALSE(s.stage.live_until(us(3000))) << "once";
  }
}

TEST(OutputStage, ReachesTheComplianceThroughAnElectrodeThatCharges) {
  // 60 mA * (500 + 5000 (1 - exp(-t / 500 us))) = 150 V; the coupling is so large that it is
  // nothing.
  OutputStageSettings settings = kSettings;
  settings.coupling = Farads(1e6);
  Stage s(settings);
  s.load(us(0), SeriesLoad{Ohms(500), Ohms(5000), Farads(100e-9)});
  s.current(us(0), 60e-3);
  s.gates(us(100), true, false);
  EXPECT_TRUE(s.stage.live_until(us(1000)));
  const double expected = -500e-6 * std::log(1 - (150 / 60e-3 - 500) / 5000);
  EXPECT_NEAR(to_seconds(s.stage.segment_begin() - us(100)), expected, 2e-12);
}

TEST(OutputStage, HoldsTheComplianceOnAnOpenLoad) {
  Stage s;
  s.load(us(0), OpenLoad{});
  s.current(us(0), 20e-3);
  s.gates(us(100), false, true);
  EXPECT_NEAR(s.volts(us(200)), -150, 1e-3);
  EXPECT_NEAR(s.amps(us(200)), -1.5e-6, 1e-9);
  EXPECT_NEAR(s.stage.bridge_voltage_at(us(200)), -150, 1e-3);
}

TEST(OutputStage, DrivesTheSetCurrentIntoAShort) {
  Stage s;
  s.load(us(0), ShortLoad{});
  s.current(us(0), 100e-3);
  s.gates(us(100), true, false);
  EXPECT_DOUBLE_EQ(s.amps(us(200)), 100e-3);
  EXPECT_DOUBLE_EQ(s.volts(us(200)), 0.1);
}

TEST(OutputStage, HalfLiftedDoublesResistanceAndHalvesCapacitanceOnce) {
  Stage s;
  s.load(us(0), SeriesLoad{Ohms(200), Ohms(1000), Farads(100e-9)});
  s.current(us(0), 10e-3);
  s.load(us(1), HalfLifted{});
  s.load(us(2), HalfLifted{});
  s.gates(us(100), true, false);
  EXPECT_NEAR(s.volts(us(100)), 4.0, 1e-9) << "400 ohm, the capacitance still empty";
  EXPECT_NEAR(s.volts(us(200)), 4.0 + 20.0 * (1 - std::exp(-1.0)), 1e-9) << "2 kohm, 50 nF: 100 us";
  EXPECT_DOUBLE_EQ(s.stage.nominal().series.si(), 200) << "what comes back";
}

TEST(OutputStage, AnElectrodeKeepsItsChargeWhenHalfOfItLifts) {
  Stage s;
  s.load(us(0), SeriesLoad{Ohms(200), Ohms(1000), Farads(100e-9)});
  s.current(us(0), 10e-3);
  s.gates(us(100), true, false);
  s.live_until(us(300));
  const double before = s.volts(us(300)) - 2.0;
  s.load(us(300), HalfLifted{});
  EXPECT_NEAR(s.volts(us(300)), before + 4.0, 1e-9);
}

TEST(OutputStage, TheCouplingCapacitorKeepsItsChargeThroughAChangeOfLoad) {
  Stage s;
  s.current(us(0), 100e-3);
  s.gates(us(100), true, false);
  s.live_until(us(400));
  const double before = s.coupling(us(400));
  EXPECT_NEAR(before, 30e-6 / 22e-6, 1e-9);
  for (const Load& load : std::vector<Load>{OpenLoad{}, SeriesLoad{Ohms(500), Ohms(0), Farads(0)},
                                            ShortLoad{}, HalfLifted{}}) {
    s.load(us(400), load);
    EXPECT_NEAR(s.coupling(us(400)), before, 1e-9);
  }
}

TEST(OutputStage, DischargesThroughTheBleed) {
  Stage s;
  s.current(us(0), 100e-3);
  s.gates(us(100), true, false);
  s.gates(us(400), false, false);
  const double start = s.coupling(us(400));
  const double t = 2.0;  // s
  EXPECT_NEAR(s.coupling(us(400) + from_seconds(t)), start * std::exp(-t / (470.5e3 * 22e-6)),
              1e-9);
}

TEST(OutputStage, BothGatesShortTheBridge) {
  Stage s;
  s.current(us(0), 100e-3);
  s.gates(us(100), true, false);
  s.gates(us(400), true, true);
  EXPECT_FALSE(s.stage.driving());
  EXPECT_NEAR(s.amps(us(400)), -(30e-6 / 22e-6) / 510, 1e-9) << "through switches and electrode";
}

TEST(OutputStage, RefusesToGoBackInTimeOrToChatter) {
  Stage s;
  s.stage.set_gates(us(100), true, false);
  EXPECT_THROW(s.stage.set_gates(us(99), false, false), std::logic_error);
  EXPECT_THROW(s.stage.set_load(us(101), ChatterLoad{}), std::logic_error);
}

}  // namespace
}  // namespace rig::simulated

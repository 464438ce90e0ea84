// Whether voltage and current of a capture belong to the load that the bench says is on, on
// digitizers from very good ones to the widest range of an oscilloscope of 8 bit.
#include "rig/run/load_check.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "tests/run/case_fixture.h"

namespace rig {
namespace {

constexpr SampleRate kRate{1'000'000, 1};
constexpr std::size_t kPeriod = 5000;  // samples
constexpr std::size_t kPulses = 8;

// A table, how wrong its file is about it, and a device.
struct Drawn {
  double load = 500;       // ohm, the true one
  double current = 40e-3;  // A
  double width = 300e-6;   // s, of a phase
  double gap = 100e-6;     // s
  bool biphasic = true;
  double code_i = 50e-6;  // A
  double code_v = 10e-3;  // V
  double offset_i = 0;    // A, that the channel is wrong by
  double offset_v = 0;    // V
  double noise_i = 0;     // A, r.m.s.
  double noise_v = 0;     // V, r.m.s.
  double gain_i = 1;      // reads so many times too much
  double gain_v = 1;
  double gain_u = 0.005;   // relative, what the file says of either
  double offset_u = 0.02;  // of full scale, likewise
  double lag = 0;          // s, of the voltage's samples behind the current's
  double skew = 0;         // s, that the digitizer owns up to

  double at(double t) const {
    if (t >= 0 && t < width) return current;
    if (biphasic && t >= width + gap && t < 2 * width + gap) return -current;
    return 0;
  }
};

// As the codes of a digitizer whose range is 128 codes either side.
ObservedCapture capture_of(const Drawn& d, double says, std::mt19937_64& random) {
  CaptureInfo info{.name = "drawn", .rate = kRate, .skew = d.skew, .integrity_proven = true};
  for (const auto& [name, unit, code] :
       {std::tuple("current", "A", d.code_i), std::tuple("voltage", "V", d.code_v)}) {
    info.channels.push_back({.name = name,
                             .unit = unit,
                             .scale = code,
                             .gain_u = d.gain_u,
                             .offset_u = d.offset_u * 128 * code});
  }
  ObservedCapture capture(info, PulseCriteria{}, nullptr);
  std::normal_distribution<double> noise;
  const double phase = std::uniform_real_distribution<double>(0, 1e-6)(random);
  std::vector<std::int16_t> current;
  std::vector<std::int16_t> voltage;
  for (std::size_t k = 0; k < kPulses * kPeriod; ++k) {
    const double t = static_cast<double>(k % kPeriod) * 1e-6 - 1e-3 - phase;
    const double i = d.gain_i * d.at(t) + d.offset_i + d.noise_i * noise(random);
    const double v = d.gain_v * d.load * d.at(t - d.lag) + d.offset_v + d.noise_v * noise(random);
    current.push_back(static_cast<std::int16_t>(std::lround(i / d.code_i)));
    voltage.push_back(static_cast<std::int16_t>(std::lround(v / d.code_v)));
  }
  capture.take({.codes = {current, voltage}});
  capture.finish(kRate.time_of(current.size()));
  capture.touch({.load = says, .load_u = 0.001});
  return capture;
}

double between(std::mt19937_64& random, double low, double high) {  // in the logarithm
  return low * std::pow(high / low, std::uniform_real_distribution<double>(0, 1)(random));
}

// Of anything from a hundredth of a code to a thousand codes.
Drawn draw(std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  Drawn d{.load = between(random, 200, 2000),
          .current = between(random, 1e-3, 100e-3),
          .width = between(random, 30e-6, 600e-6),
          .gap = random() % 3 == 0 ? 0 : between(random, 10e-6, 200e-6),
          .biphasic = random() % 3 != 0,
          .gain_u = between(random, 0.001, 0.03)};
  d.code_i = d.current / between(random, 0.3, 1000);
  d.code_v = d.current * d.load / between(random, 0.3, 1000);
  d.offset_u = between(random, 0.001, 0.02);
  d.offset_i = 128 * d.code_i * d.offset_u * normal(random);
  d.offset_v = 128 * d.code_v * d.offset_u * normal(random);
  d.noise_i = random() % 2 == 0 ? 0 : d.code_i * between(random, 0.1, 5);
  d.noise_v = random() % 2 == 0 ? 0 : d.code_v * between(random, 0.1, 5);
  d.gain_i = 1 + d.gain_u * normal(random);
  d.gain_v = 1 + d.gain_u * normal(random);
  return d;
}

TEST(LoadCheck, TrueTableIsNeverContradicted) {
  std::mt19937_64 random(1);
  int told = 0;
  for (int k = 0; k < 300; ++k) {
    const Drawn d = draw(random);
    const ObservedCapture seen = capture_of(d, d.load, random);
    EXPECT_EQ(load_contradiction(seen), "") << "draw " << k;
    const auto load = seen_load(seen);
    told += static_cast<int>(load && load->off_by < 0.5 * d.load);
  }
  EXPECT_GT(told, 80) << "of 300";
}

TEST(LoadCheck, WrongFactorIsSeenWhereverTheCheckSaysThatItTells) {
  std::mt19937_64 random(2);
  int told = 0;
  for (int k = 0; k < 300; ++k) {
    const Drawn good = draw(random);
    const auto load = seen_load(capture_of(good, good.load, random));
    if (!load || load->off_by > 0.25 * good.load) continue;
    ++told;
    for (const double factor : {0.1, 0.5, 2.0, 10.0}) {  // of a shunt, of a probe
      for (double Drawn::*of : {&Drawn::gain_i, &Drawn::gain_v}) {
        Drawn bad = good;
        bad.*of *= factor;
        bad.code_i *= of == &Drawn::gain_i ? factor : 1;  // the digitizer is the same
        bad.code_v *= of == &Drawn::gain_v ? factor : 1;
        bad.offset_i *= of == &Drawn::gain_i ? factor : 1;
        bad.offset_v *= of == &Drawn::gain_v ? factor : 1;
        bad.noise_i *= of == &Drawn::gain_i ? factor : 1;
        bad.noise_v *= of == &Drawn::gain_v ? factor : 1;
        const ObservedCapture seen = capture_of(bad, bad.load, random);
        // Too small a current is no pulse any more, and noise of ten times the size is one.
        if (seen.pulses().size() != kPulses || !seen_load(seen)) continue;
        EXPECT_NE(load_contradiction(seen), "") << "draw " << k << ", " << factor;
      }
    }
  }
  EXPECT_GT(told, 60) << "of 300";
}

// 40 mA through 500 ohm on channels that reach to 400 mA and 200 V, uncalibrated.
TEST(LoadCheck, HalfAShuntIsSeenOnTheWidestRangesOfAnOscilloscopeOf8Bit) {
  for (const bool biphasic : {true, false}) {
    for (const double offset : {-0.49, 0.0, 0.3, 0.45}) {  // codes
      std::mt19937_64 random(3);
      Drawn d{.biphasic = biphasic,
              .code_i = 3.2e-3,
              .code_v = 1.6,
              .offset_i = offset * 3.2e-3,
              .offset_v = offset * 1.6,
              .gain_u = 0.03};
      EXPECT_EQ(load_contradiction(capture_of(d, 500, random)), "") << offset;
      d.gain_i = 0.5;
      d.code_i *= 0.5;
      d.offset_i *= 0.5;
      EXPECT_NE(load_contradiction(capture_of(d, 500, random)), "") << offset;
    }
  }
}

TEST(LoadCheck, SamplesTakenOneAfterTheOtherAreNoOtherLoad) {
  std::mt19937_64 random(4);
  Drawn d{.width = 50e-6, .gap = 0, .gain_u = 0.001, .lag = 4e-6};
  EXPECT_NE(load_contradiction(capture_of(d, 500, random)), "") << "or the case shows nothing";
  d.skew = 4e-6;
  EXPECT_EQ(load_contradiction(capture_of(d, 500, random)), "");
  EXPECT_NE(load_contradiction(capture_of(d, 1000, random)), "");
}

TEST(LoadCheck, VoltageThatStandsWithoutACurrentIsNoLoadOfThatOutput) {
  std::mt19937_64 random(6);
  for (const double noise : {0.0, 1.0, 3.0}) {  // codes
    Drawn d{.code_i = 2e-3, .code_v = 1.6, .noise_v = noise * 0.05, .gain_i = 0};
    const std::string why = load_contradiction(capture_of(d, 500, random));
    EXPECT_TRUE(why.starts_with("a voltage of ") &&
                why.ends_with(": the wire of the channel current, its factor or the load is wrong"))
        << why;
    EXPECT_NE(why.find(" V at least and no current, where the bench's 500 ohm would take "),
              std::string::npos)
        << why;
    d.width = 10e-6;  // a glitch
    d.biphasic = false;
    EXPECT_EQ(load_contradiction(capture_of(d, 500, random)), "");
    d = {.current = 0.5e-3, .code_v = 10e-3, .gain_i = 0};  // 0.25 V: the current may hide
    EXPECT_EQ(load_contradiction(capture_of(d, 500, random)), "");
    EXPECT_EQ(load_contradiction(capture_of({.gain_i = 0}, 0, random)), "") << "an open load";
  }
}

TEST(LoadCheck, NothingIsToldWithoutAPulseAVoltageOrAPlainResistor) {
  std::mt19937_64 random(5);
  EXPECT_FALSE(seen_load(capture_of({.current = 0}, 500, random)));
  EXPECT_FALSE(seen_load(capture_of({}, 0, random)));
  EXPECT_FALSE(seen_load(capture_of({.code_i = 10e-6}, 500, random))) << "all of it is clipped";
  EXPECT_TRUE(seen_load(capture_of({}, 500, random)));
}

class LoadOfACase : public CaseTest {};

TEST_F(LoadOfACase, VoltageAndCurrentOfAnotherLoadAreAnError) {
  scene_.facts.load = Ohms(500);
  scene_.facts.load_u = 0.01;
  EXPECT_EQ(outcome_of(run(kPulseTrain)), "PASS");
  for (const auto& [says, seen] : {std::pair(5000.0, "5 kohm"), std::pair(550.0, "550 ohm")}) {
    scene_.applied.clear();          // the safe state of the run before
    scene_.facts.load = Ohms(says);  // a probe of the wrong factor, a relay that sticks, a hot load
    EXPECT_EQ(outcome_of(run(kPulseTrain)),
              std::string("ERROR: step 2 (capture): voltage and current are those of a load of 500 "
                          "ohm, the bench says ") +
                  seen + ": the load, a probe's factor or a scale is wrong");
  }
  scene_.applied.clear();
  scene_.facts.load_u = 0.03;
  EXPECT_EQ(outcome_of(run(kPulseTrain)), "PASS") << "nobody knew it better";
}

TEST_F(LoadOfACase, AnotherLoadIsSeenByACoarseDigitizerToo) {
  scene_.scale = 2e-3;  // a pulse of 10 codes
  for (const auto& [says, verdict] :
       {std::pair(500.0, Verdict::kPass), std::pair(1000.0, Verdict::kError)}) {
    scene_.applied.clear();
    scene_.facts.load = Ohms(says);
    EXPECT_EQ(step_of(run(kPulseTrain), "2").verdict, verdict) << says;
  }
}

}  // namespace
}  // namespace rig

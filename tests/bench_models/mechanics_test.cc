// The platform against closed forms, its energy against what was put in, contacts against sense.
#include "fixtures/simulated/mechanics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <random>

namespace rig::simulated {
namespace {

using Complex = std::complex<double>;
constexpr double kPi = std::numbers::pi;
constexpr Picos kStep = std::chrono::microseconds(125);
constexpr double kRate = 8000;  // Hz, of the converter
constexpr int kParts = 8;       // of its step

Picos ms(double t) { return from_seconds(t * 1e-3); }

void live(Mechanics& m, Picos until) {
  while (m.live_until(until)) {
  }
}

// Velocity per volt of the amplifier, by mechanical and electrical impedances.
Complex velocity_per_volt(const VibratorSettings& s, double foot, double leg, double hertz) {
  const Complex jw(0, 2 * kPi * hertz);
  const auto spring = [&jw](double stiffness, double damping) { return stiffness / jw + damping; };
  const auto behind = [](Complex pad, Complex load) { return pad * load / (pad + load); };
  Complex platform = jw * s.platform.mass + spring(s.platform.stiffness, s.platform.damping);
  if (foot > 0) {
    Complex on_pad = jw * foot;
    if (leg > 0) on_pad += behind(spring(s.leg.stiffness, s.leg.damping), jw * leg);
    platform += behind(spring(s.foot.stiffness, s.foot.damping), on_pad);
  }
  const Complex coil = s.coil.resistance + s.amplifier.resistance + jw * s.coil.inductance;
  return s.coil.force / (coil * platform + s.coil.force * s.coil.force);
}

// Drives a sine through a converter that holds each value, and returns the acceleration's line at
// that frequency, once it has settled, per volt.
Complex driven(const VibratorSettings& s, double foot, double leg, int steps_per_period) {
  Mechanics m(s);
  m.rest(Picos(0), foot, leg);
  const double volts = 0.5;
  const int settled = 40 * steps_per_period;
  Complex line = 0;
  for (int k = 0; k < settled + 8 * steps_per_period; ++k) {
    const auto turn = [&](double step) { return 2 * kPi * step / steps_per_period; };
    const Picos t = kStep * k;
    live(m, t);
    m.drive(t, volts * std::sin(turn(k)));
    if (k < settled) continue;
    // Often enough that the images of a held value do not fold onto the line.
    for (int part = 0; part < kParts; ++part) {
      const Picos at = t + kStep * part / kParts;
      live(m, at);
      const double acceleration = m.acceleration().at(to_seconds(at - m.segment_begin()));
      line += acceleration * std::polar(1.0, -turn(k + static_cast<double>(part) / kParts));
    }
  }
  return line / (4.0 * kParts * steps_per_period) / volts;
}

TEST(Mechanics, HasTheFrequencyResponseOfItsImpedances) {
  const VibratorSettings s;
  struct Stands {
    double foot;
    double leg;
  };
  for (const Stands& on : {Stands{0, 0}, {5, 0}, {15, 0}, {40, 0}, {1.5, 6}}) {
    for (const int steps : {400, 320, 250, 178, 133, 80}) {  // 20 Hz to 100 Hz
      const double hertz = kRate / steps;
      const Complex jw(0, 2 * kPi * hertz);
      // A value held for a step comes half a step late, and a little smaller.
      const double half = kPi / steps;
      const Complex held = std::sin(half) / half * std::polar(1.0, -half);
      const Complex expected =
          Complex(0, -1) * held * jw * velocity_per_volt(s, on.foot, on.leg, hertz);
      const Complex found = driven(s, on.foot, on.leg, steps);
      EXPECT_LT(std::abs(found - expected), 1e-4 * std::abs(expected))
          << hertz << " Hz with " << on.foot << " kg + " << on.leg << " kg";
    }
  }
}

TEST(Mechanics, ReachesHalfAGravityWithEveryLoadAtEveryFrequency) {
  const VibratorSettings s;
  for (const double foot : {0.0, 5.0, 15.0, 40.0}) {
    for (double hertz = 20; hertz <= 60; hertz += 1) {
      const double per_volt = 2 * kPi * hertz * std::abs(velocity_per_volt(s, foot, 0, hertz));
      EXPECT_GT(per_volt * s.amplifier.limit, 1.2 * 0.5 * kGravity) << foot << " kg " << hertz;
    }
  }
}

TEST(Mechanics, RingsDownAtItsResonance) {
  VibratorSettings s;
  s.amplifier.damping = 1e6;  // no current: the suspension alone
  s.coil.inductance = 1;
  Mechanics m(s);
  m.drive(Picos(0), 5.0);
  live(m, ms(200));
  m.drive(ms(200), std::nullopt);
  const double mass = s.platform.mass;
  const double decay = s.platform.damping / (2 * mass);
  const double omega = std::sqrt(s.platform.stiffness / mass - decay * decay);
  const Picos begin = ms(210);
  live(m, begin);
  const double x0 = m.height_at(begin);
  const double v0 = m.speed_at(begin);
  for (double t = 0; t < 0.2; t += 0.003) {
    const Picos at = begin + from_seconds(t);
    live(m, at);
    const double expected =
        std::exp(-decay * t) *
        (x0 * std::cos(omega * t) + (v0 + decay * x0) / omega * std::sin(omega * t));
    EXPECT_NEAR(m.height_at(at), expected, 1e-9) << t;
  }
}

struct Work {
  double supplied = 0;
  double dissipated = 0;
};

// Integrates the powers over what the platform does, segment by segment (Gauss and Legendre).
Work lived(Mechanics& m, Picos from, Picos until) {
  constexpr double kNodes[]{0, 0.5384693101056831, 0.9061798459386640};
  constexpr double kWeights[]{0.5688888888888889, 0.4786286704993665, 0.2369268850561891};
  Work work;
  for (Picos now = from; now < until;) {
    const Picos end = std::min(until, m.segment_end());
    const double half = 0.5 * to_seconds(end - now);
    for (int k = 0; k < 3; ++k) {
      for (const int sign : {-1, 1}) {
        if (k == 0 && sign > 0) continue;
        const Picos at = now + from_seconds(half * (1 + sign * kNodes[k]));
        work.supplied += half * kWeights[k] * m.supplied_at(at);
        work.dissipated += half * kWeights[k] * m.dissipated_at(at);
      }
    }
    now = end;
    m.live_until(now);
  }
  return work;
}

// What happens in a drawn second: a noisy drive, and one change of everything else.
struct Happening {
  const char* what;
  void (*change)(Mechanics&, Picos);
};

class MechanicsEnergy : public ::testing::TestWithParam<Happening> {};

TEST_P(MechanicsEnergy, IsWhatWasPutInLessWhatWasDissipated) {
  const VibratorSettings s;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    std::mt19937_64 draw(seed);
    std::uniform_real_distribution<double> volts(-6, 6);
    Mechanics m(s);
    m.put_on(Picos(0), 1.5, 6);
    live(m, ms(300));
    m.begin_segment(ms(300));
    const double begin = m.energy_at(ms(300)) + m.lost();
    Work work;
    for (int k = 0; k < 800; ++k) {
      const Picos t = ms(300) + kStep * 8 * k;
      m.drive(t, volts(draw) + 4 * std::sin(2 * kPi * 33 * to_seconds(t)));
      if (k == 300) GetParam().change(m, t);
      const Work more = lived(m, t, t + kStep * 8);
      work.supplied += more.supplied;
      work.dissipated += more.dissipated;
    }
    const Picos end = ms(300) + kStep * 8 * 800;
    const double kept = m.energy_at(end) + m.lost() - begin;
    EXPECT_GT(work.dissipated, 0.5) << "J: something went on";
    EXPECT_NEAR(kept, work.supplied - work.dissipated, 1e-8 * work.dissipated) << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Of, MechanicsEnergy,
    ::testing::Values(
        Happening{"Drive", [](Mechanics&, Picos) {}},
        Happening{"Lift", [](Mechanics& m, Picos when) { m.lift(when); }},
        Happening{"OtherLoad", [](Mechanics& m, Picos when) { m.put_on(when, 15, 0); }},
        Happening{"Rattle", [](Mechanics& m, Picos when) { m.loosen(when, 0.2e-3); }},
        Happening{"Clamp", [](Mechanics& m, Picos when) { m.clamp(when, true); }},
        Happening{"Off", [](Mechanics& m, Picos when) { m.drive(when, std::nullopt); }}),
    [](const auto& of) { return of.param.what; });

TEST(Mechanics, LosesNoEnergyAtContactsThatClose) {
  const VibratorSettings s;
  Mechanics m(s);
  m.put_on(Picos(0), 15, 0);
  live(m, ms(500));
  EXPECT_NEAR(m.lost(), 0, 1e-9);
}

TEST(Mechanics, BearsTheWeightThatStandsOnIt) {
  const VibratorSettings s;
  Mechanics m(s);
  EXPECT_EQ(m.force().at(0), 0);
  m.put_on(ms(10), 15, 0);
  double most = 0;
  for (int k = 0; k < 40'000; ++k) {
    const Picos t = ms(10) + kStep * k;
    live(m, t);
    const double force = m.force().at(to_seconds(t - m.segment_begin()));
    EXPECT_GE(force, -1e-3) << "a pad does not pull";
    most = std::max(most, force);
  }
  EXPECT_NEAR(m.force().at(0), 15 * kGravity, 1e-3);
  EXPECT_LT(most, 2 * 15 * kGravity) << "nobody jumps on it";
  EXPECT_NEAR(m.height_at(m.segment_begin()), -15 * kGravity / s.platform.stiffness, 1e-7);
}

TEST(Mechanics, IsFreeAgainWithinTheLiftingTime) {
  const VibratorSettings s;
  Mechanics m(s);
  m.rest(Picos(0), 15, 0);
  m.lift(ms(100));
  live(m, ms(100) + from_seconds(s.foot.lift_time));
  EXPECT_FALSE(m.touching());
  live(m, ms(1500));
  EXPECT_EQ(m.foot(), 0);
  EXPECT_NEAR(m.height_at(ms(1500)), 0, 1e-8);
  EXPECT_EQ(m.force().at(0), 0);
}

TEST(Mechanics, BouncesOffAndLandsAgainUnderADriveStrongerThanGravity) {
  VibratorSettings s;
  Mechanics m(s);
  m.rest(Picos(0), 0.5, 0);
  int lifted = 0;
  bool touched = true;
  for (int k = 0; k < 16'000; ++k) {
    const Picos t = kStep * k;
    live(m, t);
    m.drive(t, 10 * std::sin(2 * kPi * 27 * to_seconds(t)));
    if (touched && !m.touching()) ++lifted;
    touched = m.touching();
  }
  EXPECT_GT(lifted, 20);
}

TEST(Mechanics, StandsStillWhileClampedAndItsCoilIsAResistorThen) {
  const VibratorSettings s;
  Mechanics m(s);
  m.drive(Picos(0), 4.2);
  live(m, ms(7));
  m.clamp(ms(7), true);
  const double height = m.height_at(ms(7));
  live(m, ms(60));
  EXPECT_EQ(m.height_at(ms(60)), height);
  EXPECT_EQ(m.acceleration().at(0), 0);
  EXPECT_NEAR(m.current_at(ms(60)), 1.0, 1e-9) << "4.2 V over 4.2 ohm";
  m.clamp(ms(60), false);
  live(m, ms(65));
  EXPECT_NE(m.height_at(ms(65)), height);
}

TEST(Mechanics, RattlesWithinItsGapWhenTheActuatorIsLoose) {
  const VibratorSettings s;
  const auto acceleration_peak = [&s](double gap) {
    Mechanics m(s);
    m.loosen(Picos(0), gap);
    double peak = 0;
    for (int k = 0; k < 8000; ++k) {
      const Picos t = kStep * k;
      live(m, t);
      m.drive(t, 2 * std::sin(2 * kPi * 45 * to_seconds(t)));
      if (k > 4000) {
        peak = std::max(peak, std::fabs(m.acceleration().at(to_seconds(t - m.segment_begin()))));
      }
    }
    return peak;
  };
  EXPECT_GT(acceleration_peak(0.2e-3), 2 * acceleration_peak(0)) << "blows, not a sine";
  Mechanics fast(s);
  fast.loosen(Picos(0), 0.2e-3);
  live(fast, ms(50));
  fast.loosen(ms(50), 0);
  live(fast, ms(1500));
  EXPECT_NEAR(fast.height_at(ms(1500)), 0, 1e-7);
}

TEST(Mechanics, GivesTheDigitizerTheAccelerationThatItHas) {
  const VibratorSettings s;
  Mechanics m(s);
  m.put_on(Picos(0), 5, 0);
  std::mt19937_64 draw(3);
  std::uniform_real_distribution<double> unit(0, 1);
  for (int k = 1; k < 4000; ++k) {
    const Picos t = kStep * k;
    m.drive(t, 3 * std::sin(2 * kPi * 45 * to_seconds(t)));
    const double into = unit(draw) * to_seconds(m.segment_end() - t);
    const double h = 1e-7;
    const Picos at = t + from_seconds(into);
    const double slope =
        (m.speed_at(at + from_seconds(h)) - m.speed_at(at - from_seconds(h))) / (2 * h);
    EXPECT_NEAR(m.acceleration().at(into), slope, 2e-3);
  }
}

TEST(Mechanics, DoesTheSameHoweverItIsAskedToLive) {
  const VibratorSettings s;
  const auto end = [&s](Picos step) {
    Mechanics m(s);
    m.put_on(Picos(0), 1.5, 6);
    m.drive(ms(1), 3.0);
    for (Picos t = ms(1); t < ms(400); t += step) live(m, t);
    live(m, ms(400));
    return m.height_at(ms(400));
  };
  EXPECT_EQ(end(ms(400)), end(std::chrono::microseconds(17)));
}

TEST(Mechanics, RefusesToGoBackInTime) {
  Mechanics m{VibratorSettings{}};
  live(m, ms(5));
  EXPECT_THROW(m.live_until(ms(1)), std::logic_error);
}

}  // namespace
}  // namespace rig::simulated

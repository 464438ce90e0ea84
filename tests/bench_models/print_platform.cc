// Prints what the platform does in drawn sequences, for judge_platform.py.
//
//   platform KEY=VALUE ...                       SI; begins a sequence at 0 s
//   stands FOOT LEG                              kg, at rest
//   drive T VOLTS                                what happens at T, in s; nan: off
//   loose T GAP                                  m
//   clamp T CLAMPED
//   sample T AMPS HEIGHT SPEED FORCE FOOT_HEIGHT
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <random>

#include "fixtures/simulated/mechanics.h"

namespace rig::simulated {
namespace {

class Printed {
 public:
  explicit Printed(std::uint64_t seed)
      : draw_(seed), settings_(drawn_settings()), platform_(settings_) {
    print_settings();
    const bool leg = seed % 3 == 0;
    const double foot =
        seed % 4 == 0 ? 0 : std::exp(uniform(std::log(0.2), std::log(leg ? 3 : 30)));
    const double upper = leg && foot > 0 ? uniform(2, 12) : 0;
    platform_.rest(now_, foot, upper);
    std::printf("stands %.17g %.17g\n", foot, upper);
    for (int k = 0; k < 60; ++k) {
      drive(uniform(-10, 10));
      if (k == 20 && seed % 5 == 1) loosen();
      if (k == 30 && seed % 7 == 2) clamp(true);
      if (k == 35 && seed % 7 == 2) clamp(false);
      live(uniform(0.1e-3, 4e-3));
    }
    drive(std::nan(""));
    for (int k = 0; k < 10; ++k) live(uniform(1e-3, 6e-3));
  }

 private:
  double uniform(double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(draw_);
  }

  VibratorSettings drawn_settings() {
    VibratorSettings s;
    s.amplifier.damping = uniform(2, 20);
    s.coil = {uniform(2, 8), uniform(0.3e-3, 2e-3), uniform(5, 20)};
    s.platform = {uniform(0.8, 2), uniform(20e3, 60e3), uniform(30, 120), 0};
    s.foot.stiffness = uniform(15e3, 60e3);
    s.foot.damping = uniform(50, 400);
    s.leg.stiffness = uniform(5e3, 20e3);
    s.leg.damping = uniform(50, 300);
    s.actuator = {.mass = uniform(0.1, 0.4), .stiffness = 5e5, .damping = uniform(20, 90)};
    return s;
  }

  void print_settings() const {
    const VibratorSettings& s = settings_;
    std::printf("platform R=%.17g Rs=%.17g Rd=%.17g L=%.17g B=%.17g m=%.17g k=%.17g c=%.17g ",
                s.coil.resistance, s.amplifier.resistance, s.amplifier.damping, s.coil.inductance,
                s.coil.force, s.platform.mass, s.platform.stiffness, s.platform.damping);
    std::printf("kp=%.17g cp=%.17g k2=%.17g c2=%.17g ma=%.17g ks=%.17g cs=%.17g\n",
                s.foot.stiffness, s.foot.damping, s.leg.stiffness, s.leg.damping, s.actuator.mass,
                s.actuator.stiffness, s.actuator.damping);
  }

  void drive(double volts) {
    platform_.drive(now_, std::isnan(volts) ? std::nullopt : std::optional(volts));
    std::printf("drive %.17g %.17g\n", to_seconds(now_), volts);
  }
  void loosen() {
    const double gap = uniform(0.1e-3, 0.4e-3);
    platform_.loosen(now_, gap);
    std::printf("loose %.17g %.17g\n", to_seconds(now_), gap);
  }
  void clamp(bool clamped) {
    platform_.clamp(now_, clamped);
    std::printf("clamp %.17g %d\n", to_seconds(now_), clamped ? 1 : 0);
  }

  void live(double seconds) {
    now_ += from_seconds(seconds);
    while (platform_.live_until(now_)) {
    }
    std::printf("sample %.17g %.17g %.17g %.17g %.17g %.17g\n", to_seconds(now_),
                platform_.current_at(now_), platform_.height_at(now_), platform_.speed_at(now_),
                platform_.force().at(to_seconds(now_ - platform_.segment_begin())),
                platform_.foot_height_at(now_));
  }

  std::mt19937_64 draw_;
  VibratorSettings settings_;
  Mechanics platform_;
  Picos now_{};
};

}  // namespace
}  // namespace rig::simulated

int main() {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) rig::simulated::Printed{seed};
}

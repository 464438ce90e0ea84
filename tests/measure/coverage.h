// What a stated uncertainty is worth: captures drawn with a known truth, and how often the stated
// interval, value +- k u, holds it.
#pragma once

#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <ostream>
#include <random>
#include <string>

#include "tests/measure/drawn.h"

namespace rig::testing {

using Truth = std::map<std::string, double>;

struct Tally {
  int held = 0;
  int measured = 0;
  bool exact = true;  // claims no uncertainty
  double square = 0;  // of error / u
  double sum = 0;

  void add(const Measurement& m, double truth);
};

using Tallies = std::map<std::string, Tally>;  // by quantity

class Draw {
 public:
  explicit Draw(int n) : random_(static_cast<std::uint64_t>(n) + 1) {}
  double uniform(double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random_);
  }
  int whole(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  double normal(double sd) { return sd * normal_(random_); }

  // A digitizer as wrong as it says it may be.
  Scope wrong(Scope scope);

 private:
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
};

void tally(const Measuring& capture, const Truth& truth, Tallies& tallies,
           std::optional<double> event = std::nullopt);

// Draws capture n of a kind and adds what is measured in it.
struct Kind {
  const char* name = "";
  void (*draw)(int n, Tallies& tallies) = nullptr;
};
inline std::ostream& operator<<(std::ostream& out, const Kind& kind) { return out << kind.name; }

// coverage_pulses.cc
void draw_a_pulse(int n, Tallies& tallies);
void draw_drooping_phases(int n, Tallies& tallies);
// coverage_trains.cc
void draw_a_train(int n, Tallies& tallies);
void draw_a_leak(int n, Tallies& tallies);
void draw_bursts(int n, Tallies& tallies);
void draw_a_faulty_train(int n, Tallies& tallies);
// coverage_envelopes.cc
void draw_a_ramp_and_its_end(int n, Tallies& tallies);
void draw_a_slope(int n, Tallies& tallies);
void draw_a_modulation(int n, Tallies& tallies);
// coverage_channels.cc
void draw_two_gates(int n, Tallies& tallies);
void draw_a_sync_of_pulses(int n, Tallies& tallies);
// coverage_motion.cc
void draw_a_ramped_vibration(int n, Tallies& tallies);
void draw_an_overshoot(int n, Tallies& tallies);
void draw_a_stop(int n, Tallies& tallies);
void draw_a_rocking_platform(int n, Tallies& tallies);
void draw_a_drifting_vibration(int n, Tallies& tallies);

}  // namespace rig::testing

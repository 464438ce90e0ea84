// Whether the times of rows, rounded to the decimals that they are written with, are evenly spaced;
// and how far apart. For the sources of evidence/ alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "rig/core/capture.h"

namespace rig {

class TimeSteps {
 public:
  static constexpr std::uint64_t kRowsForRate = 1000;

  // `scale`: from the column's unit to seconds.
  explicit TimeSteps(double scale = 1) : scale_(scale) {}

  // Takes a row among the first ones.
  void learn(double time, std::string_view text);

  // What the rows learnt from say; empty when their times do not rise.
  std::optional<SampleRate> rate() const;

  // `exact`: the rate was said elsewhere, so that decimals too few to show a step are no error.
  void begin_check(const SampleRate& rate, bool exact);

  // Whether the row lies a step after the one before: within a thousandth of a step, and rounding.
  bool follows(double time, std::string_view text);
  double step() const { return step_; }            // seconds
  double last_step() const { return last_step_; }  // as found by follows()

 private:
  void note_digits(std::string_view text);
  double rounding(double time) const;  // the unit of the last digit of such a time

  double scale_;
  std::uint64_t rows_ = 0;
  double first_ = 0;
  double last_ = 0;
  int significant_ = 1;  // most digits seen
  int decimals_ = -30;   // most decimals seen, exponent included
  double step_ = 0;
  double last_step_ = 0;
  bool exact_ = false;
  std::optional<double> before_;
};

}  // namespace rig

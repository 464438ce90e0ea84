#include "rig/evidence/time_steps.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "rig/evidence/waveform_parts.h"

namespace rig {

void TimeSteps::learn(double time, std::string_view text) {
  if (rows_++ == 0) first_ = time;
  last_ = time;
  note_digits(text);
}

std::optional<SampleRate> TimeSteps::rate() const {
  if (rows_ < 2 || !(last_ > first_)) return std::nullopt;
  const double span = last_ - first_;
  const double steps = static_cast<double>(rows_ - 1);
  const double rounded = std::max(rounding(first_), rounding(last_)) / span;
  return simplest_rate(steps / (span * scale_), std::clamp(rounded, 1e-6, 1e-3));
}

void TimeSteps::begin_check(const SampleRate& rate, bool exact) {
  step_ = 1 / rate.hertz();
  exact_ = exact;
}

bool TimeSteps::follows(double time, std::string_view text) {
  if (!before_) {
    before_ = time;
    return true;
  }
  const double before = *before_;
  before_ = time;
  last_step_ = (time - before) * scale_;
  const double off = std::fabs(last_step_ - step_);
  const double of_double = std::max(std::fabs(before), std::fabs(time)) *
                           std::numeric_limits<double>::epsilon() * scale_;
  const double allowed = 1e-3 * step_ + std::min(of_double, step_ / 2);
  if (off <= allowed) return true;
  note_digits(text);
  const double rounded = std::max(rounding(before), rounding(time)) * scale_;
  return off <= allowed + rounded && (exact_ || rounded <= step_ / 2);
}

void TimeSteps::note_digits(std::string_view text) {
  int digits = 0;
  int after_point = 0;
  bool point = false;
  std::size_t i = 0;
  for (; i < text.size() && text[i] != 'e' && text[i] != 'E'; ++i) {
    const char c = text[i];
    if (c == '.' || c == ',') point = true;
    if (c < '0' || c > '9') continue;
    if (point) ++after_point;
    if (digits > 0 || c != '0') ++digits;
  }
  int exponent = 0;
  if (i < text.size()) {
    ++i;
    if (i < text.size() && text[i] == '+') ++i;
    std::from_chars(text.data() + i, text.data() + text.size(), exponent);
  }
  constexpr int kMost = 400;
  significant_ = std::clamp(digits, significant_, kMost);
  decimals_ =
      std::max(decimals_, std::clamp(after_point, 0, kMost) - std::clamp(exponent, -kMost, kMost));
}

double TimeSteps::rounding(double time) const {
  const double finest = std::pow(10.0, -decimals_);
  if (time == 0) return finest;
  const double place = std::floor(std::log10(std::fabs(time))) - significant_ + 1;
  const double of_double = std::fabs(time) * std::numeric_limits<double>::epsilon();
  return std::max({finest, std::pow(10.0, place), of_double});
}

}  // namespace rig

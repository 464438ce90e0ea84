// Verdicts, and the road from a measured number and a limit to one. No I/O, no clock.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rig/core/units.h"

namespace rig {

// Ordered by gravity: a whole is as bad as its worst part.
//   kFlaky    passed, but only on a retry: never plain PASS
//   kBlocked  the bench cannot do it; nothing was found out
enum class Verdict { kPass, kFlaky, kInconclusive, kBlocked, kFail, kError };

constexpr Verdict worst_of(Verdict a, Verdict b) { return a < b ? b : a; }
std::string_view to_string(Verdict verdict);  // "PASS", "FLAKY", "INCONCLUSIVE", ...
std::optional<Verdict> verdict_from(std::string_view text);

// How a measurement with uncertainty is held against a limit (ILAC-G8:09/2019, 4.2).
//   kSimple     4.2.1: the value alone decides
//   kGuarded    4.2.2: passes only below limit - U; above the limit fails; between: inconclusive
//   kNonbinary  4.2.3: pass and fail only where U leaves no doubt; else conditional: inconclusive
enum class DecisionRule { kSimple, kGuarded, kNonbinary };
std::string_view to_string(DecisionRule rule);

// A number with its unit and its standard uncertainty (GUM, k = 1, same unit).
struct Measurement {
  std::string name;  // "phase1.width"
  double value = 0;
  double u = 0;
  // Effective degrees of freedom of u: Welch-Satterthwaite, GUM G.4.1.
  double dof = std::numeric_limits<double>::infinity();
  double k = 2;  // value +- k u holds the truth with 95.45 %: coverage_factor(dof)
  // Where u comes from, the largest part first; the root of their squares is u.
  std::vector<std::pair<std::string, double>> budget;
  std::string unit;       // SI base unit: "s", "A", "C", "J", "V", "Hz", "%", "1"
  std::string statistic;  // "every" (value is the worst), "mean", "first", ...
  std::size_t count = 0;  // how many pulses or samples it rests on
  double lowest = 0;      // over all of them
  double highest = 0;
  std::optional<Picos> at;  // bench clock: where the deciding pulse begins
};

// k such that value +- k u holds the truth with 95.45 %: Student's t for the whole number of
// degrees of freedom below `dof`; 2 for a u that is known for certain. GUM G.3.2, G.4.1.
// REQUIRES: dof > 0
double coverage_factor(double dof);

// An inclusive interval, whose number it is, and the rule agreed before measuring.
struct Limit {
  std::optional<double> low;
  std::optional<double> high;
  std::string unit;
  std::string text;         // as it stands in the spec: "<= 100 ms"
  std::string requirement;  // "SRS-041"; empty: the scenario's own number
  DecisionRule rule = DecisionRule::kNonbinary;
};

struct Finding {
  std::string quantity;
  std::string capture;                  // name of the capture it was measured in; may be empty
  std::optional<Measurement> measured;  // numbers
  std::optional<Limit> limit;           // numbers
  std::string requirement;
  std::string expected;                // in words, always: "190 us .. 210 us", "LEAD_OFF"
  std::string found;                   // in words, always: "203.1 us +- 0.4 us", "RUNNING"
  std::string reason;                  // why not PASS; empty when PASS
  std::optional<double> conformance;   // probability that the true value conforms, JCGM 106
  std::optional<std::string> instant;  // of the event it counts from: whose clock tells it
  std::optional<Picos>
      event;  // since the case's begin: where an edge of the capture shows that event
  Verdict verdict = Verdict::kError;  // has to be earned
};

// Probability that the true value lies within the limit, for a normal distribution of standard
// deviation `measured.u` around `measured.value`: JCGM 106:2012, 7.4. u = 0 gives 0 or 1.
double conformance_probability(const Measurement& measured, const Limit& limit);

// Judges by limit.rule, with U = k u. Never PASS for a NaN, an infinite or negative u, a limit
// without bounds, with a bound that is not finite, or that nothing can meet (kError each). Rounds
// nothing before deciding.
// REQUIRES: measured.unit == limit.unit (a std::logic_error says so: it is our bug)
Finding judge(const Measurement& measured, const Limit& limit);

// Equality of words, for states and answers.
Finding judge_text(std::string quantity, std::string found, std::string expected,
                   std::string requirement);

// "203.1 us": three to five digits and an SI prefix, for people. Machines get the number.
std::string in_words(double value, std::string_view unit);

}  // namespace rig

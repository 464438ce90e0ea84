#include "rig/core/verdict.h"

#include <algorithm>
#include <array>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <cstdio>
#include <limits>
#include <stdexcept>
#include <utility>

namespace rig {
namespace {

constexpr std::array kVerdicts{
    std::pair{Verdict::kPass, std::string_view("PASS")},
    std::pair{Verdict::kFlaky, std::string_view("FLAKY")},
    std::pair{Verdict::kInconclusive, std::string_view("INCONCLUSIVE")},
    std::pair{Verdict::kBlocked, std::string_view("BLOCKED")},
    std::pair{Verdict::kFail, std::string_view("FAIL")},
    std::pair{Verdict::kError, std::string_view("ERROR")},
};

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

// How far inside the limit the value lies: negative outside.
double margin_of(double value, const Limit& limit) {
  double margin = std::numeric_limits<double>::infinity();
  if (limit.low) margin = std::min(margin, value - *limit.low);
  if (limit.high) margin = std::min(margin, *limit.high - value);
  return margin;
}

// Why nothing can be held against this limit; empty when it is a proper one. A NaN compares false
// with everything and would vanish in margin_of.
std::string unusable(const Limit& limit) {
  if (!limit.low && !limit.high) return "the limit has no bound: nothing was checked";
  if (!std::isfinite(limit.low.value_or(0)) || !std::isfinite(limit.high.value_or(0))) {
    return "a bound of the limit is not a number: nothing was checked";
  }
  if (limit.low && limit.high && *limit.low > *limit.high) {
    return "the limit is empty: its low bound lies above its high bound";
  }
  return "";
}

struct Decision {
  Verdict verdict;
  std::string reason;
};

Decision decide(double margin, double expanded, DecisionRule rule) {
  const bool inside = margin >= 0;
  switch (rule) {
    case DecisionRule::kSimple:
      if (inside) return {Verdict::kPass, ""};
      return {Verdict::kFail, "outside the limit"};
    case DecisionRule::kGuarded:
      if (margin >= expanded) return {Verdict::kPass, ""};
      if (!inside) return {Verdict::kFail, "outside the limit"};
      return {Verdict::kInconclusive, "inside the limit, but closer to it than U (guard band)"};
    case DecisionRule::kNonbinary:
      if (margin >= expanded) return {Verdict::kPass, ""};
      if (-margin > expanded) return {Verdict::kFail, "outside the limit by more than U"};
      return {Verdict::kInconclusive, inside
                                          ? "conditional pass: inside the limit by less than U"
                                          : "conditional fail: outside the limit by less than U"};
  }
  throw std::logic_error("unknown decision rule");
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  for (const auto& [value, name] : kVerdicts) {
    if (value == verdict) return name;
  }
  return "?";
}

std::optional<Verdict> verdict_from(std::string_view text) {
  for (const auto& [value, name] : kVerdicts) {
    if (name == text) return value;
  }
  return std::nullopt;
}

std::string_view to_string(DecisionRule rule) {
  switch (rule) {
    case DecisionRule::kSimple: return "simple";
    case DecisionRule::kGuarded: return "guarded";
    case DecisionRule::kNonbinary: return "nonbinary";
  }
  return "?";
}

double conformance_probability(const Measurement& measured, const Limit& limit) {
  if (measured.u <= 0) return margin_of(measured.value, limit) >= 0 ? 1.0 : 0.0;
  const double below_high =
      limit.high ? normal_cdf((*limit.high - measured.value) / measured.u) : 1.0;
  const double below_low = limit.low ? normal_cdf((*limit.low - measured.value) / measured.u) : 0.0;
  return below_high - below_low;
}

double coverage_factor(double dof) {
  constexpr double kOneSided = 0.97724986805182079;  // of a normal distribution, up to 2
  if (!(dof < 1e6)) return 2;
  const boost::math::students_t_distribution<double> t(std::max(1.0, std::floor(dof)));
  return boost::math::quantile(t, kOneSided);
}

Finding judge(const Measurement& measured, const Limit& limit) {
  if (measured.unit != limit.unit) {
    throw std::logic_error(measured.name + ": measured in '" + measured.unit + "', limited in '" +
                           limit.unit + "'");
  }
  Finding finding{.quantity = measured.name,
                  .measured = measured,
                  .limit = limit,
                  .requirement = limit.requirement,
                  .expected = limit.text};
  const double expanded = measured.k * measured.u;
  finding.found =
      in_words(measured.value, measured.unit) + " +- " + in_words(expanded, measured.unit);
  if (!std::isfinite(measured.value) || !std::isfinite(measured.u) || measured.u < 0) {
    finding.reason = "not a number: nothing was measured";
    return finding;
  }
  if (std::string why = unusable(limit); !why.empty()) {
    finding.reason = std::move(why);
    return finding;
  }
  const Decision decision = decide(margin_of(measured.value, limit), expanded, limit.rule);
  finding.verdict = decision.verdict;
  finding.reason = decision.reason;
  finding.conformance = conformance_probability(measured, limit);
  return finding;
}

Finding judge_text(std::string quantity, std::string found, std::string expected,
                   std::string requirement) {
  Finding finding{.quantity = std::move(quantity),
                  .requirement = std::move(requirement),
                  .expected = std::move(expected),
                  .found = std::move(found)};
  if (finding.found.empty()) {
    finding.reason = "no answer to compare";
  } else if (finding.found == finding.expected) {
    finding.verdict = Verdict::kPass;
  } else {
    finding.verdict = Verdict::kFail;
    finding.reason = "expected " + finding.expected + ", found " + finding.found;
  }
  return finding;
}

std::string in_words(double value, std::string_view unit) {
  struct Prefix {
    double factor;
    const char* name;
  };
  static constexpr std::array<Prefix, 7> kPrefixes{
      {{1e6, "M"}, {1e3, "k"}, {1, ""}, {1e-3, "m"}, {1e-6, "u"}, {1e-9, "n"}, {1e-12, "p"}}};
  std::array<char, 64> text{};
  const bool scaled = unit != "%" && unit != "1" && unit != "logic";
  const double magnitude = std::fabs(value);
  Prefix prefix{1, ""};
  if (scaled && std::isfinite(value) && magnitude > 0) {
    prefix = kPrefixes.back();
    for (const Prefix& candidate : kPrefixes) {
      if (magnitude >= candidate.factor * 0.99995) {
        prefix = candidate;
        break;
      }
    }
  }
  const int length = std::snprintf(text.data(), text.size(), "%.4g", value / prefix.factor);
  std::string words(text.data(), static_cast<std::size_t>(length));
  if (unit == "1") return words;
  return words + " " + (scaled ? prefix.name : "") + std::string(unit);
}

}  // namespace rig

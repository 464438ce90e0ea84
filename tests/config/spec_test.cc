// Limits in every form, and the spec they stand in.
#include "rig/config/spec.h"

#include "tests/config/files_fixture.h"

namespace rig {
namespace {

Yaml yaml(const std::string& text) { return parse_yaml("limit: " + text + "\n", "f.yaml"); }
LimitSource limit(const std::string& text) { return read_limit(*yaml(text).find("limit")); }

struct Bounds {
  std::optional<double> low;
  std::optional<double> high;
};
Bounds bounds(const std::string& text) {
  const Limit l = resolve(limit(text), {}, "s");
  return {l.low, l.high};
}

class ReadLimit : public FilesTest {
 protected:
  std::string error_in_limit(const std::string& text) const {
    return error_of([&] { limit(text); });
  }
};

TEST_F(ReadLimit, HasAnUpperOrALowerBoundOrBoth) {
  EXPECT_EQ(bounds("<= 100 ms").low, std::nullopt);
  EXPECT_DOUBLE_EQ(*bounds("<= 100 ms").high, 0.1);
  EXPECT_DOUBLE_EQ(*bounds("\">= 3 ms\"").low, 3e-3);
  EXPECT_EQ(bounds("\">= 3 ms\"").high, std::nullopt);
  EXPECT_DOUBLE_EQ(*bounds("== 5 us").low, 5e-6);
  EXPECT_DOUBLE_EQ(*bounds("== 5 us").high, 5e-6);
  EXPECT_DOUBLE_EQ(*bounds("-0.3 us .. 0.3 us").low, -0.3e-6);
  EXPECT_DOUBLE_EQ(*bounds("190us..210us").high, 210e-6);
}

TEST_F(ReadLimit, LiesAroundANominalValue) {
  EXPECT_DOUBLE_EQ(*bounds("200 us +- 2 % + 1 us").low, 195e-6);
  EXPECT_DOUBLE_EQ(*bounds("200 us +- 2 % + 1 us").high, 205e-6);
  EXPECT_DOUBLE_EQ(*bounds("-200 us +- 10 %").low, -220e-6) << "of the magnitude";
  EXPECT_DOUBLE_EQ(*bounds("{nominal: 200 us, within: 1 us}").high, 201e-6);
}

TEST_F(ReadLimit, TakesItsNominalValueFromWhatWasSet) {
  const LimitSource source = limit("{nominal: set.width, within: 1 % + 1 us}");
  EXPECT_EQ(source.dimension, "time");
  const Limit resolved = resolve(source, {{"width", 300e-6}}, "s");
  EXPECT_DOUBLE_EQ(*resolved.low, 296e-6);
  EXPECT_DOUBLE_EQ(*resolved.high, 304e-6);
  EXPECT_EQ(resolved.text, "296 us .. 304 us (set.width +- 1 % + 1 us)");
  try {
    resolve(source, {}, "s");
    ADD_FAILURE();
  } catch (const RigError& error) {
    EXPECT_STREQ(error.what(), "the limit needs set.width, which no step has set");
  }
}

TEST_F(ReadLimit, IsAWordToBeEqualTo) {
  EXPECT_EQ(std::get<Word>(limit("LEAD_OFF").what).text, "LEAD_OFF");
  EXPECT_EQ(std::get<Word>(limit("{is: FAULT}").what).text, "FAULT");
  EXPECT_EQ(std::get<Word>(limit("\"true\"").what).text, "true");
  EXPECT_THROW(resolve(limit("FAULT"), {}, "s"), std::logic_error);
}

TEST_F(ReadLimit, CarriesItsRuleAndRequirement) {
  const LimitSource source = limit("{limit: <= 1 s, rule: guarded, verifies: SRS-041}");
  EXPECT_EQ(source.rule, DecisionRule::kGuarded);
  EXPECT_EQ(source.requirement, "SRS-041");
  EXPECT_EQ(limit("<= 1 s").rule, DecisionRule::kNonbinary);
}

TEST_F(ReadLimit, RefusesEverythingElse) {
  struct Row {
    const char* text;
    const char* error;
  };
  const std::vector<Row> rows{
      {"< 100 ms", "expected <=, >= or == before the number, found '< 100 ms'"},
      {"= 100 ms", "expected <=, >= or == before the number, found '= 100 ms'"},
      {"<= 100 parsecs",
       "expected a number with a known unit such as '100 ms', found ' 100 parsecs'"},
      {"<= inf s", "expected a number with a known unit such as '100 ms', found ' inf s'"},
      {"<= 1e308 h", "expected a number with a known unit such as '100 ms', found ' 1e308 h'"},
      {"<= nan", "expected a number with a known unit such as '100 ms', found ' nan'"},
      {"<=", "expected a number with a known unit such as '100 ms', found ''"},
      {"2 us .. 1 us", "the lower bound is above the upper one: '2 us .. 1 us'"},
      {"1 us .. 2 mA", "expected two numbers of one unit, found '1 us .. 2 mA'"},
      {"1 us ..", "expected a number with a known unit such as '100 ms', found ''"},
      {"200 us +- 1 mA",
       "expected a tolerance in the unit of its nominal value, found '200 us +- 1 mA'"},
      {"200 us +- -1 us", "expected a tolerance above zero, found '200 us +- -1 us'"},
      {"200 us +-", "expected a tolerance such as '1 % + 1 us', found '200 us +-'"},
      {"100 ms", "expected a limit such as '<= 100 ms' or '190 us .. 210 us', found '100 ms'"},
      {"5", "expected a limit such as '<= 100 ms' or '190 us .. 210 us', found '5'"},
      {"", "expected a limit such as '<= 100 ms', found nothing"},
      {"[1, 2]", "expected a limit such as '<= 100 ms', found a list"},
      {"{nominal: 5 us}", "expected {nominal, within}, {limit} or {is}"},
      {"{within: 5 us}", "expected {nominal, within}, {limit} or {is}"},
      {"{is: A, limit: <= 1}", "expected one of is, limit and nominal"},
      {"{is: A, nominal: 5 us, within: 1 us}", "expected one of is, limit and nominal"},
  };
  for (const Row& row : rows) {
    const std::string error = error_in_limit(row.text);
    EXPECT_EQ(error.substr(0, 7), "f.yaml:") << row.text;
    EXPECT_EQ(error.substr(error.find(": ") + 2), row.error) << row.text;
  }
  EXPECT_EQ(error_in_limit("{limt: <= 1 s}"),
            "f.yaml:1:9: unknown key 'limt' in limit, did you mean 'limit'?");
  EXPECT_EQ(error_in_limit("{limit: <= 1 s, rule: gaurded}"),
            "f.yaml:1:30: expected simple, guarded or nonbinary, found 'gaurded', did you mean "
            "'guarded'?");
  EXPECT_EQ(error_in_limit("{nominal: set.widht, within: 1 %}"),
            "f.yaml:1:18: unknown setting 'set.widht', did you mean 'width'?");
}

// 0.2 g p-p at 45 Hz is 24.5 um p-p, and 50 um p-p is 0.408 g p-p: whoever leaves out which it is
// may be wrong by a factor of two.
TEST_F(ReadLimit, SaysWhichAmplitudeAnAccelerationOrADisplacementIs) {
  EXPECT_EQ(limit("<= 0.6 g peak").swing, Swing::kPeak);
  EXPECT_EQ(limit("24.5 um +- 10 % p-p").swing, Swing::kPeakToPeak);
  EXPECT_EQ(limit("0.06 g .. 0.08 g r.m.s.").swing, Swing::kRms);
  EXPECT_EQ(limit("-20 mm/s2 .. 20 mm/s2 mean").swing, Swing::kMean);
  EXPECT_EQ(limit("{nominal: 0.2 g p-p, within: 10 %}").swing, Swing::kPeakToPeak);
  EXPECT_EQ(limit("{limit: <= 1 m/s2 peak, rule: guarded}").swing, Swing::kPeak);
  EXPECT_EQ(limit("{nominal: set.acceleration, within: 10 %}").swing, Swing::kPeak);
  EXPECT_EQ(limit("<= 1 s").swing, Swing::kNone);
  EXPECT_DOUBLE_EQ(*resolve(limit("<= 0.2 g p-p"), {}, "m/s2").high, 1.96133);
}

TEST_F(ReadLimit, RefusesToLeaveTheAmplitudeOpen) {
  EXPECT_EQ(error_in_limit("<= 0.2 g"),
            "f.yaml:1:8: expected an acceleration to say peak, p-p, r.m.s. or mean, found '<= 0.2 "
            "g'");
  EXPECT_EQ(error_in_limit("24.5 um +- 10 %"),
            "f.yaml:1:8: expected a length to say peak, p-p, r.m.s. or mean, found '24.5 um +- 10 "
            "%'");
  EXPECT_EQ(error_in_limit("{nominal: 0.2 g, within: 10 %}"),
            "f.yaml:1:8: expected an acceleration to say peak, p-p, r.m.s. or mean, found '0.2 g "
            "+- 10 %'");
  EXPECT_EQ(error_in_limit("<= 10 mA peak"),
            "f.yaml:1:8: only an acceleration or a length is peak, found '<= 10 mA peak'");
}

class LoadSpec : public FilesTest {
 protected:
  static std::string requirement(const std::string& id, const std::string& more = "") {
    return "  - {id: " + id + ", title: T, text: X, source: S, sure: house" + more + "}\n";
  }
  std::string error_in_spec(const std::string& text) const {
    return error_of([&] { load_spec(write("spec.yaml", text)); });
  }
  std::string error_in_requirement(const std::string& more) const {
    return error_in_spec("spec: D\nrequirements:\n" + requirement("R-1", more));
  }
};

TEST_F(LoadSpec, GivesEveryLimitItsRequirementAndRule) {
  const Spec spec = load_spec(write(
      "spec.yaml",
      "spec: D\nrequirements:\n" +
          requirement("R-1",
                      ", rule: guarded, limits: {a: <= 1 s, b: {limit: <= 2 s, rule: simple}, "
                      "c: {limit: <= 3 s, verifies: R-2}}") +
          requirement("R-2")));
  EXPECT_EQ(spec.title, "D");
  const auto& limits = spec.requirements.at("R-1").limits;
  EXPECT_EQ(limits.at("a").rule, DecisionRule::kGuarded);
  EXPECT_EQ(limits.at("b").rule, DecisionRule::kSimple) << "a limit's own rule wins";
  for (const auto& [name, l] : limits) EXPECT_EQ(l.requirement, "R-1");
  EXPECT_EQ(spec.requirements.at("R-1").about.sure, "house");
}

TEST_F(LoadSpec, TakesALimitFromAnotherRequirement) {
  const Spec spec = load_spec(write(
      "spec.yaml", "spec: D\nrequirements:\n" +
                       requirement("R-1", ", limits: {sole: R-2, one: R-3.b, word: {is: R-2}}") +
                       requirement("R-2", ", rule: guarded, limits: {a: <= 1 s}") +
                       requirement("R-3", ", limits: {a: <= 2 s, b: <= 3 A}")));
  const auto& limits = spec.requirements.at("R-1").limits;
  EXPECT_EQ(limits.at("sole").text, "<= 1 s");
  EXPECT_EQ(limits.at("sole").rule, DecisionRule::kGuarded);
  EXPECT_EQ(limits.at("sole").requirement, "R-1") << "whose finding it will be";
  EXPECT_EQ(limits.at("sole").name, "sole");
  EXPECT_EQ(limits.at("one").dimension, "current");
  EXPECT_TRUE(std::holds_alternative<Word>(limits.at("word").what));
}

TEST_F(LoadSpec, RefusesAReferenceThatLeadsNowhere) {
  const auto error = [this](const std::string& reference) {
    return error_in_spec("spec: D\nrequirements:\n" +
                         requirement("R-1", ", limits: {x: " + reference + "}") +
                         requirement("R-2", ", limits: {a: <= 2 s, b: R-1.x}"));
  };
  EXPECT_EQ(error("R-2.c"),
            "spec.yaml:3:70: expected REQUIREMENT.limit of a requirement that has it, found "
            "'R-2.c'");
  EXPECT_EQ(error("R-2"),
            "spec.yaml:3:70: expected REQUIREMENT.limit of a requirement that has it, found 'R-2'");
  EXPECT_EQ(error("R-2.b"),
            "spec.yaml:3:70: expected a limit of its own there, found another reference");
}

TEST_F(LoadSpec, RefusesARequirementGivenTwice) {
  EXPECT_EQ(error_in_spec("spec: D\nrequirements:\n" + requirement("R-1") + requirement("R-1")),
            "spec.yaml:4:5: requirement 'R-1' given twice, first at spec.yaml:3:5");
}

TEST_F(LoadSpec, RefusesUnknownKeysWordsAndRules) {
  EXPECT_EQ(error_in_spec("spec: D\nrequirments: []\n"),
            "spec.yaml:2:1: unknown key 'requirments' in spec, did you mean 'requirements'?");
  EXPECT_EQ(error_in_spec("spec: D\n"), "spec.yaml:1:1: spec needs the key 'requirements'");
  EXPECT_EQ(error_in_spec("spec: D\nrequirements: {}\n"),
            "spec.yaml:2:15: expected a list of requirements, found an empty map");
  EXPECT_EQ(error_in_spec("[]\n"),
            "spec.yaml:1:1: expected a map (A spec file.), found an empty list");
  EXPECT_EQ(error_in_requirement(", hazzard: H"),
            "spec.yaml:3:58: unknown key 'hazzard' in requirement, did you mean 'hazard'?");
  EXPECT_EQ(error_in_requirement(", rule: exact, limits: {a: <= 1 s}"),
            "spec.yaml:3:64: expected simple, guarded or nonbinary, found 'exact'");
  EXPECT_EQ(error_in_requirement(", rule: exact"),
            "spec.yaml:3:64: expected simple, guarded or nonbinary, found 'exact'")
      << "also where no limit stands that it could rule";
  EXPECT_EQ(error_in_requirement(", limits: [<= 1 s]"),
            "spec.yaml:3:66: expected a map of limits, found a list");
  EXPECT_EQ(error_in_requirement(", limits: {a: 2 s .. 1 s}"),
            "spec.yaml:3:70: the lower bound is above the upper one: '2 s .. 1 s'");
  EXPECT_EQ(
      error_in_spec("spec: D\nrequirements:\n  - {id: R, title: T, text: X, source: S, sure: x}\n"),
      "spec.yaml:3:49: expected how sure the source is (F, f, C, B, GK, house), found 'x'");
  EXPECT_EQ(error_in_spec("spec: D\nrequirements:\n  - {id: R, title: T, text: X, sure: F}\n"),
            "spec.yaml:3:5: requirement needs the key 'source'");
  EXPECT_EQ(
      error_in_spec("spec: D\nrequirements:\n  - {id: , title: T, text: X, source: S, sure: F}\n"),
      "spec.yaml:3:10: expected a text, found nothing");
}

}  // namespace
}  // namespace rig

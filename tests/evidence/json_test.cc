#include "rig/evidence/json.h"

#include <limits>

#include "rig/evidence/files.h"
#include "tests/evidence/drawn.h"
#include "tests/evidence/same.h"

namespace rig {
namespace {

using testing::drawn_run;
using testing::passed_case;
using testing::run_of;
using testing::same;
using testing::thrown;

TEST(RecordJson, ComesBackWithoutLoss) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const RunRecord run = drawn_run(seed);
    const RunRecord back = run_from_json(to_json(run), "record.json");
    ASSERT_TRUE(same(run, back)) << "seed " << seed << "\n" << to_json(run);
  }
}

TEST(RecordJson, PartsComeBackWithoutLoss) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    for (const CaseRecord& record : drawn_run(seed).cases) {
      ASSERT_TRUE(same(record, case_from_json(to_json(record), "case")));
      for (const StepRecord& step : record.steps) {
        ASSERT_TRUE(same(step, step_from_json(to_json(step), "step")));
        for (const Finding& finding : step.findings) {
          ASSERT_TRUE(same(finding, finding_from_json(to_json(finding), "finding")));
        }
      }
    }
  }
}

TEST(RecordJson, IsReadByAStranger) {
  const RunRecord run = drawn_run(7);
  const std::string file = ::testing::TempDir() + "stranger.json";
  write_file(file, to_json(run));
  const auto outcome = testing::run_command(
      std::string(PYTHON) +
      " -c 'import json,sys\n"
      "def refuse(name): raise ValueError(name)\n"
      "print(json.load(open(sys.argv[1], encoding=\"utf-8\"), parse_constant=refuse)[\"seed\"])' " +
      file);
  EXPECT_EQ(outcome.text, std::to_string(run.seed) + "\n");
}

TEST(FindingJson, WritesKeysAsAgreed) {
  Finding finding;
  finding.quantity = "phase1.width";
  finding.verdict = Verdict::kInconclusive;
  Measurement& measured = finding.measured.emplace();
  measured.value = std::numeric_limits<double>::quiet_NaN();
  measured.u = std::numeric_limits<double>::infinity();
  measured.at = Picos(62'500);
  measured.budget = {{"gain", 0.25}};
  EXPECT_EQ(
      to_json(finding),
      R"({"quantity":"phase1.width","capture":"","measured":{"name":"","value":"nan",)"
      R"("u":"inf","dof":"inf","k":2.0,"budget":[["gain",0.25]],"unit":"","statistic":"","count":0,"lowest":0.0,"highest":0.0,)"
      R"("at_ps":62500},"requirement":"","expected":"","found":"","reason":"",)"
      R"("verdict":"INCONCLUSIVE"})");
}

TEST(RecordJson, SaysWhatDoesNotFitAndWhere) {
  std::string text = to_json(run_of({passed_case(0, "a")}));
  text.replace(text.rfind("\"PASS\""), 6, "7");
  EXPECT_EQ(thrown<RigError>([&] { run_from_json(text, "record.json"); }),
            "record.json: cases[0].steps[0].findings[0].verdict: expected a verdict, found 7");
}

TEST(RecordJson, RefusesAMissingField) {
  EXPECT_EQ(thrown<RigError>([] { step_from_json(R"({"path":"1"})", "step"); }),
            "step: where: expected a value, found \"nothing\"");
}

TEST(RecordJson, RefusesNumbersThatDoNotFit) {
  std::string text = to_json(passed_case(5, "a"));
  text.replace(text.find("\"index\":5"), 9, "\"index\":-5");
  EXPECT_EQ(thrown<RigError>([&] { case_from_json(text, "case"); }),
            "case: index: expected an integer that fits its field, found -5");
}

TEST(RecordJson, RefusesAnotherSchema) {
  EXPECT_EQ(thrown<RigError>([] { run_from_json(R"({"schema":"x"})", "r"); }),
            R"(r: schema: expected "soleus-rig record 1", found "x")");
  EXPECT_EQ(thrown<RigError>([] { run_from_json("{\"schema", "r"); }), "r: not JSON, or cut short");
}

TEST(ContentHash, IgnoresOnlyDatesWallTimesTheIdAndHowPathsWereTyped) {
  RunRecord run = run_of({passed_case(0, "a"), passed_case(1, "b")});
  const std::string hash = content_sha256(run);

  RunRecord later = run;
  later.id = "other";
  later.started_utc = "2027-01-01T00:00:00Z";
  later.wall_seconds = 9;
  later.content_sha256 = "x";
  later.cases[1].wall_seconds = 9;
  later.bench_file = "/elsewhere/" + later.bench_file;  // how it was typed
  later.spec_file = "../" + later.spec_file;
  later.cases[1].file = "./" + later.cases[1].file;
  for (StepRecord& step : later.cases[1].steps) step.where = "./" + step.where;
  std::swap(later.cases[0], later.cases[1]);
  EXPECT_EQ(content_sha256(later), hash);

  RunRecord other = run;
  other.cases[1].bench_time += Picos(1);
  EXPECT_NE(content_sha256(other), hash);
  other = run;
  other.seed = 1;
  EXPECT_NE(content_sha256(other), hash);
}

}  // namespace
}  // namespace rig

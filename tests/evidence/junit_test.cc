#include "rig/evidence/junit.h"

#include "rig/evidence/files.h"
#include "tests/evidence/drawn.h"

namespace rig {
namespace {

using testing::case_with;
using testing::drawn_run;
using testing::passed_case;
using testing::run_of;

class JunitTest : public testing::InFolder {
 protected:
  std::string file() const { return (folder_ / "junit.xml").string(); }

  // What an XPath expression finds in the run's XML, told by xmllint.
  std::string found(const RunRecord& run, const std::string& xpath) {
    write_junit(file(), run);
    std::string text = testing::run_command(XMLLINT " --xpath '" + xpath + "' " + file()).text;
    while (text.ends_with('\n')) text.pop_back();
    return text;
  }
  testing::Outcome validated(const RunRecord& run) {
    write_junit(file(), run);
    return testing::run_command(XMLLINT " --noout --schema " HERE "/junit-10.xsd " + file());
  }
};

RunRecord one_of_each() {
  return run_of({case_with(0, Verdict::kPass, ""), case_with(1, Verdict::kFlaky, "late once"),
                 case_with(2, Verdict::kInconclusive, "within U"),
                 case_with(3, Verdict::kBlocked, "needs load.open"),
                 case_with(4, Verdict::kFail, "too slow"),
                 case_with(5, Verdict::kError, "/dev/ttyUSB0: read")});
}

TEST_F(JunitTest, IsValidForWhateverTheRecordHolds) {
  for (std::uint64_t seed = 0; seed < 25; ++seed) {
    RunRecord run = drawn_run(seed);
    for (CaseRecord& record : run.cases) {
      record.id += "case";  // the schema wants names, and a runner gives them
      record.file += "file.yaml";
      record.complete = true;
    }
    for (std::string& id : run.planned) id += "planned";
    const auto outcome = validated(run);
    ASSERT_EQ(outcome.exit_code, 0) << "seed " << seed << "\n" << outcome.text;
  }
}

TEST_F(JunitTest, SchemaIsStrict) {
  std::string xml = junit_xml(one_of_each());
  xml.replace(xml.find(" time=\"0.250000\""), 16, " time=\"2.5e-01\"");
  write_file(file(), xml);
  EXPECT_NE(
      testing::run_command(XMLLINT " --noout --schema " HERE "/junit-10.xsd " + file()).exit_code,
      0);
}

TEST_F(JunitTest, MapsVerdictsToWhatACiSystemKnows) {
  const RunRecord run = one_of_each();
  ASSERT_EQ(validated(run).exit_code, 0);
  EXPECT_EQ(found(run, "count(//testcase)"), "6");
  EXPECT_EQ(found(run, "count(//testcase[not(failure|error|skipped)])"), "2");
  EXPECT_EQ(found(run, "string(//testcase[@name=\"case 1\"]/system-out)"),
            "FLAKY: passed on attempt 1 only: late once");
  EXPECT_EQ(found(run, "string(//testcase[@name=\"case 2\"]/failure/@type)"), "INCONCLUSIVE");
  EXPECT_EQ(found(run, "string(//testcase[@name=\"case 3\"]/skipped/@message)"), "needs load.open");
  EXPECT_EQ(found(run, "string(//testcase[@name=\"case 4\"]/failure/@type)"), "FAIL");
  EXPECT_EQ(found(run, "string(//testcase[@name=\"case 5\"]/error/@message)"),
            "/dev/ttyUSB0: read");
  EXPECT_EQ(found(run,
                  "concat(//testsuite/@tests,\" \",//testsuite/@failures,\" \","
                  "//testsuite/@errors,\" \",//testsuite/@skipped)"),
            "6 2 1 1");
}

TEST_F(JunitTest, MakesASuiteOfAFileAndNamesItsRequirements) {
  RunRecord run = run_of({passed_case(0, "a"), passed_case(1, "b"), passed_case(2, "c")});
  run.cases[1].verifies = {"SRS-041", "SRS-010"};
  run.cases[2].file = "scenarios/other.yaml";
  EXPECT_EQ(found(run, "string(//testsuite[2]/@name)"), "scenarios/safety/lead_off.yaml");
  EXPECT_EQ(found(run, "string(//testsuite[2]//property[@name=\"verifies\"]/@value)"),
            "SRS-010,SRS-041");
  EXPECT_EQ(found(run, "string(//testcase[@name=\"a\"]/@classname)"), "scenarios.safety.lead_off");
}

TEST_F(JunitTest, WritesSmallTimesWithoutExponent) {
  RunRecord run = run_of({passed_case(0, "a")});
  run.cases[0].wall_seconds = 1e-5;
  EXPECT_EQ(found(run, "string(//testcase/@time)"), "0.000010");
}

TEST_F(JunitTest, DoesNotHideWhatNeverBeganOrNeverEnded) {
  RunRecord run = run_of({passed_case(0, "a")});
  run.cases[0].complete = false;
  run.planned.push_back("b");
  ASSERT_EQ(validated(run).exit_code, 0);
  EXPECT_EQ(found(run, "count(//error)"), "2");
  EXPECT_EQ(found(run, "string(//testcase[@name=\"b\"]/error/@message)"),
            "planned, but never begun: the run ended before it");
}

TEST_F(JunitTest, KeepsEqualNamesApart) {
  const RunRecord run = run_of({passed_case(0, "a"), passed_case(1, "a")});
  EXPECT_EQ(found(run, "string(//testcase[2]/@name)"), "a #2");
}

TEST_F(JunitTest, ShowsWhatDidNotPass) {
  const RunRecord run = run_of({case_with(0, Verdict::kFail, "outside the limit")});
  EXPECT_EQ(found(run, "string(//failure)"),
            "lead_off.yaml:12:5: output.off_latency: expected <= 100 ms, found 42 ms: outside the "
            "limit");
}

TEST_F(JunitTest, CountsOnlyTheLastAttempt) {
  RunRecord run = run_of({case_with(0, Verdict::kFail, "once")});
  CaseRecord again = run.cases[0];
  again.attempt = 2;
  again.verdict = Verdict::kPass;
  run.cases.push_back(again);
  EXPECT_EQ(found(run, "count(//testcase)"), "1");
  EXPECT_EQ(found(run, "count(//failure)"), "0");
  EXPECT_EQ(found(run, "string(//system-out)"), "FLAKY: passed on attempt 2 only: once");
}

}  // namespace
}  // namespace rig

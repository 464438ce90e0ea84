#include "rig/evidence/summary.h"

#include "tests/evidence/drawn.h"

namespace rig {
namespace {

using testing::case_with;
using testing::passed_case;
using testing::run_of;

RunRecord run_with(const std::vector<Verdict>& verdicts) {
  std::vector<CaseRecord> cases;
  cases.reserve(verdicts.size());
  for (const Verdict verdict : verdicts) {
    cases.push_back(case_with(static_cast<std::uint32_t>(cases.size()), verdict, "why"));
  }
  return run_of(cases);
}

TEST(ExitCode, TellsTheKindsOfBadNewsApart) {
  using enum Verdict;
  EXPECT_EQ(exit_code(run_with({kPass, kPass})), 0);
  EXPECT_EQ(exit_code(run_with({kPass, kFail})), 1);
  EXPECT_EQ(exit_code(run_with({kError, kFail})), 1);
  EXPECT_EQ(exit_code(run_with({kPass, kError})), 3);
  EXPECT_EQ(exit_code(run_with({kPass, kBlocked})), 3);
  EXPECT_EQ(exit_code(run_with({kInconclusive, kBlocked})), 3);
  EXPECT_EQ(exit_code(run_with({kPass, kInconclusive})), 4);
  EXPECT_EQ(exit_code(run_with({kPass, kFlaky})), 4);
  EXPECT_EQ(exit_code(run_with({})), 5);
}

TEST(ExitCode, IsThatOfABadDeviceAlsoWhenTheSameCaseErred) {
  RunRecord run = run_with({Verdict::kError, Verdict::kPass});
  run.cases[0].steps.push_back({.findings = {Finding{.verdict = Verdict::kFail}}});
  EXPECT_EQ(exit_code(run), 3) << "a silence may be the bench's";
  run.cases[0].steps.back().findings[0].measured = Measurement{};
  EXPECT_EQ(exit_code(run), 1);
  EXPECT_NE(summary_text(run).find(": ERROR, and the device fails in 1 case\n"), std::string::npos);
}

TEST(ExitCode, IsNeverZeroForLessThanAWholeRun) {
  RunRecord run = run_with({Verdict::kPass});
  run.finished = false;
  EXPECT_EQ(exit_code(run), 3) << "not finished";
  run = run_with({Verdict::kPass});
  run.planned.push_back("another");
  EXPECT_EQ(exit_code(run), 3) << "a case was never begun";
  run = run_with({Verdict::kPass});
  run.cases[0].complete = false;
  EXPECT_EQ(exit_code(run), 3) << "a case did not end";
  run = run_with({Verdict::kPass});
  run.cases[0].steps[0].findings.clear();
  EXPECT_EQ(exit_code(run), 4) << "nothing was checked";
  run = run_with({});
  run.planned.push_back("a");
  EXPECT_EQ(exit_code(run), 5) << "nothing of the plan ran";
}

TEST(RunVerdict, IsTheWorst) {
  using enum Verdict;
  EXPECT_EQ(run_verdict(run_with({kPass, kPass})), kPass);
  EXPECT_EQ(run_verdict(run_with({kPass, kFlaky, kInconclusive})), kInconclusive);
  EXPECT_EQ(run_verdict(run_with({kFail, kError})), kError);
  EXPECT_EQ(run_verdict(run_with({})), kError);
}

TEST(RunVerdict, IsNotPassWhenNothingWasChecked) {
  RunRecord run = run_with({Verdict::kPass});
  run.cases[0].steps.clear();
  EXPECT_EQ(run_verdict(run), Verdict::kInconclusive);
}

TEST(VerdictOf, IsNeverPlainPassAfterARetry) {
  CaseRecord record = passed_case(0, "a");
  record.attempt = 2;
  EXPECT_EQ(verdict_of(record), Verdict::kFlaky);
  record.verdict = Verdict::kFail;
  EXPECT_EQ(verdict_of(record), Verdict::kFail);
}

TEST(CountingCases, AreTheLastAttempts) {
  RunRecord run = run_of({case_with(0, Verdict::kFail, "once"), passed_case(1, "b")});
  run.cases.push_back(passed_case(0, run.cases[0].id));
  run.cases.back().attempt = 2;
  ASSERT_EQ(counting_cases(run).size(), 2u);
  EXPECT_EQ(counting_cases(run)[0]->attempt, 2);
  EXPECT_EQ(exit_code(run), 4);
}

TEST(NeverBegun, CountsEqualIdsOneByOne) {
  RunRecord run = run_of({passed_case(0, "a")});
  run.planned = {"a", "a", "b"};
  EXPECT_EQ(never_begun(run), (std::vector<std::string>{"a", "b"}));
}

TEST(Totals, AddUp) {
  using enum Verdict;
  RunRecord run = run_with({kPass, kPass, kFlaky, kInconclusive, kBlocked, kFail, kError});
  run.planned.push_back("x");
  const Totals totals = totals_of(run);
  EXPECT_EQ(totals.of(kPass), 2u);
  EXPECT_EQ(totals.never_begun, 1u);
  EXPECT_EQ(totals.all(), run.planned.size());
}

TEST(SummaryText, IsATable) {
  RunRecord run = run_of({passed_case(0, "safety/lead_off[rate=35 Hz]"),
                          case_with(1, Verdict::kFail, "outside the limit")});
  run.planned.push_back("last");
  EXPECT_EQ(summary_text(run),
            "CASE                         VERDICT         BENCH TIME  REASON\n"
            "safety/lead_off[rate=35 Hz]  PASS               2.000 s\n"
            "case 1                       FAIL               2.000 s  outside the limit\n"
            "last                         NOT RUN                     planned, but never begun\n"
            "3 cases: 1 PASS, 1 FAIL, 1 NOT RUN\n"
            "run 20261123T071500Z-3f2a: ERROR, and the device fails in 1 case\n");
}

TEST(SummaryText, CannotBeSteeredByTheDevice) {
  const std::string text =
      summary_text(run_of({case_with(0, Verdict::kFail, "\x1b[2J\rPASS\n1 case: 1 PASS")}));
  EXPECT_EQ(text.find_first_of("\x1b\r"), std::string::npos);
  EXPECT_NE(text.find("\\x1b[2J\\x0dPASS\\x0a1 case: 1 PASS\n"), std::string::npos) << text;
}

TEST(SummaryText, SaysThatNothingWasChecked) {
  RunRecord run = run_with({Verdict::kPass});
  run.cases[0].steps.clear();
  EXPECT_NE(summary_text(run).find("nothing was checked"), std::string::npos);
}

}  // namespace
}  // namespace rig

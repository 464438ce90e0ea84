// What a qualification amounts to, and that it survives the way through JSON.
#include "rig/evidence/qualification.h"

#include <gtest/gtest.h>

#include <cmath>

#include "rig/core/error.h"

namespace rig {
namespace {

SeededFault caught(const std::string& id) {
  SeededFault fault{.id = id, .requirement = "SRS-012", .verdict = "detected"};
  fault.caught_by = "gap";
  fault.case_id = "accuracy/gaps";
  fault.time_to_detect_s = 1.5;
  return fault;
}

// The closed forms: k = n gives 0.05^(1/n), k = 0 gives 1 - 0.05^(1/n).
TEST(ClopperPearson, IsExactWhereThereIsAClosedForm) {
  EXPECT_NEAR(proportion_at_least(70, 70), std::pow(0.05, 1.0 / 70), 1e-9);
  EXPECT_NEAR(proportion_at_most(0, 300), 1 - std::pow(0.05, 1.0 / 300), 1e-9);
  EXPECT_EQ(proportion_at_least(0, 0), 0);
  EXPECT_EQ(proportion_at_most(0, 0), 1);
}

// Its definition: at the bound, so many or more are seen with a probability of 5 %.
TEST(ClopperPearson, LeavesFivePercentBeyondTheBound) {
  const double p = proportion_at_least(8, 10);
  const double tail =
      45 * std::pow(p, 8) * std::pow(1 - p, 2) + 10 * std::pow(p, 9) * (1 - p) + std::pow(p, 10);
  EXPECT_NEAR(tail, 0.05, 1e-9);
}

TEST(Qualification, CountsWhatWasDetectedByTheRightCheckAndRunsThatCriedWolf) {
  Qualification q;
  q.faults = {caught("F1"),
              {.id = "F2", .verdict = "elsewhere"},
              {.id = "F3", .verdict = "missed"},
              {.id = "F4"}};
  const FalseAlarm alarm{.seed = 7, .case_id = "a", .verdict = Verdict::kFail, .reason = "why"};
  count(q, {{.seed = 6, .cases = 10}, {.seed = 7, .cases = 10, .alarms = {alarm, alarm}}});
  EXPECT_EQ(q.seeded, 3u) << "one was not run";
  EXPECT_EQ(q.detected, 1u);
  EXPECT_EQ(q.clean_runs, 2u);
  EXPECT_EQ(q.clean_cases, 20u);
  EXPECT_EQ(q.false_alarms, 1u) << "runs, not cases";
  EXPECT_EQ(q.alarms.size(), 2u);
}

TEST(Qualification, ResultsOfWorkersComeBackAsTheyWere) {
  SeededFault fault = caught("F11");
  fault.grading = {.unit = "us",
                   .harmless = 0,
                   .worst = 100,
                   .smallest = 3,
                   .largest_missed = 2,
                   .tried = {{.magnitude = 3, .detected = true, .share = 1.25}}};
  EXPECT_EQ(to_json(fault_from_json(to_json(fault))), to_json(fault));
  const CleanRun run{.seed = 3, .cases = 4, .alarms = {{.seed = 3, .verdict = Verdict::kFail}}};
  EXPECT_EQ(to_json(clean_run_from_json(to_json(run))), to_json(run));
  EXPECT_THROW(fault_from_json("{}"), RigError);
  EXPECT_THROW(fault_from_json("not JSON"), RigError);
}

TEST(Qualification, SaysInOneLineWhatCaughtAFault) {
  EXPECT_NE(fault_line(caught("F11")).find("detected  gap after 1.5 s in accuracy/gaps"),
            std::string::npos);
  SeededFault other{.id = "F2", .verdict = "elsewhere"};
  other.first_caught_by = "dc";
  other.first_requirement = "SRS-021";
  other.first_case = "c";
  EXPECT_NE(fault_line(other).find("only by dc [SRS-021] in c"), std::string::npos);
}

}  // namespace
}  // namespace rig

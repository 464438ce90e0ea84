// A suite tried on one device: what was caught, by what, and when to stop.
#include "rig/run/trial.h"

#include "tests/run/case_fixture.h"

namespace rig {
namespace {

class TrialTest : public CaseTest {
 protected:
  TrialTest() {
    spec_.requirements["SRS-001"] = {};
    spec_.requirements["SRS-002"] = {};
  }
  Scenario named(const std::string& id, const std::string& expectations) const {
    Scenario scenario = load(R"(
scenario: A train
steps:
  - set: {amplitude: 20 mA, width: 300 us, gap: 100 us, rate: 100 Hz}
  - capture: {as: train, channels: [current], rate: 100 kHz, for: 100 ms, during: [start]}
  - expect: {in: train, )" + expectations +
                                 "}\n",
                             spec_);
    scenario.id = id;
    return scenario;
  }
  Trial attempt(const std::vector<Scenario>& scenarios, WantedCheck wanted = {}) {
    TrialPlan plan{.wanted = std::move(wanted),
                   .beyond = beyond_,
                   .open = [this](std::uint64_t /*seed*/) { return fake::open_bench(scene_); },
                   .interrupted = [this] { return interrupted_; }};
    for (const Scenario& s : scenarios) plan.cases.push_back(&s);
    return try_suite(plan);
  }

  const std::string wide_ = "phase1.width: {limit: 390 us .. 410 us, verifies: SRS-001}";
  const std::string strong_ = "phase1.amplitude: {limit: 30 mA .. 50 mA, verifies: SRS-002}";
  const std::string good_ = "pulse.count: 9 .. 11";
  Spec spec_{.file = "spec.yaml"};
  std::function<bool(const Scenario&)> beyond_;
};

TEST_F(TrialTest, AGoodDevicePassesEverything) {
  const Trial trial = attempt({named("a", good_), named("b", good_)});
  EXPECT_EQ(trial.cases, 2u);
  EXPECT_FALSE(trial.first);
  EXPECT_TRUE(trial.not_passed.empty());
  EXPECT_GT(trial.bench_s, 0.2);
}

TEST_F(TrialTest, TellsTheFirstCheckFromTheOneThatHasToNotice) {
  const Trial trial = attempt({named("a", good_), named("b", wide_), named("c", strong_)},
                              {.requirement = "SRS-002", .quantities = {"phase1.amp"}});
  ASSERT_TRUE(trial.first);
  EXPECT_EQ(trial.first->case_id, "b");
  EXPECT_EQ(trial.first->requirement, "SRS-001");
  ASSERT_TRUE(trial.wanted);
  EXPECT_EQ(trial.wanted->case_id, "c");
  EXPECT_EQ(trial.wanted->quantity, "phase1.amplitude");
  EXPECT_GT(trial.wanted->bench_s, trial.first->bench_s);
  EXPECT_NEAR(trial.share.value(), 2.0, 0.1) << "20 mA, of 40 mA +- 10 mA";
}

TEST_F(TrialTest, TheRightQuantityOfAnotherRequirementIsNotTheCheck) {
  const Trial trial =
      attempt({named("a", wide_)}, {.requirement = "SRS-002", .quantities = {"phase1.width"}});
  EXPECT_TRUE(trial.first);
  EXPECT_FALSE(trial.wanted);
}

TEST_F(TrialTest, EndsWhenCaughtButForWhatLiesBeyond) {
  const std::vector<Scenario> all{named("a", wide_), named("b", good_), named("c", strong_)};
  const WantedCheck wanted{.requirement = "SRS-001", .quantities = {"phase1.width"}};
  EXPECT_EQ(attempt(all, wanted).cases, 1u);
  beyond_ = [](const Scenario& s) { return s.id == "c"; };
  const Trial trial = attempt(all, wanted);
  EXPECT_EQ(trial.cases, 2u);
  EXPECT_EQ(trial.failed_requirements, (std::set<std::string>{"SRS-001", "SRS-002"}));
}

TEST_F(TrialTest, AnErrorOfTheRigCatchesNothing) {
  scene_.ends_early = std::chrono::milliseconds(60);
  const Trial trial = attempt({named("a", wide_)});
  EXPECT_FALSE(trial.first);
  ASSERT_EQ(trial.not_passed.size(), 1u);
  EXPECT_EQ(trial.not_passed[0].verdict, Verdict::kError);
}

TEST_F(TrialTest, AnInterruptedCaseCountsForNothing) {
  interrupted_ = true;
  const Trial trial = attempt({named("a", wide_)});
  EXPECT_TRUE(trial.interrupted);
  EXPECT_EQ(trial.cases, 0u);
  EXPECT_TRUE(trial.not_passed.empty());
}

}  // namespace
}  // namespace rig

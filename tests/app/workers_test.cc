// Cases in worker processes: every one is answered for, whoever dies.
#include "rig/app/workers.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <map>
#include <new>
#include <stdexcept>
#include <thread>

namespace rig {
namespace {

struct Outcome {
  std::map<std::uint32_t, CaseResult> done;
  std::map<std::uint32_t, std::string> died;
};

Outcome run_cases(std::uint32_t cases, unsigned jobs,
                  std::function<CaseResult(std::uint32_t)> run) {
  Outcome outcome;
  run_in_workers({.cases = cases,
                  .jobs = jobs,
                  .run = std::move(run),
                  .done = [&](const CaseResult& r) { outcome.done.emplace(r.index, r); },
                  .died = [&](std::uint32_t k, const std::string& why) { outcome.died[k] = why; }});
  return outcome;
}

CaseResult good(std::uint32_t index) {
  return {.index = index,
          .verdict = index % 2 == 0 ? Verdict::kPass : Verdict::kFail,
          .reason = std::string(std::size_t{1000} * index, 'x'),
          .bench_seconds = 0.5 * index};
}

TEST(Workers, BringBackEveryResultWhole) {
  for (const unsigned jobs : {1u, 2u, 7u, 100u}) {
    const Outcome outcome = run_cases(20, jobs, good);
    ASSERT_EQ(outcome.done.size(), 20u);
    EXPECT_TRUE(outcome.died.empty());
    for (const auto& [index, result] : outcome.done) {
      EXPECT_EQ(result.verdict, good(index).verdict);
      EXPECT_EQ(result.reason, good(index).reason);
      EXPECT_EQ(result.bench_seconds, good(index).bench_seconds);
    }
  }
}

TEST(Workers, RunNothingWhenThereIsNothing) { EXPECT_TRUE(run_cases(0, 4, good).done.empty()); }

TEST(Workers, RunInOtherProcesses) {
  const Outcome outcome = run_cases(1, 1, [](std::uint32_t index) {
    return CaseResult{.index = index, .reason = std::to_string(getpid())};
  });
  EXPECT_NE(outcome.done.at(0).reason, std::to_string(getpid()));
}

TEST(Workers, ThatDieCostOneCaseEachAndAreReplaced) {
  for (const unsigned jobs : {1u, 3u}) {
    const Outcome outcome = run_cases(30, jobs, [](std::uint32_t index) {
      if (index % 3 == 1) ::kill(getpid(), SIGKILL);
      if (index % 7 == 5) _exit(9);
      return good(index);
    });
    EXPECT_EQ(outcome.done.size() + outcome.died.size(), 30u);
    for (const auto& [index, why] : outcome.died) {
      EXPECT_EQ(why, index % 3 == 1 ? "the rig's worker died in this case: signal Killed"
                                    : "the rig's worker died in this case: exit code 9");
      EXPECT_FALSE(outcome.done.contains(index));
    }
    EXPECT_EQ(outcome.died.size(), 10u + 3u) << "5, 12, 19, 26, of which 19 is also 3 n + 1";
  }
}

TEST(Workers, ThatThrowCountAsDead) {
  const Outcome outcome = run_cases(3, 1, [](std::uint32_t index) -> CaseResult {
    if (index == 1) throw std::logic_error("a bug");
    return good(index);
  });
  EXPECT_EQ(outcome.died.at(1), "the rig's worker died in this case: exit code 70");
  EXPECT_EQ(outcome.done.size(), 2u);
}

// Each waits for the other three; one after another, the first would wait in vain.
TEST(Workers, WorkAtTheSameTime) {
  using Count = std::atomic<int>;
  void* shared =
      mmap(nullptr, sizeof(Count), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(shared, MAP_FAILED);
  auto* begun = new (shared) Count(0);
  const Outcome outcome = run_cases(4, 4, [begun](std::uint32_t index) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    ++*begun;
    while (*begun < 4 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    if (*begun < 4) throw std::logic_error("alone");
    return good(index);
  });
  EXPECT_EQ(outcome.done.size(), 4u);
  EXPECT_TRUE(outcome.died.empty());
  munmap(shared, sizeof(Count));
}

}  // namespace
}  // namespace rig

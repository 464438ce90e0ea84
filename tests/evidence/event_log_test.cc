#include "rig/evidence/event_log.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <thread>

#include "rig/evidence/json.h"
#include "tests/evidence/drawn.h"
#include "tests/evidence/same.h"

namespace rig {
namespace {

using testing::drawn_run;
using testing::passed_case;
using testing::run_of;
using testing::same;
using testing::thrown;

void log_case(EventLog& log, const CaseRecord& record) {
  log.begin_case(record);
  for (const StepRecord& step : record.steps) log.add_step(record.index, step);
  log.end_case(record);
}

class EventLogTest : public testing::InFolder {
 protected:
  std::filesystem::path file() const { return folder_ / "events.jsonl"; }
  std::string where(int line) const { return file().string() + ":" + std::to_string(line) + ": "; }

  std::vector<std::string> lines() const {
    std::ifstream in(file());
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }
  void set_lines(const std::vector<std::string>& lines) const {
    std::ofstream out(file());
    for (const std::string& line : lines) out << line << '\n';
  }
  void log_two_cases() {
    RunRecord run = run_of({passed_case(0, "a"), passed_case(1, "b")});
    run.verdict = Verdict::kPass;
    EventLog log(folder_);
    log.begin_run(run);
    for (const CaseRecord& record : run.cases) log_case(log, record);
    log.end_run(run);
  }
};

TEST_F(EventLogTest, RebuildsTheWholeRecord) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    RunRecord run = drawn_run(seed);
    run.finished = true;
    run.planned.clear();
    for (CaseRecord& record : run.cases) {
      record.complete = true;
      record.attempt = 1;
      run.planned.push_back(record.id);
    }
    std::filesystem::remove(file());
    EventLog log(folder_);
    log.begin_run(run);
    for (const CaseRecord& record : run.cases) log_case(log, record);
    log.end_run(run);
    run.content_sha256 = content_sha256(run);
    ASSERT_TRUE(same(read_record(folder_), run)) << "seed " << seed;
  }
}

TEST_F(EventLogTest, IsReadableAfterAKillAtAnyByte) {
  log_two_cases();
  const std::string whole = read_file(file());
  const std::size_t first_line = whole.find('\n') + 1;
  std::size_t steps_before = 0;
  for (std::size_t size = first_line; size < whole.size(); ++size) {
    std::ofstream(file()) << whole.substr(0, size);
    const RunRecord run = read_record(folder_);
    ASSERT_FALSE(run.finished) << "cut at " << size;
    ASSERT_EQ(run.verdict, Verdict::kError);
    ASSERT_EQ(run.planned.size(), 2u) << "what was not begun stays visible";
    std::size_t steps = 0;
    for (const CaseRecord& record : run.cases) {
      steps += record.steps.size();
      if (record.complete) continue;
      ASSERT_EQ(record.verdict, Verdict::kError);
      ASSERT_EQ(record.reason, "the run ended inside this case");
    }
    ASSERT_GE(steps, steps_before) << "a finished step was lost";
    steps_before = steps;
  }
  EXPECT_EQ(steps_before, 2u);
}

TEST_F(EventLogTest, NoticesEveryAlteredLineThatHasASuccessor) {
  log_two_cases();
  const std::vector<std::string> whole = lines();
  // run_begin, case 0: begin step end, case 1: begin step end, run_end
  ASSERT_EQ(whole.size(), 8u);
  struct Alteration {
    std::size_t line;
    int noticed;
    const char* chain;
  };
  for (const auto& [line, noticed, chain] : {Alteration{1, 8, "the run"},
                                             {2, 3, "case 0"},
                                             {3, 4, "case 0"},
                                             {5, 6, "case 1"},
                                             {6, 7, "case 1"}}) {
    auto changed = whole;
    changed[line - 1].insert(changed[line - 1].size() - 1, " ");
    set_lines(changed);
    EXPECT_EQ(thrown<RigError>([&] { read_record(folder_); }),
              where(noticed) + "the chain of " + chain +
                  " is broken: the line before this one was altered");
  }
}

TEST_F(EventLogTest, NoticesAMissingLine) {
  log_two_cases();
  auto changed = lines();
  changed.erase(changed.begin() + 2);
  set_lines(changed);
  EXPECT_EQ(thrown<RigError>([&] { read_record(folder_); }),
            where(3) + "the chain of case 0 is broken: expected line 1 of it, found 2");
}

TEST_F(EventLogTest, NoticesAForeignLine) {
  log_two_cases();
  auto changed = lines();
  changed.insert(changed.begin() + 1, "hello");
  set_lines(changed);
  EXPECT_EQ(thrown<RigError>([&] { read_record(folder_); }),
            where(2) + "expected an event, found \"hello\"");
}

TEST_F(EventLogTest, DoesNotFinishARunWithCasesNeverBegun) {
  RunRecord run = run_of({passed_case(0, "a")});
  run.planned.push_back("never begun");
  run.verdict = Verdict::kPass;
  EventLog log(folder_);
  log.begin_run(run);
  log_case(log, run.cases[0]);
  log.end_run(run);
  const RunRecord back = read_record(folder_);
  EXPECT_FALSE(back.finished);
  EXPECT_EQ(back.verdict, Verdict::kError);
}

TEST_F(EventLogTest, GoesOnAfterAWriterWasKilledWithinItsLine) {
  RunRecord run = run_of({passed_case(0, "a"), passed_case(1, "b")});
  {
    EventLog log(folder_);
    log.begin_run(run);
    log.begin_case(run.cases[0]);
  }
  std::ofstream(file(), std::ios::app) << R"({"type":"step","case":0,"seq":1,"pr)";
  EventLog other(folder_);
  log_case(other, run.cases[1]);
  run.cases[0].attempt = 2;
  log_case(other, run.cases[0]);

  const RunRecord back = read_record(folder_);
  ASSERT_EQ(back.cases.size(), 3u);
  EXPECT_FALSE(back.cases[0].complete);
  EXPECT_EQ(back.cases[1].attempt, 2);
  EXPECT_TRUE(back.cases[1].complete) << "the second attempt continues the chain of the first";
  EXPECT_TRUE(back.cases[2].complete);
}

TEST_F(EventLogTest, EndsACaseWhoseWriterDied) {
  CaseRecord record = passed_case(0, "a");
  EventLog parent(folder_);
  parent.begin_run(run_of({record}));
  {
    EventLog worker(folder_);
    worker.begin_case(record);
    worker.add_step(0, record.steps[0]);
  }
  record.verdict = Verdict::kError;
  record.reason = "the worker was killed by signal 9";
  parent.end_case(record);
  const CaseRecord back = read_record(folder_).cases.at(0);
  EXPECT_TRUE(back.complete);
  EXPECT_EQ(back.steps.size(), 1u);
  EXPECT_EQ(back.reason, record.reason);

  record.reason = "another word";
  EventLog(folder_).end_case(record);
  EXPECT_EQ(read_record(folder_).cases.at(0).reason, "another word") << "the last end counts";
}

TEST_F(EventLogTest, KeepsLinesOfManyProcessesApart) {
  constexpr std::uint32_t kWorkers = 4;
  constexpr std::uint32_t kCasesEach = 25;
  RunRecord run = run_of({});
  EventLog log(folder_);
  log.begin_run(run);
  for (std::uint32_t worker = 0; worker < kWorkers; ++worker) {
    if (::fork() != 0) continue;
    EventLog own(folder_);
    for (std::uint32_t i = 0; i < kCasesEach; ++i) {
      CaseRecord record = passed_case(worker * kCasesEach + i, "c");
      record.steps.front().text = std::string(20'000, 'x');  // more than a page a line
      log_case(own, record);
    }
    ::_exit(0);
  }
  for (std::uint32_t worker = 0; worker < kWorkers; ++worker) {
    int status = 0;
    ASSERT_GT(::wait(&status), 0);
    ASSERT_EQ(status, 0);
  }
  log.end_run(run);
  const RunRecord back = read_record(folder_);
  ASSERT_EQ(back.cases.size(), kWorkers * kCasesEach);
  EXPECT_TRUE(std::ranges::all_of(back.cases, &CaseRecord::complete));
  EXPECT_TRUE(back.finished);
}

TEST_F(EventLogTest, MayBeSharedByThreads) {
  EventLog log(folder_);
  log.begin_run(run_of({}));
  std::vector<std::thread> threads;
  for (std::uint32_t t = 0; t < 3; ++t) {
    threads.emplace_back([&log, t] {
      for (std::uint32_t i = 0; i < 20; ++i) log_case(log, passed_case(t * 20 + i, "c"));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(read_record(folder_).cases.size(), 60u);
}

TEST_F(EventLogTest, SaysThatTheDiskIsFull) {
  std::filesystem::create_symlink("/dev/full", file());
  EventLog log(folder_);
  EXPECT_EQ(thrown<RigError>([&] { log.begin_run(run_of({})); }),
            file().string() + ": write: No space left on device");
}

TEST_F(EventLogTest, TakesAHalfWrittenLineBack) {
  EventLog log(folder_);
  log.begin_run(run_of({}));
  const std::string before = read_file(file());
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit old{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
  rlimit tight = old;
  tight.rlim_cur = before.size() + 10;  // the next line fits with ten bytes
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  const std::string error = thrown<RigError>([&] { log.begin_case(passed_case(0, "a")); });
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old), 0);
  EXPECT_EQ(error, file().string() + ": write: File too large");
  EXPECT_EQ(read_file(file()), before);

  log_case(log, passed_case(0, "a"));
  EXPECT_TRUE(read_record(folder_).cases.at(0).complete) << "the chain did not skip a line";
}

TEST_F(EventLogTest, IsOurBugToEndWhatNeverBegan) {
  EventLog log(folder_);
  EXPECT_THROW(log.add_step(3, StepRecord{}), std::logic_error);
}

TEST_F(EventLogTest, SaysThatThereIsNothing) {
  EXPECT_EQ(thrown<RigError>([&] { read_record(folder_); }),
            file().string() + ": No such file or directory");
  std::ofstream(file()) << "";
  EXPECT_EQ(thrown<RigError>([&] { read_record(folder_); }),
            file().string() + ": no run_begin: nothing is known of a run");
}

}  // namespace
}  // namespace rig

// rig selftest safe-state: kills the rig on a bench that goes on living, and looks when the output
// ended.
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "rig/app/commands.h"
#include "rig/app/guard.h"
#include "rig/app/observed_output.h"
#include "rig/app/places.h"
#include "rig/app/signals.h"
#include "rig/config/scenario.h"
#include "rig/core/error.h"
#include "rig/evidence/event_log.h"
#include "rig/evidence/files.h"
#include "rig/evidence/text.h"

namespace rig {
namespace {

namespace fs = std::filesystem;
using WallClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr double kLimit = 0.2;       // s
constexpr milliseconds kQuiet(100);  // watched after everything has ended
constexpr milliseconds kHangs(5000);
constexpr milliseconds kUp(10000);
constexpr milliseconds kOver(20000);

// Output flows in nearly all of it, with pulses closer than the times that are to be shown.
constexpr const char* kScenario = R"(scenario: Output flows while the rig is killed
steps:
  - set: {amplitude: 20 mA, width: 300 us, gap: 100 us, rate: 120 Hz}
  - start
  - wait: 150 ms
  - capture: {as: first, channels: [current], rate: 100 kHz, for: 300 ms}
  - expect: {in: first, pulse.count: ">= 10"}
  - set: {amplitude: 30 mA}
  - capture: {as: second, channels: [current], rate: 100 kHz, for: 300 ms}
  - wait: 150 ms
  - stop
  - expect: {status.state: IDLE}
)";

void write_to(const fs::path& file, int descriptor) {
  const int to = open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  dup2(to, descriptor);
}

// Another program of ours; what it says and what it complains of, in files of their own or in one.
pid_t launch(const std::vector<std::string>& words, const fs::path& output,
             const fs::path& complaints) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  std::fflush(nullptr);
  const pid_t pid = fork();
  if (pid < 0) throw RigError("fork failed");
  if (pid == 0) {
    setpgid(0, 0);
    write_to(output, STDOUT_FILENO);
    write_to(complaints, STDERR_FILENO);
    execv("/proc/self/exe", arguments.data());
    _exit(127);
  }
  return pid;
}

void wait_for(const char* what, milliseconds time, const std::function<bool()>& condition) {
  const auto until = WallClock::now() + time;
  while (!condition()) {
    if (signals_caught() > 0) throw Interrupted("interrupted");
    if (WallClock::now() > until)
      throw RigError(std::string("selftest: waited in vain for ") + what);
    std::this_thread::sleep_for(milliseconds(1));
  }
}

std::string text_of(const fs::path& file) { return fs::exists(file) ? read_file(file) : ""; }

class TemporaryFolder {
 public:
  TemporaryFolder() {
    if (mkdtemp(name_.data()) == nullptr) throw RigError(name_ + ": cannot create a folder");
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(name_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  fs::path path() const { return name_; }

 private:
  std::string name_ = (fs::temp_directory_path() / "rig-selftest-XXXXXX").string();
};

// A device and a scope that live on whatever happens to the rig.
class LivingBench {
 public:
  LivingBench(const std::string& bench, const fs::path& folder)
      : observed_(folder / "observed"), table_(folder / "table.yaml") {
    const fs::path complaints = folder / "complaints.txt";
    server_ = launch({"rig", "bench", "serve", bench, "--port", "0", "--observe", observed_.path()},
                     table_, complaints);
    wait_for("the served bench", kUp, [&] {
      if (waitpid(server_, nullptr, WNOHANG) != 0) {
        throw RigError("selftest: " + to_one_line(text_of(complaints)));
      }
      return text_of(table_).find("name: voltage") != std::string::npos;
    });
  }
  ~LivingBench() {
    kill(server_, SIGINT);
    waitpid(server_, nullptr, 0);
  }
  LivingBench(const LivingBench&) = delete;
  LivingBench& operator=(const LivingBench&) = delete;

  std::string file() const { return table_.string(); }
  WallClock::time_point last_output() const { return observed_.last(); }

 private:
  ObservedOutput observed_;
  fs::path table_;
  pid_t server_ = -1;
};

struct Killed {
  std::string how;
  double off_s = 0;  // from the kill to the last output that the bench itself has seen
  std::optional<double> measured_s;  // at most, as the record says
  bool recorded = false;
};

class Killer {
 public:
  Killer(const LivingBench& bench, std::string spec, fs::path folder)
      : bench_(bench), spec_(std::move(spec)), folder_(std::move(folder)) {
    write_file(folder_ / "s.yaml", kScenario);
  }

  // Ends it when `when` says so. Empty `how`: not at all. Returns what came of it.
  Killed run(const std::string& how, const std::function<bool(const fs::path&)>& when) {
    const fs::path out = folder_ / ("run" + std::to_string(++runs_));
    const fs::path said = folder_ / "said.txt";
    fs::remove(said);
    const pid_t rig = launch({"rig", "run", (folder_ / "s.yaml").string(), "--bench", bench_.file(),
                              "--spec", spec_, "--out", out.string(), "--no-report"},
                             said, said);
    fs::path run;
    int status = 0;
    bool over = false;
    const auto ended = [&] { return over = over || waitpid(rig, &status, WNOHANG) == rig; };
    wait_for("a run folder", kUp, [&] {
      if (ended()) throw RigError("selftest: " + to_one_line(text_of(said)));
      for (const auto& entry : fs::directory_iterator(fs::exists(out) ? out : folder_)) {
        if (fs::exists(entry.path() / "events.jsonl")) run = entry.path();
      }
      return !run.empty();
    });
    wait_for("the instant", kOver, [&] { return when(run) || ended(); });
    const auto killed = WallClock::now();
    if (!over && !how.empty()) end(rig, how);
    if (how == "hang") {  // without output there is nothing that a guard would end it for
      const auto until = WallClock::now() + kHangs;
      wait_for("the rig to end", kOver, [&] { return ended() || WallClock::now() > until; });
      if (!over) kill(-rig, SIGKILL);
    }
    wait_for("the rig to end", kOver, ended);
    wait_for("its workers to end", kOver, [rig] { return kill(-rig, 0) != 0; });
    guard_is_done(run, kOver);
    std::this_thread::sleep_for(kQuiet);
    return outcome(how, run, killed);
  }

  static std::size_t steps_in(const fs::path& run) {
    const std::string text = text_of(run / "events.jsonl");
    std::size_t steps = 0;
    for (auto at = text.find("\"type\":\"step\""); at != std::string::npos;
         at = text.find("\"type\":\"step\"", at + 1)) {
      ++steps;
    }
    return steps;
  }

 private:
  static pid_t worker_of(pid_t rig) {
    const std::string id = std::to_string(rig);
    std::ifstream children("/proc/" + id + "/task/" + id + "/children");
    pid_t worker = -1;
    return children >> worker ? worker : rig;
  }

  static void end(pid_t rig, const std::string& how) {
    if (how == "kill -9 of all") kill(-rig, SIGKILL);
    if (how == "kill -9 of the worker") kill(worker_of(rig), SIGKILL);
    if (how == "kill -9 of the harness") kill(rig, SIGKILL);
    if (how == "hang") kill(worker_of(rig), SIGSTOP);
    if (how == "SIGINT") kill(rig, SIGINT);
    if (how == "SIGTERM") kill(rig, SIGTERM);
    if (how == "SIGHUP") kill(rig, SIGHUP);
  }

  Killed outcome(const std::string& how, const fs::path& run, WallClock::time_point killed) const {
    Killed result{.how = how};
    const std::chrono::duration<double> off = bench_.last_output() - killed;
    result.off_s = std::max(0.0, off.count());
    if (text_of(run / "events.jsonl").find('\n') == std::string::npos) return result;
    for (const CaseRecord& record : read_record(run).cases) {
      for (const StepRecord& step : record.steps) {
        for (const Finding& finding : step.findings) {
          if (finding.quantity != "safe_state.time_to_zero" || !finding.measured) continue;
          result.measured_s = finding.measured->value;
          result.recorded = true;
        }
      }
    }
    return result;
  }

  const LivingBench& bench_;
  std::string spec_;
  fs::path folder_;
  int runs_ = 0;
};

struct Row {
  std::size_t kills = 0;
  std::size_t late = 0;
  double worst_s = 0;
  double worst_measured_s = 0;
};

int report(const std::vector<Killed>& all, bool json) {
  std::map<std::string, Row> rows;
  for (const Killed& k : all) {
    Row& row = rows[k.how];
    ++row.kills;
    if (k.off_s > kLimit || k.measured_s.value_or(0) > kLimit) ++row.late;
    row.worst_s = std::max(row.worst_s, k.off_s);
    row.worst_measured_s = std::max(row.worst_measured_s, k.measured_s.value_or(0));
  }
  std::size_t late = 0;
  for (const auto& [how, row] : rows) late += row.late;
  if (json) {
    std::printf("{\"limit_s\": %g, \"kills\": %zu, \"late\": %zu, \"by\": [", kLimit, all.size(),
                late);
  }
  const char* separator = "";
  for (const auto& [how, row] : rows) {
    if (json) {
      std::printf(
          "%s\n  {\"how\": %s, \"kills\": %zu, \"late\": %zu, \"worst_off_s\": %.4f, "
          "\"worst_measured_s\": %.4f}",
          separator, json_string(how).c_str(), row.kills, row.late, row.worst_s,
          row.worst_measured_s);
      separator = ",";
    } else {
      std::printf(
          "%-24s %4zu kills: last output %.0f ms after at worst, measured off %.0f ms after "
          "at worst, %zu over 200 ms\n",
          how.c_str(), row.kills, 1e3 * row.worst_s, 1e3 * row.worst_measured_s, row.late);
    }
  }
  std::printf(json ? "\n]}\n" : "");
  return late == 0 ? 0 : 1;
}

}  // namespace

int selftest_safe_state_command(const SelftestSafeState& options) {
  const std::optional<Suite> suite = find_suite(scenarios_folder());
  if (!suite) throw InputError(scenarios_folder() + ": no suite.yaml names a spec and a bench");
  const TemporaryFolder temporary;
  const fs::path folder = temporary.path();
  catch_signals();
  std::vector<Killed> all;
  try {
    const LivingBench bench(options.bench.empty() ? suite->bench : options.bench, folder);
    Killer killer(bench, suite->spec, folder);
    std::size_t steps = 0;
    const auto begun = WallClock::now();
    killer.run("", [&](const fs::path& run) {
      steps = std::max(steps, Killer::steps_in(run));
      return false;
    });
    const double whole = std::chrono::duration<double>(WallClock::now() - begun).count();
    for (std::size_t k = 1; k < steps; ++k) {
      all.push_back(killer.run("kill -9 of all",
                               [k](const fs::path& run) { return Killer::steps_in(run) >= k; }));
    }
    std::mt19937_64 random(options.seed);
    const std::vector<std::string> ways{"kill -9 of all",
                                        "kill -9 of the worker",
                                        "kill -9 of the harness",
                                        "hang",
                                        "SIGINT",
                                        "SIGTERM",
                                        "SIGHUP"};
    for (unsigned k = 0; k < options.random; ++k) {
      const auto instant =
          WallClock::now() +
          milliseconds(static_cast<int>(static_cast<double>(random() % 1000) * whole));
      all.push_back(killer.run(ways[k % ways.size()],
                               [instant](const fs::path&) { return WallClock::now() >= instant; }));
      std::fprintf(stderr, "%zu kills, the last one (%s): off after %.0f ms\n", all.size(),
                   all.back().how.c_str(), 1e3 * all.back().off_s);
    }
  } catch (const Interrupted&) {
    report(all, options.json);
    return kExitInterrupted;
  }
  return report(all, options.json);
}

}  // namespace rig

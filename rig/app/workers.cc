#include "rig/app/workers.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <optional>
#include <utility>

#include "rig/app/signals.h"
#include "rig/core/error.h"

namespace rig {
namespace {

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) throw RigError(std::string("pipe: ") + std::strerror(errno));
    read_end = ends[0];
    write_end = ends[1];
  }
  int read_end = -1;
  int write_end = -1;
};

bool write_all(int fd, const void* data, std::size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t n = write(fd, at, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

bool read_all(int fd, void* data, std::size_t size) {
  char* at = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t n = read(fd, at, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

struct Header {
  std::uint32_t index = 0;
  std::uint32_t reason_size = 0;
  std::int32_t verdict = 0;
  double bench_seconds = 0;
};

struct Worker {
  pid_t pid = -1;
  int to = -1;    // case indices
  int from = -1;  // results
  std::optional<std::uint32_t> busy;
};

// The worker's whole life: an index in, a result out.
[[noreturn]] void serve(const WorkerPlan& plan, int in, int out) {
  std::uint32_t index = 0;
  int code = 0;
  try {
    while (read_all(in, &index, sizeof index)) {
      const CaseResult result = plan.run(index);
      const Header header{.index = index,
                          .reason_size = static_cast<std::uint32_t>(result.reason.size()),
                          .verdict = static_cast<std::int32_t>(result.verdict),
                          .bench_seconds = result.bench_seconds};
      if (!write_all(out, &header, sizeof header) ||
          !write_all(out, result.reason.data(), result.reason.size())) {
        break;
      }
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "rig: internal error: %s\n", error.what());
    code = 70;
  }
  std::fflush(nullptr);
  _exit(code);
}

class WorkerPool {
 public:
  explicit WorkerPool(const WorkerPlan& plan) : plan_(plan) {}
  ~WorkerPool() {
    for (Worker& worker : workers_) {
      if (worker.pid > 0) end(worker, SIGKILL);
    }
  }
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  void run() {
    const unsigned count = std::max(1u, std::min(plan_.jobs, plan_.cases));
    for (unsigned k = 0; k < count; ++k) workers_.push_back(start());
    for (Worker& worker : workers_) give_next(worker);
    while (std::ranges::any_of(workers_, [](const Worker& w) { return w.busy.has_value(); })) {
      if (signals_caught() >= 2) return;  // the destructor kills
      if (signals_caught() == 1) tell_workers();
      wait_for_results();
    }
    for (Worker& worker : workers_) end(worker, 0);
  }

 private:
  Worker start() {
    const Pipe down;
    const Pipe up;
    std::fflush(nullptr);
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0) throw RigError(std::string("fork: ") + std::strerror(errno));
    if (pid == 0) {
      // When the harness is killed, the worker still ends its case in safe state.
      prctl(PR_SET_PDEATHSIG, SIGTERM);
      if (getppid() != parent) _exit(1);
      close(down.write_end);
      close(up.read_end);
      for (const Worker& other : workers_) {
        close(other.to);
        close(other.from);
      }
      serve(plan_, down.read_end, up.write_end);
    }
    close(down.read_end);
    close(up.write_end);
    return {.pid = pid, .to = down.write_end, .from = up.read_end, .busy = {}};
  }

  // A signal sent to the harness alone has to reach the workers too.
  void tell_workers() {
    if (std::exchange(told_, true)) return;
    for (const Worker& worker : workers_) kill(worker.pid, SIGINT);
    std::fputs(
        "\nrig: interrupted: the cases end in safe state, then the page is made; once more to end "
        "at once\n",
        stderr);
  }

  void give_next(Worker& worker) {
    worker.busy.reset();
    if (next_ >= plan_.cases || signals_caught() > 0) return;
    worker.busy = next_++;
    const std::uint32_t index = *worker.busy;
    if (!write_all(worker.to, &index, sizeof index)) replace(worker);
  }

  void wait_for_results() {
    std::vector<pollfd> waiting;
    for (const Worker& worker : workers_) {
      waiting.push_back({.fd = worker.busy ? worker.from : -1, .events = POLLIN, .revents = 0});
    }
    if (poll(waiting.data(), waiting.size(), 1000) <= 0) return;
    for (std::size_t k = 0; k < workers_.size(); ++k) {
      if (waiting[k].revents != 0) take_result(workers_[k]);
    }
  }

  void take_result(Worker& worker) {
    Header header;
    CaseResult result;
    bool good = read_all(worker.from, &header, sizeof header);
    if (good) {
      result.reason.resize(header.reason_size);
      good = read_all(worker.from, result.reason.data(), result.reason.size());
    }
    if (!good) {
      replace(worker);
      return;
    }
    result.index = header.index;
    result.verdict = static_cast<Verdict>(header.verdict);
    result.bench_seconds = header.bench_seconds;
    plan_.done(result);
    give_next(worker);
  }

  void replace(Worker& worker) {
    const std::uint32_t index = *worker.busy;
    const std::string why = end(worker, 0);
    plan_.died(index, "the rig's worker died in this case: " + why);
    worker = start();
    give_next(worker);
  }

  static std::string end(Worker& worker, int signal) {
    // Forgotten at once: the next pipe gets the same numbers, and the next worker closes ours.
    close(std::exchange(worker.to, -1));
    close(std::exchange(worker.from, -1));
    if (signal != 0) kill(worker.pid, signal);
    int status = 0;
    while (waitpid(worker.pid, &status, 0) < 0 && errno == EINTR) {
    }
    worker.pid = -1;
    if (WIFSIGNALED(status)) return std::string("signal ") + strsignal(WTERMSIG(status));
    return "exit code " + std::to_string(WEXITSTATUS(status));
  }

  const WorkerPlan& plan_;
  std::vector<Worker> workers_;
  std::uint32_t next_ = 0;
  bool told_ = false;
};

}  // namespace

void run_in_workers(const WorkerPlan& plan) {
  signal(SIGPIPE, SIG_IGN);
  WorkerPool(plan).run();
}

}  // namespace rig

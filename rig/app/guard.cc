#include "rig/app/guard.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <functional>
#include <thread>
#include <utility>

#include "rig/app/signals.h"
#include "rig/bench/alive.h"
#include "rig/core/error.h"
#include "rig/dut/stimulator.h"
#include "rig/evidence/event_log.h"
#include "rig/instruments/device_link.h"
#include "rig/instruments/instrument_bench.h"
#include "rig/instruments/wall_clock.h"
#include "rig/run/runner.h"

namespace rig {
namespace {

using std::chrono::milliseconds;
using WallClock = std::chrono::steady_clock;

constexpr const char* kLock = "guard.lock";
constexpr milliseconds kReleased(2000);  // until a dead rig's hold on the device is gone
constexpr int kAttempts = 3;
constexpr std::int64_t kTick = 10;  // ms; what a tick takes longer, this computer was not there
// A rig on a computer that is not there cannot give signs of life; but not for ever.
constexpr milliseconds kMostExcused(500);

struct Message {
  enum Kind : std::uint32_t { kAlive, kCase, kCommanded, kSignal };
  Kind kind = kAlive;
  std::uint32_t case_index = 0;
  bool commanded = false;
  double rate = 0;
  double amplitude = 0;
};

// What the guard knows of the rig that it watches.
struct Watched {
  pid_t pid = 0;
  InstrumentBenchSettings bench;
  std::filesystem::path folder;
  Message last_case;
  Message output;
  WallClock::time_point heard;
  bool told_to_stop = false;
  WallClock::time_point told;
  WallClock::duration excused{};  // since then this computer did not let the guard itself run
};

int sender = -1;

void send(const Message& message) {
  ::send(sender, &message, sizeof message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

// A few times in 20 ms would do, and it is called for every block of samples.
void tell_alive() {
  static WallClock::time_point last;
  static bool signalled = false;
  if (!signalled && signals_caught() > 0) {
    signalled = true;
    send({.kind = Message::kSignal});
  }
  const auto now = WallClock::now();
  if (now - last < kBetweenSigns / 2) return;
  last = now;
  send({.kind = Message::kAlive});
}

std::string in_ms(WallClock::duration time) {
  return std::to_string(std::chrono::duration_cast<milliseconds>(time).count()) + " ms";
}

// The link of the dead is free once the system has cleared up behind it.
void stop_device(const InstrumentBenchSettings& bench) {
  const auto clock = make_wall_clock();
  const auto until = WallClock::now() + kReleased;
  std::unique_ptr<Link> link;
  while (link == nullptr) {
    try {
      link = std::visit([&](const auto& d) { return open_device_link(d, *clock); }, bench.device);
    } catch (const RigError&) {
      if (WallClock::now() >= until) throw;
      std::this_thread::sleep_for(milliseconds(1));
    }
  }
  const auto device = bench.text_protocol
                          ? make_text_stimulator(*bench.text_protocol, *link, *clock)
                          : make_stimulator(bench.protocol, *link, *clock);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (device->command("stop").arrived) return;
  }
}

void write_down(const Watched& rig, const std::string& how, const StepRecord& step) {
  EventLog log(rig.folder);
  log.add_step(rig.last_case.case_index, step);
  log.end_case({.index = rig.last_case.case_index,
                .verdict = Verdict::kError,
                .reason = how + "; " + step.text,
                .complete = true});
}

// Everything that is to be done once the rig cannot do it any more.
void take_over(const Watched& rig, const std::string& how, WallClock::time_point since) {
  kill(rig.pid, SIGKILL);
  StepRecord step{.path = "guard", .kind = "safe_state", .text = "the guard could not stop it"};
  try {
    stop_device(rig.bench);
    const auto stopped = WallClock::now() - since;
    Bench bench = open_instrument_bench(rig.bench);
    std::map<std::string, double> settings;
    if (rig.output.rate > 0) settings["rate"] = rig.output.rate;
    if (rig.output.amplitude > 0) settings["amplitude"] = rig.output.amplitude;
    step = make_safe(bench, settings, std::chrono::duration_cast<Picos>(WallClock::now() - since));
    step.text =
        "the guard has stopped the device " + in_ms(stopped) + " after" +
        (step.findings.empty() ? "" : "; zero current " + step.findings.back().found + " after");
  } catch (const std::exception& error) {
    step.error = error.what();
  }
  try {
    write_down(rig, how, step);
  } catch (const std::exception& error) {  // the disk may be what has failed
    std::fprintf(stderr, "rig: guard: %s\n", error.what());
  }
}

void hear(Watched& rig, const Message& message) {
  rig.heard = WallClock::now();
  rig.excused = {};
  if (message.kind == Message::kCase) rig.last_case = message;
  if (message.kind == Message::kCommanded) {
    rig.output = message;
    if (!message.commanded) rig.told_to_stop = false;
  }
  if (message.kind == Message::kSignal && rig.output.commanded) {
    rig.told_to_stop = true;
    rig.told = rig.heard;
  }
}

WallClock::time_point patience_of(const Watched& rig) {
  const auto patience = std::chrono::ceil<WallClock::duration>(rig.bench.patience);
  const auto hung = rig.heard + patience + std::min<WallClock::duration>(rig.excused, kMostExcused);
  return rig.told_to_stop ? std::min(hung, rig.told + kObeys) : hung;
}

void watch(Watched rig, int from) {
  rig.heard = WallClock::now();
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(patience_of(rig) - WallClock::now());
    const int wait = !rig.output.commanded
                         ? -1
                         : static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, kTick));
    pollfd waits{.fd = from, .events = POLLIN, .revents = 0};
    const auto begun = WallClock::now();
    const int ready = poll(&waits, 1, wait);
    if (ready == 0 && wait > 0) rig.excused += WallClock::now() - begun - milliseconds(wait);
    if (ready > 0) {
      Message message;
      const ssize_t size = recv(from, &message, sizeof message, 0);
      if (size == sizeof message) {
        hear(rig, message);
        continue;
      }
      if (size < 0 && errno == EINTR) continue;
      if (rig.output.commanded) take_over(rig, "the rig died", WallClock::now());
      return;
    }
    if (!rig.output.commanded || WallClock::now() < patience_of(rig)) continue;
    if (rig.told_to_stop) {
      take_over(rig, "the rig did not obey a signal", rig.told);
    } else {
      take_over(rig, "the rig hung", rig.heard);
    }
    return;
  }
}

}  // namespace

Guard::Guard(InstrumentBenchSettings bench, std::filesystem::path run_folder) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw RigError(std::string("guard: socketpair: ") + std::strerror(errno));
  }
  const std::string lock = (run_folder / kLock).string();
  std::fflush(nullptr);
  const pid_t rig = getpid();
  const pid_t pid = fork();
  if (pid < 0) throw RigError(std::string("guard: fork: ") + std::strerror(errno));
  if (pid == 0) {
    setsid();  // what ends the rig's group or terminal does not end its guard
    prctl(PR_SET_PDEATHSIG, 0);
    prctl(PR_SET_NAME, "rig-guard");
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) std::signal(number, SIG_IGN);
    const int held = open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    flock(held, LOCK_EX);
    const char ready = 1;
    ::send(ends[1], &ready, 1, MSG_NOSIGNAL);
    for (int fd = 3; fd < 256; ++fd) {  // the rig's own files are to close when the rig dies
      if (fd != ends[1] && fd != held) close(fd);
    }
    watch({.pid = rig, .bench = std::move(bench), .folder = std::move(run_folder)}, ends[1]);
    _exit(0);
  }
  close(ends[1]);
  char ready = 0;
  while (recv(ends[0], &ready, 1, 0) < 0 && errno == EINTR) {
  }
  to_guard_ = ends[0];
  sender = to_guard_;
  on_alive(&tell_alive);
}

Guard::~Guard() {
  on_alive(nullptr);
  close(to_guard_);
}

void Guard::begin_case(std::uint32_t index) { send({.kind = Message::kCase, .case_index = index}); }

void Guard::output(bool commanded, const std::map<std::string, double>& settings) {
  const auto value = [&settings](const char* name) {
    const auto found = settings.find(name);
    return found == settings.end() ? 0.0 : found->second;
  };
  send({.kind = Message::kCommanded,
        .commanded = commanded,
        .rate = value("rate"),
        .amplitude = value("amplitude")});
}

bool guard_is_done(const std::filesystem::path& run_folder, milliseconds time) {
  const int lock = open((run_folder / kLock).c_str(), O_RDWR | O_CLOEXEC);
  if (lock < 0) return true;
  const auto until = WallClock::now() + time;
  bool free = flock(lock, LOCK_EX | LOCK_NB) == 0;
  while (!free && WallClock::now() < until) {
    std::this_thread::sleep_for(milliseconds(5));
    free = flock(lock, LOCK_EX | LOCK_NB) == 0;
  }
  close(lock);
  return free;
}

}  // namespace rig

// rig doctor: what a bench can be trusted with.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "rig/app/commands.h"
#include "rig/app/places.h"
#include "rig/app/plan.h"
#include "rig/app/signals.h"
#include "rig/config/bench_file.h"
#include "rig/config/scenario.h"
#include "rig/core/error.h"
#include "rig/core/join.h"
#include "rig/evidence/summary.h"
#include "rig/evidence/text.h"
#include "rig/instruments/instrument_bench.h"
#include "rig/instruments/scan.h"
#include "rig/run/checkup.h"

namespace rig {
namespace {

constexpr const char* kUsbMemory = "/sys/module/usbcore/parameters/usbfs_memory_mb";
constexpr int kUsbMemoryWanted = 64;  // MB: a second of samples at 40 MB/s, and some to spare

const char* word_of(Check::State state) {
  switch (state) {
    case Check::State::kGood: return "good";
    case Check::State::kAttention: return "attention";
    case Check::State::kBad: return "bad";
  }
  return "bad";
}

Check usb_memory() {
  Check check{.name = "USB buffers", .state = Check::State::kGood, .found = {}, .cure = {}};
  int megabytes = -1;
  if (!(std::ifstream(kUsbMemory) >> megabytes)) {
    check.state = Check::State::kAttention;
    check.found = "this system does not say how much memory USB may use";
    check.cure = "needed by USB samplers only: load the kernel's usbcore";
    return check;
  }
  check.found = megabytes == 0 ? "not limited" : std::to_string(megabytes) + " MB";
  if (megabytes == 0 || megabytes >= kUsbMemoryWanted) return check;
  check.state = Check::State::kAttention;
  check.cure =
      "USB samplers may lose blocks: echo " + std::to_string(kUsbMemoryWanted) + " > " + kUsbMemory;
  return check;
}

// The links of what is plugged in, whichever bench file names it.
void add_usb(std::vector<Check>& checks) {
  checks.push_back(usb_memory());
  for (const FoundInstrument& found : scan_instruments({}).instruments) {
    Check check{.name = "instrument " + found.address,
                .state = Check::State::kGood,
                .found = found.identity + ", " + std::to_string(found.megabits) +
                         " Mbit/s; its driver has never met real hardware",
                .cure = {}};
    for (const std::string& trouble : found.troubles) add_item(check.cure, "; ", trouble);
    if (!check.cure.empty()) check.state = Check::State::kAttention;
    checks.push_back(std::move(check));
  }
}

// What may be wrong with a driver whose instrument nobody had.
void add_dialect(const BenchFacts& facts, std::vector<Check>& checks) {
  for (const auto& [what, words] : facts.instruments) {
    if (what != "dialect") continue;
    const bool unsure = words.find("unconfirmed") != std::string::npos;
    checks.push_back(
        {.name = "oscilloscope's dialect",
         .state = unsure ? Check::State::kAttention : Check::State::kGood,
         .found = words,
         .cure = unsure ? "compare a capture of a known signal before you trust it" : ""});
  }
}

// Not asked again who they are: an instrument on the LAN has one client, and that is the bench.
void add_lan(const BenchFacts& facts, std::vector<Check>& checks) {
  for (const auto& [what, where] : facts.instruments) {
    if (what != "digitizer" || !where.starts_with("tcp ")) continue;
    checks.push_back({.name = "instrument " + where,
                      .state = Check::State::kGood,
                      .found = "an oscilloscope; its driver has never met real hardware",
                      .cure = {}});
  }
}

// Of a table that cannot be used as it is.
std::vector<Check> checks_of(const TableNotReady& table) {
  std::vector<Check> checks;
  for (const Opening& part : table.parts) {
    const bool good = part.what.empty();
    checks.push_back({.name = part.role,
                      .state = good ? Check::State::kGood : Check::State::kBad,
                      .found = good ? "reached" : part.place + ": " + part.what,
                      .cure = part.cure});
  }
  return checks;
}

void print_json(const std::string& title, const std::vector<Check>& checks) {
  std::string items;
  for (const Check& c : checks) {
    add_item(items, ",\n  ",
             "{\"check\": " + json_string(c.name) + ", \"state\": \"" + word_of(c.state) +
                 "\", \"found\": " + json_string(c.found) + ", \"cure\": " + json_string(c.cure) +
                 "}");
  }
  std::printf("{\"bench\": %s, \"checks\": [\n  %s]}\n", json_string(title).c_str(), items.c_str());
}

void print_text(const std::string& title, const std::vector<Check>& checks) {
  std::printf("%s\n", to_one_line(title).c_str());
  for (const Check& c : checks) {
    std::printf("  %-9s  %s: %s\n", word_of(c.state), to_one_line(c.name).c_str(),
                to_one_line(c.found).c_str());
    if (!c.cure.empty()) std::printf("             -> %s\n", to_one_line(c.cure).c_str());
  }
}

std::string usual_bench() {
  const std::optional<Suite> suite = find_suite(scenarios_folder());
  if (!suite) throw InputError(scenarios_folder() + ": no suite.yaml names a bench");
  return suite->bench;
}

// Returns the exit code.
int tell(const std::string& title, const std::vector<Check>& checks, bool json) {
  json ? print_json(title, checks) : print_text(title, checks);
  const auto bad = [](const Check& c) { return c.state == Check::State::kBad; };
  return std::ranges::any_of(checks, bad) ? kExitRigErrorOrBlocked : 0;
}

int examine(Bench bench, const DoctorOptions& options) {
  const CheckupOptions how{
      .energise = options.energise,
      .today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()),
      .interrupted = [] { return signals_caught() > 0; }};
  std::vector<Check> checks;
  try {
    checks = check_up(bench, how);
  } catch (const Interrupted&) {
    return kExitInterrupted;
  }
  const auto on_usb = [](const auto& i) { return i.second.starts_with("usb"); };
  if (std::ranges::any_of(bench.facts.instruments, on_usb)) add_usb(checks);
  add_lan(bench.facts, checks);
  add_dialect(bench.facts, checks);
  return tell(bench.facts.title, checks, options.json);
}

bool has_usb(const InstrumentBenchSettings& table) {
  const auto& supply = table.surroundings.supply;
  return !std::holds_alternative<TcpAddress>(table.scope) ||
         (supply && std::holds_alternative<UsbAddress>(supply->where));
}

}  // namespace

int doctor_command(const DoctorOptions& options) {
  catch_signals();
  const std::string file = options.bench.empty() ? usual_bench() : options.bench;
  const BenchSettings settings = load_bench(file, options.firmware, image_folders());
  try {
    return examine(open_bench(settings, options.seed), options);
  } catch (const TableNotReady& trouble) {
    const auto& table = std::get<InstrumentBenchSettings>(settings);
    std::vector<Check> checks = checks_of(trouble);
    if (has_usb(table)) add_usb(checks);
    return tell(table.title, checks, options.json);
  }
}

}  // namespace rig

// rig: parses, calls one command, returns its exit code.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <limits>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "rig/app/check_words.h"
#include "rig/app/commands.h"
#include "rig/app/completion.h"
#include "rig/app/measure_command.h"
#include "rig/app/places.h"
#include "rig/core/error.h"
#include "rig/evidence/summary.h"
#include "rig/evidence/text.h"

namespace {

constexpr const char* kFooter =
    "Exit codes:\n"
    "  0    all passed\n"
    "  1    the device failed\n"
    "  2    usage or bad input; nothing was written or energised\n"
    "  3    rig error, or the bench cannot do what a scenario needs (blocked)\n"
    "  4    inconclusive or flaky only\n"
    "  5    nothing ran\n"
    "  70   a bug in the rig itself\n"
    "  130  interrupted: the first Ctrl-C ends in safe state with a report, the second at once\n"
    "\n"
    "A flag wins over its RIG_ variable (in brackets), which wins over suite.yaml.\n"
    "First steps:  rig list    rig run scenarios    rig explain phase1.width\n";

constexpr std::uint64_t kAnySeed = std::numeric_limits<std::uint64_t>::max();

// CLI11's own takes -1 and what is too large for something.
CLI::Validator whole_number(std::uint64_t most, std::string what = {}) {
  if (what.empty()) what = fmt::format("a whole number from 0 to {}", most);
  const auto check = [most, what](const std::string& text) {
    std::uint64_t value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool good = failed == std::errc{} && end == text.data() + text.size() && value <= most;
    return good ? std::string() : fmt::format("expected {}, found '{}'", what, text);
  };
  return {check, "", "whole number"};
}

void add_plan_options(CLI::App& command, rig::PlanOptions& plan, bool energises = false) {
  auto* paths = command.add_option("PATH", plan.paths, "Scenario files or folders of them");
  if (energises) {
    paths->required();
  } else {
    paths->description("Scenario files or folders of them; default: scenarios");
  }
  command.add_option("--bench", plan.bench, "Bench file; default: the one suite.yaml names")
      ->envname("RIG_BENCH");
  command.add_option("--spec", plan.spec, "Spec file; default: the one suite.yaml names")
      ->envname("RIG_SPEC");
  command.add_option("--firmware", plan.firmware, "Image to run instead of the bench file's")
      ->envname("RIG_FIRMWARE");
  command
      .add_option("--filter", plan.filter,
                  "Only these cases: id:TEXT file:TEXT tag:WORD verifies:ID, with and, or, not")
      ->envname("RIG_FILTER");
  command.add_option("--shard", plan.shard, "k/n: every n-th case, from the k-th")
      ->envname("RIG_SHARD");
}

void add_qualify(CLI::App& app, rig::QualifyOptions& q, int& code) {
  auto* command = app.add_subcommand(
      "qualify",
      "Try the suite on devices with seeded faults and on good ones: what does it catch?");
  command->add_option("PATH", q.plan.paths,
                      "Scenario files or folders of them (default: the rig's own)");
  command->add_option("--bench", q.plan.bench, "Simulated bench; default: the one suite.yaml names")
      ->envname("RIG_BENCH");
  command->add_option("--spec", q.plan.spec, "Spec file; default: the one suite.yaml names")
      ->envname("RIG_SPEC");
  command->add_option("--firmware", q.plan.firmware, "The good image instead of the bench file's")
      ->envname("RIG_FIRMWARE");
  command->add_option("--filter", q.plan.filter,
                      "Which cases are the suite (default: tag:nightly)");
  command->add_option("--faults", q.faults,
                      "Folder of seeded faults; default: the one suite.yaml names, else "
                      "firmware_under_test/faults");
  command->add_option("--only", q.only, "Only these faults: F43 H03")->delimiter(',');
  command->add_option("--every", q.every, "Only every n-th fault")->check(CLI::Range(1, 1000));
  command->add_option("--against", q.against,
                      "Instead of the seeded faults: images with a fault of your own; any check "
                      "that fails detects it");
  command->add_option("--clean", q.clean,
                      "Runs with a good device (default: 500; 10 with --against, 2 with --quick)");
  command->add_flag("--quick", q.quick,
                    "Against a fault only the scenarios that verify what it breaks");
  command->add_flag("!--no-grades", q.grade, "Do not look for the smallest detectable magnitudes");
  command->add_option("--seed", q.seed, "Seed of all randomness (default: 1)")
      ->envname("RIG_SEED")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--jobs", q.jobs, "Devices at a time (default: one per processor)")
      ->envname("RIG_JOBS")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--out", q.out, "Folder of the results' folders (default: qualifications)");
  command->add_flag("!--no-report", q.report, "Make no page");
  command->add_flag("--json", q.json, "Print the result as JSON; progress goes to stderr");
  command->callback([&] {
    if (q.plan.paths.empty()) q.plan.paths = {rig::scenarios_folder()};
    code = rig::qualify_command(q);
  });
}

void add_doctor(CLI::App& app, rig::DoctorOptions& d, int& code) {
  auto* command = app.add_subcommand(
      "doctor",
      "Look a bench over: link, clock, zero, noise, calibration, what can end the output");
  command->add_option("BENCH", d.bench, "Bench file; default: the one of the rig's own suite")
      ->envname("RIG_BENCH");
  command->add_option("--firmware", d.firmware, "Image to run instead of the bench file's")
      ->envname("RIG_FIRMWARE");
  command->add_flag("--energise", d.energise,
                    "Put out 5 mA pulses for a second to check load and clock: NEVER with a "
                    "person connected");
  command->add_flag("--json", d.json, "Machine-readable");
  command->callback([&] { code = rig::doctor_command(d); });
}

// One line, whatever the message quotes.
void complain(const std::string& what) {
  std::fprintf(stderr, "rig: %s\n", rig::to_one_line(what).c_str());
}

// What did not reach its reader was not told: a pipe or a disk that is full.
int told(int code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  complain(std::string("standard output: ") + std::strerror(errno));
  return code == 0 ? rig::kExitRigErrorOrBlocked : code;
}

int run_app(int argc, char** argv) {
  CLI::App app("Soleus Rig: proves that a stimulator is on time, in range and safe.", "rig");
  app.set_version_flag("--version", "soleus-rig " RIG_VERSION);
  app.footer(kFooter);
  app.require_subcommand(1);
  int code = 0;

  rig::RunOptions run;
  auto* run_app = app.add_subcommand("run", "Run scenarios on a bench and leave a record");
  add_plan_options(*run_app, run.plan, true);
  run_app->add_option("--out", run.out, "Folder of run folders (default: runs)")
      ->envname("RIG_OUT");
  run_app->add_option("--seed", run.seed, "Seed of all randomness (default: 1)")
      ->envname("RIG_SEED")
      ->check(whole_number(kAnySeed));
  run_app->add_option("--jobs", run.jobs, "Cases at a time (default: one per processor)")
      ->envname("RIG_JOBS")
      ->check(whole_number(10'000));
  run_app->add_option("--retry", run.retry, "Run a failed case so many times more; a pass is FLAKY")
      ->envname("RIG_RETRY")
      ->check(whole_number(10'000));
  run_app
      ->add_option("--quarantine", run.quarantine,
                   "Cases that may fail, each with the reason; a run with such a failure is "
                   "INCONCLUSIVE")
      ->envname("RIG_QUARANTINE");
  run_app->add_option("--junit", run.junit, "Write JUnit XML here too")->envname("RIG_JUNIT");
  run_app->add_flag("!--no-report", run.report, "Make no report page");
  run_app->add_flag("--json", run.json, "Print the record as JSON; progress goes to stderr");
  run_app->callback([&] { code = rig::run_command(run); });

  rig::PlanOptions checked;
  bool json = false;
  auto* validate = app.add_subcommand(
      "validate",
      "Check scenarios, spec, bench and image; run nothing. The bench is opened: "
      "on a table its device and instruments are connected to, and put nothing "
      "out");
  add_plan_options(*validate, checked);
  bool strict = false;
  validate->add_flag(
      "--strict", strict,
      "Refuse requirements without a scenario and limits that nothing is held against");
  validate->add_flag("--json", json, "Machine-readable");
  validate->callback([&] { code = rig::validate_command(checked, strict, json); });

  rig::PlanOptions listed;
  auto* list = app.add_subcommand("list", "Show the cases that a run would have");
  add_plan_options(*list, listed);
  list->add_flag("--json", json, "Machine-readable");
  list->callback([&] { code = rig::list_command(listed, json); });

  std::string name;
  auto* explain = app.add_subcommand("explain", "Definition, unit and source of a quantity");
  explain->add_option("QUANTITY", name, "Such as phase1.width; none: all of them");
  std::string budget_of;
  std::string of_cases;
  auto* budget = explain->add_option("--budget", budget_of,
                                     "A run folder: what its findings' uncertainty is made of");
  explain->add_option("--filter", of_cases, "Only cases whose id has this text")->needs(budget);
  explain->callback([&] {
    code = budget_of.empty() ? rig::explain_command(name)
                             : rig::budget_command(budget_of, name, of_cases);
  });

  auto* schema = app.add_subcommand("schema", "JSON Schema of scenario files, for editors");
  schema->callback([&] { code = rig::schema_command(); });

  rig::MeasureOptions measured;
  auto* measure = app.add_subcommand(
      "measure", "Measure every pulse of a waveform from anywhere; runs no bench");
  measure
      ->add_option("FILE", measured.path,
                   "Raw samples, CSV (of several oscilloscopes), sigrok .sr, WAV, HDF5; - is "
                   "standard input")
      ->required();
  measure->add_option(
      "--format", measured.format,
      "u8 i8 i16le i16be u16le u16be f32le f32be csv sr wav hdf5; default: by content");
  measure->add_option("--rate", measured.rate, "Samples per second, such as 10MHz");
  measure->add_option("--scale", measured.scale, "What one code is worth, such as 1e-5V");
  measure->add_option("--offset", measured.offset, "What code 0 is worth, such as '0.1 V'");
  measure->add_option("--channels", measured.channels, "Interleaved channels of raw samples")
      ->check(CLI::Range(1, 4));
  measure->add_option("--channel", measured.channel, "The one to measure; default: the current");
  measure->add_option("--against", measured.against,
                      "Another channel: latencies to and fro and overlaps of the two");
  measure->add_option("--load", measured.load, "Turns a voltage into a current, such as 500ohm");
  measure->add_option("--electrode", measured.electrode,
                      "Area of the smallest electrode, such as 25cm2, for densities");
  measure->add_option("--threshold", measured.threshold,
                      "Output is what differs so much from the baseline; default: from the noise");
  measure->add_option("--baseline", measured.baseline, "Default: the median of the first samples");
  measure->add_option("--max-gap", measured.max_gap,
                      "Phases further apart are separate pulses; default: from the first pulses");
  measure->add_option("--edges", measured.edges, "fitted (default) or interpolated");
  measure->add_flag("--sine", measured.sine,
                    "Measure a sine, not pulses; an acceleration (m/s2) is one anyway");
  measure->add_flag("--json", measured.json, "Machine-readable, SI units");
  measure->add_option("--pulses", measured.pulses, "Write a CSV with one row a pulse");
  measure->add_option("--plot", measured.plot, "Draw the waveform as a PNG");
  measure->callback([&] { code = rig::measure_command(measured); });

  rig::ReportCommand reported;
  auto* report = app.add_subcommand("report", "Make the report page of a run, finished or killed");
  report->add_option("RUN", reported.folder, "Run folder")->required();
  report->add_option("--out", reported.out,
                     "The page; default: report.html and trace.csv in the run folder");
  report->add_option("--form", reported.form,
                     "The output table of a standard instead, as HTML and PDF: fda-510k or "
                     "iec60601-2-10");
  report->add_flag("--json", reported.json,
                   "Print the trace matrix: requirement, case, finding, capture hash");
  report->callback([&] { code = rig::report_command(reported); });

  std::string folder;
  std::string part;
  auto* show = app.add_subcommand("show", "Print a run's results");
  show->add_option("RUN", folder, "Run folder")->required();
  show->add_option("CASE", part, "Part of a case's id: show its steps and findings");
  show->add_flag("--json", json, "The whole record");
  show->callback([&] { code = rig::show_command(folder, part, json); });

  rig::ExportCommand exported;
  auto* export_app = app.add_subcommand("export", "Convert a capture to .sr, .vcd or .csv");
  export_app->add_option("CAPTURE", exported.capture, "captures/NNNN-name.h5 of a run")->required();
  export_app->add_option("TO", exported.to, "File to write; its ending is the format")->required();
  export_app->add_option("--segment", exported.segment, "Only this segment")
      ->check(whole_number(10'000));
  export_app->callback([&] { code = rig::export_command(exported); });

  std::vector<std::string> lan;
  auto* scan =
      app.add_subcommand("scan", "List the instruments that are attached, and what ails them");
  scan->add_option("ADDRESS", lan, "Instruments on the LAN, such as scope.lan or 192.168.1.5:5025");
  scan->add_flag("--json", json, "Machine-readable");
  scan->callback([&] { code = rig::scan_command(lan, json); });

  rig::DoctorOptions examined;
  add_doctor(app, examined, code);

  rig::BenchServe served;
  auto* bench = app.add_subcommand("bench", "Benches themselves");
  bench->require_subcommand(1);
  auto* serve = bench->add_subcommand(
      "serve",
      "Let a simulated bench live at real time for outside clients: the device on a pseudo "
      "terminal, a Rigol DS1000Z on TCP. Prints the bench file that finds them");
  serve->add_option("BENCH", served.bench, "Bench file, such as fixtures/simulated.yaml")
      ->required();
  serve->add_option("--firmware", served.firmware, "Image to run instead of the bench file's");
  serve->add_option("--port", served.port, "TCP port of the scope (default 5555); 0: a free one")
      ->check(whole_number(65'535, "a port from 1 to 65535, or 0 for a free one"));
  serve->add_option("--observe", served.observe,
                    "A file that holds when output was last seen, for rig selftest");
  serve->add_option("--seed", served.seed, "Seed of all randomness (default: 1)");
  serve->callback([&] { code = rig::bench_serve_command(served); });

  rig::SelftestSafeState tested;
  auto* selftest = app.add_subcommand("selftest", "Does the rig itself do what it has to?");
  selftest->require_subcommand(1);
  auto* safe = selftest->add_subcommand(
      "safe-state",
      "Kill the rig at every step and at random instants: is the output off in 200 ms?");
  safe->add_option("--bench", tested.bench, "Simulated bench, served at real time");
  safe->add_option("--random", tested.random, "Kills at random instants (default: 100)");
  safe->add_option("--seed", tested.seed, "Seed of the instants (default: 1)");
  safe->add_flag("--json", tested.json, "Machine-readable");
  safe->callback([&] { code = rig::selftest_safe_state_command(tested); });

  rig::QualifyOptions qualified;
  add_qualify(app, qualified, code);

  rig::SecondHeartOptions heart;
  auto* second_heart = app.add_subcommand(
      "second-heart", "Hold the model of the circulation against the literature; no device");
  second_heart->add_option("--parameters", heart.parameters,
                           "Parameter file (default: the rig's own)");
  second_heart->add_option("--page", heart.page, "Write a page with tables and pictures");
  second_heart->add_flag("!--no-sensitivities", heart.sensitivities,
                         "Leave out how much each assumed parameter matters");
  second_heart->add_flag("--json", heart.json, "Machine-readable");
  second_heart->callback([&] { code = rig::second_heart_command(heart); });

  std::string shell;
  auto* completion = app.add_subcommand("completion", "Completion script for bash, zsh or fish");
  completion->add_option("SHELL", shell, "bash, zsh or fish")->required();
  completion->callback([&] { std::printf("%s", rig::completion_script(app, shell).c_str()); });

  rig::check_words(app, argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked_for_help) {
    return app.exit(asked_for_help);
  } catch (const CLI::ParseError& error) {
    complain(std::string(error.what()) + "; `rig --help` lists all");
    return rig::kExitUsage;
  }
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return told(run_app(argc, argv));
  } catch (const rig::InputErrors& errors) {
    for (const std::string& line : errors.lines) complain(line);
    return rig::kExitUsage;
  } catch (const rig::InputError& error) {
    complain(error.what());
    return rig::kExitUsage;
  } catch (const rig::RigErrors& errors) {
    for (const std::string& line : errors.lines) complain(line);
    return rig::kExitRigErrorOrBlocked;
  } catch (const rig::RigError& error) {
    complain(error.what());
    return rig::kExitRigErrorOrBlocked;
  } catch (const std::exception& error) {
    complain(std::string("internal error: ") + error.what());
    return 70;
  }
}

#include "rig/app/commands.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>

#include "rig/app/places.h"
#include "rig/app/python.h"
#include "rig/config/keys.h"
#include "rig/config/suggest.h"
#include "rig/config/units.h"
#include "rig/core/error.h"
#include "rig/evidence/capture_file.h"
#include "rig/evidence/event_log.h"
#include "rig/evidence/export.h"
#include "rig/evidence/files.h"
#include "rig/evidence/json.h"
#include "rig/evidence/junit.h"
#include "rig/evidence/manifest.h"
#include "rig/evidence/summary.h"
#include "rig/evidence/text.h"
#include "rig/measure/catalog.h"
#include "rig/measure/motion_quantities.h"
#include "rig/measure/sine_quantities.h"
#include "rig/run/own_quantities.h"
#include "rig/run/resolution.h"

namespace rig {
namespace {

// What reports/soleus_report/forms can fill.
constexpr std::array<std::string_view, 2> kForms{"fda-510k", "iec60601-2-10"};

// What is no longer as the run left it. Pages are made from the record, so that they can be made
// anew.
struct Alterations {
  std::vector<std::string> record;
  std::vector<std::string> pages;

  [[nodiscard]] bool none() const { return record.empty() && pages.empty(); }
};

std::vector<std::string> pages_of(std::string_view form) {
  if (form.empty()) return {"report.html", "trace.csv"};
  return {std::string(form) + ".html", std::string(form) + ".pdf"};
}

bool is_page(std::string_view name) {
  const auto among = [name](std::string_view form) {
    const std::vector<std::string> pages = pages_of(form);
    return std::ranges::find(pages, name) != pages.end();
  };
  return among("") || std::ranges::any_of(kForms, among);
}

// Each is told; what only lies beside the record alters nothing. A killed run has no manifest.
Alterations alterations_of(const std::string& folder, bool finished) {
  Alterations found;
  std::vector<std::string> all;
  if (std::filesystem::exists(std::filesystem::path(folder) / "manifest")) {
    all = check_manifest(folder);
  } else if (finished) {
    all.emplace_back("missing: manifest");
  }
  for (const std::string& what : all) {
    const bool beside = what.starts_with("extra: ");
    const bool page = is_page(what.substr(what.find(": ") + 2));
    if (beside && page) continue;  // made of a run that was altered, and so not sealed
    std::fprintf(stderr, "rig: %s: %s\n", folder.c_str(), to_one_line(what).c_str());
    if (!beside) (page ? found.pages : found.record).push_back(what);
  }
  return found;
}

bool tells_of_a_plant(const RunRecord& run) {
  return std::ranges::any_of(run.cases, [](const CaseRecord& c) {
    return std::ranges::any_of(c.steps, [](const StepRecord& s) { return s.kind == "inform"; });
  });
}

// A run on a medium that cannot be written has its pages made elsewhere.
bool renew(const std::filesystem::path& file, const std::string& text) {
  if (std::filesystem::exists(file) && read_file(file) == text) return false;
  write_file(file, text);
  return true;
}

void check_form(const ReportCommand& options) {
  const std::string& form = options.form;
  if (form.empty()) return;
  if (std::ranges::find(kForms, form) == kForms.end()) {
    throw InputError("unknown form '" + form + "'" + did_you_mean(form, kForms));
  }
  if (options.json) throw InputError("--json prints the trace matrix of a report, not of a form");
  const std::string& out = options.out;
  if (!out.empty() && !std::filesystem::is_directory(out) && !out.ends_with(".html") &&
      !out.ends_with(".pdf")) {
    throw InputError(out + ": expected a folder, or a name that ends in .html or .pdf");
  }
}

void run_reporter(const std::string& folder, const std::vector<std::string>& words,
                  const std::vector<std::string>& altered, const std::string& input = {}) {
  std::vector<std::string> all{"-m", "soleus_report"};
  all.insert(all.end(), words.begin(), words.end());
  for (const std::string& what : altered) all.push_back("--altered=" + to_one_line(what));
  if (!run_python(all, input)) throw RigError("the report of " + folder + " could not be made");
}

void make_form(const ReportCommand& options, const std::vector<std::string>& altered) {
  std::vector<std::string> words{options.folder, "--form=" + options.form};
  if (!options.out.empty()) words.push_back("--out=" + options.out);
  run_reporter(options.folder, words, altered);
}

void print_step(const StepRecord& step) {
  std::printf("  %-5s %-12s %s\n", step.path.c_str(), std::string(to_string(step.verdict)).c_str(),
              to_one_line(step.text).c_str());
  if (!step.error.empty()) std::printf("        error: %s\n", to_one_line(step.error).c_str());
  for (const Finding& f : step.findings) {
    std::printf("        %-12s %s: %s, expected %s%s%s\n",
                std::string(to_string(f.verdict)).c_str(), f.quantity.c_str(),
                to_one_line(f.found).c_str(), f.expected.c_str(), f.requirement.empty() ? "" : " ",
                f.requirement.c_str());
    if (!f.reason.empty()) std::printf("                     %s\n", to_one_line(f.reason).c_str());
  }
}

void explain_own(const std::string& name, const OwnQuantity& own) {
  const std::string unit(own.unit.empty() ? "words, or what the device says" : own.unit);
  std::printf("%s\n  unit        %s\n  definition  %s\n  source      %s\n  limit       %s\n",
              name.c_str(), unit.c_str(), std::string(own.definition).c_str(),
              std::string(own.source).c_str(), std::string(own.limit).c_str());
}

}  // namespace

RunRecord record_of(const std::string& folder) {
  if (!std::filesystem::is_directory(folder)) throw InputError(folder + ": no such run folder");
  if (!std::filesystem::exists(std::filesystem::path(folder) / "events.jsonl")) {
    throw InputError(folder + ": not a run folder, it has no events.jsonl");
  }
  return read_record(folder);
}

int list_command(const PlanOptions& options, bool json) {
  const Plan plan = make_plan(options);
  if (json) std::printf("[");
  bool first = true;
  for (const Scenario& s : plan.scenarios) {
    if (json) {
      std::printf(
          "%s\n  {\"id\": %s, \"title\": %s, \"file\": %s, \"verifies\": %s, \"tags\": %s, "
          "\"needs\": %s}",
          first ? "" : ",", json_string(s.id).c_str(), json_string(s.title).c_str(),
          json_string(s.file).c_str(), json_list(s.verifies).c_str(), json_list(s.tags).c_str(),
          json_list(s.needs).c_str());
    } else {
      std::printf("%s\n", s.id.c_str());
    }
    first = false;
  }
  if (json) std::printf("\n]\n");
  return plan.scenarios.empty() ? kExitNothingRan : 0;
}

int explain_command(const std::string& name) {
  if (name.empty()) {
    for (const QuantityInfo& q : quantities()) {
      std::printf("%-22s %-3s %s\n", std::string(q.name).c_str(), std::string(q.unit).c_str(),
                  std::string(q.definition).c_str());
    }
    for (const PlantQuantity& q : plant_quantities()) {
      std::printf("%-22s %-3s %s\n", std::string(q.info.name).c_str(),
                  std::string(q.info.unit).c_str(), std::string(q.info.definition).c_str());
    }
    for (const OwnQuantity& q : own_quantities()) {
      std::printf("%-22s %-3s %s\n", std::string(q.name).c_str(), std::string(q.unit).c_str(),
                  std::string(q.definition).c_str());
    }
    return 0;
  }
  if (const OwnQuantity* own = find_own_quantity(name)) {
    explain_own(name, *own);
    return 0;
  }
  if (const PlantQuantity* of_plant = find_plant_quantity(name)) {
    std::printf(
        "%s\n  unit        %s\n  definition  %s\n  source      %s\n"
        "  informative: for `inform` steps, never held against a limit\n",
        name.c_str(), std::string(of_plant->info.unit).c_str(),
        std::string(of_plant->info.definition).c_str(), std::string(of_plant->info.source).c_str());
    return 0;
  }
  const std::optional<QuantityName> found = find_quantity(name);
  if (!found) {
    std::vector<std::string_view> names;
    for (const QuantityInfo& q : quantities()) names.push_back(q.name);
    for (const OwnQuantity& q : own_quantities()) names.push_back(q.name);
    throw InputError("unknown quantity '" + name + "'" + did_you_mean(name, names));
  }
  const QuantityInfo& q = *found->info;
  std::printf("%s\n  unit        %s (%s, such as %s)\n  definition  %s\n  source      %s\n",
              std::string(q.name).c_str(), std::string(q.unit).c_str(),
              std::string(q.dimension).c_str(), std::string(dimension(q.dimension).example).c_str(),
              std::string(q.definition).c_str(), std::string(q.source).c_str());
  if (q.per_pulse) {
    const bool window = is_of_a_sine(q.name) || is_of_a_motion(q.name);
    const char* each = window ? "window" : "pulse";
    std::printf("  statistics  every %s has to hold; or .mean .min .max .first .last .sd\n", each);
  }
  return 0;
}

int schema_command() {
  std::printf("%s", scenario_schema().c_str());
  return 0;
}

std::string make_report(const RunRecord& run, const std::string& folder, const std::string& out,
                        const std::vector<std::string>& altered, bool json) {
  std::vector<std::string> words{folder};
  const bool plant = tells_of_a_plant(run);
  if (plant) words.emplace_back("--plant");
  if (!out.empty()) words.push_back("--out=" + out);
  if (json) words.emplace_back("--json");
  run_reporter(folder, words, altered, plant ? second_heart_json() : "");
  return out.empty() ? (std::filesystem::path(folder) / "report.html").string() : out;
}

int report_command(const ReportCommand& options) {
  check_form(options);
  RunRecord run = record_of(options.folder);
  run.verdict = run_verdict(run);
  const Alterations altered = alterations_of(options.folder, run.finished);
  const std::filesystem::path at = options.folder;
  bool renewed = renew(at / "record.json", to_json(run));
  renewed = renew(at / "junit.xml", junit_xml(run)) || renewed;
  if (options.form.empty()) {
    const std::string page =
        make_report(run, options.folder, options.out, altered.record, options.json);
    if (!options.json) std::printf("%s\n", page.c_str());
  } else {
    make_form(options, altered.record);
  }
  const std::vector<std::string> made =
      options.out.empty() ? pages_of(options.form) : std::vector<std::string>{};
  const bool whole = std::ranges::all_of(altered.pages, [&made](const std::string& what) {
    return std::ranges::find(made, what.substr(what.find(": ") + 2)) != made.end();
  });
  if (altered.record.empty() && whole && (renewed || options.out.empty())) {
    write_manifest(options.folder);
  }
  return altered.none() ? 0 : kExitRigErrorOrBlocked;
}

int show_command(const std::string& folder, const std::string& filter, bool json) {
  RunRecord run = record_of(folder);
  run.verdict = run_verdict(run);
  const int code = alterations_of(folder, run.finished).none() ? 0 : kExitRigErrorOrBlocked;
  if (json) {
    std::printf("%s\n", to_json(run).c_str());
    return code;
  }
  const auto chosen = [&filter](const CaseRecord& record) {
    return record.id.find(filter) != std::string::npos;
  };
  if (!filter.empty() && std::ranges::none_of(run.cases, chosen)) {
    throw InputError("no case of this run has '" + filter + "' in its id");
  }
  for (const CaseRecord& record : run.cases) {
    if (!chosen(record)) continue;
    std::printf("%s  %s\n", std::string(to_string(record.verdict)).c_str(), record.id.c_str());
    if (filter.empty()) continue;
    for (const StepRecord& step : record.steps) print_step(step);
  }
  std::printf("%s", summary_text(run).c_str());
  return code;
}

int export_command(const ExportCommand& options) {
  if (!std::filesystem::exists(options.capture)) {
    throw InputError(options.capture + ": no such file");
  }
  const auto opened = [&options] {
    try {
      return std::make_unique<CaptureReader>(std::filesystem::path(options.capture));
    } catch (const RigError& error) {
      throw InputError(error.what());
    }
  };
  const std::unique_ptr<CaptureReader> capture = opened();
  ExportOptions how;
  if (options.segment >= 0) how.segment = static_cast<std::uint32_t>(options.segment);
  export_capture(*capture, options.to, how);
  std::printf("%s\n", options.to.c_str());
  return 0;
}

}  // namespace rig

#include "rig/app/plan.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <utility>

#include "fixtures/simulated/bench.h"
#include "rig/app/places.h"
#include "rig/dut/stimulator.h"
#include "rig/instruments/instrument_bench.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

bool is_scenario_file(const fs::path& path) {
  const std::string name = path.filename().string();
  return path.extension() == ".yaml" && name != "suite.yaml" && !name.starts_with("_");
}

bool of_one_kind(const std::optional<Suite>& a, const std::optional<Suite>& b) {
  if (!a || !b) return !a && !b;
  return a->spec == b->spec && a->bench == b->bench;
}

// A folder inside another one, with a suite of its own for another device or bench.
bool stands_apart(const fs::path& folder, const std::string& from) {
  std::error_code failed;
  if (!fs::is_regular_file(folder / "suite.yaml", failed)) return false;
  return !of_one_kind(find_suite(folder.string()), find_suite(from));
}

std::vector<std::string> scenario_files(const std::vector<std::string>& paths,
                                        std::vector<std::string>& apart) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code failed;
    if (!fs::is_directory(path, failed)) {
      files.push_back(path);  // whoever reads it says if it is not there
      continue;
    }
    std::vector<std::string> inside;
    fs::recursive_directory_iterator entry(path, failed);
    for (; !failed && entry != fs::recursive_directory_iterator(); entry.increment(failed)) {
      if (entry->is_directory() && stands_apart(entry->path(), path)) {
        apart.push_back(entry->path().lexically_normal().string());
        entry.disable_recursion_pending();
      } else if (entry->is_regular_file() && is_scenario_file(entry->path())) {
        inside.push_back(entry->path().lexically_normal().string());
      }
    }
    if (failed) throw InputError(path + ": " + failed.message());
    if (inside.empty()) throw InputError(path + ": no scenario files (*.yaml) in this folder");
    std::ranges::sort(inside);
    files.insert(files.end(), inside.begin(), inside.end());
  }
  return files;
}

struct Shard {
  std::size_t which = 1;
  std::size_t of = 1;
};

Shard read_shard(const std::string& text) {
  Shard shard;
  const auto slash = text.find('/');
  const auto number = [&](std::size_t from, std::size_t to, std::size_t& value) {
    const auto [end, failed] = std::from_chars(text.data() + from, text.data() + to, value);
    return failed == std::errc{} && end == text.data() + to;
  };
  const bool good = slash != std::string::npos && number(0, slash, shard.which) &&
                    number(slash + 1, text.size(), shard.of) && shard.which >= 1 &&
                    shard.which <= shard.of;
  if (!good) throw InputError("--shard: expected k/n such as 2/5, found '" + text + "'");
  return shard;
}

constexpr const char* kUsualFolder = "scenarios";

// The spec and the bench may lie beside the scenarios.
void drop(std::vector<std::string>& files, const std::string& named, const PlanOptions& options) {
  std::erase_if(files, [&](const std::string& file) {
    std::error_code none;
    return std::ranges::find(options.paths, file) == options.paths.end() &&
           fs::equivalent(file, named, none);
  });
}

std::string folder_of(const std::string& file) {
  const fs::path path = file;
  return path.has_parent_path() ? path.parent_path().string() : ".";
}

// A run has one spec and one bench: those of another suite would judge the wrong device.
void demand_one_suite(const std::vector<std::string>& files, const std::optional<Suite>& suite) {
  std::string seen = folder_of(files.front());
  for (const std::string& file : files) {
    const std::string folder = folder_of(file);
    if (folder == std::exchange(seen, folder) || of_one_kind(find_suite(folder), suite)) continue;
    throw InputError(file + ": it is not of the suite of " + files.front() +
                     ": run one suite after the other, or give --spec and --bench for both");
  }
}

}  // namespace

Plan make_plan(const PlanOptions& given) {
  PlanOptions options = given;
  if (options.paths.empty()) {
    if (!fs::is_directory(kUsualFolder)) {
      throw InputError("no scenario given, and no folder 'scenarios' here");
    }
    options.paths = {kUsualFolder};
  }
  std::vector<std::string> apart;
  std::vector<std::string> files = scenario_files(options.paths, apart);
  if (files.empty()) throw InputError("no scenario given");
  const fs::path first = files.front();
  const std::optional<Suite> suite = find_suite(folder_of(files.front()));
  if (options.spec.empty() || options.bench.empty()) demand_one_suite(files, suite);
  Plan plan{.title = suite ? suite->title : "no suite"};
  plan.apart = std::move(apart);
  std::ranges::sort(plan.apart);
  if (suite) plan.faults = suite->faults;
  const std::string spec = !options.spec.empty() ? options.spec : suite ? suite->spec : "";
  plan.bench_file = !options.bench.empty() ? options.bench : suite ? suite->bench : "";
  if (spec.empty()) throw InputError("no spec: give --spec, or a suite.yaml beside the scenarios");
  if (plan.bench_file.empty()) {
    throw InputError("no bench: give --bench, or a suite.yaml beside the scenarios");
  }
  drop(files, spec, options);
  drop(files, plan.bench_file, options);
  if (files.empty()) throw InputError("no scenario given");
  plan.spec = load_spec(spec);
  plan.bench = load_bench(plan.bench_file, options.firmware, image_folders());

  std::string root = options.paths.front();
  for (fs::path at = first.parent_path();; at = at.parent_path()) {
    std::error_code failed;
    if (fs::exists(at / "suite.yaml", failed)) root = at.string();
    if (at.empty() || at == at.parent_path()) break;
  }
  std::error_code failed;
  if (fs::is_regular_file(root, failed)) root = fs::path(root).parent_path().string();
  std::vector<Scenario> all;
  std::vector<std::string> errors;  // the first of each file
  for (const std::string& file : files) {
    try {
      std::vector<Scenario> rows = load_scenarios(file, root, plan.spec);
      std::ranges::move(rows, std::back_inserter(all));
    } catch (const InputError& error) {
      errors.emplace_back(error.what());
    }
  }
  if (!errors.empty()) throw InputErrors(errors);
  for (const Scenario& scenario : all) plan.found.push_back(scenario.id);
  const Shard shard = options.shard.empty() ? Shard{} : read_shard(options.shard);
  const Filter filter(options.filter);
  std::size_t accepted = 0;
  for (Scenario& scenario : all) {
    if (!filter.accepts(scenario)) continue;
    bench_for(scenario, plan.bench);  // it is there
    if (accepted++ % shard.of == shard.which - 1) plan.scenarios.push_back(std::move(scenario));
  }
  return plan;
}

BenchSettings bench_for(const Scenario& scenario, const BenchSettings& bench) {
  if (scenario.firmware.empty()) return bench;
  const auto* simulated = std::get_if<SimulatedBenchSettings>(&bench);
  if (simulated == nullptr) return bench;  // it has no capability 'firmware': the case is BLOCKED
  SimulatedBenchSettings other = *simulated;
  for (const std::string& folder : image_folders()) {
    other.firmware = (fs::path(folder) / scenario.firmware).string();
    if (fs::exists(other.firmware)) return other;
  }
  throw InputError(scenario.file + ": no image '" + scenario.firmware +
                   "' among those built with the rig");
}

Bench open_bench(const BenchSettings& settings, std::uint64_t seed) {
  if (const auto* table = std::get_if<InstrumentBenchSettings>(&settings)) {
    return open_instrument_bench(*table);
  }
  return open_simulated_bench(std::get<SimulatedBenchSettings>(settings), seed);
}

BenchFacts try_bench(const Plan& plan, std::uint64_t seed) {
  const Bench bench = open_bench(plan.bench, seed);
  make_stimulator(bench.facts, *bench.link, *bench.clock);
  return bench.facts;
}

}  // namespace rig

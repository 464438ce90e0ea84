#include "rig/config/scenario.h"

#include <algorithm>
#include <filesystem>

#include "rig/config/disturbances.h"
#include "rig/config/keys.h"
#include "rig/config/steps.h"
#include "rig/config/suggest.h"
#include "rig/core/join.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostRows = 1'000'000;

using Row = std::vector<std::pair<std::string, std::string>>;

std::vector<Row> product_of(const Yaml& sweep) {
  if (!sweep.is_map() || sweep.entries.empty()) {
    throw sweep.error("expected parameters such as {amplitude: [10 mA, 40 mA]}, found " +
                      sweep.found());
  }
  std::size_t rows = 1;
  for (const auto& [name, values] : sweep.entries) {
    if (!values.is_list() || values.items.empty()) {
      throw values.error("expected a list of values for '" + name.scalar + "', found " +
                         values.found());
    }
    rows *= values.items.size();
    if (rows > kMostRows) {
      throw sweep.error("the sweep has more than " + std::to_string(kMostRows) + " rows");
    }
  }
  std::vector<Row> all{Row{}};
  for (const auto& [name, values] : sweep.entries) {
    std::vector<Row> longer;
    longer.reserve(all.size() * values.items.size());
    for (const Row& row : all) {
      for (const Yaml& value : values.items) {
        longer.push_back(row);
        longer.back().emplace_back(name.scalar, read_text(value, "a value"));
      }
    }
    all = std::move(longer);
  }
  return all;
}

std::vector<Row> rows_of(const Yaml& root) {
  const Yaml* sweep = root.find("sweep");
  const Yaml* list = root.find("rows");
  if (sweep != nullptr && list != nullptr) {
    throw list->error("a scenario has a sweep or rows, not both");
  }
  if (sweep != nullptr) return product_of(*sweep);
  if (list == nullptr) return {Row{}};
  if (!list->is_list() || list->items.empty()) {
    throw list->error("expected a list of rows, found " + list->found());
  }
  std::vector<Row> rows;
  for (const Yaml& item : list->items) {
    if (!item.is_map() || item.entries.empty())
      throw item.error("expected a row such as {rate: 1 Hz}, found " + item.found());
    Row row;
    for (const auto& [name, value] : item.entries) {
      row.emplace_back(name.scalar, read_text(value, "a value"));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

// Replaces ${name} in every scalar.
void substitute(Yaml& node, const Row& row) {
  for (Yaml& item : node.items) substitute(item, row);
  for (auto& [key, value] : node.entries) substitute(value, row);
  std::size_t at = 0;
  while ((at = node.scalar.find("${", at)) != std::string::npos) {
    const auto end = node.scalar.find('}', at);
    if (end == std::string::npos) {
      throw node.error("expected a } after '" + node.scalar.substr(at) + "'");
    }
    const std::string name = node.scalar.substr(at + 2, end - at - 2);
    const auto found = std::ranges::find(row, name, &Row::value_type::first);
    if (found == row.end()) {
      std::vector<std::string> names;
      for (const auto& [known, value] : row) names.push_back(known);
      throw node.error("no sweep parameter '" + name + "'" + did_you_mean(name, names));
    }
    node.scalar.replace(at, end - at + 1, found->second);
    at += found->second.size();
  }
}

std::string id_of(const std::string& path, const std::string& root, const Row& row) {
  fs::path relative = fs::path(path).lexically_relative(root);
  if (relative.empty() || *relative.begin() == "..") relative = fs::path(path).filename();
  std::string id = relative.replace_extension().generic_string();
  if (row.empty()) return id;
  std::string parameters;
  for (const auto& [name, value] : row) {
    add_item(parameters, ",", name, "=", value);
  }
  return id + "[" + parameters + "]";
}

void add_needs(const std::vector<Step>& steps, std::vector<std::string>& needs) {
  const auto need = [&needs](std::string capability) {
    if (std::ranges::find(needs, capability) == needs.end()) needs.push_back(std::move(capability));
  };
  for (const Step& step : steps) {
    if (const auto* disturb = std::get_if<DisturbStep>(&step.action)) {
      need(capability_for(disturb->what));
      if (step.at && step.at->pulse > 0) need("moment.pulse");
    }
    if (const auto* capture = std::get_if<std::shared_ptr<CaptureStep>>(&step.action)) {
      for (const std::string& channel : (*capture)->setup.channels) need("channel." + channel);
      add_needs((*capture)->during, needs);
    }
  }
}

bool expects_something(const std::vector<Step>& steps) {
  return std::ranges::any_of(
      steps, [](const Step& step) { return std::holds_alternative<ExpectStep>(step.action); });
}

}  // namespace

std::vector<Scenario> load_scenarios(const std::string& path, const std::string& root,
                                     const Spec& spec) {
  const Yaml file = read_yaml(path);
  check_keys(file, "scenario");
  std::vector<Scenario> scenarios;
  Scenario common{.title = read_text(*file.find("scenario"), "a title"), .file = path};
  if (const Yaml* verifies = file.find("verifies")) {
    common.verifies = read_words(*verifies, "requirement ids");
    for (const std::string& id : common.verifies) {
      if (spec.requirements.contains(id)) continue;
      std::vector<std::string> ids;
      for (const auto& [known, r] : spec.requirements) ids.push_back(known);
      throw verifies->error("no requirement '" + id + "' in " + spec.file + did_you_mean(id, ids));
    }
  }
  if (const Yaml* tags = file.find("tags")) common.tags = read_words(*tags, "tags");
  if (const Yaml* needs = file.find("needs")) common.needs = read_words(*needs, "capabilities");

  for (const Row& row : rows_of(file)) {
    const StepContext on{.spec = spec,
                         .folder = fs::path(path).parent_path().string(),
                         .including = {fs::path(path).lexically_normal().string()},
                         .fill_in = [&row](Yaml& node) { substitute(node, row); }};
    Scenario scenario = common;
    scenario.id = id_of(path, root, row);
    scenario.parameters = row;
    if (const Yaml* firmware = file.find("firmware")) {
      Yaml image = *firmware;
      on.fill_in(image);
      scenario.firmware = read_text(image, "an image");
      scenario.needs.emplace_back("firmware");
    }
    Yaml steps = *file.find("steps");
    on.fill_in(steps);
    scenario.steps = read_steps(steps, "", on);
    check_sense(scenario.steps);
    add_needs(scenario.steps, scenario.needs);
    if (!expects_something(scenario.steps)) {
      throw file.find("steps")->error("this scenario expects nothing: a run of it could not pass");
    }
    scenarios.push_back(std::move(scenario));
  }
  return scenarios;
}

std::optional<Suite> find_suite(const std::string& folder) {
  for (fs::path at = fs::absolute(folder).lexically_normal();; at = at.parent_path()) {
    const fs::path file = at / "suite.yaml";
    std::error_code not_there;  // or not to be looked at, or a path too long to be one
    if (fs::is_regular_file(file, not_there)) {
      const std::string name = fs::proximate(file).string();
      const Yaml root = read_yaml(name);
      check_keys(root, "suite");
      const auto resolved = [&](std::string_view key) {
        const fs::path relative = read_text(*root.find(key), "a path");
        return (fs::path(name).parent_path() / relative).lexically_normal().string();
      };
      return Suite{.title = read_text(*root.find("suite"), "a title"),
                   .spec = resolved("spec"),
                   .bench = resolved("bench"),
                   .faults = root.find("faults") != nullptr ? resolved("faults") : ""};
    }
    if (at == at.parent_path()) return std::nullopt;
  }
}

}  // namespace rig

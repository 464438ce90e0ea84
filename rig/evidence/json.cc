#include "rig/evidence/json.h"

#include <algorithm>
#include <tuple>

#include "rig/evidence/files.h"
#include "rig/evidence/json_archive.h"

namespace rig {
namespace {

using json::Json;

constexpr const char* kSchema = "soleus-rig record 1";
constexpr int kIndent = 1;

Json parsed(std::string_view text, const std::string& name) {
  Json document = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (document.is_discarded()) throw RigError(name + ": not JSON, or cut short");
  return document;
}

template <typename T>
T decoded(const Json& document, const std::string& name) {
  try {
    T value;
    json::decode(document, value);
    return value;
  } catch (const json::Misfit& wrong) {
    throw RigError(name + ": " + wrong.path + (wrong.path.empty() ? "" : ": ") + "expected " +
                   wrong.expected + ", found " + wrong.found.substr(0, 80));
  }
}

// "lead_off.yaml:12:5" of "scenarios/safety/lead_off.yaml:12:5".
std::string place_in_file(const std::string& where) {
  return where.substr(where.find_last_of('/') + 1);
}

}  // namespace

std::string to_json(const RunRecord& run) {
  Json document = Json::object();
  document["schema"] = kSchema;
  document.update(json::encode(run));
  return document.dump(kIndent) + "\n";
}

std::string to_json(const CaseRecord& record) { return json::encode(record).dump(); }
std::string to_json(const StepRecord& step) { return json::encode(step).dump(); }
std::string to_json(const Finding& finding) { return json::encode(finding).dump(); }

RunRecord run_from_json(std::string_view text, const std::string& name) {
  const Json document = parsed(text, name);
  const Json schema = document.is_object() ? document.value("schema", Json()) : Json();
  if (schema != kSchema) {
    throw RigError(name + ": schema: expected \"" + kSchema + "\", found " + schema.dump());
  }
  return decoded<RunRecord>(document, name);
}

CaseRecord case_from_json(std::string_view text, const std::string& name) {
  return decoded<CaseRecord>(parsed(text, name), name);
}

StepRecord step_from_json(std::string_view text, const std::string& name) {
  return decoded<StepRecord>(parsed(text, name), name);
}

Finding finding_from_json(std::string_view text, const std::string& name) {
  return decoded<Finding>(parsed(text, name), name);
}

void write_record(const std::filesystem::path& run_folder, const RunRecord& run) {
  write_file(run_folder / "record.json", to_json(run));
}

RunRecord load_record(const std::filesystem::path& file) {
  return run_from_json(read_file(file), file.string());
}

std::string content_sha256(const RunRecord& run) {
  RunRecord content = run;
  content.id.clear();
  content.started_utc.clear();
  content.wall_seconds = 0;
  content.content_sha256.clear();
  content.bench_file.clear();  // how the paths were typed is no content: their hashes are
  content.spec_file.clear();
  for (CaseRecord& record : content.cases) {
    record.wall_seconds = 0;
    record.file.clear();
    for (StepRecord& step : record.steps) step.where = place_in_file(step.where);
  }
  std::ranges::stable_sort(content.cases, {}, [](const CaseRecord& record) {
    return std::tuple(record.index, record.attempt);
  });
  return sha256_hex(to_json(content));
}

}  // namespace rig

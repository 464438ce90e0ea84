#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "rig/evidence/event_line.h"
#include "rig/evidence/event_log.h"
#include "rig/evidence/files.h"
#include "rig/evidence/json.h"

namespace rig {
namespace {

using json::Json;

constexpr const char* kUnended = "the run ended inside this case";

std::string name_of(std::int64_t chain) {
  return chain == kRunChain ? "the run" : "case " + std::to_string(chain);
}

// Puts the record together from its lines.
class Rebuild {
 public:
  void take(std::string_view line) {
    const auto event = parse_event(line);
    if (!event) return;
    std::string type;
    std::int64_t of_case = 0;
    json::Reader fields(*event);
    fields("type", type);
    fields("case", of_case);
    check_chain(fields, of_case, line);
    if (of_case == kRunChain) {
      take_run_event(type, fields);
    } else {
      take_case_event(type, of_case, fields, *event);
    }
  }

  bool begun() const { return begun_; }

  RunRecord result() && {
    std::set<std::string> missing(run_.planned.begin(), run_.planned.end());
    bool all_complete = true;
    for (auto& [index, attempts] : cases_) {
      for (CaseRecord& record : attempts) {
        if (!record.complete) {
          record.verdict = Verdict::kError;
          record.reason = kUnended;
        }
        missing.erase(record.id);
        run_.cases.push_back(std::move(record));
      }
      all_complete = all_complete && run_.cases.back().complete;
    }
    run_.finished = ended_ && run_.finished && all_complete && missing.empty();
    if (!run_.finished) run_.verdict = Verdict::kError;
    run_.content_sha256 = content_sha256(run_);
    return std::move(run_);
  }

 private:
  struct Chain {
    std::uint64_t next_seq = 0;
    std::string prev = std::string(64, '0');
  };

  void check_chain(json::Reader& fields, std::int64_t of_case, std::string_view line) {
    std::uint64_t seq = 0;
    std::string prev;
    fields("seq", seq);
    fields("prev", prev);
    Chain& chain = chains_[of_case];
    const std::string broken = "the chain of " + name_of(of_case) + " is broken: ";
    if (seq != chain.next_seq) {
      throw RigError(broken + "expected line " + std::to_string(chain.next_seq) + " of it, found " +
                     std::to_string(seq));
    }
    if (prev != chain.prev) throw RigError(broken + "the line before this one was altered");
    chain = {.next_seq = seq + 1, .prev = sha256_hex(line)};
  }

  void take_run_event(const std::string& type, json::Reader& fields) {
    if (type == "run_begin") {
      if (begun_) throw RigError("a second run_begin");
      describe_head(fields, run_);
      run_.finished = false;
      begun_ = true;
    } else if (type == "run_end") {
      describe_outcome(fields, run_);
      ended_ = true;
    } else {
      throw RigError("unknown event '" + type + "' of the run");
    }
  }

  void take_case_event(const std::string& type, std::int64_t of_case, json::Reader& fields,
                       const Json& event) {
    auto& attempts = cases_[of_case];
    if (type == "case_begin") {
      describe_head(fields, attempts.emplace_back());
      attempts.back().complete = false;
      return;
    }
    if (attempts.empty() || (type == "step" && attempts.back().complete)) {
      throw RigError("a " + type + " outside of " + name_of(of_case));
    }
    if (type == "step") {
      json::decode(event, attempts.back().steps.emplace_back());
    } else if (type == "case_end") {
      describe_outcome(fields, attempts.back());
      attempts.back().complete = true;
    } else {
      throw RigError("unknown event '" + type + "' of " + name_of(of_case));
    }
  }

  RunRecord run_;
  bool begun_ = false;
  bool ended_ = false;
  std::map<std::int64_t, std::vector<CaseRecord>> cases_;  // every attempt, in order
  std::map<std::int64_t, Chain> chains_;
};

}  // namespace

std::optional<Json> parse_event(std::string_view line) {
  constexpr std::string_view kOpening = R"({"type":")";
  const std::string_view shared = kOpening.substr(0, line.size());
  if (!line.starts_with(shared)) json::misfit("an event", std::string(to_utf8(line)));
  Json event = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (event.is_discarded()) return std::nullopt;
  return event;
}

RunRecord read_record(const std::filesystem::path& run_folder) {
  const std::filesystem::path path = run_folder / kEventFile;
  Rebuild rebuild;
  for_each_line(read_file(path), [&](std::string_view line, std::size_t number) {
    const auto where = [&] { return path.string() + ":" + std::to_string(number) + ": "; };
    try {
      rebuild.take(line);
    } catch (const json::Misfit& wrong) {
      throw RigError(where() + wrong.path + (wrong.path.empty() ? "" : ": ") + "expected " +
                     wrong.expected + ", found " + wrong.found.substr(0, 80));
    } catch (const RigError& error) {
      throw RigError(where() + error.what());
    }
  });
  if (!rebuild.begun()) throw RigError(path.string() + ": no run_begin: nothing is known of a run");
  return std::move(rebuild).result();
}

}  // namespace rig

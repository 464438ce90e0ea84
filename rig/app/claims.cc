#include "rig/app/claims.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <variant>

namespace rig {
namespace {

void note_held(const std::vector<Step>& steps, std::set<std::string>& held) {
  const auto note = [&held](const std::string& requirement, const std::string& limit) {
    held.insert(requirement);
    held.insert(requirement + "." + limit);
  };
  for (const Step& step : steps) {
    if (!step.answer_limit.empty()) note(step.requirement, step.answer_limit);
    if (const auto* capture = std::get_if<std::shared_ptr<CaptureStep>>(&step.action)) {
      note_held((*capture)->during, held);
    } else if (const auto* expect = std::get_if<ExpectStep>(&step.action)) {
      for (const Expectation& e : expect->expectations) note(e.limit.requirement, e.limit.name);
    }
  }
}

}  // namespace

std::vector<std::string> Claims::not_held() const {
  std::vector<std::string> ids;
  std::ranges::set_difference(verified, held, std::back_inserter(ids));
  return ids;
}

std::map<std::string, Claims> claims_by_file(const std::vector<Scenario>& scenarios) {
  std::map<std::string, Claims> files;
  for (const Scenario& scenario : scenarios) {
    Claims& claims = files[scenario.file];
    note_held(scenario.steps, claims.held);
    claims.verified.insert(scenario.verifies.begin(), scenario.verifies.end());
  }
  return files;
}

}  // namespace rig

#include "rig/config/quarantine.h"

#include <algorithm>

#include "rig/config/keys.h"
#include "rig/config/suggest.h"

namespace rig {
namespace {

bool answers_to(const std::string& id, const std::string& entry) {
  return id == entry || (id.starts_with(entry) && id[entry.size()] == '[');
}

std::string without_row(const std::string& id) { return id.substr(0, id.find('[')); }

}  // namespace

std::vector<Quarantined> load_quarantine(const std::string& path,
                                         const std::vector<std::string>& ids) {
  const Yaml root = read_yaml(path);
  if (!root.is_list()) throw root.error("expected a list of {case, reason}, found " + root.found());
  std::vector<Quarantined> entries;
  for (const Yaml& item : root.items) {
    check_keys(item, "quarantined");
    const Yaml& which = *item.find("case");
    const Yaml& why = *item.find("reason");
    Quarantined entry{.cases = read_text(which, "a case id"), .reason = read_text(why, "a reason")};
    if (entry.reason.find_first_not_of(" \t\n") == std::string::npos) {
      throw why.error("expected the reason why this case may fail, found nothing");
    }
    const auto known = [&](const std::string& id) { return answers_to(id, entry.cases); };
    if (std::ranges::none_of(ids, known)) {
      std::vector<std::string> names(ids.size());
      std::ranges::transform(ids, names.begin(), without_row);
      throw which.error("no case is called '" + entry.cases + "'" +
                        did_you_mean(entry.cases, names));
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

const Quarantined* find_quarantine(const std::vector<Quarantined>& entries, const std::string& id) {
  const auto found =
      std::ranges::find_if(entries, [&](const Quarantined& q) { return answers_to(id, q.cases); });
  return found == entries.end() ? nullptr : &*found;
}

}  // namespace rig

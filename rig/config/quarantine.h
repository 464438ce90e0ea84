// The quarantine: cases whose failures are known, each with the reason why it may still fail.
#pragma once

#include <string>
#include <vector>

namespace rig {

struct Quarantined {
  std::string cases;  // an id, or the scenario's part of it for all of its rows
  std::string reason;
};

// A list of {case: safety/led, reason: "..."}. Throws InputError with file:line:column for an entry
// without a reason and for one that no case of these ids answers to.
std::vector<Quarantined> load_quarantine(const std::string& path,
                                         const std::vector<std::string>& ids);

// The entry for a case; nullptr: none.
const Quarantined* find_quarantine(const std::vector<Quarantined>& entries, const std::string& id);

}  // namespace rig

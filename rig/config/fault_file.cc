#include "rig/config/fault_file.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>

#include "rig/config/keys.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

// All before the first file of the diff.
std::string head_of(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw InputError(path + ": cannot be read");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto diff = text.find("\n--- ");
  if (diff == std::string::npos) throw InputError(path + ": no diff, expected a line '--- a/FILE'");
  return text.substr(0, diff + 1);
}

Magnitude read_magnitude(const Yaml& node) {
  check_keys(node, "magnitude");
  constexpr long kMost = std::numeric_limits<int>::max();
  const auto number = [&](const char* key) { return read_integer(*node.find(key), -kMost, kMost); };
  Magnitude m{.macro = read_text(*node.find("macro"), "a macro"),
              .unit = read_text(*node.find("unit"), "a unit"),
              .harmless = number("from"),
              .worst = number("to"),
              .usual = number("default")};
  const auto [low, high] = std::minmax(m.harmless, m.worst);
  if (low == high || m.usual < low || m.usual > high || m.usual == m.harmless) {
    throw node.error("expected a default between from, which is harmless, and to");
  }
  return m;
}

long number_of(const FaultFile& fault) { return std::strtol(fault.id.c_str() + 1, nullptr, 10); }

}  // namespace

FaultFile read_fault(const std::string& path) {
  const Yaml head = parse_yaml(head_of(path), path);
  check_keys(head, "fault");
  FaultFile fault{.id = read_text(*head.find("fault"), "an id"),
                  .title = read_text(*head.find("title"), "a text"),
                  .breaks = read_text(*head.find("breaks"), "a requirement id"),
                  .caught_by = read_words(*head.find("caught_by"), "a quantity"),
                  .magnitude = {},
                  .rare = {},
                  .path = path};
  const bool named = fault.id.size() > 1 && (fault.id[0] == 'F' || fault.id[0] == 'H') &&
                     fault.id.find_first_not_of("0123456789", 1) == std::string::npos;
  if (!named) throw head.find("fault")->error("expected F and a number, or H and a number");
  if (fault.caught_by.empty()) throw head.find("caught_by")->error("expected a quantity");
  if (const Yaml* m = head.find("magnitude")) fault.magnitude = read_magnitude(*m);
  if (const Yaml* rare = head.find("rare")) fault.rare = read_text(*rare, "a text");
  return fault;
}

std::vector<FaultFile> read_faults(const std::string& folder) {
  std::error_code failed;
  std::vector<FaultFile> faults;
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    if (entry->path().extension() == ".patch") faults.push_back(read_fault(entry->path().string()));
  }
  if (failed) throw InputError(folder + ": " + failed.message());
  if (faults.empty()) throw InputError(folder + ": no seeded faults (*.patch) in this folder");
  std::ranges::sort(faults, [](const FaultFile& a, const FaultFile& b) {
    return a.id[0] != b.id[0] ? a.id[0] < b.id[0] : number_of(a) < number_of(b);
  });
  const auto twice = std::ranges::adjacent_find(faults, {}, &FaultFile::id);
  if (twice != faults.end()) {
    throw InputError(std::next(twice)->path + ": another fault is " + twice->id + " already");
  }
  return faults;
}

}  // namespace rig

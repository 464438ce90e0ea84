#include "rig/evidence/manifest.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string_view>
#include <system_error>

#include "rig/evidence/files.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

constexpr const char* kManifest = "manifest";
constexpr std::size_t kHashLength = 64;
constexpr std::string_view kGap = "  ";

// Relative paths of all that is in the folder but folders and the manifest.
std::vector<std::string> entries_of(const fs::path& run_folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (fs::recursive_directory_iterator at(run_folder, error), end; !error && at != end;
       at.increment(error)) {
    if (at->symlink_status().type() == fs::file_type::directory) continue;
    paths.push_back(at->path().lexically_relative(run_folder).string());
  }
  if (error) throw errno_error(run_folder, "", error.value());
  std::erase(paths, kManifest);
  std::ranges::sort(paths);
  return paths;
}

bool is_plain_file(const fs::path& path) { return fs::is_regular_file(fs::symlink_status(path)); }

std::map<std::string, std::string> hashes_of(const fs::path& manifest) {
  const std::string text = read_file(manifest);
  std::map<std::string, std::string> hashes;
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    ++number;
    const std::size_t end = text.find('\n', begin);
    const std::string line = text.substr(begin, end - begin);
    const bool hash = line.find_first_not_of("0123456789abcdef") == kHashLength;
    const bool whole = end != std::string::npos && line.size() > kHashLength + kGap.size();
    if (!hash || !whole || line.substr(kHashLength, kGap.size()) != kGap ||
        !hashes.emplace(line.substr(kHashLength + kGap.size()), line.substr(0, kHashLength))
             .second) {
      throw RigError(manifest.string() + ":" + std::to_string(number) +
                     ": expected '<sha256>  <path>', each path once");
    }
    begin = end + 1;
  }
  return hashes;
}

}  // namespace

void write_manifest(const fs::path& run_folder) {
  std::string text;
  for (const std::string& path : entries_of(run_folder)) {
    if (!is_plain_file(run_folder / path) || path.find_first_of("\n\r\\") != std::string::npos) {
      throw RigError((run_folder / path).string() + ": not a plain file of a run");
    }
    text += sha256_of_file(run_folder / path).append(kGap).append(path) + "\n";
  }
  write_file(run_folder / kManifest, text);
}

std::vector<std::string> check_manifest(const fs::path& run_folder) {
  auto expected = hashes_of(run_folder / kManifest);
  std::vector<std::string> problems;
  for (const std::string& path : entries_of(run_folder)) {
    const auto known = expected.find(path);
    if (known == expected.end() || !is_plain_file(run_folder / path)) {
      problems.push_back("extra: " + path);
    } else if (sha256_of_file(run_folder / path) != known->second) {
      problems.push_back("changed: " + path);
    }
    if (known != expected.end()) expected.erase(known);
  }
  for (const auto& [path, hash] : expected) problems.push_back("missing: " + path);
  return problems;
}

}  // namespace rig

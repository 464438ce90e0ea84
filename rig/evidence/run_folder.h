// The folder that a run leaves behind: runs/20261123T071500Z-3f2a/.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

namespace rig {

struct RunFolder {
  std::filesystem::path path;
  std::string id;           // "20261123T071500Z-3f2a"
  std::string started_utc;  // "2026-11-23T07:15:00Z"
};

// Creates it, with captures/ in it, and `runs` first if need be. Two runs never share one. Throws
// InputError, "runs: cannot create: Permission denied", or when less than `free_needed` bytes are
// left for it: "runs: 12 MB free, 100 MB needed".
RunFolder create_run_folder(
    const std::filesystem::path& runs, std::uint64_t free_needed,
    std::chrono::system_clock::time_point now = std::chrono::system_clock::now());

// Throws InputError when the file system of `folder` has less than `bytes` left.
void require_free_space(const std::filesystem::path& folder, std::uint64_t bytes);

}  // namespace rig

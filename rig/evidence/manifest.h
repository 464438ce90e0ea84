// The list of all files of a run with their hashes: "sha256  path" lines sorted by path, as
// `sha256sum --check manifest` reads them. The manifest itself is not listed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rig {

void write_manifest(const std::filesystem::path& run_folder);

// What is not as the manifest says: "changed: captures/0003-trip.h5", "missing: ...", "extra: ...".
// Empty: all is as it was. Throws RigError when there is no manifest or it is not one.
std::vector<std::string> check_manifest(const std::filesystem::path& run_folder);

}  // namespace rig

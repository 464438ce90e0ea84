#include "rig/instruments/usb/holder.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include "rig/core/join.h"

namespace rig::usb {
namespace {

namespace fs = std::filesystem;

bool has_open(const fs::path& process, const std::string& node) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(process / "fd", error)) {
    const fs::path target = fs::read_symlink(entry.path(), error);
    if (!error && target.string().ends_with(node)) return true;
  }
  return false;
}

}  // namespace

std::string process_in_words(long pid) {
  std::string name;
  std::ifstream file("/proc/" + std::to_string(pid) + "/comm");
  std::getline(file, name);
  return (name.empty() ? "a process" : name) + " (pid " + std::to_string(pid) + ")";
}

std::string node_of(int bus, int address) {
  std::array<char, 40> node{};
  std::snprintf(node.data(), node.size(), "/dev/bus/usb/%03d/%03d", bus, address);
  return node.data();
}

std::string holders_of(int bus, int address) {
  const std::string node = node_of(bus, address);
  std::string holders;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    const bool process =
        std::ranges::all_of(name, [](unsigned char c) { return std::isdigit(c) != 0; });
    if (!process || std::stol(name) == ::getpid()) continue;
    if (has_open(entry.path(), node)) add_item(holders, ", ", process_in_words(std::stol(name)));
  }
  return holders;
}

}  // namespace rig::usb

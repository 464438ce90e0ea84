#include "rig/instruments/usb/holder.h"

#include <sys/stat.h>
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

// By the file itself, not by its name: the process may see it under another one.
bool has_open(const fs::path& process, const struct stat& node) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(process / "fd", error)) {
    struct stat open {};
    if (::stat(entry.path().c_str(), &open) == 0 && open.st_dev == node.st_dev &&
        open.st_ino == node.st_ino) {
      return true;
    }
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

std::string holders_of(int bus, int address) { return holders_of(node_of(bus, address)); }

std::string holders_of(const std::string& path) {
  struct stat node {};
  if (::stat(path.c_str(), &node) != 0) return {};
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

// Files in a temporary folder, and the error that reading them gives.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "rig/config/scenario.h"
#include "rig/core/error.h"

namespace rig {

class FilesTest : public testing::Test {
 protected:
  FilesTest() {
    folder_ = std::filesystem::temp_directory_path() /
              ("rig_config_" + std::to_string(getpid()) + "_" +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  ~FilesTest() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  std::string write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::filesystem::remove(
        path(name));  // truncating one makes some file systems wait for the disk
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }

  // The InputError's text with the folder taken off; "no error" when there was none.
  std::string error_of(const std::function<void()>& act) const {
    try {
      act();
    } catch (const InputError& error) {
      std::string text = error.what();
      const std::string prefix = folder_.string() + "/";
      for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) {
        text.erase(at, prefix.size());
      }
      return text;
    }
    return "no error";
  }

  std::vector<Scenario> load(const std::string& text, const Spec& spec) const {
    return load_scenarios(write("s.yaml", text), folder_.string(), spec);
  }
  std::vector<Scenario> load(const std::string& text) const { return load(text, spec_); }
  std::string error_in(const std::string& text) const {
    return error_of([&] { load(text); });
  }

  Spec spec_{.title = "A device",
             .file = "spec.yaml",
             .requirements = {
                 {"SRS-010",
                  {.limits = {{"width",
                               {.what = Around{.setting = "width", .percent = 1, .absolute = 1e-6},
                                .dimension = "time",
                                .text = "set.width +- 1 % + 1 us",
                                .requirement = "SRS-010"}}}}},
                 {"SRS-041",
                  {.limits = {{"latency",
                               {.what = Interval{.high = 0.1},
                                .dimension = "time",
                                .text = "<= 100 ms",
                                .requirement = "SRS-041"}},
                              {"state",
                               {.what = Word{"FAULT"},
                                .text = "FAULT",
                                .requirement = "SRS-041",
                                .name = "state"}}}}},
                 {"SRS-099", {}},
             }};

 private:
  std::filesystem::path folder_;
};

}  // namespace rig

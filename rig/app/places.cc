#include "rig/app/places.h"

#include <cstdlib>
#include <filesystem>

#include "rig/core/error.h"

namespace rig {

namespace fs = std::filesystem;

namespace {

// `cure` may name it instead.
std::string folder_of_checkout(const std::string& name, const std::string& cure) {
  for (fs::path at = executable_folder();; at = at.parent_path()) {
    if (fs::is_directory(at / name)) return (at / name).string();
    if (at == at.parent_path()) break;
  }
  throw InputError(name + " is not beside this program; " + cure + " may name it");
}

}  // namespace

std::string executable_folder() {
  std::error_code failed;
  const fs::path self = fs::read_symlink("/proc/self/exe", failed);
  return failed ? "." : self.parent_path().string();
}

std::vector<std::string> image_folders() {
  return {(fs::path(executable_folder()).parent_path() / "firmware").string()};
}

std::string faults_folder() { return folder_of_checkout("firmware_under_test/faults", "--faults"); }

std::string scenarios_folder() { return folder_of_checkout("scenarios", "PATH"); }

std::string second_heart_file() {
  return folder_of_checkout("fixtures/second_heart", "--parameters") + "/parameters.yaml";
}

std::string reports_folder() {
  if (const char* given = std::getenv("RIG_REPORTS")) return given;
  return (fs::path(folder_of_checkout("reports/soleus_report", "RIG_REPORTS")).parent_path())
      .string();
}

}  // namespace rig

#include "rig/app/places.h"

#include <cstdlib>
#include <filesystem>

#include "rig/core/error.h"

namespace rig {

namespace fs = std::filesystem;

std::string executable_folder() {
  std::error_code failed;
  const fs::path self = fs::read_symlink("/proc/self/exe", failed);
  return failed ? "." : self.parent_path().string();
}

std::vector<std::string> image_folders() {
  return {(fs::path(executable_folder()).parent_path() / "firmware").string()};
}

std::string reports_folder() {
  if (const char* given = std::getenv("RIG_REPORTS")) return given;
  for (fs::path at = executable_folder();; at = at.parent_path()) {
    if (fs::is_directory(at / "reports" / "soleus_report")) return (at / "reports").string();
    if (at == at.parent_path()) break;
  }
  throw InputError("reports/soleus_report is not beside this program; RIG_REPORTS may name it");
}

}  // namespace rig

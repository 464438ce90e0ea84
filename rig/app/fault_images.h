// Images of the firmware with a seeded fault: those that the build has made, or made here.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "rig/config/fault_file.h"

namespace rig {

// How an image is made; the build leaves it beside its images (firmware_under_test/CMakeLists.txt).
struct ImageRecipe {
  std::string sources;              // folder
  std::vector<std::string> files;   // to be compiled, relative to it
  std::vector<std::string> driver;  // compiler and flags
};
// Of the image of that name, "soleus_e". Throws InputError when there is none.
ImageRecipe read_recipe(const std::filesystem::path& firmware_folder, const std::string& image);

// The image that the build has made, if it is newer than the patch and the sources.
std::optional<std::string> built_image(const FaultFile& fault, const ImageRecipe& recipe,
                                       const std::filesystem::path& firmware_folder);

// Patched sources of one fault, compiled as often as there are magnitudes: again only what hangs on
// the magnitude. Throws RigError with what the compiler or `patch` said.
class FaultWorkshop {
 public:
  FaultWorkshop(const FaultFile& fault, ImageRecipe recipe, const std::filesystem::path& folder);
  // Without a magnitude: the one that the patch has.
  std::string build(std::optional<long> magnitude);

 private:
  void compile(const std::string& file, const std::string& define);
  std::vector<std::string> depending_on_magnitude() const;
  std::vector<std::string> command(const std::string& define) const;

  const FaultFile& fault_;
  ImageRecipe recipe_;
  std::filesystem::path folder_;
  std::vector<std::string> compiled_;
};

// Applies a fault of the bench to a copy of the bench file; returns its path. Throws InputError.
std::string broken_bench(const FaultFile& fault, const std::string& bench_file,
                         const std::filesystem::path& folder);

}  // namespace rig

#include "rig/app/fault_images.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "rig/app/process.h"
#include "rig/core/error.h"
#include "rig/evidence/files.h"
#include "rig/evidence/text.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

std::string stem_of(const FaultFile& fault) { return fs::path(fault.path).stem().string(); }

// The line that tells most.
std::string complaint(const std::string& said) {
  std::istringstream lines(said);
  std::string first;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("error") != std::string::npos || line.find("FAILED") != std::string::npos) {
      return to_one_line(line);
    }
    if (first.empty()) first = line;
  }
  return to_one_line(first);
}

void must(const std::vector<std::string>& words, const fs::path& folder, const std::string& doing) {
  const Finished done = run_program(words, folder.string());
  if (done.exit_code != 0) throw RigError(doing + ": " + complaint(done.said));
}

std::string object_of(const std::string& file) {
  std::string name = file;
  std::ranges::replace(name, '/', '_');
  return name + ".o";
}

bool holds(const fs::path& file, const std::string& word) {
  std::error_code failed;
  return fs::is_regular_file(file, failed) && read_file(file).find(word) != std::string::npos;
}

// Make rules as the compiler writes them: "object: file file \".
std::map<std::string, std::vector<std::string>> read_rules(const std::string& text) {
  std::map<std::string, std::vector<std::string>> rules;
  std::istringstream words(text);
  std::vector<std::string>* rule = nullptr;
  for (std::string word; words >> word;) {
    if (word == "\\") continue;
    if (word.ends_with(":")) {
      rule = &rules[word];
    } else if (rule != nullptr) {
      rule->push_back(word);
    }
  }
  return rules;
}

}  // namespace

ImageRecipe read_recipe(const fs::path& firmware_folder, const std::string& image) {
  const fs::path path = firmware_folder / (image + ".recipe.txt");
  std::ifstream file(path);
  ImageRecipe recipe;
  std::getline(file, recipe.sources);
  for (std::string line; std::getline(file, line);) {
    (line.ends_with(".cc") ? recipe.files : recipe.driver).push_back(line);
  }
  if (recipe.files.empty() || recipe.driver.empty()) {
    throw InputError(path.string() + ": no recipe of the firmware; build the target firmware");
  }
  return recipe;
}

std::optional<std::string> built_image(const FaultFile& fault, const ImageRecipe& recipe,
                                       const fs::path& firmware_folder) {
  const fs::path image = firmware_folder / "faults" / (stem_of(fault) + ".elf");
  std::error_code failed;
  const auto made = fs::last_write_time(image, failed);
  if (failed || made < fs::last_write_time(fault.path, failed)) return {};
  for (const auto& entry : fs::recursive_directory_iterator(recipe.sources, failed)) {
    const bool source = entry.path().extension() == ".cc" || entry.path().extension() == ".h";
    if (source && entry.last_write_time() > made) return {};
  }
  return image.string();
}

FaultWorkshop::FaultWorkshop(const FaultFile& fault, ImageRecipe recipe, const fs::path& folder)
    : fault_(fault), recipe_(std::move(recipe)), folder_(fs::absolute(folder) / stem_of(fault)) {
  fs::remove_all(folder_);
  fs::create_directories(folder_);
  fs::copy(recipe_.sources, folder_, fs::copy_options::recursive);
  must({"patch", "--silent", "--fuzz=0", "-p1", "-i", fs::absolute(fault.path).string()}, folder_,
       fault.path + ": patch");
}

std::vector<std::string> FaultWorkshop::command(const std::string& define) const {
  std::vector<std::string> words = recipe_.driver;
  words.push_back("-fdebug-prefix-map=" + folder_.string() + "=.");
  if (!define.empty()) words.push_back(define);
  return words;
}

void FaultWorkshop::compile(const std::string& file, const std::string& define) {
  std::vector<std::string> words = command(define);
  words.insert(words.end(), {"-c", file, "-o", object_of(file)});
  must(words, folder_, fault_.path + ": " + file);
}

std::vector<std::string> FaultWorkshop::depending_on_magnitude() const {
  std::vector<std::string> words = command("-D" + fault_.magnitude->macro + "=0");
  words.emplace_back("-MM");
  words.insert(words.end(), recipe_.files.begin(), recipe_.files.end());
  const Finished done = run_program(words, folder_.string());
  if (done.exit_code != 0) throw RigError(fault_.path + ": " + complaint(done.said));
  std::vector<std::string> files;
  for (const auto& [object, inputs] : read_rules(done.said)) {
    const auto graded = [&](const std::string& f) {
      return holds(folder_ / f, fault_.magnitude->macro);
    };
    if (std::ranges::any_of(inputs, graded)) files.push_back(inputs.front());
  }
  return files;
}

std::string FaultWorkshop::build(std::optional<long> magnitude) {
  const std::string define =
      magnitude ? "-D" + fault_.magnitude->macro + "=" + std::to_string(*magnitude) : "";
  const bool again = !compiled_.empty();
  for (const std::string& file : again ? compiled_ : recipe_.files) compile(file, define);
  if (magnitude && !again) compiled_ = depending_on_magnitude();
  const std::string image = magnitude ? std::to_string(*magnitude) + ".elf" : "image.elf";
  std::vector<std::string> words = command(define);
  for (const std::string& file : recipe_.files) words.push_back(object_of(file));
  words.insert(words.end(), {"-o", image});
  must(words, folder_, fault_.path + ": link");
  return (folder_ / image).string();
}

std::string broken_bench(const FaultFile& fault, const std::string& bench_file,
                         const fs::path& folder) {
  const fs::path copy = fs::absolute(folder) / (stem_of(fault) + ".yaml");
  const Finished done =
      run_program({"patch", "--silent", "--fuzz=0", "-o", copy.string(), "-i",
                   fs::absolute(fault.path).string(), fs::absolute(bench_file).string()},
                  folder.string());
  if (done.exit_code != 0) {
    throw InputError(fault.path + ": does not fit " + bench_file + ": " + complaint(done.said));
  }
  return copy.string();
}

}  // namespace rig

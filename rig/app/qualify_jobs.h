// The parts of a qualification that run beside each other: one for each fault, one for each run
// with a good device.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "rig/app/fault_images.h"
#include "rig/app/plan.h"
#include "rig/config/fault_file.h"
#include "rig/evidence/qualification.h"

namespace rig {

struct QualifyJobs {
  Plan plan;  // the suite, and the good bench
  std::vector<FaultFile> faults;
  std::vector<std::string> benches;    // broken ones, by fault; empty: the good one
  std::string firmware;                // of the good device; empty: the bench file's
  std::vector<std::string> strangers;  // images whose defect nobody has described
  ImageRecipe recipe;
  std::filesystem::path firmware_folder;
  std::filesystem::path workshop;  // a folder for images made here
  std::set<std::string> unnamed;   // requirements that no fault says it breaks
  std::uint64_t seed = 1;
  bool quick = false;  // only scenarios that verify what a fault breaks
  bool grade = true;   // look for the smallest magnitude that is detected
  std::function<bool()> interrupted;
};

SeededFault seek(const QualifyJobs& jobs, const FaultFile& fault, const std::string& bench);
SeededFault seek_stranger(const QualifyJobs& jobs, const std::string& image);

// The first run has the bench as it is, and the whole suite. The others have one case of each
// scenario that takes less than 15 s, drawn by their seed, other noise, and other errors of clocks,
// gains, offsets, baud rate and load: each within twice its standard uncertainty, the crystal
// within 50 ppm, the baud rate within 2 %. A vibrator also has another platform and coil (5 %),
// foot and leg (20 %), and another accelerometer (gain within 2 %).
CleanRun run_clean(const QualifyJobs& jobs, std::uint64_t seed);

}  // namespace rig

// A seeded fault: one defect, of the firmware or of the modelled hardware, as a patch whose head
// says what it breaks and what has to notice (firmware_under_test/README.md).
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace rig {

// How large the defect is: a macro of the patched firmware.
struct Magnitude {
  std::string macro;
  std::string unit;
  long harmless = 0;
  long worst = 0;
  long usual = 0;  // what is built when nobody says otherwise
};

struct FaultFile {
  std::string id;  // "F43"; of the bench: "H03"
  std::string title;
  std::string breaks;                  // requirement
  std::vector<std::string> caught_by;  // beginnings of quantities
  std::optional<Magnitude> magnitude;  // none: it is there or not
  std::string rare;                    // when alone it shows; empty: always
  std::string path;

  bool of_the_bench() const { return id.starts_with("H"); }
};

// Throws InputError with file:line:column.
FaultFile read_fault(const std::string& path);

// Every *.patch of a folder, F before H, by number. Throws InputError.
std::vector<FaultFile> read_faults(const std::string& folder);

}  // namespace rig

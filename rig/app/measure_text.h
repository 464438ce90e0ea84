// What `rig measure` prints and writes. Internal to app/.
#pragma once

#include <string>
#include <vector>

#include "rig/app/measurer.h"
#include "rig/measure/summary.h"

namespace rig {

struct Poisoned {
  std::string measurement;
  std::string why;
};
// Exactly what rests on samples that are clipped, missing, or too few.
// `unit`: of the channel that is measured.
std::vector<Poisoned> poisoned(const Summary& summary, const CaptureTotals& totals,
                               const std::string& unit);

// On standard error, a line each.
void warn_of(const std::string& path, const std::vector<std::string>& assumed);

std::string number(double x);  // for JSON: null when it is not finite
void print_measurements(const Summary& summary, const std::string& unit);
// Ends the object.
void print_integrity(const CaptureInfo& info, const CaptureTotals& totals,
                     const std::vector<Poisoned>& poisoned,
                     const std::vector<std::string>& assumed);
void print_json(const MeasureOptions& options, const Summary& summary, const Measurer& m,
                const std::vector<std::string>& assumed);
void print_rows(const Summary& summary, const std::string& unit);
void print_table(const Summary& summary, const Measurer& m);

// One row a whole pulse, in SI units. Throws InputError.
void write_pulses(const std::string& path, const Measurer& m);

}  // namespace rig

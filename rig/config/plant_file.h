// Reads the parameter file of a plant: one entry each with value, range and source.
#pragma once

#include <string>

#include "rig/bench/plant.h"

namespace rig {

// Throws InputError with file:line:column: a value without a known unit, outside its range, a range
// of another dimension or upside down, no source, an unknown key, a name given twice.
PlantSettings load_plant(const std::string& path);

}  // namespace rig

// The plant with the parameters that the rig ships.
#pragma once

#include "fixtures/second_heart/plant.h"
#include "rig/config/plant_file.h"

namespace rig::second_heart {

inline const Parameters& shipped() {
  static const Parameters parameters = parameters_from(load_plant(PLANT_FILE));
  return parameters;
}

}  // namespace rig::second_heart

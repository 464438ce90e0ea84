// Follows the slow signals of a modelled plant, second by second. What comes of it informs: it is
// of a model, and never held against a limit.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "rig/measure/catalog.h"

namespace rig {

class PlantTrack {
 public:
  explicit PlantTrack(const CaptureInfo& info);

  void take(const Block& block);

  // One whole second of the capture.
  struct Second {
    double sum = 0;
    double lowest = 0;
    double highest = 0;
    double excess = 0;  // sum of what is above the mean of the capture's first second
    std::size_t samples = 0;
  };
  // nullptr: the capture has no such channel.
  const std::vector<Second>* of(std::string_view channel) const;
  const CaptureInfo& info() const { return info_; }

 private:
  struct Signal {
    std::size_t channel = 0;
    std::vector<Second> seconds;
  };

  CaptureInfo info_;
  std::vector<Signal> signals_;
};

// What can be asked of it. Not part of quantities(): nothing can be expected of a model.
struct PlantQuantity {
  QuantityInfo info;
  std::string_view channel;
};
std::span<const PlantQuantity> plant_quantities();
const PlantQuantity* find_plant_quantity(std::string_view name);  // nullptr: there is none

// Over the whole capture but its last second, if that is cut; u: gain and offset of the channel.
Measured measure_plant(const PlantQuantity& what, const PlantTrack& track,
                       const CaptureTotals& totals);

}  // namespace rig

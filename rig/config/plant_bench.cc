#include "rig/config/plant_bench.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "rig/config/keys.h"
#include "rig/config/plant_file.h"
#include "rig/config/suggest.h"
#include "rig/config/units.h"

namespace rig {
namespace {

struct PlantSignal {
  std::string_view name;
  std::string_view unit;
  std::string_view dimension;
};
constexpr std::array kSignals{
    PlantSignal{"calf_volume", "mL", "volume"}, PlantSignal{"ankle_pressure", "mmHg", "pressure"},
    PlantSignal{"popliteal_flow", "mL/s", "flow"}, PlantSignal{"cardiac_output", "L/min", "flow"}};

constexpr std::array<std::string_view, 3> kPostures{"supine", "sitting", "standing"};

}  // namespace

std::optional<PlantBench> read_plant_bench(const Yaml& bench, const std::string& path) {
  const Yaml* node = bench.find("second_heart");
  if (node == nullptr) return std::nullopt;
  check_keys(*node, "second_heart");
  const std::filesystem::path file = read_text(*node->find("parameters"), "a file name");
  const Yaml& posture = *node->find("posture");
  const std::string word = read_text(posture, "supine, sitting or standing");
  if (std::ranges::find(kPostures, word) == kPostures.end()) {
    throw posture.error("expected supine, sitting or standing, found " + posture.found() +
                        did_you_mean(word, kPostures));
  }
  const auto beside = std::filesystem::path(path).parent_path() / file;
  return PlantBench{.settings = load_plant(beside.lexically_normal().string()), .posture = word};
}

std::string_view dimension_of_plant_channel(const Yaml& channel) {
  const auto* found =
      std::ranges::find(kSignals, channel.find("signal")->scalar, &PlantSignal::name);
  if (found == kSignals.end()) return {};
  const Yaml& unit = *channel.find("unit");
  if (unit.scalar != found->unit) {
    throw unit.error("expected " + std::string(found->unit) + " for the signal " +
                     std::string(found->name) + ", found " + unit.found());
  }
  return found->dimension;
}

void refuse_plant_channels(const Yaml& channels) {
  for (const Yaml& channel : channels.items) {
    if (dimension_of_plant_channel(channel).empty()) continue;
    const Yaml& signal = *channel.find("signal");
    throw signal.error("'" + signal.scalar + "' is of a plant, and this bench has no second_heart");
  }
}

void in_own_unit(DigitizerChannelSettings& channel) {
  const double factor = std::ranges::find(units(), channel.unit, &UnitInfo::text)->factor;
  for (double* value : {&channel.range, &channel.noise, &channel.offset_error, &channel.offset_u}) {
    *value /= factor;
  }
}

}  // namespace rig

#include "rig/config/plant_file.h"

#include "rig/config/keys.h"
#include "rig/config/units.h"

namespace rig {
namespace {

Physical physical(const Yaml& node) {
  const std::optional<Physical> value =
      node.is_scalar() ? parse_physical(node.scalar) : std::nullopt;
  if (!value) {
    throw node.error("expected a number with a unit such as '2.2 mL/mmHg', found " + node.found());
  }
  return *value;
}

double end_of(const Yaml& node, const Yaml& value) {
  const Physical end = physical(node);
  const Physical middle = physical(value);
  if (end.dimension == middle.dimension) return end.si;
  if (middle.dimension == "count") {
    throw value.error("expected " + std::string(dimension(end.dimension).article) +
                      " like its range, found " + value.found() + " (no unit)");
  }
  throw node.error("expected " + std::string(dimension(middle.dimension).article) +
                   " like its value, found " + node.found());
}

PlantParameter read_parameter(const std::string& name, const Yaml& node) {
  check_keys(node, "plant_parameter");
  const Yaml& value = *node.find("value");
  const Yaml& range = *node.find("range");
  const Physical number = physical(value);
  if (!range.is_list() || range.items.size() != 2) {
    throw range.error("expected a range such as [1 mL, 2 mL], found " + range.found());
  }
  PlantParameter p{.name = name,
                   .text = value.scalar,
                   .value = number.si,
                   .low = end_of(range.items[0], value),
                   .high = end_of(range.items[1], value),
                   .dimension = number.dimension,
                   .source = read_text(*node.find("source"), "a source, or 'assumed'"),
                   .where = value.where()};
  const auto letter = p.text.find_first_of(' ');
  if (letter != std::string::npos) p.unit = p.text.substr(letter + 1);
  if (p.low > p.high) {
    throw range.error(name + ": expected a range from low to high, found [" +
                      range.items[0].scalar + ", " + range.items[1].scalar + "]");
  }
  if (p.value < p.low || p.value > p.high) {
    throw value.error(name + ": expected " + range.items[0].scalar + " to " +
                      range.items[1].scalar + ", found " + value.found());
  }
  return p;
}

}  // namespace

PlantSettings load_plant(const std::string& path) {
  const Yaml root = read_yaml(path);
  check_keys(root, "plant");
  PlantSettings plant{.title = read_text(*root.find("plant"), "a title"), .file = path};
  const Yaml& groups = *root.find("parameters");
  if (!groups.is_map())
    throw groups.error("expected groups of parameters, found " + groups.found());
  for (const auto& [group, members] : groups.entries) {
    if (!members.is_map()) {
      throw members.error("expected parameters of " + group.scalar + ", found " + members.found());
    }
    const std::string prefix = group.scalar + ".";
    for (const auto& [key, entry] : members.entries) {
      plant.parameters.push_back(read_parameter(prefix + key.scalar, entry));
    }
  }
  return plant;
}

}  // namespace rig

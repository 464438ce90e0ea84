#include "fixtures/second_heart/parameters.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "rig/config/plant_file.h"
#include "rig/core/error.h"

namespace rig::second_heart {
namespace {

std::string shipped_text() {
  std::ifstream file(PLANT_FILE);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The complaint about the shipped file with one text replaced, without the path before its name.
std::string complaint(const std::string& text, const std::string& by) {
  std::string all = shipped_text();
  const auto at = all.find(text);
  EXPECT_NE(at, std::string::npos) << text;
  all.replace(at, text.size(), by);
  const std::string path =  // tests run side by side
      testing::TempDir() + std::to_string(getpid()) + "_plant.yaml";
  std::ofstream(path) << all;
  try {
    parameters_from(load_plant(path));
  } catch (const InputError& error) {
    const std::string said = error.what();
    return said.substr(said.find("plant.yaml"));
  }
  return "none";
}

int line_of(const std::string& text) {
  const std::string all = shipped_text();
  return 1 + static_cast<int>(std::count(
                 all.begin(), all.begin() + static_cast<std::ptrdiff_t>(all.find(text)), '\n'));
}

std::string place(const std::string& text) { return "plant.yaml:" + std::to_string(line_of(text)); }

constexpr const char* kCompliance = "{value: 2.1 mL/mmHg, range: [1 mL/mmHg, 4 mL/mmHg]";

TEST(ParameterFile, IsReadWithUnits) {
  const Parameters p = parameters_from(load_plant(PLANT_FILE));
  EXPECT_DOUBLE_EQ(p.calf_deep.compliance, 2.1);
  EXPECT_DOUBLE_EQ(p.heart_output, 13'000.0 / 60);
  EXPECT_DOUBLE_EQ(p.chronaxie, 200e-6);
  EXPECT_DOUBLE_EQ(p.muscle_skin, 0.1);
}

TEST(ParameterFile, SaysWhereEveryNumberIsFrom) {
  for (const PlantParameter& p : load_plant(PLANT_FILE).parameters) {
    EXPECT_FALSE(p.source.empty()) << p.name;
    EXPECT_LT(p.low, p.high) << p.name;
  }
}

TEST(ParameterFile, RefusesAValueOutsideItsRange) {
  EXPECT_EQ(complaint(kCompliance, "{value: 9 mL/mmHg, range: [1 mL/mmHg, 4 mL/mmHg]"),
            place(kCompliance) +
                ":25: calf_deep.compliance: expected 1 mL/mmHg to 4 mL/mmHg, found '9 mL/mmHg'");
}

TEST(ParameterFile, RefusesAMissingUnit) {
  EXPECT_EQ(
      complaint(kCompliance, "{value: 2.1, range: [1 mL/mmHg, 4 mL/mmHg]"),
      place(kCompliance) + ":25: expected a compliance like its range, found '2.1' (no unit)");
  EXPECT_EQ(complaint(kCompliance, "{value: 2.1, range: [1, 4]"),
            place(kCompliance) +
                ":25: calf_deep.compliance: expected a compliance with its unit, found '2.1'");
}

TEST(ParameterFile, RefusesAnotherDimension) {
  EXPECT_EQ(complaint(kCompliance, "{value: 2.1 mL, range: [1 mL, 4 mL]"),
            place(kCompliance) +
                ":25: calf_deep.compliance: expected a compliance with its unit, found '2.1 mL'");
  EXPECT_EQ(complaint(kCompliance, "{value: 2.1 mL/mmHg, range: [1 mL, 4 mL/mmHg]"),
            place(kCompliance) + ":46: expected a compliance like its value, found '1 mL'");
}

TEST(ParameterFile, RefusesANegativeCompliance) {
  EXPECT_EQ(complaint(kCompliance, "{value: -2.1 mL/mmHg, range: [-4 mL/mmHg, 4 mL/mmHg]"),
            place(kCompliance) +
                ":25: calf_deep.compliance: expected a value that is not negative, "
                "found '-2.1 mL/mmHg'");
  EXPECT_EQ(complaint(kCompliance, "{value: 0 mL/mmHg, range: [0 mL/mmHg, 4 mL/mmHg]"),
            place(kCompliance) +
                ":25: calf_deep.compliance: expected a value above zero, found '0 mL/mmHg'");
}

TEST(ParameterFile, RefusesVolumesThatDoNotFitTheBlood) {
  EXPECT_EQ(complaint("volume: {value: 5000 mL", "volume: {value: 4100 mL"),
            place("volume: {value: 5000 mL") +
                ":21: blood.volume: expected more than the unstressed volumes, 4384 mL, found "
                "4100 mL");
}

TEST(ParameterFile, RefusesACalfBelowTheFoot) {
  EXPECT_EQ(complaint("calf: {value: 0.87 m, range: [0.75 m, 1.1 m]",
                      "calf: {value: 1.2 m, range: [0.75 m, 1.3 m]"),
            place("calf: {value: 0.87 m") +
                ":19: standing.calf: expected a depth between those "
                "of the foot and the thigh");
}

TEST(ParameterFile, RefusesARangeUpsideDown) {
  EXPECT_EQ(complaint(kCompliance, "{value: 2.1 mL/mmHg, range: [4 mL/mmHg, 1 mL/mmHg]"),
            place(kCompliance) +
                ":45: calf_deep.compliance: expected a range from low to high, "
                "found [4 mL/mmHg, 1 mL/mmHg]");
}

TEST(ParameterFile, RefusesWhatItDoesNotKnowAndMissesWhatIsNotThere) {
  EXPECT_EQ(complaint("twitch_rise:", "twitch_rize:"),
            place("twitch_rise:") + ":26: muscle.twitch_rize: this plant has no such parameter");
  const std::string line =
      "    density: {value: 1060 kg/m3, range: [1040 kg/m3, 1070 kg/m3], source: \"textbook\"}\n";
  EXPECT_EQ(complaint(line, ""), "plant.yaml: expected the parameter 'blood.density', found none");
  EXPECT_EQ(complaint("source: \"textbook, 70 mL/kg\"", "sauce: \"textbook\"").substr(0, 60),
            place("70 mL/kg") + ":57: unknown key 'sauce' in plant_parameter, did");
}

}  // namespace
}  // namespace rig::second_heart

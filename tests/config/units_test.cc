// Numbers with units, as people write them.
#include "rig/config/units.h"

#include <gtest/gtest.h>

#include <cmath>

namespace rig {
namespace {

Yaml scalar(const std::string& text) {
  return {.kind = Yaml::Kind::kScalar, .file = "f.yaml", .line = 2, .column = 7, .scalar = text};
}

std::string error_of(const std::string& text, std::string_view wanted) {
  try {
    read_quantity(scalar(text), wanted);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Units, EachHasTheFactorOfItsPrefixAndOneDimension) {
  struct Row {
    const char* text;
    const char* dimension;
    double si;
  };
  const std::vector<Row> rows{
      {"2 s", "time", 2},
      {"2 ms", "time", 2e-3},
      {"2 us", "time", 2e-6},
      {"2 µs", "time", 2e-6},
      {"2 ns", "time", 2e-9},
      {"2 ps", "time", 2e-12},
      {"2 min", "time", 120},
      {"2 h", "time", 7200},
      {"2 A", "current", 2},
      {"2 mA", "current", 2e-3},
      {"2 uA", "current", 2e-6},
      {"2 nA", "current", 2e-9},
      {"2 V", "voltage", 2},
      {"2 mV", "voltage", 2e-3},
      {"2 uV", "voltage", 2e-6},
      {"2 kV", "voltage", 2e3},
      {"2 Hz", "frequency", 2},
      {"2 mHz", "frequency", 2e-3},
      {"2 kHz", "frequency", 2e3},
      {"2 MHz", "frequency", 2e6},
      {"2 ohm", "resistance", 2},
      {"2 kohm", "resistance", 2e3},
      {"2 Mohm", "resistance", 2e6},
      {"2 F", "capacitance", 2},
      {"2 uF", "capacitance", 2e-6},
      {"2 nF", "capacitance", 2e-9},
      {"2 pF", "capacitance", 2e-12},
      {"2 C", "charge", 2},
      {"2 mC", "charge", 2e-3},
      {"2 uC", "charge", 2e-6},
      {"2 nC", "charge", 2e-9},
      {"2 J", "energy", 2},
      {"2 mJ", "energy", 2e-3},
      {"2 uJ", "energy", 2e-6},
      {"2 A/m2", "density", 2},
      {"2 mA/cm2", "density", 20},
      {"2 W/m2", "power_density", 2},
      {"2 W/cm2", "power_density", 2e4},
      {"2 A/s", "slope", 2},
      {"2 mA/s", "slope", 2e-3},
      {"2 m2", "area", 2},
      {"2 cm2", "area", 2e-4},
      {"2 nJ", "energy", 2e-9},
      {"2 m", "length", 2},
      {"2 mm", "length", 2e-3},
      {"2 um", "length", 2e-6},
      {"2 µm", "length", 2e-6},
      {"2 m/s2", "acceleration", 2},
      {"2 mm/s2", "acceleration", 2e-3},
      {"2 gn", "acceleration", 19.6133},
      {"2 g", "acceleration", 19.6133},
      {"2 mg", "acceleration", 19.6133e-3},
      {"2 kg", "mass", 2},
      {"2 H", "inductance", 2},
      {"2 mH", "inductance", 2e-3},
      {"2 N", "force", 2},
      {"2 mN", "force", 2e-3},
      {"2 N/A", "force_constant", 2},
      {"2 N/m", "stiffness", 2},
      {"2 kN/m", "stiffness", 2e3},
      {"2 N s/m", "damping", 2},
      {"2 mL", "volume", 2},
      {"2 L", "volume", 2000},
      {"2 mmHg", "pressure", 2},
      {"2 kPa", "pressure", 15.001234},
      {"2 mL/s", "flow", 2},
      {"2 mL/min", "flow", 2.0 / 60},
      {"2 L/min", "flow", 2000.0 / 60},
      {"2 mL/mmHg", "compliance", 2},
      {"2 mmHg s/mL", "flow_resistance", 2},
      {"2 kg/m3", "mass_density", 2},
      {"2 %", "ratio", 2},
      {"2 ppm", "ratio", 2e-4},
      {"2", "count", 2},
  };
  for (const Row& row : rows) {
    EXPECT_DOUBLE_EQ(read_quantity(scalar(row.text), row.dimension), row.si) << row.text;
  }
  EXPECT_EQ(units().size() + 1, rows.size()) << "a unit without a row here";
}

TEST(Units, TakesTheNumberInAnyUsualForm) {
  for (const char* text :
       {"20 mA", "20mA", " 20  mA ", "+20 mA", "2e1 mA", "2.0E+1 mA", "20. mA"}) {
    EXPECT_DOUBLE_EQ(read_quantity(scalar(text), "current"), 20e-3) << text;
  }
  EXPECT_DOUBLE_EQ(read_quantity(scalar("-.5 mA"), "current"), -0.5e-3);
}

TEST(Units, IsNotANumberWithAUnit) {
  for (const char* text :
       {"",       " ",      "mA",      "20 Ma",      "20 amps",  "0x14 mA",  "1e400 mA",
        "inf mA", "nan mA", "-inf mA", "infinity",   "20 mA mA", "20,5 mA",  "2 0 mA",
        "++2 mA", "+ 2 mA", "--2 mA",  "1e308 Mohm", "1e308 kV", "2 μs \x01"}) {
    EXPECT_EQ(parse_physical(text), std::nullopt) << text;
  }
}

TEST(Units, SaysWhatWasExpectedAndWhatWasFound) {
  const std::string where = "f.yaml:2:7: expected a current such as '20 mA', found ";
  EXPECT_EQ(error_of("20 us", "current"), where + "'20 us' (a time)");
  EXPECT_EQ(error_of("20", "current"), where + "'20' (no unit)");
  EXPECT_EQ(error_of("20 amps", "current"), where + "'20 amps'");
  EXPECT_EQ(error_of("inf mA", "current"), where + "'inf mA'");
  EXPECT_EQ(error_of("5 V", "count"),
            "f.yaml:2:7: expected a plain number such as '3', found '5 V' (a voltage)");
  EXPECT_EQ(error_of("20 mA", "energy"),
            "f.yaml:2:7: expected an energy such as '1 mJ', found '20 mA' (a current)");
}

TEST(Units, ReadsTimesExactlyToThePicosecond) {
  EXPECT_EQ(read_time(scalar("62.5 ns")), Picos(62'500));
  EXPECT_EQ(read_time(scalar("100 us")), Picos(100'000'000));
  EXPECT_EQ(read_time(scalar("1 h")), Picos(3'600'000'000'000'000));
  EXPECT_EQ(read_time(scalar("0.1 s")), Picos(100'000'000'000));
}

TEST(Units, RefusesTimesThatNoClockOfTheRigCanHold) {
  for (const char* text : {"-1 us", "1e7 s", "3000 h", "1e300 h"}) {
    try {
      read_time(scalar(text));
      ADD_FAILURE() << text;
    } catch (const InputError& error) {
      EXPECT_EQ(
          std::string(error.what()),
          "f.yaml:2:7: expected a time from 0 s to 100 days, found '" + std::string(text) + "'");
    }
  }
}

TEST(Units, KnowsItsDimensionsAndNoOthers) {
  for (const UnitInfo& unit : units()) EXPECT_EQ(dimension(unit.dimension).name, unit.dimension);
  EXPECT_THROW(dimension("brightness"), std::logic_error);
}

}  // namespace
}  // namespace rig

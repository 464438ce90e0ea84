// What oscilloscopes say about their records, by the vectors of facts/instruments.md 2 and by hand.
#include "rig/instruments/scope_preamble.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "rig/core/error.h"

namespace rig {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Read = RecordFacts (*)(ScopeAnswers);

std::vector<Bytes> answers(const std::vector<std::string>& texts) {
  std::vector<Bytes> all;
  for (const std::string& text : texts) all.emplace_back(text.begin(), text.end());
  return all;
}
RecordFacts read(Read reader, const std::vector<std::string>& texts) {
  return reader(answers(texts));
}
std::string error_of(Read reader, const std::vector<std::string>& texts) {
  try {
    read(reader, texts);
  } catch (const RigError& error) {
    return error.what();
  }
  return "none";
}

// A descriptor such as the model's: 1 V per division, probe 10, 30 codes per division.
class Descriptor {
 public:
  Descriptor() {
    std::memcpy(bytes_.data(), "WAVEDESC", 8);
    put<std::int32_t>(60, 1000).put<std::int32_t>(116, 1000);
    put<float>(156, 1).put<float>(160, 0.5F).put<float>(164, 30).put<float>(328, 10);
    put<float>(176, 1e-6F).put<double>(180, -5e-4);
  }
  template <typename T>
  Descriptor& put(std::size_t offset, T value) {
    std::memcpy(&bytes_[offset], &value, sizeof value);
    return *this;
  }
  std::vector<std::string> block(std::size_t length = 346) const {
    return {"#9000000" + std::to_string(length) + std::string(bytes_.begin(), bytes_.end())};
  }

 private:
  std::vector<char> bytes_ = std::vector<char>(346, 0);
};

TEST(ScopePreamble, OfRigolHasItsPositionInCodes) {
  const RecordFacts facts =
      read(read_rigol, {"0,2,1000,1,2.000000E-4,-1.000000E-1,0.000000,1.9963E-02,-50,128"});
  EXPECT_NEAR(facts.volts(128), 0.998, 5e-4);  // an MSO5074
  EXPECT_DOUBLE_EQ(facts.seconds(0), -0.1);
  EXPECT_DOUBLE_EQ(facts.seconds(500), 0.0);
  EXPECT_EQ(facts.points, 1000u);
  EXPECT_EQ(facts.width, 1);
}

TEST(ScopePreamble, OfDhoTellsThePage) {
  const RecordFacts facts = read(read_rigol_paged, {"1,2,500000,1,1E-6,0,0,1.0E-4,0,32768"});
  EXPECT_EQ(facts.page, 500'000u);
  EXPECT_EQ(facts.points, 0u) << "of the record nothing is said";
  EXPECT_EQ(facts.width, 2);
  EXPECT_NEAR(facts.volts(42768), 1.0, 1e-9);
}

// The same numbers as Rigol's give other volts: the origin is volts here.
TEST(ScopePreamble, OfKeysightHasItsPositionInVolts) {
  const RecordFacts facts =
      read(read_keysight, {"+0,+0,+1000,+1,+2.0E-04,-1.0E-01,+0,+2.0E-02,-1.5E+00,+128"});
  EXPECT_DOUBLE_EQ(facts.volts(128), -1.5);
  EXPECT_DOUBLE_EQ(facts.volts(178), -0.5);
  EXPECT_DOUBLE_EQ(facts.seconds(500), 0.0);
  EXPECT_EQ(error_of(read_keysight, {"0,1,1000,1,2E-4,0,0,2E-2,0,128"}),
            "type: expected 0 (normal), found '1'");
  EXPECT_EQ(error_of(read_keysight, {"+0"}), "the preamble: expected ten numbers, found '+0'")
      << "a DSO-X 2022A just after a trigger";
  EXPECT_EQ(error_of(read_keysight, {"4,0,1000,1,2E-4,0,0,2E-2,0,128"}),
            "format: expected 0 (bytes) or 1 (words), found '4'");
}

TEST(ScopePreamble, OfTektronixComesFieldByField) {
  const RecordFacts facts =
      read(read_tektronix, {"10000", "1", "4.0E-6", "-2.0E-2", "100", "40.0E-3", "-25.0", "0.5"});
  EXPECT_DOUBLE_EQ(facts.volts(0), 1.5);      // (0 + 25) * 0.04 + 0.5
  EXPECT_DOUBLE_EQ(facts.volts(-100), -2.5);  // (-100 + 25) * 0.04 + 0.5
  EXPECT_DOUBLE_EQ(facts.seconds(0), -0.0204);
  EXPECT_EQ(facts.points, 10'000u);
  EXPECT_EQ(error_of(read_tektronix, {"10000", "1", "4E-6", "0", "0", "0", "0", "0"}),
            "YMULT: expected a number above zero, found '0'")
      << "an unknown scale";
}

TEST(ScopePreamble, OfOlderSiglentsAreTheirSettings) {
  const RecordFacts facts = read(read_siglent_settings, {"5.00E-01", "1.00E+00V", "1.00E-03S",
                                                         "0.00E+00", "500MSa/s", "7Mpts"});
  EXPECT_DOUBLE_EQ(facts.volts(0), -1.0);
  EXPECT_DOUBLE_EQ(facts.volts(25), -0.5);
  EXPECT_DOUBLE_EQ(facts.volts(-128), -128 * 0.02 - 1) << "two's complement";
  EXPECT_DOUBLE_EQ(facts.seconds(0), -7e-3);
  EXPECT_DOUBLE_EQ(facts.interval, 2e-9);
  EXPECT_EQ(facts.points, 7'000'000u);
  EXPECT_EQ(error_of(read_siglent_settings, {"0.5", "0", "1E-3", "0", "500MHz", "7Mpts"}),
            "SARA: expected a number, found '500MHz'");
}

TEST(ScopePreamble, OfSiglentE11IsADescriptor) {
  const RecordFacts facts = read(read_wavedesc, Descriptor().block());
  EXPECT_EQ(facts.points, 1000u);
  EXPECT_EQ(facts.width, 1);
  EXPECT_NEAR(facts.volts(30), 10.0 - 5.0, 1e-6);  // code * gain * probe / 30 - offset * probe
  EXPECT_NEAR(facts.volts(-60), -20.0 - 5.0, 1e-6);
  EXPECT_NEAR(facts.interval, 1e-6, 1e-12);
  EXPECT_DOUBLE_EQ(facts.first, -5e-4);
  Descriptor hd;
  hd.put<std::int16_t>(32, 1).put<std::int32_t>(60, 2000).put<float>(164, 7680);
  EXPECT_NEAR(read(read_wavedesc, hd.block()).volts(7680), 5.0, 1e-6) << "256 times the codes";
}

TEST(ScopePreamble, OfSiglentE11IsRefusedByTheFieldThatIsWrong) {
  const auto wrong = [](const std::function<void(Descriptor&)>& change) {
    Descriptor descriptor;
    change(descriptor);
    return error_of(read_wavedesc, descriptor.block());
  };
  EXPECT_EQ(wrong([](Descriptor& d) { d.put<float>(176, 0); }),
            "interval: expected a number above zero, found '0.000000'");
  EXPECT_EQ(wrong([](Descriptor& d) { d.put<float>(156, -1); }),
            "vertical gain: expected a number above zero, found '-1.000000'");
  EXPECT_EQ(wrong([](Descriptor& d) { d.put<std::uint32_t>(160, 0x7FC00000); }),
            "vertical offset: expected a number, found 'nan'");
  EXPECT_EQ(wrong([](Descriptor& d) { d.put<float>(164, 0); }),
            "codes per division: expected some of 256, found '0.000000'");
  EXPECT_EQ(wrong([](Descriptor& d) { d.put<float>(328, 0); }),
            "probe: expected a number above zero, found '0.000000'");
  EXPECT_EQ(wrong([](Descriptor& d) { d.put<std::int32_t>(116, -1); }),
            "points: expected a whole number from 1, found '-1.000000'");
  EXPECT_EQ(wrong([](Descriptor& d) { d.put<std::int16_t>(32, 1).put<float>(164, 7680); }),
            "data length: expected 2000 bytes, found '1000.000000'")
      << "samples for bytes, firmware up to 1.3.9R6";
  EXPECT_EQ(wrong([](Descriptor& d) { d.put<std::int16_t>(34, 1); }),
            "byte order: expected 0 (least byte first), found '1.000000'");
  EXPECT_EQ(wrong([](Descriptor& d) { d.put<char>(0, 'X'); }),
            "the descriptor's name: expected WAVEDESC, found 'XAVEDESC'");
  EXPECT_EQ(error_of(read_wavedesc, Descriptor().block(345)),
            "the descriptor: expected a block of 346 bytes, found '357 bytes'");
  EXPECT_EQ(error_of(read_wavedesc, {"#9000000346WAVEDESC"}),
            "the descriptor: expected a block of 346 bytes, found '19 bytes'");
}

TEST(ScopePreamble, RefusesWhatCannotBeCalculatedWith) {
  for (const char* text :
       {"", ",", "0,2,1000,1,2E-4,-1E-1,0,2E-2,-50", "0,2,1000,1,2E-4,-1E-1,0,2E-2,-50,128,7",
        "0,2,1000,1,0,-1E-1,0,2E-2,-50,128", "0,2,1000,1,2E-4,-1E-1,0,0,-50,128",
        "0,2,1000,1,nan,-1E-1,0,2E-2,-50,128", "0,2,1000,1,inf,-1E-1,0,2E-2,-50,128",
        "0,2,-5,1,2E-4,-1E-1,0,2E-2,-50,128", "0,2,1.5,1,2E-4,-1E-1,0,2E-2,-50,128",
        "0,2,1e40,1,2E-4,-1E-1,0,2E-2,-50,128", "0,2,1000,1,2E-4x,-1E-1,0,2E-2,-50,128",
        "0,2,0,1,2E-4,-1E-1,0,2E-2,-50,128", "0,2,1000,1,1e9,-1E-1,0,2E-2,-50,128"}) {
    EXPECT_NE(error_of(read_rigol, {text}), "none") << text;
    EXPECT_NE(error_of(read_keysight, {text}), "none") << text;
  }
}

TEST(ScopePreamble, ReadsNumbersWithUnitsAndPrefixes) {
  EXPECT_DOUBLE_EQ(read_scope_number("", "+1.25E+09"), 1.25e9);
  EXPECT_DOUBLE_EQ(read_scope_number("", "1.00GSa/s"), 1e9);
  EXPECT_DOUBLE_EQ(read_scope_number("", "500kSa/s"), 5e5);
  EXPECT_DOUBLE_EQ(read_scope_number("", "14Mpts"), 14e6);
  EXPECT_DOUBLE_EQ(read_scope_number("", "10k"), 1e4);
  EXPECT_DOUBLE_EQ(read_scope_number("", "200mV"), 0.2);
  EXPECT_DOUBLE_EQ(read_scope_number("", "5us"), 5e-6);
  for (const char* text : {"", "V", "1 V", "1kk", "--1", "+-1", "1e999", "1,5", "0x10"}) {
    EXPECT_THROW(read_scope_number("", text), RigError) << text;
  }
}

}  // namespace
}  // namespace rig

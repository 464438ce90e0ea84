#include "rig/evidence/export.h"

#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "rig/core/error.h"
#include "rig/evidence/files.h"
#include "tests/evidence/drawn.h"

namespace rig {
namespace {

using testing::block_of;
using testing::drawn_codes;
using testing::run_command;
using testing::thrown;
using testing::two_channels;
using Codes = std::vector<std::vector<std::int16_t>>;

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

double number(const std::string& text) {
  double value = std::nan("");
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::int16_t code_of(const Channel& channel, double value) {
  return static_cast<std::int16_t>(std::lround((value - channel.offset) / channel.scale));
}

class ExportTest : public testing::InFolder {
 protected:
  CaptureReader written(const CaptureInfo& info, const std::vector<Block>& blocks) {
    CaptureWriter writer(folder_, "captures/0001-x.h5", info);
    for (const Block& block : blocks) writer.take(block);
    writer.close();
    return CaptureReader(folder_ / "captures/0001-x.h5");
  }
  std::string exported(const CaptureReader& capture, const std::string& name,
                       const ExportOptions& options = {}) {
    export_capture(capture, folder_ / name, options);
    return read_file(folder_ / name);
  }
  std::string sigrok(const std::string& name) const {
    return run_command(SIGROK_CLI " -i " + (folder_ / name).string() + " -O csv").text;
  }
  std::string capture_name() const { return (folder_ / "captures/0001-x.h5").string(); }

  const Codes first_{{1, -2, 3}, {-2048, 0, 2047}};
  const Codes second_{{4, 5}, {10, 11}};
};

TEST_F(ExportTest, CsvHasExactTimesValuesAndCodes) {
  const auto capture =
      written(two_channels(), {block_of(1, first_), block_of(9, second_, 1, true)});
  const std::string csv = exported(capture, "x.csv");
  EXPECT_EQ(csv.substr(csv.find("t_s,")),
            "t_s,segment,sample,voltage_V,voltage_code,current_A,current_code,clipped,lost_before\n"
            "1.500000200000,0,1,-0.125,1,-0.25,-2048,1,0\n"
            "1.500000400000,0,2,-0.5,-2,0,0,0,0\n"
            "1.500000600000,0,3,0.125,3,0.2498779296875,2047,1,0\n"
            "1.500001800000,1,9,0.25,4,0.001220703125,10,0,1\n"
            "1.500002000000,1,10,0.375,5,0.0013427734375,11,0,0\n");
}

TEST_F(ExportTest, CsvComesBackBitByBit) {
  const Codes codes{drawn_codes(20'000, 1), drawn_codes(20'000, 2)};
  const auto capture = written(two_channels(), {block_of(0, codes)});
  std::size_t row = 0;
  for (const std::string& line : split(exported(capture, "x.csv"), '\n')) {
    if (line.starts_with('#') || line.starts_with('t')) continue;
    const auto fields = split(line, ',');
    ASSERT_EQ(fields.size(), 9u);
    for (std::size_t c = 0; c < 2; ++c) {
      ASSERT_EQ(fields[4 + 2 * c], std::to_string(codes[c][row]));
      ASSERT_EQ(number(fields[3 + 2 * c]), capture.info().channels[c].value_of(codes[c][row]));
    }
    ++row;
  }
  EXPECT_EQ(row, 20'000u);
}

TEST_F(ExportTest, CsvOfOneSegment) {
  const auto capture = written(two_channels(), {block_of(1, first_), block_of(9, second_, 1)});
  const std::string csv = exported(capture, "x.csv", {.segment = 1});
  EXPECT_EQ(csv.find(",0,1,"), std::string::npos);
  EXPECT_NE(csv.find("1.500001800000,1,9,"), std::string::npos);
}

// Reads a VCD back onto the sample grid: what each variable was at every sample that was captured.
std::map<std::string, std::vector<std::pair<std::int64_t, double>>> read_vcd(const std::string& vcd,
                                                                             std::int64_t step) {
  std::map<std::string, std::string> names;
  std::map<std::string, double> now;
  std::map<std::string, std::vector<std::pair<std::int64_t, double>>> samples;
  std::int64_t time = -1;
  const auto until = [&](std::int64_t next) {
    for (; time >= 0 && now["captured"] != 0 && time < next; time += step) {
      for (const auto& [name, value] : now) samples[name].emplace_back(time, value);
    }
    time = next;
  };
  for (const std::string& line : split(vcd, '\n')) {
    if (line.starts_with("$var")) {
      const auto words = split(line, ' ');
      names[words.at(3)] = words.at(4);
    } else if (line.starts_with('#')) {
      until(std::stoll(line.substr(1)));
    } else if (line.starts_with('r')) {
      const auto words = split(line.substr(1), ' ');
      now[names.at(words.at(1))] = number(words.at(0));
    } else if (!line.starts_with('$')) {
      now[names.at(line.substr(1))] = number(line.substr(0, 1));
    }
  }
  return samples;
}

TEST_F(ExportTest, VcdComesBackBitByBit) {
  CaptureInfo info = two_channels();
  info.channels[1].unit = "logic";
  Codes codes{drawn_codes(5'000, 1), std::vector<std::int16_t>(5'000)};
  for (std::size_t i = 0; i < 5'000; ++i) codes[1][i] = i % 7 < 3 ? 1 : 0;
  const auto capture = written(info, {block_of(0, codes), block_of(6'000, codes, 1)});
  const std::string vcd = exported(capture, "x.vcd");
  EXPECT_NE(vcd.find("$timescale 100 ns $end"), std::string::npos);

  const auto samples = read_vcd(vcd, 2);
  ASSERT_EQ(samples.at("voltage_V").size(), 10'000u);
  for (std::size_t i = 0; i < 10'000; ++i) {
    const std::size_t sample = i < 5'000 ? i : i + 1'000;
    const std::size_t at = i % 5'000;
    const auto time = static_cast<std::int64_t>(15'000'000 + 2 * sample);
    ASSERT_EQ(samples.at("voltage_V")[i], std::pair(time, info.channels[0].value_of(codes[0][at])));
    ASSERT_EQ(samples.at("current")[i], std::pair(time, static_cast<double>(codes[1][at])));
  }
}

TEST_F(ExportTest, VcdTimescaleIsExact) {
  CaptureInfo info = two_channels();
  info.rate = {.samples = 16'000'000, .seconds = 1};  // 62.5 ns
  const auto capture = written(info, {block_of(0, first_)});
  const std::string vcd = exported(capture, "x.vcd");
  EXPECT_NE(vcd.find("$timescale 100 ps $end"), std::string::npos);
  EXPECT_NE(vcd.find("\n#15000000625\n"), std::string::npos) << vcd;
}

TEST_F(ExportTest, VcdIsOpenedBySigrok) {
  CaptureInfo info = two_channels();
  for (Channel& channel : info.channels) channel.unit = "logic";
  const auto capture = written(info, {block_of(0, {{0, 1, 1}, {1, 1, 0}})});
  exported(capture, "x.vcd");
  const auto outcome =
      run_command(SIGROK_CLI " -I vcd -i " + (folder_ / "x.vcd").string() + " -O bits:width=64");
  EXPECT_NE(outcome.text.find("voltage:"), std::string::npos) << outcome.text;
}

TEST_F(ExportTest, SrIsOpenedBySigrokWithTheSameValues) {
  CaptureInfo info = two_channels();
  info.channels.pop_back();
  const Codes codes{drawn_codes(100'000, 1)};
  const auto capture = written(info, {block_of(0, codes)});
  export_capture(capture, folder_ / "x.sr");
  std::vector<std::int16_t> back;
  for (const std::string& line : split(sigrok("x.sr"), '\n')) {
    const double value = number(line);
    if (!std::isnan(value)) back.push_back(code_of(info.channels[0], value));
  }
  EXPECT_EQ(back, codes[0]);
}

TEST_F(ExportTest, SrHoldsLogicBesideAnalog) {
  CaptureInfo info = two_channels();
  for (int i = 0; i < 9; ++i) {
    info.channels.push_back(two_channels().channels[1]);
    info.channels.back().name = "d" + std::to_string(i);
    info.channels.back().unit = "logic";
  }
  Codes codes{drawn_codes(70'000, 1), drawn_codes(70'000, 2)};
  for (std::size_t d = 0; d < 9; ++d) {
    codes.emplace_back(70'000);
    for (std::size_t i = 0; i < 70'000; ++i) codes.back()[i] = ((i >> d) & 1) != 0 ? 1 : 0;
  }
  const auto capture = written(info, {block_of(0, codes)});
  export_capture(capture, folder_ / "x.sr");
  const auto outcome = run_command(PYTHON " " HERE "/read_sr.py " + (folder_ / "x.sr").string());
  const auto lines = split(outcome.text, '\n');
  ASSERT_EQ(lines.size(), 70'001u) << outcome.text.substr(0, 500);
  EXPECT_EQ(lines[0], "5000000 Hz: d0 d1 d2 d3 d4 d5 d6 d7 d8 voltage current");
  for (std::size_t i = 0; i < 70'000; ++i) {
    const auto fields = split(lines[i + 1], ' ');
    ASSERT_EQ(fields.size(), 11u);
    for (std::size_t c = 0; c < 11; ++c) {
      const std::size_t channel = c < 9 ? c + 2 : c - 9;
      const double value = number(fields[c]);
      ASSERT_EQ(c < 9 ? static_cast<std::int16_t>(value) : code_of(info.channels[channel], value),
                codes[channel][i]);
    }
  }
  EXPECT_NE(
      run_command(SIGROK_CLI " -i " + (folder_ / "x.sr").string() + " --show").text.find("d8"),
      std::string::npos);
}

TEST_F(ExportTest, SrIsTheSameBytesForTheSameSamples) {
  const auto capture = written(two_channels(), {block_of(0, first_)});
  const std::string once = exported(capture, "x.sr");
  EXPECT_EQ(exported(capture, "y.sr"), once);
}

TEST_F(ExportTest, SrRefusesWhatItCannotHold) {
  const auto capture = written(two_channels(), {block_of(0, first_), block_of(9, second_, 1),
                                                block_of(19, second_, 1, true)});
  EXPECT_EQ(thrown<InputError>([&] { exported(capture, "x.sr"); }),
            capture_name() +
                ": 3 pieces with gaps between them, and .sr has no gaps; select a "
                "segment, or use .csv or .vcd");
  EXPECT_EQ(
      thrown<InputError>([&] { exported(capture, "x.sr", {.segment = 1}); }),
      capture_name() + ": samples are missing within the segment, and .sr has no gaps; use .csv");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "x.sr"));
  EXPECT_EQ(thrown<InputError>([&] { exported(capture, "x.sr", {.segment = 7}); }),
            capture_name() + ": no segment 7");
  EXPECT_NO_THROW(exported(capture, "x.sr", {.segment = 0}));
}

TEST_F(ExportTest, SrRefusesRatesAndOffsetsBeyondItsNumbers) {
  CaptureInfo info = two_channels();
  info.rate = {.samples = 10, .seconds = 3};
  EXPECT_EQ(thrown<InputError>([&] { exported(written(info, {block_of(0, first_)}), "x.sr"); }),
            capture_name() + ": .sr holds whole hertz only; use .csv or .vcd");
  std::filesystem::remove(capture_name());
  info = two_channels();
  info.channels[0].offset = 1e6;
  EXPECT_EQ(thrown<InputError>([&] { exported(written(info, {block_of(0, first_)}), "x.sr"); }),
            capture_name() + ": 'voltage' has an offset too large for .sr's floats; use .csv");
}

TEST_F(ExportTest, SaysWhenTheDiskDoesNotTakeIt) {
  const auto capture = written(two_channels(), {block_of(0, first_)});
  const auto nowhere = folder_ / "none" / "x.sr";
  EXPECT_NE(thrown<RigError>([&] { export_capture(capture, nowhere); }), "");
  EXPECT_EQ(thrown<InputError>([&] { export_capture(capture, folder_ / "x.wav"); }),
            (folder_ / "x.wav").string() + ": expected a name ending in .csv, .vcd or .sr");
}

}  // namespace
}  // namespace rig

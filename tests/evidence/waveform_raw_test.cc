#include <bit>
#include <limits>

#include "rig/evidence/waveform_parts.h"
#include "tests/evidence/replayed.h"

namespace rig {
namespace {

using testing::kMega;
using testing::refusal;
using testing::Replayed;
using testing::replayed;
using testing::run_command;
using testing::WaveformTest;
using Values = std::vector<double>;

class RawFileTest : public WaveformTest {};

TEST_F(RawFileTest, ReadsEveryFormatAsPythonPacksIt) {
  python(R"(
import struct
for name, code in [("u8", "<B"), ("i8", "<b"), ("i16le", "<h"), ("i16be", ">h"), ("u16le", "<H"),
                   ("u16be", ">H"), ("f32le", "<f"), ("f32be", ">f")]:
    low = 0 if code[1] in "BH" else -100
    with open("x." + name, "wb") as f:
        for v in [low, 1, 100]:
            f.write(struct.pack(code, v))
)");
  for (const std::string format :
       {"u8", "i8", "i16le", "i16be", "u16le", "u16be", "f32le", "f32be"}) {
    const Replayed got = replayed({.path = path("x." + format), .format = format, .rate = kMega});
    ASSERT_EQ(got.codes.size(), 1u) << format;
    EXPECT_EQ(got.codes[0], (Values{format.starts_with("u") ? 0.0 : -100.0, 1, 100})) << format;
    EXPECT_EQ(size_of(got.type), format.find("16") != std::string::npos   ? 2u
                                 : format.find("32") != std::string::npos ? 4u
                                                                          : 1u);
  }
}

TEST_F(RawFileTest, ClipsAtTheEndsOfTheType) {
  const auto channel = [&](const std::string& format) {
    return replayed({.path = file("x", "abcd"), .format = format, .rate = kMega}).info.channels[0];
  };
  EXPECT_EQ(channel("u8").clip_low, 0);
  EXPECT_EQ(channel("u8").clip_high, 255);
  EXPECT_EQ(channel("i8").clip_low, -128);
  EXPECT_EQ(channel("i16le").clip_low, -32768);
  EXPECT_EQ(channel("i16le").clip_high, 32767);
  EXPECT_EQ(channel("u16be").clip_high, 65535);
  EXPECT_EQ(channel("f32le").clip_low, std::numeric_limits<std::int32_t>::min());
  EXPECT_EQ(channel("f32le").clip_high, std::numeric_limits<std::int32_t>::max());
}

TEST_F(RawFileTest, SplitsChannelsAndTakesWhatTheUserSays) {
  const std::string name = file("x.u8", std::string("\x01\x02\x03\x04\x05\x06", 6));
  const Replayed got = replayed({.path = name,
                                 .format = "",
                                 .rate = SampleRate{.samples = 3, .seconds = 7},
                                 .channels = 2,
                                 .names = {"left"},
                                 .scale = 0.5,
                                 .unit = "A",
                                 .offset = -1});
  EXPECT_EQ(got.codes, (std::vector<Values>{{1, 3, 5}, {2, 4, 6}}));
  EXPECT_EQ(got.info.rate, (SampleRate{.samples = 3, .seconds = 7}));
  EXPECT_EQ(got.info.channels[0].name, "left");
  EXPECT_EQ(got.info.channels[1].name, "ch2");
  EXPECT_EQ(got.info.channels[1].unit, "A");
  EXPECT_EQ(got.info.channels[1].value_of(6), 2);
}

TEST_F(RawFileTest, NamesTheOnlyChannelAfterItsUnit) {
  const std::string name = file("x.u8", "ab");
  const auto named = [&](const std::string& unit) {
    return replayed({.path = name, .rate = kMega, .unit = unit}).info.channels[0].name;
  };
  EXPECT_EQ(named("A"), "current");
  EXPECT_EQ(named("V"), "voltage");
  EXPECT_EQ(named(""), "voltage");
  EXPECT_EQ(named("Pa"), "ch1");
}

TEST_F(RawFileTest, StreamsInBlocksOfBoundedSize) {
  std::string bytes;
  for (int i = 0; i < 3'000'000; ++i) bytes += static_cast<char>(i % 251);
  const Replayed got = replayed({.path = file("x.u8", bytes), .rate = kMega, .channels = 3});
  EXPECT_EQ(got.pieces, (std::vector<Replayed::Piece>{{0, 0, false, 1'000'000}}));
  EXPECT_LE(got.largest, 1u << 20);
  for (std::size_t i = 0; i < 1'000'000; ++i) {
    ASSERT_EQ(got.codes[2][i], static_cast<double>((3 * i + 2) % 251));
  }
}

TEST_F(RawFileTest, RefusesWhatIsNoWholeNumberOfFrames) {
  EXPECT_EQ(
      refusal({.path = file("x", "abcdefg"), .format = "i16le", .rate = kMega, .channels = 2}),
      "x: byte 4: expected a whole frame of 4 bytes, found 3 at the end of the file");
  EXPECT_EQ(refusal({.path = file("x", ""), .format = "u8", .rate = kMega}),
            "x: byte 0: expected samples, found the end of the file");
  EXPECT_EQ(refusal({.path = path("none"), .format = "u8", .rate = kMega}),
            "none: No such file or directory");
  EXPECT_EQ(refusal({.path = folder_.string(), .format = "u8", .rate = kMega}),
            folder_.filename().string() + ": read: Is a directory");
}

TEST_F(RawFileTest, RefusesFloatsThatAreNoNumbers) {
  python(R"(
import struct
open("nan", "wb").write(struct.pack("<3f", 1, 2, float("nan")))
open("inf", "wb").write(struct.pack(">3f", 1, float("-inf"), 2))
)");
  EXPECT_EQ(refusal({.path = path("nan"), .format = "f32le", .rate = kMega}),
            "nan: byte 8: expected a finite number, found NaN");
  EXPECT_EQ(refusal({.path = path("inf"), .format = "f32be", .rate = kMega}),
            "inf: byte 4: expected a finite number, found -infinity");
}

TEST_F(RawFileTest, RefusesOptionsThatMakeNoSense) {
  WaveformOptions options{.path = file("x", "ab"), .format = "u8"};
  EXPECT_EQ(refusal(options), "x: rate: expected a sample rate, which the file does not say");
  options.rate = SampleRate{.samples = 0, .seconds = 1};
  EXPECT_EQ(refusal(options), "x: rate: expected more than 0 and at most 10 THz, found 0 Hz");
  options.rate = SampleRate{.samples = 1'000'000'000'000'000, .seconds = 1};
  EXPECT_EQ(refusal(options), "x: rate: expected more than 0 and at most 10 THz, found 1e+15 Hz");
  options.rate = SampleRate{.samples = 1, .seconds = 0};
  EXPECT_EQ(refusal(options), "x: rate: expected more than 0 and at most 10 THz, found inf Hz");
  options.rate = kMega;
  options.channels = 5;
  EXPECT_EQ(refusal(options), "x: channels: expected 1 to 4, found 5");
  options.channels = 0;
  EXPECT_EQ(refusal(options), "x: channels: expected 1 to 4, found 0");
  options.channels = 1;
  options.scale = 0;
  EXPECT_EQ(refusal(options), "x: scale: expected a number above 0, found 0");
  options.scale = -2;
  EXPECT_EQ(refusal(options), "x: scale: expected a number above 0, found -2");
  options.scale = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(refusal(options), "x: scale: expected a number above 0, found nan");
  options.scale = 1;
  options.offset = std::numeric_limits<double>::infinity();
  EXPECT_EQ(refusal(options), "x: offset: expected a finite number, found inf");
  options.offset = 0;
  options.names = {"a", "b"};
  EXPECT_EQ(refusal(options), "x: names: expected at most 1, one per channel, found 2");
  options.names = {};
  options.format = "i24";
  EXPECT_EQ(refusal(options),
            "x: format: expected csv, wav, sr, hdf5 or one of u8, i8, i16le, i16be, u16le, u16be, "
            "f32le, f32be, found 'i24'");
}

TEST_F(RawFileTest, RefusesAFileThatItDoesNotRecognise) {
  EXPECT_EQ(
      refusal({.path = file("x.bin", std::string("\x00\x01\x02", 3)), .rate = kMega}),
      "x.bin: byte 0: expected CSV, WAV, HDF5 or a sigrok session, or the name of a raw format "
      "(u8, i8, i16le, i16be, u16le, u16be, f32le, f32be), found bytes 00 01 02");
  EXPECT_EQ(refusal({.path = file("y.wav", std::string("\x00\x01\x02", 3))}),
            "y.wav: byte 3: expected a RIFF header, found the end of the file");
}

TEST(SimplestRate, PrefersFewDigitsInHertzOrPicoseconds) {
  const auto is = [](double hertz, double tolerance, std::uint64_t samples, std::uint64_t seconds) {
    const auto rate = simplest_rate(hertz, tolerance);
    return rate && *rate == SampleRate{.samples = samples, .seconds = seconds};
  };
  EXPECT_TRUE(is(1e6, 1e-6, 1'000'000, 1));
  EXPECT_TRUE(is(44100.00001, 1e-6, 44100, 1));
  EXPECT_TRUE(is(2999997.5, 2e-6, 3'000'000, 1));
  EXPECT_TRUE(is(1 / 0.007, 1e-6, 1000, 7));
  EXPECT_TRUE(is(0.1, 1e-6, 1, 10));
  EXPECT_TRUE(is(1e13, 1e-6, 10'000'000'000'000, 1));
  EXPECT_TRUE(is(1'000'001, 1e-9, 1'000'001, 1));
  EXPECT_TRUE(is(0.7, 1e-6, 1'000'000'000'000, 1'428'571'428'571) || simplest_rate(0.7, 1e-6));
  for (const double bad : {0.0, -1.0, 1.1e13, 1e15, std::numeric_limits<double>::infinity(),
                           std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_FALSE(simplest_rate(bad, 1e-6)) << bad;
  }
}

TEST(SimplestRate, IsAlwaysWithinAMillionth) {
  for (double hertz = 1.1e-6; hertz < 1e13; hertz *= 1.37) {
    const auto rate = simplest_rate(hertz, 1e-12);
    ASSERT_TRUE(rate) << hertz;
    EXPECT_NEAR(rate->hertz() / hertz, 1, 1e-6);
  }
}

}  // namespace
}  // namespace rig

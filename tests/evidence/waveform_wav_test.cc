#include "tests/evidence/replayed.h"

namespace rig {
namespace {

using testing::refusal;
using testing::Replayed;
using testing::replayed;
using testing::run_command;
using testing::WaveformTest;
using Values = std::vector<double>;
using namespace std::string_literals;

template <typename T>
std::string le(T value) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof value; ++i)
    bytes += static_cast<char>(value >> (8 * i) & 0xFF);
  return bytes;
}

struct Fmt {
  std::uint16_t tag = 1;
  std::uint16_t channels = 1;
  std::uint32_t rate = 48000;
  std::uint16_t align = 2;
  std::uint16_t bits = 16;
  std::string extra = {};
};

std::string fmt_chunk(const Fmt& f) {
  const std::string body = le(f.tag) + le(f.channels) + le(f.rate) + le(f.rate * f.align) +
                           le(f.align) + le(f.bits) + f.extra;
  return "fmt " + le(static_cast<std::uint32_t>(body.size())) + body;
}

std::string data_chunk(const std::string& bytes, std::uint32_t size) {
  return "data" + le(size) + bytes;
}

std::string riff(const std::string& chunks) {
  return "RIFF" + le(static_cast<std::uint32_t>(chunks.size() + 4)) + "WAVE" + chunks;
}

const std::string kSamples = "\x01\x00\xFF\xFF"s;  // 1, -1

class WavFileTest : public WaveformTest {
 protected:
  std::string refused(const std::string& bytes) const {
    return refusal({.path = file("x.wav", bytes)});
  }
};

TEST_F(WavFileTest, ReadsWhatPythonWrites) {
  python(R"(
import struct, wave
for name, width, code, values in [("a.wav", 2, "<4h", (-32768, 1, 2, 32767)), ("b.wav", 1, "4B", (0, 128, 129, 255))]:
    with wave.open(name, "wb") as w:
        w.setnchannels(2); w.setsampwidth(width); w.setframerate(44100)
        w.writeframes(struct.pack(code, *values))
)");
  const Replayed a = replayed({.path = path("a.wav")});
  EXPECT_EQ(a.codes, (std::vector<Values>{{-32768, 2}, {1, 32767}}));
  EXPECT_EQ(a.info.rate, (SampleRate{.samples = 44100, .seconds = 1}));
  EXPECT_EQ(a.info.channels[0].clip_low, -32768);
  EXPECT_EQ(a.info.channels[1].name, "ch2");
  const Replayed b = replayed({.path = path("b.wav"), .scale = 0.5});
  EXPECT_EQ(b.codes, (std::vector<Values>{{0, 129}, {128, 255}}));
  EXPECT_EQ(b.info.channels[0].value_of(128), 0) << "eight bits stand around 128";
}

TEST_F(WavFileTest, ReadsFloatsAndTheExtensibleHeader) {
  const std::string guid = "\x03\0\0\0\0\0\x10\0\x80\0\0\xAA\0\x38\x9B\x71"s;
  const std::string extra =
      le(std::uint16_t{22}) + le(std::uint16_t{32}) + le(std::uint32_t{4}) + guid;
  const std::string one = "\0\0\x80\x3F"s;
  for (const Fmt& f : {Fmt{.tag = 3, .align = 4, .bits = 32},
                       Fmt{.tag = 0xFFFE, .align = 4, .bits = 32, .extra = extra}}) {
    const Replayed got =
        replayed({.path = file("x.wav", riff(fmt_chunk(f) + data_chunk(one + one, 8)))});
    EXPECT_EQ(got.codes, (std::vector<Values>{{1, 1}}));
    EXPECT_EQ(got.type, CodeType::kF32);
  }
}

TEST_F(WavFileTest, SkipsOtherChunksBeforeAndAfterTheSamples) {
  const std::string list = "LIST" + le(std::uint32_t{3}) + "abc\0"s;
  const Replayed got = replayed(
      {.path = file("x.wav", riff(list + fmt_chunk({}) + list + data_chunk(kSamples, 4) + list))});
  EXPECT_EQ(got.codes, (std::vector<Values>{{1, -1}}));
}

TEST_F(WavFileTest, ReadsToTheEndWhenTheSizeIsUnknown) {
  for (const std::uint32_t size : {0u, 0xFFFF'FFFFu}) {
    const Replayed got =
        replayed({.path = file("x.wav", riff(fmt_chunk({}) + data_chunk(kSamples, size)))});
    EXPECT_EQ(got.codes, (std::vector<Values>{{1, -1}}));
  }
}

TEST_F(WavFileTest, TakesTheSizeOfRf64FromItsOwnChunk) {
  const auto rf64 = [&](std::uint64_t size) {
    const std::string ds64 = "ds64" + le(std::uint32_t{28}) + le(std::uint64_t{0}) + le(size) +
                             le(std::uint64_t{0}) + le(std::uint32_t{0});
    return "RF64\xFF\xFF\xFF\xFFWAVE" + ds64 + fmt_chunk({}) +
           data_chunk(kSamples + "junk", 0xFFFF'FFFF);
  };
  EXPECT_EQ(replayed({.path = file("x.wav", rf64(4))}).codes, (std::vector<Values>{{1, -1}}));
  EXPECT_EQ(
      refused(rf64(6'000'000'000)),
      "x.wav: byte 76: expected at most the 8 bytes that follow, found a data size of 6000000000");
}

TEST_F(WavFileTest, RefusesHeadersThatLie) {
  const std::string data = data_chunk(kSamples, 4);
  EXPECT_EQ(refused(riff(fmt_chunk({.channels = 0}) + data)),
            "x.wav: byte 22: expected 1 to 4 channels, found 0");
  EXPECT_EQ(refused(riff(fmt_chunk({.channels = 5}) + data)),
            "x.wav: byte 22: expected 1 to 4 channels, found 5");
  EXPECT_EQ(refused(riff(fmt_chunk({.rate = 0}) + data)),
            "x.wav: byte 24: expected a sample rate above 0, found 0");
  EXPECT_EQ(refused(riff(fmt_chunk({.align = 3}) + data)),
            "x.wav: byte 32: expected frames of 2 bytes, found 3");
  EXPECT_EQ(refused(riff(fmt_chunk({.align = 3, .bits = 24}) + data)),
            "x.wav: byte 34: expected 8 or 16 bits per sample, found 24");
  EXPECT_EQ(refused(riff(fmt_chunk({.tag = 3, .align = 8, .bits = 64}) + data)),
            "x.wav: byte 34: expected floats of 32 bits, found 64");
  EXPECT_EQ(refused(riff(fmt_chunk({.tag = 85}) + data)),
            "x.wav: byte 20: expected format 1 (PCM) or 3 (float), found 85");
  EXPECT_EQ(refused(riff(fmt_chunk({}) + data_chunk(kSamples, 400))),
            "x.wav: byte 40: expected at most the 4 bytes that follow, found a data size of 400");
  EXPECT_EQ(refused(riff(fmt_chunk({}) + data_chunk(kSamples, 3))),
            "x.wav: byte 40: expected a multiple of 2 bytes, found 3");
  EXPECT_EQ(refused(riff(fmt_chunk({.tag = 0xFFFE}) + data)),
            "x.wav: byte 16: expected at least 40 bytes of an extensible 'fmt ', found 16");
}

TEST_F(WavFileTest, RefusesWhatIsCutShort) {
  EXPECT_EQ(refused(riff(fmt_chunk({}) + data_chunk("", 0))),
            "x.wav: byte 44: expected samples, found the end of the file");
  EXPECT_EQ(refused(riff(fmt_chunk({}))),
            "x.wav: byte 36: expected a 'data' chunk, found the end of the file");
  EXPECT_EQ(refused(riff("")),
            "x.wav: byte 12: expected a 'fmt ' chunk, found the end of the file");
  EXPECT_EQ(refused(riff(fmt_chunk({})).substr(0, 30)),
            "x.wav: byte 30: expected the chunk 'fmt ', found the end of the file");
  EXPECT_EQ(refused(riff(data_chunk(kSamples, 4))),
            "x.wav: byte 12: expected a 'fmt ' chunk, found 'data' before it");
  EXPECT_EQ(refused(riff("fmt " + le(std::uint32_t{4}) + "abcd")),
            "x.wav: byte 16: expected at least 16 bytes of 'fmt ', found 4");
  EXPECT_EQ(refused(riff("LIST" + le(std::uint32_t{1000}) + "abcd")),
            "x.wav: byte 24: expected 1000 bytes of chunk 'LIST', found the end of the file");
  EXPECT_EQ(refused("RIFX\0\0\0\0WAVE"s), "x.wav: byte 0: expected 'RIFF' or 'RF64', found 'RIFX'");
  EXPECT_EQ(refused("RIFF\0\0\0\0AVI "s), "x.wav: byte 8: expected 'WAVE', found 'AVI '");
}

// What the rig, reading standard input, does is tried by a process of its own.
TEST_F(WavFileTest, StreamsFromStandardInput) {
  const std::string good = file("x.wav", riff(fmt_chunk({}) + data_chunk(kSamples, 4)));
  const std::string cut = file("cut.wav", riff(fmt_chunk({}) + data_chunk(kSamples, 4000)));
  const auto piped = [](const std::string& name, const std::string& options = "") {
    return run_command("cat " + name + " | " WAVEFORM_LINES " - " + options).text;
  };
  EXPECT_EQ(piped(good), "1\n-1\n");
  EXPECT_EQ(
      piped(cut),
      "standard input: byte 48: expected 3996 more bytes of samples, found the end of the file\n");
  EXPECT_EQ(piped(file("x", "ab"), "i8"), "97\n98\n");
  EXPECT_EQ(piped(file("x.csv", "t,v\n0,1\n0.5,2\n")), "1\n2\n");
  EXPECT_EQ(piped(file("x", "ab"), "sr"),
            "standard input: format: expected one that can be read as it comes (raw, csv, wav), "
            "found sr\n");
}

}  // namespace
}  // namespace rig

#include "rig/evidence/export.h"
#include "tests/evidence/replayed.h"

namespace rig {
namespace {

using testing::block_of;
using testing::drawn_codes;
using testing::kMega;
using testing::refusal;
using testing::Replayed;
using testing::replayed;
using testing::two_channels;
using testing::WaveformTest;
using Values = std::vector<double>;

// A Python helper: sr(name, metadata, entries) writes a session as sigrok would.
constexpr const char* kSr = R"(
import struct, zipfile
def floats(*values):
    return struct.pack("<%df" % len(values), *values)
def sr(name, metadata, entries, how=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(name, "w", how) as z:
        z.writestr("version", "2")
        if metadata is not None:
            z.writestr("metadata", "[global]\nsigrok version=0.5.2\n\n[device 1]\n" + metadata)
        for entry, data in entries:
            z.writestr(entry, data)
one = "samplerate=10 MHz\ntotal probes=0\ntotal analog=1\nanalog1=A0\n"
)";

class SrFileTest : public WaveformTest {
 protected:
  void make(const std::string& program) const { python(kSr + program); }
};

TEST_F(SrFileTest, TakesOurOwnExportBack) {
  CaptureInfo info = two_channels();
  info.channels.push_back(info.channels[1]);
  info.channels[2].name = "trigger";
  info.channels[2].unit = "logic";
  std::vector<std::vector<std::int16_t>> codes{drawn_codes(150'000, 1), drawn_codes(150'000, 2),
                                               std::vector<std::int16_t>(150'000)};
  for (std::size_t i = 0; i < 150'000; ++i) codes[2][i] = i % 7 < 3 ? 1 : 0;
  CaptureWriter writer(folder_, "captures/0001-x.h5", info);
  writer.take(block_of(0, codes));
  writer.close();
  export_capture(CaptureReader(folder_ / "captures/0001-x.h5"), folder_ / "x.sr");
  const Replayed got = replayed({.path = path("x.sr")});
  EXPECT_EQ(got.type, CodeType::kF32);
  EXPECT_EQ(got.info.rate, info.rate);
  ASSERT_EQ(got.codes.size(), 3u);
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_EQ(got.info.channels[c].name, info.channels[c].name);
    ASSERT_EQ(got.codes[c].size(), 150'000u);
    for (std::size_t i = 0; i < 150'000; ++i) {
      const double value = c == 2 ? codes[c][i] : info.channels[c].value_of(codes[c][i]);
      ASSERT_EQ(got.codes[c][i], static_cast<double>(static_cast<float>(value)));
    }
  }
  EXPECT_EQ(got.info.channels[2].unit, "logic");
}

TEST_F(SrFileTest, JoinsChunksOfAnySize) {
  make(R"(
sr("x.sr", "samplerate=1.5 MHz\ntotal analog=2\nanalog1=A0\nanalog2=A1\n",
   [("analog-1-1-1", floats(1, 2)), ("analog-1-1-2", floats(3)), ("analog-1-2-1", floats(4)),
    ("analog-1-2-2", floats()), ("analog-1-2-3", floats(5, 6))])
)");
  const Replayed got = replayed({.path = path("x.sr"), .unit = "A"});
  EXPECT_EQ(got.codes, (std::vector<Values>{{1, 2, 3}, {4, 5, 6}}));
  EXPECT_EQ(got.info.rate, (SampleRate{.samples = 1'500'000, .seconds = 1}));
  EXPECT_EQ(got.info.channels[1].name, "A1");
  EXPECT_EQ(got.info.channels[1].unit, "A");
}

TEST_F(SrFileTest, HandsOutTheFirstFourLogicChannelsAsBits) {
  make(R"(
names = "".join("probe%d=D%d\n" % (i, i - 1) for i in (1, 2, 9, 12, 16))
sr("x.sr", "capturefile=logic-1\nsamplerate=200 kHz\ntotal probes=16\nunitsize=2\n" + names,
   [("logic-1-1", bytes([1, 0, 2, 1])), ("logic-1-2", bytes([3, 9]))])
sr("old.sr", "capturefile=logic-1\nsamplerate=200000\nunitsize=1\nprobe1=D0\n",
   [("logic-1", bytes([1, 0]))])
)");
  const Replayed got = replayed({.path = path("x.sr")});
  EXPECT_EQ(got.type, CodeType::kU8);
  EXPECT_EQ(got.codes, (std::vector<Values>{{1, 0, 1}, {0, 1, 1}, {0, 1, 1}, {0, 0, 1}}));
  EXPECT_EQ(got.info.channels[3].name, "D11");
  EXPECT_EQ(got.info.rate, (SampleRate{.samples = 200'000, .seconds = 1}));
  EXPECT_EQ(replayed({.path = path("old.sr")}).codes, (std::vector<Values>{{1, 0}}));
}

TEST_F(SrFileTest, NeedsARateFromSomeone) {
  make(R"(sr("x.sr", "total analog=1\nanalog1=A0\n", [("analog-1-1-1", floats(1))]))");
  EXPECT_EQ(refusal({.path = path("x.sr")}),
            "x.sr: rate: expected a sample rate, which the file does not say");
  EXPECT_EQ(replayed({.path = path("x.sr"), .rate = kMega}).info.rate, kMega);
}

TEST_F(SrFileTest, RefusesSessionsThatDoNotAddUp) {
  make(R"(
sr("none.sr", None, [("analog-1-1-1", floats(1))])
sr("empty.sr", one, [("analog-1-1-1", b"")])
sr("missing.sr", one, [])
sr("cut.sr", one, [("analog-1-1-1", floats(1, 2)[:-1])])
sr("nan.sr", one, [("analog-1-1-1", floats(1)), ("analog-1-1-2", floats(1, 2, float("nan")))])
sr("rate.sr", one.replace("10 MHz", "0 MHz"), [("analog-1-1-1", floats(1))])
sr("fast.sr", one.replace("10 MHz", "1000000 GHz"), [("analog-1-1-1", floats(1))])
sr("minus.sr", one.replace("10 MHz", "-1 MHz"), [("analog-1-1-1", floats(1))])
sr("channels.sr", "samplerate=1 MHz\n", [])
sr("short.sr", one + "analog2=A1\n", [("analog-1-1-1", floats(1, 2, 3)), ("analog-1-2-1", floats(1))])
sr("long.sr", one + "analog2=A1\n", [("analog-1-1-1", floats(1)), ("analog-1-2-1", floats(1, 2, 3))])
sr("unit.sr", "samplerate=1 MHz\ncapturefile=logic-1\nunitsize=0\nprobe1=D0\n", [])
sr("bits.sr", "samplerate=1 MHz\ncapturefile=logic-1\nunitsize=1\nprobe9=D0\n", [("logic-1-1", b"1")])
sr("half.sr", "samplerate=1 MHz\ncapturefile=logic-1\nunitsize=2\nprobe9=D0\n", [("logic-1-1", b"123")])
sr("huge.sr", "x" * 2000000, [])
)");
  const auto refused = [&](const std::string& name) { return refusal({.path = path(name)}); };
  EXPECT_EQ(refused("none.sr"),
            "none.sr: byte 0: expected a sigrok session's entry 'metadata', found none");
  EXPECT_EQ(refused("empty.sr"), "empty.sr: byte 0: expected samples, found none in the session");
  EXPECT_EQ(refused("missing.sr"),
            "missing.sr: byte 0: expected an entry 'analog-1-1-1', found none");
  EXPECT_EQ(refused("cut.sr"),
            "cut.sr: analog-1-1-1: byte 4: expected a whole sample of 4 bytes, found 3 at the end");
  EXPECT_EQ(refused("nan.sr"), "nan.sr: analog-1-1-2: byte 8: expected a finite number, found NaN");
  EXPECT_EQ(refused("rate.sr"),
            "rate.sr: metadata:5:12: expected a sample rate such as '10 MHz', found '0 MHz'");
  EXPECT_EQ(refused("fast.sr"),
            "fast.sr: metadata:5:12: expected a sample rate such as '10 MHz', found '1000000 GHz'");
  EXPECT_EQ(refused("minus.sr"),
            "minus.sr: metadata:5:12: expected a sample rate such as '10 MHz', found '-1 MHz'");
  EXPECT_EQ(refused("channels.sr"),
            "channels.sr: byte 0: expected at least one channel, found none");
  EXPECT_EQ(
      refused("short.sr"),
      "short.sr: analog-1-2-1: byte 4: expected 2 more samples, as in the channel before, found "
      "the end");
  EXPECT_EQ(
      refused("long.sr"),
      "long.sr: analog-1-2-1: byte 4: expected the end, as in the channel before, found 2 more "
      "samples");
  EXPECT_EQ(refused("unit.sr"),
            "unit.sr: metadata:7:10: expected a unit size from 1 to 128, found '0'");
  EXPECT_EQ(refused("bits.sr"), "bits.sr: metadata: expected probe numbers up to 8, found 9");
  EXPECT_EQ(refused("half.sr"),
            "half.sr: logic-1-1: byte 2: expected a whole sample of 2 bytes, found 1 at the end");
  EXPECT_EQ(refused("huge.sr"), "huge.sr: metadata: byte 1048576: expected its end, found more");
}

TEST_F(SrFileTest, RefusesDamagedZips) {
  make(R"(
sr("x.sr", one, [("analog-1-1-1", floats(*range(1000)))], zipfile.ZIP_STORED)
good = open("x.sr", "rb").read()
open("cut.sr", "wb").write(good[:2000])
at = good.find(floats(500))
open("flipped.sr", "wb").write(good[:at] + b"\x01" + good[at + 1:])
)");
  EXPECT_EQ(refusal({.path = path("cut.sr")}),
            "cut.sr: byte 0: expected a sigrok session, which is a zip, found Not a zip archive");
  EXPECT_EQ(refusal({.path = path("flipped.sr")}),
            "flipped.sr: analog-1-1-1: byte 4000: expected a sound zip entry, found: CRC error");
}

// 400 MB of zeros in a file of 400 kB: what it claims is streamed, not loaded.
TEST_F(SrFileTest, StreamsAnEntryThatUnpacksToMuch) {
  make(R"(
with zipfile.ZipFile("x.sr", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
    z.writestr("metadata", "[device 1]\n" + one)
    with z.open("analog-1-1-1", "w") as f:
        for _ in range(400):
            f.write(bytes(1000000))
)");
  struct Count final : CodeSink {
    void take(const CodeBlock& block) override {
      samples += block.size;
      largest = std::max(largest, block.size);
    }
    std::uint64_t samples = 0;
    std::size_t largest = 0;
  } count;
  open_waveform({.path = path("x.sr")})->replay(count);
  EXPECT_EQ(count.samples, 100'000'000u);
  EXPECT_LE(count.largest, 65536u);
}

}  // namespace
}  // namespace rig

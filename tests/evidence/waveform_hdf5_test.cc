#include "tests/evidence/replayed.h"

namespace rig {
namespace {

using testing::block_of;
using testing::kMega;
using testing::refusal;
using testing::Replayed;
using testing::replayed;
using testing::two_channels;
using testing::WaveformTest;
using Values = std::vector<double>;

constexpr const char* kH5 = R"(
import h5py, numpy as np
def h5(name, data, rate=None, where="file", key="sample_rate"):
    with h5py.File(name, "w") as f:
        d = f.create_dataset("data", data=data)
        if rate is not None:
            (f if where == "file" else d).attrs[key] = rate
)";

class Hdf5WaveformTest : public WaveformTest {
 protected:
  void make(const std::string& program) const { python(kH5 + program); }
  std::string refused(const std::string& name) const { return refusal({.path = path(name)}); }
};

TEST_F(Hdf5WaveformTest, ReadsOneDatasetOfAnyUsualType) {
  make(R"(
for t in ["i1", "u1", "<i2", ">i2", "<u2", "<f4", "<f8", ">f8"]:
    h5(t[-2:] + ("b" if t[0] == ">" else "") + ".h5", np.array([1, 2, 100], dtype=t), 2e6)
h5("two.h5", np.array([[1, 2], [3, 4], [5, 6]], dtype="i2"), 250, "dataset", "rate_hz")
)");
  for (const std::string name : {"i1", "u1", "i2", "i2b", "u2", "f4", "f8", "f8b"}) {
    const Replayed got = replayed({.path = path(name + ".h5")});
    EXPECT_EQ(got.codes, (std::vector<Values>{{1, 2, 100}})) << name;
    EXPECT_EQ(got.info.rate, (SampleRate{.samples = 2'000'000, .seconds = 1}));
    EXPECT_EQ(got.type == CodeType::kF32, name.starts_with("f"));
    EXPECT_EQ(got.info.channels[0].name, "voltage");
  }
  const Replayed two = replayed({.path = path("two.h5"), .scale = 2, .unit = "A"});
  EXPECT_EQ(two.codes, (std::vector<Values>{{1, 3, 5}, {2, 4, 6}}));
  EXPECT_EQ(two.info.rate, (SampleRate{.samples = 250, .seconds = 1}));
  EXPECT_EQ(two.info.channels[1].name, "ch2");
  EXPECT_EQ(two.info.channels[1].value_of(6), 12);
}

TEST_F(Hdf5WaveformTest, StreamsManyRows) {
  make(R"(
with h5py.File("x.h5", "w") as f:
    f.attrs["rate_hz"] = 1000
    f.create_dataset("w", data=np.arange(300000, dtype="u4").astype("u2").reshape(-1, 3), compression="gzip")
)");
  const Replayed got = replayed({.path = path("x.h5")});
  EXPECT_LE(got.largest, 1u << 20);
  ASSERT_EQ(got.codes.at(2).size(), 100'000u);
  for (std::size_t i = 0; i < 100'000; ++i) {
    ASSERT_EQ(got.codes[2][i], static_cast<double>((3 * i + 2) % 65536));
  }
}

TEST_F(Hdf5WaveformTest, RefusesWhatIsNoWaveform) {
  make(R"(
h5("rate.h5", np.zeros(3, "i2"))
h5("zero.h5", np.zeros(3, "i2"), 0.0)
h5("minus.h5", np.zeros(3, "i2"), -5)
h5("fast.h5", np.zeros(3, "i2"), 1e15)
h5("text.h5", np.zeros(3, "i2"), "fast")
h5("nan.h5", np.array([[1, 2], [3, float("nan")]]), 1)
h5("big.h5", np.array([1, 1e300]), 1)
h5("empty.h5", np.zeros(0, "i2"), 1)
h5("wide.h5", np.zeros((2, 1000), "i2"), 1)
h5("cube.h5", np.zeros((2, 2, 2), "i2"), 1)
h5("scalar.h5", np.int16(3), 1)
h5("int.h5", np.zeros(3, "i4"), 1)
with h5py.File("none.h5", "w") as f:
    f.create_group("g")
with h5py.File("more.h5", "w") as f:
    f["a"] = [1.0]
    f["b"] = [1.0]
)");
  EXPECT_EQ(refused("rate.h5"),
            "rate.h5: rate: expected a sample rate, which the file does not say");
  EXPECT_EQ(replayed({.path = path("rate.h5"), .rate = kMega}).info.rate, kMega);
  EXPECT_EQ(refused("zero.h5"),
            "zero.h5: /data: expected a sample rate above 0 and at most 10 THz, found 0 Hz");
  EXPECT_EQ(refused("minus.h5"),
            "minus.h5: /data: expected a sample rate above 0 and at most 10 THz, found -5 Hz");
  EXPECT_EQ(refused("fast.h5"),
            "fast.h5: /data: expected a sample rate above 0 and at most 10 THz, found 1e+15 Hz");
  EXPECT_EQ(refused("text.h5"),
            "text.h5: /data: attribute sample_rate: no appropriate function for conversion path");
  EXPECT_EQ(refused("nan.h5"), "nan.h5: /data: row 1: expected a finite number, found NaN");
  EXPECT_EQ(refused("big.h5"), "big.h5: /data: row 1: expected a finite number, found infinity");
  EXPECT_EQ(refused("empty.h5"), "empty.h5: /data: row 0: expected samples, found none");
  EXPECT_EQ(refused("wide.h5"),
            "wide.h5: /data: expected 1 to 4 columns, one per channel, found 1000");
  EXPECT_EQ(refused("cube.h5"), "cube.h5: /data: expected 1 or 2 dimensions, found 3");
  EXPECT_EQ(refused("scalar.h5"), "scalar.h5: /data: expected 1 or 2 dimensions, found 0");
  EXPECT_EQ(refused("int.h5"),
            "int.h5: /data: expected integers of 8 or 16 bits or floats, found others");
  EXPECT_EQ(refused("none.h5"), "none.h5: byte 0: expected one dataset in the root, found 0");
  EXPECT_EQ(refused("more.h5"), "more.h5: byte 0: expected one dataset in the root, found 2");
}

TEST_F(Hdf5WaveformTest, RefusesOwnCapturesWithoutSamplesOrScale) {
  {
    CaptureWriter writer(folder_, "captures/0001-x.h5", two_channels());
    writer.close();
  }
  EXPECT_EQ(refused("captures/0001-x.h5"),
            "0001-x.h5: byte 0: expected samples, found none in the capture");
  CaptureInfo info = two_channels();
  info.channels[0].scale = 0;
  CaptureWriter writer(folder_, "captures/0002-x.h5", info);
  writer.take(block_of(0, {{1, 2}, {1, 2}}));
  writer.close();
  EXPECT_EQ(
      refused("captures/0002-x.h5"),
      "0002-x.h5: /voltage: expected a scale other than 0 and a finite offset, found 0 and -0.25");
}

// Datasets that claim more rows than any file has: refused, neither allocated nor read to the end.
TEST_F(Hdf5WaveformTest, RefusesRowsThatWereNeverWritten) {
  {
    CaptureWriter writer(folder_, "x.h5", two_channels());
    writer.take(block_of(0, {{1, 2}, {1, 2}}));
    writer.close();
  }
  make(R"(
import shutil
def swollen(name, dataset, shape):
    shutil.copy("x.h5", name)
    with h5py.File(name, "r+") as f:
        f[dataset].resize(shape)
swollen("table.h5", "segments", (2**40, 3))
swollen("codes.h5", "current", (2**60,))
with h5py.File("plain.h5", "w") as f:
    f.create_dataset("data", (2**60,), "i2", chunks=True).attrs["rate_hz"] = 1
)");
  EXPECT_TRUE(refused("table.h5")
                  .starts_with("table.h5: /segments: expected data of 1099511627776 rows, found "))
      << refused("table.h5");
  EXPECT_TRUE(
      refused("codes.h5")
          .starts_with("codes.h5: /current: expected data of 1152921504606846976 rows, found "))
      << refused("codes.h5");
  EXPECT_EQ(refused("plain.h5"),
            "plain.h5: /data: expected data of 1152921504606846976 rows, found 0 bytes");
}

TEST_F(Hdf5WaveformTest, RefusesFilesCutShort) {
  make(R"(
h5("x.h5", np.zeros(30000, "i2"), 1.0)
good = open("x.h5", "rb").read()
open("cut.h5", "wb").write(good[:1000])
open("head.h5", "wb").write(good[:8])
)");
  EXPECT_EQ(refused("cut.h5").substr(0, 23), "cut.h5: truncated file:");
  EXPECT_NE(refused("head.h5"), "");
  EXPECT_EQ(refusal({.path = file("t.h5", "hello"), .format = "hdf5"}),
            "t.h5: file signature not found");
}

}  // namespace
}  // namespace rig

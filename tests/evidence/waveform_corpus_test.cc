#include <algorithm>

#include "tests/evidence/replayed.h"

namespace rig {
namespace {

using testing::kMega;
using testing::Replayed;
using testing::replayed;
using testing::thrown;

std::vector<std::filesystem::path> files_of(const std::string& format) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(CORPUS "/" + format)) {
    files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

// The fuzzers' seeds, and what they found: each is replayed, or refused by one line.
TEST(FuzzCorpus, IsReplayedOrRefusedByOneLine) {
  for (const std::string format : {"any", "csv", "hdf5", "raw", "sr", "wav"}) {
    for (const auto& path : files_of(format)) {
      WaveformOptions options{.path = path.string(), .format = format == "any" ? "" : format};
      if (format == "raw") options.format = "f32be";
      if (format == "raw") options.rate = kMega;
      const std::string line = thrown<InputError>([&] { replayed(options); });
      EXPECT_EQ(line.find('\n'), std::string::npos) << line;
    }
  }
}

TEST(FuzzCorpus, BeginsWithGoodFiles) {
  for (const std::string name : {"csv/comma.csv", "csv/own.csv", "csv/rigol.csv", "csv/siglent.csv",
                                 "csv/sigrok.csv", "csv/tektronix.csv", "csv/tektronix_new.csv",
                                 "hdf5/codes.h5", "hdf5/floats.h5", "hdf5/own.h5", "sr/analog.sr",
                                 "sr/mixed.sr", "wav/bytes.wav", "wav/rf64.wav", "wav/two.wav"}) {
    const Replayed got = replayed({.path = CORPUS "/" + name});
    EXPECT_GE(got.codes.at(0).size(), 2u) << name;
  }
}

}  // namespace
}  // namespace rig

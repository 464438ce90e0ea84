#include "rig/evidence/capture_file.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "rig/evidence/files.h"
#include "tests/evidence/drawn.h"

namespace rig {
namespace {

using testing::block_of;
using testing::drawn_codes;
using testing::thrown;
using testing::two_channels;
using Codes = std::vector<std::vector<std::int16_t>>;

constexpr const char* kFile = "captures/0001-trip.h5";

// Puts blocks together again, as whoever measures would see them.
class Collected final : public BlockSink {
 public:
  struct Piece {
    std::uint64_t first_sample = 0;
    std::uint32_t segment = 0;
    bool lost_before = false;
    Codes codes;
    bool operator==(const Piece&) const = default;
  };
  void take(const Block& block) override {
    largest_ = std::max(largest_, block.size());
    const bool continues =
        !pieces_.empty() && !block.lost_before && pieces_.back().segment == block.segment &&
        pieces_.back().first_sample + pieces_.back().codes[0].size() == block.first_sample;
    if (!continues) {
      pieces_.push_back(
          {block.first_sample, block.segment, block.lost_before, Codes(block.codes.size())});
    }
    for (std::size_t i = 0; i < block.codes.size(); ++i) {
      auto& codes = pieces_.back().codes[i];
      codes.insert(codes.end(), block.codes[i].begin(), block.codes[i].end());
    }
  }
  const std::vector<Piece>& pieces() const { return pieces_; }
  std::size_t largest() const { return largest_; }

 private:
  std::vector<Piece> pieces_;
  std::size_t largest_ = 0;
};

class CaptureFileTest : public testing::InFolder {
 protected:
  std::filesystem::path file() const { return folder_ / kFile; }

  // Two segments, the second one with a loss inside.
  CaptureRef write_segments(CaptureWriterOptions options = {},
                            const CaptureInfo& info = two_channels()) {
    CaptureWriter writer(folder_, kFile, info, options);
    writer.take(block_of(100, first_));
    writer.take(block_of(5000, second_, 1));
    writer.take(block_of(5200, third_, 1, true));
    return writer.close();
  }
  CaptureRef write_continuous(const Codes& codes, std::size_t block_size) {
    std::filesystem::remove(file());
    CaptureWriter writer(folder_, kFile, two_channels());
    for (std::size_t at = 0; at < codes[0].size(); at += block_size) {
      const std::size_t size = std::min(block_size, codes[0].size() - at);
      Block block;
      block.first_sample = at;
      for (const auto& channel : codes) block.codes.emplace_back(channel.data() + at, size);
      writer.take(block);
    }
    return writer.close();
  }

  Codes first_{{1, 2, 3}, {-2048, 0, 2047}};
  Codes second_{{4, 5}, {10, 11}};
  Codes third_{{6}, {2047}};
};

TEST_F(CaptureFileTest, ReturnsTheCodesAndAllAboutThem) {
  CaptureInfo info = two_channels();
  info.pre_trigger = Picos(50'000'000);
  info.segment_length = Picos(600'000);
  info.integrity_proven = false;
  info.channels[0].bits = 8;
  info.channels[0].clip_low = -128;
  info.channels[0].clip_high = 127;
  write_segments({}, info);

  const CaptureReader reader(file());
  const CaptureInfo& back = reader.info();
  EXPECT_EQ(back.name, info.name);
  EXPECT_EQ(back.rate, info.rate);
  EXPECT_EQ(back.rate_u, info.rate_u);
  EXPECT_EQ(back.armed_at, info.armed_at);
  EXPECT_EQ(back.alignment_u, info.alignment_u);
  EXPECT_EQ(back.pre_trigger, info.pre_trigger);
  EXPECT_EQ(back.segment_length, info.segment_length);
  EXPECT_EQ(back.integrity_proven, info.integrity_proven);
  ASSERT_EQ(back.channels.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& [name, unit, bits, scale, offset, low, high, bandwidth, gain_u, offset_u, step] =
        info.channels[i];
    const Channel& c = back.channels[i];
    EXPECT_EQ(std::tie(name, unit, bits, scale, offset),
              std::tie(c.name, c.unit, c.bits, c.scale, c.offset));
    EXPECT_EQ(std::tie(low, high, bandwidth, gain_u, offset_u),
              std::tie(c.clip_low, c.clip_high, c.bandwidth_hz, c.gain_u, c.offset_u));
    EXPECT_EQ(step, 0) << "codes need none, and captures hold nothing else";
  }
  EXPECT_EQ(reader.rows(), 6u);
  std::vector<std::int16_t> rows(3);
  reader.read(1, 2, rows);
  EXPECT_EQ(rows, (std::vector<std::int16_t>{2047, 10, 11}));
}

TEST_F(CaptureFileTest, ReplaysWhatTheDigitizerHandedOver) {
  write_segments();
  for (const std::size_t block_size : {1u, 2u, 1000u}) {
    Collected replayed;
    CaptureReader(file()).replay(replayed, block_size);
    EXPECT_LE(replayed.largest(), block_size);
    EXPECT_EQ(replayed.pieces(),
              (std::vector<Collected::Piece>{
                  {100, 0, false, first_}, {5000, 1, false, second_}, {5200, 1, true, third_}}));
  }
}

TEST_F(CaptureFileTest, CountsWhatWasMeasured) {
  const CaptureRef ref = write_segments();
  EXPECT_EQ(ref.name, "trip");
  EXPECT_EQ(ref.file, kFile);
  EXPECT_EQ(ref.sha256, sha256_of_file(file()));
  EXPECT_EQ(ref.samples, 6u);
  EXPECT_EQ(ref.segments, 2u);
  EXPECT_EQ(ref.segments_kept, 2u);
  EXPECT_EQ(ref.lost, 1u);
  EXPECT_EQ(ref.clipped,
            (std::vector<std::pair<std::string, std::uint64_t>>{{"voltage", 0}, {"current", 3}}));
}

TEST_F(CaptureFileTest, KeepsSoManySegmentsAndCountsTheRest) {
  const CaptureRef ref = write_segments({.keep_segments = 1});
  EXPECT_EQ(ref.samples, 6u);
  EXPECT_EQ(ref.segments, 2u);
  EXPECT_EQ(ref.segments_kept, 1u);
  EXPECT_EQ(ref.lost, 1u);
  EXPECT_EQ(ref.clipped[1].second, 3u) << "clipped samples count, stored or not";
  EXPECT_EQ(CaptureReader(file()).rows(), 3u);
}

TEST_F(CaptureFileTest, TakesAnUnannouncedGapForALoss) {
  CaptureWriter writer(folder_, kFile, two_channels());
  writer.take(block_of(0, first_));
  writer.take(block_of(4, second_));
  EXPECT_EQ(writer.close().lost, 1u);
  EXPECT_TRUE(CaptureReader(file()).spans().at(1).lost_before);
}

TEST_F(CaptureFileTest, RemembersALossAnnouncedByAnEmptyBlock) {
  CaptureWriter writer(folder_, kFile, two_channels());
  writer.take(block_of(0, first_));
  writer.take(block_of(3, Codes(2), 0, true));
  writer.take(block_of(3, second_));
  EXPECT_EQ(writer.close().lost, 1u);
}

TEST_F(CaptureFileTest, RefusesBlocksThatContradictEachOther) {
  CaptureWriter writer(folder_, kFile, two_channels());
  writer.take(block_of(10, first_, 3));
  EXPECT_EQ(thrown<RigError>([&] { writer.take(block_of(12, second_, 3)); }),
            file().string() + ": sample 12 of segment 3 after sample 13 of segment 3");
  EXPECT_THROW(writer.take(block_of(20, second_, 2)), RigError);
  EXPECT_THROW(writer.take(block_of(20, {{1}}, 3)), std::logic_error);
  EXPECT_THROW(writer.take(block_of(20, {{1}, {1, 2}}, 3)), std::logic_error);
}

TEST_F(CaptureFileTest, IsTheSameBytesForTheSameSamples) {
  const Codes codes{drawn_codes(200'000, 1), drawn_codes(200'000, 2)};
  const std::string hash = write_continuous(codes, 4096).sha256;
  // HDF5 keeps dates in whole seconds: a second has to pass before one could differ.
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  EXPECT_EQ(write_continuous(codes, 77'777).sha256, hash);
}

TEST_F(CaptureFileTest, HoldsMoreThanAChunk) {
  const Codes codes{drawn_codes(150'001, 3), drawn_codes(150'001, 4)};
  write_continuous(codes, 1000);
  Collected replayed;
  CaptureReader(file()).replay(replayed);
  ASSERT_EQ(replayed.pieces().size(), 1u);
  EXPECT_EQ(replayed.pieces()[0].codes, codes);
}

TEST_F(CaptureFileTest, HoldsManySegments) {
  constexpr std::uint64_t kSegments = 3000;  // more than a chunk of the segment table
  CaptureWriter writer(folder_, kFile, two_channels());
  for (std::uint64_t i = 0; i < kSegments; ++i) {
    writer.take(block_of(i * 100, first_, static_cast<std::uint32_t>(i)));
  }
  EXPECT_EQ(writer.close().segments, kSegments);
  const CaptureReader reader(file());
  ASSERT_EQ(reader.spans().size(), kSegments);
  EXPECT_EQ(reader.spans().back().first_sample, 299'900u);
  EXPECT_EQ(reader.spans().back().row, 8997u);
}

TEST_F(CaptureFileTest, MayBeEmpty) {
  CaptureWriter writer(folder_, kFile, two_channels());
  EXPECT_EQ(writer.close().samples, 0u);
  EXPECT_EQ(CaptureReader(file()).rows(), 0u);
}

TEST_F(CaptureFileTest, IsReadByAStranger) {
  write_segments();
  const auto outcome = testing::run_command(PYTHON " " HERE "/read_capture.py " + file().string());
  EXPECT_EQ(outcome.text,
            "file alignment_u 1e-07\n"
            "file armed_at_ps 1500000000000\n"
            "file integrity_proven 1\n"
            "file name trip\n"
            "file pre_trigger_ps 0\n"
            "file rate_samples 5000000\n"
            "file rate_seconds 1\n"
            "file rate_u 2.5e-05\n"
            "file schema soleus-rig capture 1\n"
            "file segment_length_ps 0\n"
            "segments uint64 [[100, 0, 3], [5000, 3, 2], [5200, 5, 1]]\n"
            "segment_lost uint8 [0, 0, 1]\n"
            "segment_number uint32 [0, 1, 1]\n"
            "current int16 (65536,) gzip 1 True True (6,)\n"
            "current bandwidth_hz 0.0\n"
            "current bits 12\n"
            "current clip_high 2047\n"
            "current clip_low -2048\n"
            "current gain_u 0.0\n"
            "current index 1\n"
            "current offset 0.0\n"
            "current offset_u 0.0\n"
            "current scale 0.0001220703125\n"
            "current unit A\n"
            "current codes [-2048, 0, 2047, 10, 11, 2047]\n"
            "voltage int16 (65536,) gzip 1 True True (6,)\n"
            "voltage bandwidth_hz 20000000.0\n"
            "voltage bits 12\n"
            "voltage clip_high 2047\n"
            "voltage clip_low -2048\n"
            "voltage gain_u 0.002\n"
            "voltage index 0\n"
            "voltage offset -0.25\n"
            "voltage offset_u 0.01\n"
            "voltage scale 0.125\n"
            "voltage unit V\n"
            "voltage codes [1, 2, 3, 4, 5, 6]\n");
}

TEST_F(CaptureFileTest, LeavesNothingBehindWhenNotClosed) {
  {
    CaptureWriter writer(folder_, kFile, two_channels());
    writer.take(block_of(0, first_));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "captures"));
}

TEST_F(CaptureFileTest, DoesNotOverwriteEvidence) {
  write_segments();
  EXPECT_EQ(thrown<RigError>([&] { write_segments(); }), file().string() + ": exists already");
}

TEST_F(CaptureFileTest, RefusesChannelsThatHaveNoPlace) {
  CaptureInfo info = two_channels();
  info.channels[0].name = "segments";
  EXPECT_EQ(thrown<RigError>([&] { CaptureWriter(folder_, kFile, info); }),
            file().string() + ": 'segments' cannot name a channel");
  info.channels[0].name = info.channels[1].name;
  EXPECT_EQ(thrown<RigError>([&] { CaptureWriter(folder_, kFile, info); }),
            file().string() + ": two channels 'current'");
}

TEST_F(CaptureFileTest, SaysThatTheFileIsMissing) {
  EXPECT_EQ(thrown<RigError>([&] { const CaptureReader reader(file()); }),
            file().string() + ": No such file or directory");
}

TEST_F(CaptureFileTest, NeverReadsATruncatedFile) {
  const Codes codes{drawn_codes(100'000, 5), drawn_codes(100'000, 6)};
  write_continuous(codes, 4096);
  const auto size = std::filesystem::file_size(file());
  for (std::uintmax_t cut = 0; cut < 20; ++cut) {
    std::filesystem::resize_file(file(), size - 1 - cut * (size / 20));
    const std::string error = thrown<RigError>([&] { const CaptureReader reader(file()); });
    ASSERT_TRUE(error.starts_with(file().string() + ": ")) << error;
  }
}

void flip_a_bit(const std::filesystem::path& file, std::uintmax_t at) {
  std::string bytes = read_file(file);
  bytes.at(at) = static_cast<char>(bytes.at(at) ^ 0x10);
  write_file(file, bytes);
}

TEST_F(CaptureFileTest, NeverReturnsOtherSamplesForAFlippedBit) {
  const Codes codes{drawn_codes(3'000, 7), drawn_codes(3'000, 8)};
  write_continuous(codes, 4096);
  const std::string whole = read_file(file());
  std::size_t refused = 0;
  for (std::size_t at = 0; at < whole.size(); at += 29) {
    flip_a_bit(file(), at);
    Collected replayed;
    const std::string error = thrown<RigError>([&] { CaptureReader(file()).replay(replayed); });
    if (error.empty()) {
      ASSERT_EQ(replayed.pieces().at(0).codes, codes) << "byte " << at;
    } else {
      ASSERT_TRUE(error.starts_with(file().string() + ": ")) << error;
      ++refused;
    }
    write_file(file(), whole);
  }
  EXPECT_GT(refused, whole.size() / 29 / 2) << "most of the file is samples";
}

TEST_F(CaptureFileTest, IsKnownByItsHash) {
  const CaptureRef ref = write_segments();
  EXPECT_EQ(open_capture(folder_, ref).rows(), 6u);
  flip_a_bit(file(), std::filesystem::file_size(file()) - 1);
  EXPECT_EQ(thrown<RigError>([&] { open_capture(folder_, ref); }),
            file().string() + ": not the file that was recorded: sha256 differs");
}

// In a process of its own, because HDF5 is known to crash at exit after a failed write.
TEST_F(CaptureFileTest, SurvivesAFullDisk) {
  const auto fill = [this] {
    const Codes codes{drawn_codes(1'000'000, 9), drawn_codes(1'000'000, 10)};
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{100'000, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const std::string error = thrown<RigError>([&] { write_continuous(codes, 4096); });
    const bool clean = std::filesystem::is_empty(folder_ / "captures");
    limit.rlim_cur = RLIM_INFINITY;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const bool works_again = write_continuous(codes, 4096).samples == codes[0].size();
    std::fputs((error + (clean ? " clean" : "") + (works_again ? " works" : "")).c_str(), stderr);
    std::exit(0);
  };
  EXPECT_EXIT(fill(), ::testing::ExitedWithCode(0),
              "0001-trip.h5: file write failed: File too large clean works");
}

TEST(CaptureFileName, IsPlain) {
  EXPECT_EQ(capture_file_name(3, "trip"), "captures/0003-trip.h5");
  EXPECT_EQ(capture_file_name(12345, "../a b"), "captures/12345-___a_b.h5");
}

}  // namespace
}  // namespace rig

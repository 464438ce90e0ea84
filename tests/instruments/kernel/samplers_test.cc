// The drivers of the devices that stream, on a real kernel's USB stack, and sigrok's own driver as
// the judge of the logic analyzer's model.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "rig/instruments/sampler.h"
#include "rig/instruments/usb/stream.h"
#include "rig/instruments/wall_clock.h"
#include "tests/instruments/kernel/kernel_rig.h"
#include "tests/instruments/kernel/played.h"

namespace rig::kernel {
namespace {

struct Samples final : BlockSink {
  std::vector<std::vector<std::int16_t>> codes;
  int losses = 0;
  void take(const Block& block) override {
    codes.resize(block.codes.size());
    losses += block.lost_before ? 1 : 0;
    for (std::size_t c = 0; c < codes.size(); ++c) {
      EXPECT_EQ(block.first_sample, codes[c].size());
      codes[c].insert(codes[c].end(), block.codes[c].begin(), block.codes[c].end());
    }
  }
};

struct Table {
  std::string name;
  UsbSampler sampler;
  ScopeSettings scope;
  CaptureSetup capture;
  std::uint16_t kibibytes = 0;  // of the capture
  usb::Selector ready;          // once it has its firmware
};

void PrintTo(const Table& table, std::ostream* out) { *out << table.name; }

ScopeSettings inputs(std::initializer_list<int> numbers, const std::string& unit) {
  ScopeSettings settings;
  for (const int n : numbers) {
    settings.channels.push_back({.name = "in" + std::to_string(n), .unit = unit, .input = n});
  }
  return settings;
}

CaptureSetup capture_of(const ScopeSettings& scope, std::uint64_t hertz) {
  CaptureSetup setup{
      .name = "run", .rate = {.samples = hertz}, .length = std::chrono::milliseconds(100)};
  for (const auto& channel : scope.channels) setup.channels.push_back(channel.name);
  return setup;
}

Table made(std::string name, UsbSampler sampler, ScopeSettings scope, std::uint64_t hertz,
           std::uint16_t kibibytes, usb::Selector ready) {
  return {.name = std::move(name),
          .sampler = std::move(sampler),
          .scope = scope,
          .capture = capture_of(scope, hertz),
          .kibibytes = kibibytes,
          .ready = std::move(ready)};
}

constexpr const char* kFile = "/tmp/sigrok.bin";

std::string firmware() { return "/tmp/fx2_firmware.hex"; }

Table hantek() {
  return made("Hantek6022",
              {.kind = UsbSampler::Kind::kHantek6022,
               .usb = {.text = "04B5:6022"},
               .firmware = firmware(),
               .clock = IntegrityClock{.input = 2, .hertz = played::kClockHertz}},
              inputs({1}, "V"), 1'000'000, 280, {.vendor = 0x04B5, .product = 0x6022});
}
Table logic() {
  return made(
      "Fx2lafw",
      {.kind = UsbSampler::Kind::kFx2lafw, .usb = {.text = "0925:3881"}, .firmware = firmware()},
      inputs({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, "logic"), 1'000'000, 190,
      {.vendor = 0x1D50, .product = 0x608C});
}
Table usb_204() {
  return made("Usb204", {.kind = UsbSampler::Kind::kUsb204, .usb = {.text = "09DB:0114"}},
              inputs({0, 1}, "V"), 50'000, 19, {.vendor = 0x09DB, .product = 0x0114});
}
Table usb_1608() {
  return made("Usb1608fsPlus",
              {.kind = UsbSampler::Kind::kUsb1608fsPlus, .usb = {.text = "09DB:00EA"}},
              inputs({0, 1}, "V"), 50'000, 19, {.vendor = 0x09DB, .product = 0x00EA});
}

class Samplers {
 protected:
  usb::Context context_;
  std::unique_ptr<Clock> clock_ = make_wall_clock();
  CaptureInfo info_;

  Samplers() {
    std::ofstream(firmware()) << ":0300000002004FAC\n:04004F00DEADBEEF75\n:00000001FF\n";
  }
  std::unique_ptr<Digitizer> open(const Table& table) {
    return patiently<std::unique_ptr<Digitizer>>(
        [&] { return open_sampler(context_, *clock_, table.sampler, table.scope); });
  }
  std::string capture(Digitizer& digitizer, const CaptureSetup& setup, Samples& samples) {
    return error_of([&] {
      info_ = patiently<CaptureInfo>([&] { return digitizer.arm(setup); });
      for (Picos until = info_.armed_at; digitizer.collect(until, samples);) {
        until += std::chrono::milliseconds(20);
      }
    });
  }
};

class SamplerOnKernel : public Samplers, public testing::TestWithParam<Table> {};

void expect_counter(const std::vector<std::uint8_t>& codes, unsigned count, unsigned step = 1) {
  for (std::size_t k = 1; k < codes.size(); ++k) {
    ASSERT_EQ(codes[k], (codes[k - 1] + step) % count) << "sample " << k;
  }
}

// Of the sixteen bits that were captured one by one.
std::vector<std::uint8_t> byte_of(const Samples& samples, std::size_t first_bit) {
  std::vector<std::uint8_t> bytes(samples.codes[first_bit].size());
  for (std::size_t k = 0; k < bytes.size(); ++k) {
    for (std::size_t bit = 0; bit < 8; ++bit) {
      bytes[k] = static_cast<std::uint8_t>(bytes[k] | samples.codes[first_bit + bit][k] << bit);
    }
  }
  return bytes;
}

// Each sample is on the one saw tooth that fits them all best; where that began only the model
// knows.
void expect_saw(const Channel& channel, const std::vector<std::int16_t>& codes, double hertz) {
  const auto turns = [&](std::size_t k) {
    const double volts = channel.value_of(codes[k]);
    const double of_first = channel.value_of(codes[0]);
    const double time = static_cast<double>(k) / hertz;
    const double apart = (volts - of_first) / (2 * played::kSawVolts) - time / played::kSaw;
    return std::remainder(apart, 1.0);
  };
  double sum = 0;
  for (std::size_t k = 0; k < codes.size(); ++k) sum += turns(k);
  const double mean = sum / static_cast<double>(codes.size());
  const double tolerance = 0.6 * std::fabs(channel.scale);
  for (std::size_t k = 0; k < codes.size(); ++k) {
    ASSERT_NEAR((turns(k) - mean) * 2 * played::kSawVolts, 0, tolerance) << "sample " << k;
  }
}

TEST_P(SamplerOnKernel, CapturesWhatTheModelPlays) {
  const Table& table = GetParam();
  const auto digitizer = open(table);
  for (int run = 0; run < 2; ++run) {
    Samples samples;
    ASSERT_EQ(capture(*digitizer, table.capture, samples), "no error");
    EXPECT_EQ(samples.losses, 0);
    EXPECT_EQ(info_.integrity_proven, table.name != "Fx2lafw");
    const auto expected = static_cast<std::size_t>(std::lround(0.1 * info_.rate.hertz()));
    ASSERT_EQ(samples.codes[0].size(), expected);
    if (table.name == "Fx2lafw") {
      expect_counter(byte_of(samples, 0), played::kLowCount);
      expect_counter(byte_of(samples, 8), played::kHighCount);
      continue;
    }
    for (std::size_t c = 0; c < samples.codes.size(); ++c) {
      expect_saw(info_.channels[c], samples.codes[c], info_.rate.hertz());
    }
  }
}

// Within the capture, by the model's pace. Those that had a firmware have lost it then, and get it
// again.
TEST_P(SamplerOnKernel, UnpluggedInTheDataTheCaptureEndsAndTheNextOneIsGood) {
  const Table& table = GetParam();
  const auto digitizer = open(table);
  fail_after(*open_device(context_, table.ready), Fault::kUnplug, table.kibibytes / 2);
  Samples cut;
  const std::string words = capture(*digitizer, table.capture, cut);
  EXPECT_LT(clock_->now() - info_.armed_at, table.capture.length + milliseconds(500));
  EXPECT_TRUE(words.ends_with(": unplugged")) << words;
  EXPECT_FALSE(cut.codes.empty());
  Samples next;
  EXPECT_EQ(capture(*digitizer, table.capture, next), "no error");
}

INSTANTIATE_TEST_SUITE_P(Each, SamplerOnKernel,
                         testing::Values(hantek(), logic(), usb_204(), usb_1608()),
                         [](const auto& with) { return with.param.name; });

class KernelLimit : public Samplers, public testing::Test {};

// Together with what the test asks for they would be beyond it.
TEST_F(KernelLimit, TwoOfTheFastestStreamsStayBelowIt) {
  Table fast_hantek = hantek();
  fast_hantek.sampler.clock.reset();
  Table fast_logic = made("", logic().sampler, inputs({0}, "logic"), 24'000'000, 0, {});
  fast_hantek.capture.channels = {"in1"};
  fast_hantek.capture.rate.samples = 30'000'000;
  const auto first = open(fast_hantek);
  const auto second = open(fast_logic);
  EXPECT_EQ(error_of([&] { first->arm(fast_hantek.capture); }), "no error");
  EXPECT_EQ(error_of([&] { second->arm(fast_logic.capture); }), "no error");
  const auto third = open_device(context_, usb_204().ready);
  const usb::Interface claimed(*third, 0);
  const std::string words = error_of([&] {
    const usb::Stream stream(*third, {.endpoint = 0x81, .transfers = 4, .block_bytes = 1 << 20});
  });
  EXPECT_NE(words.find("usbfs_memory_mb"), std::string::npos) << words;
}

class SigrokAsJudge : public Samplers, public testing::Test {};

// sigrok finds the model as what our driver has made of it: a device with its firmware.
TEST_F(SigrokAsJudge, ItsDriverCapturesWhatTheLogicAnalyzerPlays) {
  if (::access("/usr/bin/sigrok-cli", X_OK) != 0) {
    GTEST_SKIP() << "SKIPPED: sigrok-cli is not installed: nobody has judged the model";
  }
  const Table table = logic();
  open(table);
  for (const char* rate : {"1m", "250k"}) {
    const std::string command =
        std::string("sigrok-cli -d fx2lafw --samples 100000 -O binary -o ") + kFile +
        " --config samplerate=" + rate + " 2>&1";
    ASSERT_EQ(std::system(command.c_str()), 0);
    std::ifstream file(kFile, std::ios::binary);
    const std::vector<std::uint8_t> samples((std::istreambuf_iterator<char>(file)), {});
    ASSERT_EQ(samples.size(), 100'000u);
    expect_counter(samples, played::kLowCount, rate == std::string("1m") ? 1 : 4);
  }
}

}  // namespace
}  // namespace rig::kernel

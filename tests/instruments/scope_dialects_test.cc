// The scope driver against a model of each dialect, over USBTMC (libusb, emulated usbfs) and over
// TCP. Time is the test's own.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "rig/core/error.h"
#include "rig/instruments/scpi_scope.h"
#include "rig/instruments/scpi_socket.h"
#include "rig/instruments/usbtmc.h"
#include "tests/instruments/scope_models.h"
#include "tests/instruments/scpi_server.h"
#include "tests/instruments/usb_bus.h"

namespace rig {
namespace {

using devices::ScopeFaults;
using fake::ScopeKind;
using std::chrono::milliseconds;

constexpr milliseconds kLong(2000);

class KeptCodes final : public BlockSink {
 public:
  std::vector<std::vector<std::int16_t>> codes;
  void take(const Block& block) override {
    codes.resize(block.codes.size());
    EXPECT_EQ(block.first_sample, codes[0].size()) << "in order, without a gap";
    for (std::size_t k = 0; k < codes.size(); ++k) {
      codes[k].insert(codes[k].end(), block.codes[k].begin(), block.codes[k].end());
    }
  }
};

// Crosses zero, so that a sign or a complement that is wrong shows; input 2 goes the other way.
double sawtooth(int input, double t) {
  const double up = std::fmod(t * 30, 1.0) * 6 - 3;
  return input == 1 ? up : -10 * up;
}

enum class Over : std::uint8_t { kUsb, kTcp };
using DialectCase = std::tuple<std::size_t, Over>;

class DialectTest : public testing::TestWithParam<DialectCase> {
 protected:
  const ScopeKind& kind_ = fake::scope_kinds().at(std::get<0>(GetParam()));
  fake::SteppedClock clock_;
  std::unique_ptr<devices::ScopeModel> model_ =
      kind_.make([this] { return to_seconds(clock_.now()); }, sawtooth);
  devices::UsbtmcDevice usbtmc_{kind_.traits(), *model_};
  std::unique_ptr<fake::UsbBus> bus_;
  std::unique_ptr<usb::Context> context_;
  std::unique_ptr<fake::ScpiServer> server_;
  fake::LinkInStep* link_ = nullptr;  // over TCP
  std::unique_ptr<Digitizer> scope_;
  CaptureInfo info_;

  void SetUp() override {
    ScopeSettings settings;
    settings.channels = {
        {.name = "current", .unit = "A", .input = 1, .probe = 1, .units_per_volt = 0.01},
        {.name = "voltage", .unit = "V", .input = 2, .probe = 10}};
    scope_ = make_scope(open_link(), clock_, settings);
  }
  std::unique_ptr<ScpiLink> open_link() {
    if (std::get<1>(GetParam()) == Over::kTcp) {
      server_ = std::make_unique<fake::ScpiServer>(*model_);
      auto link = std::make_unique<fake::LinkInStep>(*server_, clock_);
      link_ = link.get();
      return link;
    }
    bus_ = std::make_unique<fake::UsbBus>();
    bus_->plug(usbtmc_);
    context_ = std::make_unique<usb::Context>();
    return open_usbtmc(*context_, {.vendor = kind_.vendor, .product = kind_.product},
                       within(kLong));
  }
  void TearDown() override { scope_.reset(); }

  static CaptureSetup both(Picos length = milliseconds(40)) {
    return {.name = "run",
            .channels = {"current", "voltage"},
            .rate = {.samples = 1'000'000},
            .ranges = {{"current", 0.035}, {"voltage", 35}},
            .length = length};
  }
  std::string capture(const CaptureSetup& setup, KeptCodes& kept) {
    try {
      info_ = {};
      info_ = scope_->arm(setup);
      while (scope_->collect(clock_.now() + milliseconds(10), kept)) {
      }
    } catch (const RigError& error) {
      const std::string words = error.what();
      return words.substr(words.find(": ") + 2);
    }
    return "";
  }
  // A good record first, for the scope to show again.
  std::string error_with(const ScopeFaults& faults) {
    model_->faults = {};
    KeptCodes kept;
    EXPECT_EQ(capture(both(), kept), "");
    model_->faults = faults;
    kept.codes.clear();
    std::string error = capture(both(), kept);
    EXPECT_TRUE(kept.codes.empty()) << "nothing of a record that is refused";
    return error;
  }
  double worst_error(const KeptCodes& kept, std::size_t channel) const {
    double worst = 0;
    const double unit = channel == 0 ? 0.01 : 1;
    for (std::size_t k = 0; k < kept.codes[channel].size(); ++k) {
      // The force takes no time here: it lies half the latency before armed_at.
      const double at =
          to_seconds(info_.armed_at) - 0.010 + static_cast<double>(k) / info_.rate.hertz();
      const double phase = std::fmod(at * 30, 1.0);
      if (phase < 1e-4 || phase > 1 - 1e-4) continue;  // where it jumps
      const double found = info_.channels[channel].value_of(kept.codes[channel][k]);
      const double wanted = unit * sawtooth(static_cast<int>(channel) + 1, at);
      worst = std::max(worst, std::fabs(found - wanted) / info_.channels[channel].scale);
    }
    return worst;  // codes
  }
};

TEST_P(DialectTest, CapturesWhatIsOnItsInputsInTheChannelsUnits) {
  KeptCodes kept;
  ASSERT_EQ(capture(both(), kept), "");
  ASSERT_EQ(kept.codes.size(), 2u);
  EXPECT_GE(info_.rate.hertz(), 1e6);
  EXPECT_EQ(kept.codes[0].size(), static_cast<std::size_t>(0.04 * info_.rate.hertz()));
  // Half a code of rounding, and what readbacks of six digits leave.
  const double slack = info_.channels[0].bits == 8 ? 0.52 : 6;
  EXPECT_LT(worst_error(kept, 0), slack);
  EXPECT_LT(worst_error(kept, 1), slack);
  EXPECT_TRUE(info_.integrity_proven);
}

TEST_P(DialectTest, CapturesAgainAfterACapture) {
  KeptCodes kept;
  ASSERT_EQ(capture(both(), kept), "");
  kept.codes.clear();
  ASSERT_EQ(capture(both(milliseconds(3)), kept), "");
  EXPECT_LT(worst_error(kept, 0), info_.channels[0].bits == 8 ? 0.52 : 6);
}

TEST_P(DialectTest, CodesAtTheEndsOfTheirRangeCountAsClipped) {
  CaptureSetup setup = both();
  setup.ranges = {{"current", 0.001}, {"voltage", 35}};
  KeptCodes kept;
  ASSERT_EQ(capture(setup, kept), "");
  const Channel& current = info_.channels[0];
  const auto [least, most] = std::ranges::minmax(kept.codes[0]);
  EXPECT_EQ(least, current.clip_low);
  EXPECT_EQ(most, current.clip_high);
  EXPECT_LT(current.value_of(least), -0.001);
  EXPECT_GT(current.value_of(most), 0.001);
}

TEST_P(DialectTest, WaitsForDataAndPreamblesThatComeTooEarly) {
  KeptCodes kept;
  ASSERT_EQ(capture(both(), kept), "");
  model_->faults = {.empty_blocks = 3, .zero_increments = 3};
  kept.codes.clear();
  ASSERT_EQ(capture(both(), kept), "");
  EXPECT_LT(worst_error(kept, 0), info_.channels[0].bits == 8 ? 0.52 : 6);
}

TEST_P(DialectTest, DataThatNeverComeAreAnError) {
  EXPECT_NE(error_with({.empty_blocks = 1000}).find(": expected a block of "), std::string::npos);
  EXPECT_NE(error_with({.zero_increments = 1000}).find("expected a number above zero, found "),
            std::string::npos);
  EXPECT_NE(error_with({.garbage_preambles = 1000}).find(": expected "), std::string::npos);
  EXPECT_NE(error_with({.points_missing = 10}).find(": expected a block of "), std::string::npos);
  EXPECT_NE(error_with({.garbage = true}).find(": expected a block of "), std::string::npos);
}

TEST_P(DialectTest, ABlockThatIsNotAsLongAsItSaysIsAnError) {
  EXPECT_NE(error_with({.length_lie = -7}), "");
}

TEST_P(DialectTest, AnotherAcquisitionIsNeverTaken) {
  EXPECT_NE(error_with({.shows_old_record = true}).find("is complete before its time"),
            std::string::npos);
  EXPECT_NE(error_with({.ignores_single = true}).find("it did not arm: expected the state "),
            std::string::npos);
  EXPECT_NE(error_with({.ignores_force = true}), "");
  EXPECT_NE(error_with({.knob_turned = true}).find("the record is of another acquisition"),
            std::string::npos);
  EXPECT_NE(error_with({.started_in_download = true}), "");
  EXPECT_NE(error_with({.rounds_scale = true}).find("the scope made 2.5"), std::string::npos);
}

TEST_P(DialectTest, WhatItsErrorQueueSaysIsTheError) {
  const std::string error = error_with({.refused = 2});
  if (kind_.name.starts_with("Siglent")) {
    EXPECT_EQ(error, "the set-up of the channels; it reports an execution error");
  } else if (kind_.name == "InfiniiVision") {
    EXPECT_EQ(error, ":TIM:MODE MAIN; it reports -222,\"Data out of range\"");
  } else if (kind_.name == "Tektronix") {
    EXPECT_EQ(error, "VERBOSE 0; it reports 222,\"Data out of range; VERBOSE 0\"");
  } else {
    EXPECT_EQ(error, ":ACQ:TYPE NORM; it reports -222,\"Data out of range\"");
  }
}

TEST_P(DialectTest, ErrorsOfBeforeAreNotHeldAgainstACapture) {
  model_->take("NO:SUCH:WORD 1");
  KeptCodes kept;
  EXPECT_EQ(capture(both(), kept), "");
}

// Nothing else takes time here.
TEST_P(DialectTest, RigolsOnTheLanAreGivenTheirTimeBetweenMessages) {
  KeptCodes kept;
  const Picos begun = clock_.now();
  ASSERT_EQ(capture(both(), kept), "");
  const bool rigol = std::get<0>(GetParam()) < 3;
  if (link_ == nullptr) {
    EXPECT_TRUE(!rigol || clock_.now() < begun + std::chrono::seconds(2)) << "not on USB";
    return;
  }
  Picos least = std::chrono::hours(1);
  for (std::size_t k = 1; k < link_->sent.size(); ++k) {
    least = std::min(least, link_->sent[k] - link_->sent[k - 1]);
  }
  EXPECT_EQ(least, rigol ? Picos(milliseconds(50)) : Picos(0)) << link_->sent.size() << " messages";
}

// A scope that was not read back as set says why, when it can.
TEST_P(DialectTest, ASettingThatIsNotTakenComesWithTheReason) {
  const std::string error = error_with({.refused = 5});
  EXPECT_NE(error.find("; it reports "), std::string::npos) << error;
}

// By a register, by its time, or else by where the trigger lies in it.
TEST_P(DialectTest, ARecordThatIsNotTheNewOneIsKnownByWhatItTells) {
  KeptCodes kept;
  ASSERT_EQ(capture(both(), kept), "");
  model_->faults = {.keeps_old_record = true};
  kept.codes.clear();
  const std::string error = capture(both(), kept);
  if (kind_.name == "InfiniiVision") {
    EXPECT_EQ(error, "it did not take the forced trigger: it still waits");
    EXPECT_EQ(error_with({.hole = true}),
              ":WAV:DATA?: a point was not sampled: expected codes other than 0");
  } else if (kind_.name.starts_with("Siglent") && kind_.name != "SiglentSds") {
    EXPECT_EQ(error, "channel 'current': it bears the time of the record before");
  } else if (kind_.name == "SiglentSds") {
    EXPECT_EQ(error, "INR?: it tells of no new record: the one it shows is an older one");
  } else {
    EXPECT_TRUE(
        error.starts_with("channel 'current': the record is of another acquisition: the "
                          "trigger's place was "))
        << error;
  }
}

// A scope of Siglent on TCP, as it says who it is.
template <typename Model, typename Traits>
std::string error_of(Traits traits, CaptureInfo& info, KeptCodes& kept) {
  fake::SteppedClock clock;
  Model model([&clock] { return to_seconds(clock.now()); }, sawtooth, std::move(traits));
  const fake::ScpiServer server(model);
  const auto scope =
      make_scope(open_scpi_socket(read_socket_address(server.address()), within(kLong)), clock,
                 {.channels = {{.name = "signal", .unit = "V", .input = 1, .probe = 1}}});
  const CaptureSetup setup{.name = "run",
                           .channels = {"signal"},
                           .rate = {.samples = 1'000'000},
                           .ranges = {{"signal", 4}},
                           .length = milliseconds(5)};
  try {
    info = scope->arm(setup);
    while (scope->collect(clock.now() + milliseconds(10), kept)) {
    }
  } catch (const RigError& error) {
    const std::string words = error.what();
    return words.substr(words.find(": ") + 2);
  }
  return "";
}

TEST(SiglentFirmware, ThatTellsSamplesForBytesIsRefused) {
  CaptureInfo info;
  KeptCodes kept;
  const std::string error = error_of<devices::SiglentE11>(
      devices::SiglentE11Traits{.identity = "Siglent Technologies,SDS2104X HD,SDS2H1,1.3.9R6",
                                .samples_for_bytes = true},
      info, kept);
  EXPECT_TRUE(error.starts_with(":WAV:PRE?: data length: expected ")) << error;
  EXPECT_TRUE(kept.codes.empty());
}

TEST(SiglentFirmware, ThatAnswersOnly48BytesIsAskedForNoMore) {
  const ScopeKind& kind = fake::scope_kinds().at(5);
  ASSERT_EQ(kind.name, "SiglentSds");
  fake::SteppedClock clock;
  devices::SiglentSds model([&clock] { return to_seconds(clock.now()); }, sawtooth, "8.2.6.1.37R9");
  devices::UsbtmcTraits traits = kind.traits();
  traits.most_asked = 48;
  devices::UsbtmcDevice device(traits, model);
  fake::UsbBus bus;
  bus.plug(device);
  usb::Context context;
  const auto scope = make_scope(
      open_usbtmc(context, {.vendor = kind.vendor, .product = kind.product}, within(kLong)), clock,
      {.channels = {{.name = "signal", .unit = "V", .input = 1, .probe = 1}}});
  KeptCodes kept;
  const CaptureInfo info = scope->arm({.name = "run",
                                       .channels = {"signal"},
                                       .rate = {.samples = 1'000'000},
                                       .ranges = {{"signal", 4}},
                                       .length = milliseconds(2)});
  while (scope->collect(clock.now() + milliseconds(10), kept)) {
  }
  EXPECT_GE(info.rate.hertz(), 1e6);
  EXPECT_EQ(info.rate.time_of(kept.codes.at(0).size()), milliseconds(2));
}

INSTANTIATE_TEST_SUITE_P(All, DialectTest,
                         testing::Combine(testing::Range<std::size_t>(0, 8),
                                          testing::Values(Over::kUsb, Over::kTcp)),
                         [](const testing::TestParamInfo<DialectCase>& with) {
                           return std::string(
                                      fake::scope_kinds().at(std::get<0>(with.param)).name) +
                                  (std::get<1>(with.param) == Over::kUsb ? "Usb" : "Tcp");
                         });

}  // namespace
}  // namespace rig

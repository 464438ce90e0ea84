// Every fault of an oscilloscope on every dialect of the one driver, over the unmodified libusb: as
// the table of tests/README.md says it ends.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>

#include "rig/core/error.h"
#include "rig/instruments/scpi_scope.h"
#include "rig/instruments/usbtmc.h"
#include "tests/instruments/scope_models.h"
#include "tests/instruments/stream_rig.h"
#include "tests/instruments/usb_bus.h"

namespace rig {
namespace {

using devices::FaultyUsb;
using devices::ScopeFaults;
using devices::UsbtmcTrouble;
using std::chrono::milliseconds;

constexpr std::size_t kKinds = 8;

enum class Outcome : std::uint8_t { kUnplugged, kError };
constexpr auto kError = Outcome::kError;
constexpr auto kGone = Outcome::kUnplugged;

struct ScopeFaultRow {
  std::string_view name;
  std::string_view what;
  void (*strike)(devices::ScopeModel&, devices::UsbtmcDevice&, FaultyUsb&);
  std::array<Outcome, kKinds> ends;
};

using Model = devices::ScopeModel;
using Tmc = devices::UsbtmcDevice;

constexpr std::uint64_t kInDownload = 3'500;  // bytes towards the host, and some of the data
constexpr std::array<Outcome, kKinds> kAllErrors{kError, kError, kError, kError,
                                                 kError, kError, kError, kError};
constexpr std::array<Outcome, kKinds> kAllGone{kGone, kGone, kGone, kGone,
                                               kGone, kGone, kGone, kGone};

const std::array<ScopeFaultRow, 21>& rows() {
  static const std::array<ScopeFaultRow, 21> kRows{{
      {"UnpluggedInSetUp", "unplugged while it is set up",
       [](Model&, Tmc&, FaultyUsb& usb) { usb.fail_at(9, FaultyUsb::Fault::kUnplug); }, kAllGone},
      {"UnpluggedInData", "unplugged in the data",
       [](Model&, Tmc&, FaultyUsb& usb) { usb.fail_after(kInDownload, FaultyUsb::Fault::kUnplug); },
       kAllGone},
      {"ErrorThenGone", "status ERROR, then gone",
       [](Model&, Tmc&, FaultyUsb& usb) { usb.fail_at(14, FaultyUsb::Fault::kErrorThenGone); },
       kAllGone},
      {"Stall", "stall in the data",
       [](Model&, Tmc&, FaultyUsb& usb) { usb.fail_after(kInDownload, FaultyUsb::Fault::kStall); },
       kAllErrors},
      {"ShortTransfer", "a transfer that ends early",
       [](Model&, Tmc&, FaultyUsb& usb) { usb.fail_after(kInDownload, FaultyUsb::Fault::kShort); },
       kAllErrors},
      {"StaleTag", "an answer with the tag before",
       [](Model&, Tmc& tmc, FaultyUsb&) { tmc.trouble.stale_tags = 1; }, kAllErrors},
      {"LyingTransfer", "a transfer of another size than announced",
       [](Model&, Tmc& tmc, FaultyUsb&) { tmc.trouble.size_lie = 1000; }, kAllErrors},
      {"SilentAfterArm", "silent after arming",
       [](Model& m, Tmc&, FaultyUsb&) { m.faults.mute_when_forced = true; }, kAllErrors},
      {"NotArmed", "it does not arm",
       [](Model& m, Tmc&, FaultyUsb&) { m.faults.ignores_single = true; }, kAllErrors},
      {"NotTriggered", "it does not take the trigger",
       [](Model& m, Tmc&, FaultyUsb&) { m.faults.ignores_force = true; }, kAllErrors},
      {"OldRecordAtOnce", "the record before, at once",
       [](Model& m, Tmc&, FaultyUsb&) { m.faults.shows_old_record = true; }, kAllErrors},
      {"OldRecordLate", "the record before, after the time of a new one",
       [](Model& m, Tmc&, FaultyUsb&) { m.faults.keeps_old_record = true; }, kAllErrors},
      {"AnotherAcquisition", "a record of other settings",
       [](Model& m, Tmc&, FaultyUsb&) { m.faults.knob_turned = true; }, kAllErrors},
      {"Started", "started during the download",
       [](Model& m, Tmc&, FaultyUsb&) { m.faults.started_in_download = true; }, kAllErrors},
      {"SettingNotTaken", "a setting that it does not take",
       [](Model& m, Tmc&, FaultyUsb&) { m.faults.rounds_scale = true; }, kAllErrors},
      {"SettingRefused", "a setting that it refuses, which only its error queue tells",
       [](Model& m, Tmc&, FaultyUsb&) { m.faults.refused = 2; }, kAllErrors},
      {"EmptyBlocks", "blocks without data",
       [](Model& m, Tmc&, FaultyUsb&) { m.faults.empty_blocks = 1'000'000; }, kAllErrors},
      {"PointsMissing", "points missing in a block",
       [](Model& m, Tmc&, FaultyUsb&) { m.faults.points_missing = 512; }, kAllErrors},
      {"LyingBlock", "a block that announces another length",
       [](Model& m, Tmc&, FaultyUsb&) { m.faults.length_lie = -100; }, kAllErrors},
      {"GarbagePreamble", "garbage for a preamble",
       [](Model& m, Tmc&, FaultyUsb&) { m.faults.garbage_preambles = 1'000'000; }, kAllErrors},
      {"GarbageData", "garbage for data",
       [](Model& m, Tmc&, FaultyUsb&) { m.faults.garbage = true; }, kAllErrors},
  }};
  return kRows;
}

double volts(int /*input*/, double t) { return std::fmod(t * 7, 4.0) - 2; }

using ScopeCase = std::tuple<std::size_t, std::size_t>;  // of rows(), of scope_kinds()

class ScopeFaultTest : public testing::TestWithParam<ScopeCase> {
 protected:
  const fake::ScopeKind& kind_ = fake::scope_kinds().at(std::get<1>(GetParam()));
  fake::SteppedClock clock_;
  std::unique_ptr<devices::ScopeModel> model_ =
      kind_.make([this] { return to_seconds(clock_.now()); }, volts);
  devices::UsbtmcDevice usbtmc_{kind_.traits(), *model_};
  FaultyUsb faulty_{usbtmc_};
  fake::UsbBus bus_;
  fake::UsbPort& port_ = bus_.plug(faulty_);
  usb::Context context_;
  std::unique_ptr<Digitizer> scope_ =
      make_scope(open_usbtmc(context_, {.vendor = kind_.vendor, .product = kind_.product},
                             within(milliseconds(2000))),
                 clock_, {.channels = {{.name = "signal", .unit = "V", .input = 1}}});
  CaptureInfo info_;
  fake::KeptSamples kept_;

  void TearDown() override { scope_.reset(); }
  std::string run() {
    kept_ = {};
    const CaptureSetup setup{.name = "run",
                             .channels = {"signal"},
                             .rate = {.samples = 1'000'000},
                             .ranges = {{"signal", 3}},
                             .length = milliseconds(20)};
    return fake::capture(*scope_, setup, info_, kept_);
  }
};

TEST_P(ScopeFaultTest, EndsAsTheTableSays) {
  const ScopeFaultRow& row = rows().at(std::get<0>(GetParam()));
  ASSERT_EQ(run(), "") << "without the fault";
  ASSERT_TRUE(info_.integrity_proven);
  row.strike(*model_, usbtmc_, faulty_);
  const std::string error = run();
  const Outcome ends = row.ends.at(std::get<1>(GetParam()));
  EXPECT_NE(error, "");
  EXPECT_FALSE(error.starts_with("blocked")) << error;
  if (ends == Outcome::kUnplugged) {
    EXPECT_TRUE(error.ends_with(": unplugged")) << error;
    EXPECT_LT(port_.since_pulled(), milliseconds(500));
  }
  RecordProperty("ends", error);
}

// As tests/README.md prints it.
std::string line_of(const ScopeFaultRow& row) {
  constexpr std::array<const char*, 2> kWords{"ERROR, unplugged", "ERROR"};
  std::string line = "| " + std::string(row.what) + " |";
  for (const Outcome end : row.ends) {
    line += ' ';
    line += kWords[static_cast<std::size_t>(end)];
    line += " |";
  }
  return line;
}

TEST(ScopeFaultTable, IsTheOneInTheReadme) {
  std::ifstream file(CHECKOUT "/tests/README.md");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  for (const ScopeFaultRow& row : rows()) {
    EXPECT_NE(text.find(line_of(row)), std::string::npos) << line_of(row);
  }
}

INSTANTIATE_TEST_SUITE_P(All, ScopeFaultTest,
                         testing::Combine(testing::Range<std::size_t>(0, 21),
                                          testing::Range<std::size_t>(0, kKinds)),
                         [](const testing::TestParamInfo<ScopeCase>& with) {
                           return std::string(rows().at(std::get<0>(with.param)).name) + "On" +
                                  std::string(fake::scope_kinds().at(std::get<1>(with.param)).name);
                         });

}  // namespace
}  // namespace rig

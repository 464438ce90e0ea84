// Every fault that a digitizer can have, against every driver: how the capture ends. The table here
// is the one in tests/README.md; what a driver cannot notice stands in it too.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>

#include "fixtures/devices/ds1000z.h"
#include "fixtures/devices/fx2lafw_device.h"
#include "fixtures/devices/hantek6022.h"
#include "fixtures/devices/mcc_device.h"
#include "fixtures/devices/usbtmc_device.h"
#include "rig/instruments/sampler.h"
#include "rig/instruments/scpi_scope.h"
#include "rig/instruments/usbtmc.h"
#include "tests/instruments/stream_rig.h"
#include "tests/instruments/usb_bus.h"

namespace rig {
namespace {

using devices::FaultyUsb;
using std::chrono::milliseconds;

enum class Driver : std::uint8_t { kScope, kHantek, kUsb204, kUsb1608, kLogic };
enum class Fault : std::uint8_t {
  kUnplugInSetUp,
  kUnplugInData,
  kErrorThenGone,
  kStall,
  kDribble,
  kLostBlock,
  kLyingSize,
  kSilentAfterArm,
  kGarbage
};
enum class Ends : std::uint8_t {
  kUnplugged,   // ERROR, within 500 ms, and the device can be used once it is plugged in again
  kError,       // ERROR
  kGap,         // the samples around the gap keep their time, and count as lost
  kHarmless,    // every sample is right, and proven
  kNotNoticed,  // wrong samples that count as right
};

constexpr std::array kDrivers{Driver::kScope, Driver::kHantek, Driver::kUsb204, Driver::kUsb1608,
                              Driver::kLogic};
struct Row {
  Fault fault;
  std::string_view name;
  std::string_view what;
  std::array<Ends, 5> ends;
};
constexpr auto kGone = Ends::kUnplugged;
constexpr auto kError = Ends::kError;
constexpr auto kGap = Ends::kGap;
constexpr auto kHarmless = Ends::kHarmless;
constexpr auto kNotNoticed = Ends::kNotNoticed;
constexpr std::array kTable{
    Row{Fault::kUnplugInSetUp,
        "UnplugInSetUp",
        "unplugged while it is set up",
        {kGone, kGone, kGone, kGone, kGone}},
    Row{Fault::kUnplugInData,
        "UnplugInData",
        "unplugged in the data",
        {kGone, kGone, kGone, kGone, kGone}},
    Row{Fault::kErrorThenGone,
        "ErrorThenGone",
        "status ERROR, then gone",
        {kGone, kGone, kGone, kGone, kGone}},
    Row{Fault::kStall, "Stall", "stall in the data", {kError, kError, kError, kError, kError}},
    Row{Fault::kDribble,
        "Dribble",
        "transfers that end early",
        {kError, kHarmless, kHarmless, kHarmless, kHarmless}},
    Row{Fault::kLostBlock,
        "LostBlock",
        "a block lost without a word",
        {kError, kGap, kError, kError, kError}},
    Row{Fault::kLyingSize,
        "LyingSize",
        "another size than announced or asked for",
        {kError, kError, kError, kError, kError}},
    Row{Fault::kSilentAfterArm,
        "SilentAfterArm",
        "silent after arming",
        {kError, kError, kError, kError, kError}},
    Row{Fault::kGarbage,
        "Garbage",
        "garbage for samples",
        {kError, kError, kError, kNotNoticed, kNotNoticed}},
};

// One driver with its model on an emulated usbfs.
class Table {
 public:
  virtual ~Table() = default;
  virtual void strike(Fault fault) = 0;
  virtual void heal() = 0;
  virtual double expected(double seconds) const = 0;  // of the channel "signal", in its unit
  virtual double seconds_at(const CaptureInfo& info, std::uint64_t index) const {
    return fake::seconds_at(info, index);
  }
  virtual CaptureSetup setup() const {
    return {.name = "run",
            .channels = {"signal"},
            .rate = {.samples = 50'000},
            .length = milliseconds(1200)};
  }

  Digitizer& digitizer() { return *digitizer_; }
  fake::UsbPort& port() { return *port_; }

 protected:
  void put(devices::UsbDevice& model) {
    faulty_ = std::make_unique<FaultyUsb>(model);
    port_ = &bus_.plug(*faulty_);
    port_->lockstep();
    context_ = std::make_unique<usb::Context>();
  }
  // What happens to any device.
  void strike_bus(Fault fault) {
    if (fault == Fault::kUnplugInSetUp) faulty_->fail_at(2, FaultyUsb::Fault::kUnplug);
    if (fault == Fault::kErrorThenGone) faulty_->fail_at(14, FaultyUsb::Fault::kErrorThenGone);
  }

  fake::UsbBus bus_;
  std::unique_ptr<FaultyUsb> faulty_;
  fake::UsbPort* port_ = nullptr;
  std::unique_ptr<usb::Context> context_;
  std::unique_ptr<Clock> clock_;
  std::unique_ptr<Digitizer> digitizer_;
};

template <typename Model>
class StreamTable : public Table {
 public:
  explicit StreamTable(std::unique_ptr<Model> model) : model_(std::move(model)) {
    put(*model_);
    clock_ = std::make_unique<fake::StreamClock>(model_->stream);
  }
  ~StreamTable() override { digitizer_.reset(); }

  void strike(Fault fault) override {
    strike_bus(fault);
    devices::StreamFaults& faults = model_->stream.faults;
    constexpr std::uint64_t kInData = 50'000;  // bytes
    if (fault == Fault::kUnplugInData) faults.unplug_after = kInData;
    if (fault == Fault::kStall) faults.stall_after = kInData;
    if (fault == Fault::kDribble) faults.dribble = true;
    if (fault == Fault::kLostBlock) faults.lost = {lost_block()};
    if (fault == Fault::kSilentAfterArm) faults.silent_after = silent_after();
    if (fault == Fault::kGarbage) faults.garbage_after = kInData;
    if (fault == Fault::kLyingSize) lie();
  }
  void heal() override { model_->stream.faults = {}; }

 protected:
  virtual std::uint64_t lost_block() const { return 100; }
  virtual std::uint64_t silent_after() const { return 0; }
  virtual void lie() { faulty_->fail_at(0, FaultyUsb::Fault::kShort); }

  std::unique_ptr<Model> model_;
};

double ramp(double seconds) { return std::fmod(seconds * 7, 4.0) - 2; }

class HantekTable final : public StreamTable<devices::Hantek6022> {
 public:
  HantekTable()
      : StreamTable(
            std::make_unique<devices::Hantek6022>(devices::HantekTraits{}, [](int input, double t) {
              return input == 1 ? ramp(t) : std::fmod(t * 100, 1.0) < 0.5 ? 3.0 : 0.0;
            })) {
    digitizer_ = open_sampler(*context_, *clock_,
                              {.kind = UsbSampler::Kind::kHantek6022,
                               .usb = {.text = "04B5:6022"},
                               .clock = IntegrityClock{.input = 2, .hertz = 100}},
                              {.channels = {{.name = "signal", .unit = "V", .input = 1}}});
  }
  double expected(double seconds) const override { return ramp(seconds); }

 private:
  std::uint64_t silent_after() const override { return 42'000; }  // it locks to the clock before
};

class MccTable final : public StreamTable<devices::MccDevice> {
 public:
  explicit MccTable(bool is_204)
      : StreamTable(std::make_unique<devices::MccDevice>(devices::MccTraits{.is_204 = is_204},
                                                         [](int, double t) { return ramp(t); })) {
    digitizer_ =
        open_sampler(*context_, *clock_,
                     {.kind = is_204 ? UsbSampler::Kind::kUsb204 : UsbSampler::Kind::kUsb1608fsPlus,
                      .usb = {.text = is_204 ? "09DB:0114" : "09DB:00EA"}},
                     {.channels = {{.name = "signal", .unit = "V", .input = 0}}});
  }
  double expected(double seconds) const override { return ramp(seconds); }

 private:
  void lie() override { model_->stream.faults.extra = 2; }
};

class LogicTable final : public StreamTable<devices::Fx2lafwDevice> {
 public:
  LogicTable()
      : StreamTable(std::make_unique<devices::Fx2lafwDevice>([](double t) {
          return static_cast<std::uint16_t>(std::fmod(t * 130, 1.0) < 0.5 ? 2 : 0);
        })) {
    digitizer_ = open_sampler(*context_, *clock_,
                              {.kind = UsbSampler::Kind::kFx2lafw, .usb = {.text = "1D50:608C"}},
                              {.channels = {{.name = "signal", .unit = "logic", .input = 1}}});
  }
  double expected(double seconds) const override {
    return std::fmod((seconds + 1e-9) * 130, 1.0) < 0.5 ? 1 : 0;
  }
};

// Time for the scope is what the test says it is.
class SteppedClock final : public Clock {
 public:
  Picos now() const override { return now_; }
  void wait_until(Picos when) override { now_ = std::max(now_.load(), when); }

 private:
  std::atomic<Picos> now_ = Picos(milliseconds(1000));  // the model looks too
};

class ScopeTable final : public Table {
 public:
  ScopeTable() {
    clock_ = std::make_unique<SteppedClock>();
    put(usbtmc_);
    digitizer_ = make_scope(
        open_usbtmc(*context_, {.vendor = 0x1AB1, .product = 0x04CE}, within(milliseconds(2000))),
        *clock_, {.channels = {{.name = "signal", .unit = "V", .input = 1}}});
  }
  ~ScopeTable() override { digitizer_.reset(); }
  void strike(Fault fault) override {
    strike_bus(fault);
    constexpr std::uint64_t kDownload = 20'000;  // bytes
    switch (fault) {
      case Fault::kUnplugInData: faulty_->fail_after(kDownload, FaultyUsb::Fault::kUnplug); break;
      case Fault::kStall: faulty_->fail_after(kDownload, FaultyUsb::Fault::kStall); break;
      case Fault::kDribble: faulty_->fail_after(kDownload, FaultyUsb::Fault::kShort); break;
      case Fault::kLostBlock: model_.faults.points_missing = 512; break;
      case Fault::kLyingSize: usbtmc_.trouble.size_lie = 1000; break;
      case Fault::kSilentAfterArm: usbtmc_.trouble.silent = true; break;
      case Fault::kGarbage: model_.faults.garbage = true; break;
      default: break;
    }
  }
  void heal() override {
    model_.faults = {};
    usbtmc_.trouble = {};
  }
  double expected(double seconds) const override { return ramp(seconds); }
  // The trigger is forced at once here; the driver places it half its latency later.
  double seconds_at(const CaptureInfo& info, std::uint64_t index) const override {
    return to_seconds(info.armed_at) - 0.010 + static_cast<double>(index) / info.rate.hertz();
  }

 private:
  devices::Ds1000z model_{[this] { return to_seconds(clock_->now()); },
                          [](int, double t) { return ramp(t); }};
  devices::UsbtmcDevice usbtmc_{{}, model_};
};

std::unique_ptr<Table> table_of(Driver driver) {
  switch (driver) {
    case Driver::kScope: return std::make_unique<ScopeTable>();
    case Driver::kHantek: return std::make_unique<HantekTable>();
    case Driver::kUsb204: return std::make_unique<MccTable>(true);
    case Driver::kUsb1608: return std::make_unique<MccTable>(false);
    case Driver::kLogic: return std::make_unique<LogicTable>();
  }
  return nullptr;
}

struct Ended {
  std::string error;
  CaptureInfo info;
  fake::KeptSamples kept;
  bool right = true;  // every sample
};

Ended run(Table& table) {
  Ended ended;
  ended.error = fake::capture(table.digitizer(), table.setup(), ended.info, ended.kept);
  for (std::size_t k = 0; k < ended.kept.index.size(); ++k) {
    const Channel& channel = ended.info.channels[0];
    const double at = table.seconds_at(ended.info, ended.kept.index[k]);
    const double found = channel.value_of(ended.kept.codes[0][k]);
    const double least = table.expected(at - 1e-6);  // where the ramp jumps both are right
    const double most = table.expected(at + 1e-6);
    const double slack = 0.6 * channel.scale + 1e-3;
    if (found < std::min(least, most) - slack || found > std::max(least, most) + slack) {
      ended.right = false;
    }
  }
  return ended;
}

using Case = std::tuple<std::size_t, std::size_t>;  // of kTable, of kDrivers
class Faults : public testing::TestWithParam<Case> {};

TEST_P(Faults, EndsAsTheTableSays) {
  const Row& row = kTable[std::get<0>(GetParam())];
  const Ends ends = row.ends[std::get<1>(GetParam())];
  const auto table = table_of(kDrivers[std::get<1>(GetParam())]);
  if (row.fault != Fault::kLyingSize) {  // what is read once is lied about at once
    const Ended before = run(*table);
    ASSERT_EQ(before.error, "") << "without the fault";
    ASSERT_TRUE(before.right);
  }
  table->strike(row.fault);
  const Ended struck = run(*table);
  const auto took = table->port().since_pulled();
  switch (ends) {
    case Ends::kUnplugged:
      EXPECT_TRUE(struck.error.ends_with(": unplugged")) << struck.error;
      EXPECT_LT(took, milliseconds(500));
      break;
    case Ends::kError:
      EXPECT_NE(struck.error, "");
      EXPECT_FALSE(struck.error.starts_with("blocked")) << struck.error;
      break;
    case Ends::kGap:
      EXPECT_EQ(struck.error, "");
      EXPECT_EQ(struck.kept.losses, 1);
      EXPECT_TRUE(struck.right);
      break;
    case Ends::kHarmless:
      EXPECT_EQ(struck.error, "");
      EXPECT_EQ(struck.kept.losses, 0);
      EXPECT_TRUE(struck.right);
      EXPECT_EQ(struck.kept.index.size(), 60'000u);
      break;
    case Ends::kNotNoticed:
      EXPECT_EQ(struck.error, "");
      EXPECT_FALSE(struck.right);
      break;
  }
  RecordProperty("ends", struck.error);
}

// As tests/README.md prints it.
std::string line_of(const Row& row) {
  constexpr std::array<const char*, 5> kWords{"ERROR, unplugged", "ERROR", "a gap, told", "right",
                                              "**not noticed**"};
  std::string line = "| " + std::string(row.what) + " |";
  for (const Ends ends : row.ends) {
    line += " " + std::string(kWords[static_cast<std::size_t>(ends)]) + " |";
  }
  return line;
}

TEST(FaultTable, IsTheOneInTheReadme) {
  std::ifstream file(CHECKOUT "/tests/README.md");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  for (const Row& row : kTable) {
    EXPECT_NE(text.find(line_of(row)), std::string::npos) << line_of(row);
  }
}

// The cable pulled at points all over a capture, each counted in what is asked of the kernel.
class UnpluggedAnywhere : public testing::TestWithParam<std::size_t> {};

TEST_P(UnpluggedAnywhere, EndsAsAnErrorWithin500MsAndWorksOncePluggedInAgain) {
  const auto table = table_of(kDrivers[GetParam()]);
  ASSERT_EQ(run(*table).error, "");
  const int begun = table->port().ioctls();
  ASSERT_EQ(run(*table).error, "");
  const int needed = table->port().ioctls() - begun;
  constexpr int kPoints = 8;
  constexpr int kRelease = 50;  // the last of them, which no error can come from
  ASSERT_GT(needed, kRelease + kPoints);
  for (int k = 0; k < kPoints; ++k) {
    table->port().pull_at(k * (needed - kRelease) / kPoints);
    const std::string error = run(*table).error;
    EXPECT_LT(table->port().since_pulled(), milliseconds(500));
    EXPECT_TRUE(error.ends_with(": unplugged")) << k << ": " << error;
    table->port().replug();
  }
  const Ended again = run(*table);
  EXPECT_EQ(again.error, "");
  EXPECT_TRUE(again.right);
}

INSTANTIATE_TEST_SUITE_P(Samplers, UnpluggedAnywhere,
                         testing::Range<std::size_t>(1, kDrivers.size()));

std::string name_of(const testing::TestParamInfo<Case>& with) {
  constexpr std::array<const char*, 5> kNames{"Scope", "Hantek6022", "Usb204", "Usb1608fsPlus",
                                              "Fx2lafw"};
  return std::string(kTable[std::get<0>(with.param)].name) + "On" + kNames[std::get<1>(with.param)];
}

INSTANTIATE_TEST_SUITE_P(All, Faults,
                         testing::Combine(testing::Range<std::size_t>(0, kTable.size()),
                                          testing::Range<std::size_t>(0, kDrivers.size())),
                         name_of);

}  // namespace
}  // namespace rig

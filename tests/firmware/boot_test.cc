// What a reset means: which faults the device wakes up with, and how they are cleared.
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "device_fixture.h"

namespace {

using BootTest = DeviceTest;

struct ResetCase {
  std::uint8_t cause;
  std::uint8_t self_test;
  bool image_bad;
  Fault fault;
};

class ResetTest : public DeviceTest, public testing::WithParamInterface<ResetCase> {};

TEST_P(ResetTest, LatchesWhatItFinds) {
  const ResetCase& reset = GetParam();
  std::vector<std::uint8_t> image = blank_image();
  if (reset.image_bad) image[3] = 0;
  device.boot(reset.cause, reset.self_test, image.data());
  tick();
  EXPECT_EQ(therapy.fault(), reset.fault);
  EXPECT_EQ(therapy.state(), reset.fault == Fault::kNone ? State::kIdle : State::kFault);
  EXPECT_EQ(device.params.get(Param::kAmplitude), 0);
  EXPECT_FALSE(therapy.active());
}

constexpr std::uint8_t kExternalReset = 1 << 1;

INSTANTIATE_TEST_SUITE_P(Boot, ResetTest,
                         testing::Values(ResetCase{kPowerOnReset, 0, false, Fault::kNone},
                                         ResetCase{kExternalReset, 0, false, Fault::kNone},
                                         ResetCase{kPowerOnReset | kBrownOutReset, 0, false,
                                                   Fault::kNone},
                                         ResetCase{kBrownOutReset, 0, false, Fault::kBrownOut},
                                         ResetCase{kWatchdogReset, 0, false, Fault::kWatchdog},
                                         ResetCase{kPowerOnReset, 0, true, Fault::kConfig},
                                         ResetCase{kPowerOnReset, 2, false, Fault::kSelfTest},
                                         ResetCase{kWatchdogReset, 2, true, Fault::kSelfTest}));

TEST_F(BootTest, ClearOfABadConfigurationRestoresTheDefaults) {
  std::vector<std::uint8_t> image = blank_image();
  image[3] = 0;
  device.boot(kPowerOnReset, 0, image.data());
  set(Param::kWidth, 200);
  ASSERT_EQ(device.clear(), Status::kOk);
  EXPECT_EQ(device.params.get(Param::kWidth), 300);
}

TEST_F(BootTest, ClearOfASelfTestFaultRepeatsTheTest) {
  boot(kPowerOnReset, 4);
  PretendedBoard::self_test_result = 4;
  EXPECT_EQ(device.clear(), Status::kFaultLatched);
  PretendedBoard::self_test_result = 0;
  EXPECT_EQ(device.clear(), Status::kOk);
  EXPECT_EQ(device.self_test, 0);
}

TEST_F(BootTest, ClearOutsideAFaultIsRefused) {
  boot();
  EXPECT_EQ(therapy.clear(), Status::kWrongState);
  set(Param::kAmplitude, 20000);
  ASSERT_EQ(therapy.start(), Status::kOk);
  EXPECT_EQ(therapy.clear(), Status::kWrongState);
  EXPECT_EQ(therapy.state(), State::kRunning);
}

}  // namespace

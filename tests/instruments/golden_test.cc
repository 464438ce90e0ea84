// What a real kernel's usbmon recorded of an exchange, replayed to the drivers: they still say the
// same bytes and understand the same answers.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numbers>
#include <span>
#include <string>

#include "fixtures/devices/fx2lafw_device.h"
#include "fixtures/devices/usbtmc_device.h"
#include "rig/instruments/fx2lafw.h"
#include "rig/instruments/scope_preamble.h"
#include "rig/instruments/scpi_block.h"
#include "rig/instruments/usbtmc.h"
#include "rig/instruments/wall_clock.h"
#include "tests/instruments/golden/exchanges.h"
#include "tests/instruments/kernel/played.h"
#include "tests/instruments/recording.h"
#include "tests/instruments/stream_rig.h"
#include "tests/instruments/talker.h"
#include "tests/instruments/usb_bus.h"

namespace rig {
namespace {

std::string recorded(const char* name) {
  return std::string(CHECKOUT "/tests/instruments/golden/").append(name);
}

unsigned byte_of(const fake::KeptSamples& kept, std::size_t sample) {
  unsigned byte = 0;
  for (std::size_t bit = 0; bit < 8; ++bit) {
    byte |= static_cast<unsigned>(kept.codes[bit][sample]) << bit;
  }
  return byte;
}

// One period of the sine that the model played, to a code.
void expect_sine(const RecordFacts& facts, std::span<const std::uint8_t> codes) {
  const double turn = 2 * std::numbers::pi * 50 * facts.interval;
  double in_phase = 0;
  double in_quadrature = 0;
  for (std::size_t k = 0; k < codes.size(); ++k) {
    const double at = turn * static_cast<double>(k);
    in_phase += 2 * facts.volts(codes[k]) * std::sin(at) / static_cast<double>(codes.size());
    in_quadrature += 2 * facts.volts(codes[k]) * std::cos(at) / static_cast<double>(codes.size());
  }
  const double phase = std::atan2(in_quadrature, in_phase);
  for (std::size_t k = 0; k < codes.size(); ++k) {
    const double expected = golden::kVolts * std::sin(turn * static_cast<double>(k) + phase);
    ASSERT_NEAR(facts.volts(codes[k]), expected, 0.6 * facts.volts_per_code) << k;
  }
}

TEST(Golden, AScopesAnswersAndItsRecordAreReadFromTheRecording) {
  const devices::UsbtmcTraits traits;
  fake::Talker nobody;
  const devices::UsbtmcDevice described(traits, nobody);
  fake::Recording recording(recorded("scope.pcap"), described);
  fake::UsbBus bus;
  bus.plug(recording);
  usb::Context context;
  const auto link =
      open_usbtmc(context, {.vendor = 0x1AB1, .product = 0x04CE}, within(golden::kLong));
  const golden::ScopeSaid said = golden::ask_scope(*link, [] {});
  EXPECT_EQ(recording.complaint(), "");
  EXPECT_EQ(said.identity, "RIGOL TECHNOLOGIES,DS1104Z,DS1ZA000000001,00.04.04.SP4");
  EXPECT_EQ(said.state, "STOP");
  const RecordFacts facts = read_rigol(std::array{said.preamble});
  EXPECT_EQ(facts.points, 12'000u);
  ScpiBlock block;
  ASSERT_EQ(read_block_start(said.block, block), BlockStart::kBlock);
  ASSERT_EQ(block.length, golden::kPoints);
  expect_sine(facts, std::span(said.block).subspan(block.header, block.length));
}

TEST(Golden, ALogicAnalyzersCaptureIsReadFromTheRecording) {
  const devices::Fx2lafwDevice described([](double) { return std::uint16_t{0}; });
  fake::Recording recording(recorded("analyzer.pcap"), described);
  fake::UsbBus bus;
  bus.plug(recording);
  usb::Context context;
  const auto clock = make_wall_clock();
  const auto digitizer =
      open_fx2lafw(context, *clock, golden::analyzer(), golden::analyzer_inputs());
  CaptureInfo info;
  fake::KeptSamples kept;
  ASSERT_EQ(fake::capture(*digitizer, golden::analyzer_capture(), info, kept), "");
  EXPECT_EQ(recording.complaint(), "");
  ASSERT_EQ(kept.index.size(), 2000u);
  for (std::size_t k = 1; k < kept.index.size(); ++k) {
    ASSERT_EQ(byte_of(kept, k), (byte_of(kept, k - 1) + 50u) % played::kLowCount) << k;
  }
}

}  // namespace
}  // namespace rig

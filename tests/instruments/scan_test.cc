#include "rig/instruments/scan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fixtures/devices/fx2lafw_device.h"
#include "fixtures/devices/hantek6022.h"
#include "fixtures/devices/mcc_device.h"
#include "fixtures/devices/usbtmc_device.h"
#include "rig/core/error.h"
#include "rig/instruments/usbtmc_quirks.h"
#include "tests/instruments/echo_usb.h"
#include "tests/instruments/scpi_server.h"
#include "tests/instruments/talker.h"
#include "tests/instruments/usb_bus.h"

namespace rig {
namespace {

class ScanTest : public testing::Test {
 protected:
  fake::Talker talker_;
  fake::EchoUsb echo_;
  devices::UsbtmcDevice usbtmc_{{}, talker_};
  fake::UsbBus bus_;
  fake::UsbPort& other_ = bus_.plug(echo_, "1-1");
  fake::UsbPort& scope_ = bus_.plug(usbtmc_, "1-2");
};

TEST_F(ScanTest, FindsInstrumentsOnUsbWithoutOpeningThem) {
  const InstrumentScan scan = scan_instruments({});
  ASSERT_EQ(scan.instruments.size(), 1u);
  const FoundInstrument& found = scan.instruments[0];
  EXPECT_EQ(found.address, "1AB1:04CE:DS1ZA000000001");
  EXPECT_EQ(found.identity, "Rigol Technologies DS1000Z Series");
  EXPECT_EQ(found.port, "1-2");
  EXPECT_EQ(found.megabits, 480);
  EXPECT_EQ(found.troubles, std::vector<std::string>{});
  EXPECT_EQ(scan.other_devices, 1u);
  EXPECT_EQ(scan.usb_trouble, "");
  EXPECT_EQ(scope_.ioctls() + other_.ioctls(), 0);
}

TEST_F(ScanTest, AsksInstrumentsOnTheLanWhoTheyAre) {
  const fake::ScpiServer server(talker_);
  const InstrumentScan scan = scan_instruments({server.address(), "127.0.0.1:1"});
  ASSERT_EQ(scan.instruments.size(), 3u);
  EXPECT_EQ(scan.instruments[1].address, server.address());
  EXPECT_EQ(scan.instruments[1].identity, talker_.idn);
  EXPECT_EQ(scan.instruments[1].speaks, "SCPI over TCP as a Rigol DS1000Z");
  EXPECT_TRUE(scan.instruments[1].troubles.empty());
  EXPECT_EQ(scan.instruments[2].troubles,
            (std::vector<std::string>{"tcp 127.0.0.1:1: connect: Connection refused"}));
  EXPECT_THROW(scan_instruments({"host:port"}), InputError);
}

TEST_F(ScanTest, SaysThatAnInstrumentIsOfNoKnownKind) {
  talker_.idn = "ACME,Volts-O-Matic,1,1";
  const fake::ScpiServer server(talker_);
  EXPECT_EQ(scan_instruments({server.address()}).instruments[1].troubles,
            (std::vector<std::string>{"it speaks no dialect that this rig knows"}));
}

TEST_F(ScanTest, KnowsSamplersAndSaysWhatTheyWaitFor) {
  devices::Hantek6022 hantek({}, [](int, double) { return 0.0; });
  hantek.runs_firmware = false;
  devices::Hantek6022 old({.release = 0x0206}, [](int, double) { return 0.0; });
  devices::MccDevice mcc({}, [](int, double) { return 0.0; });
  devices::Fx2lafwDevice logic([](double) { return std::uint16_t{0}; });
  bus_.plug(hantek, "1-3");
  bus_.plug(old, "1-4");
  bus_.plug(mcc, "1-5");
  bus_.plug(logic, "1-6");
  std::vector<std::string> found;
  for (const FoundInstrument& i : scan_instruments({}).instruments) {
    found.push_back(i.address + " " + i.speaks + (i.troubles.empty() ? "" : ": " + i.troubles[0]));
  }
  std::ranges::sort(found);
  EXPECT_EQ(found,
            (std::vector<std::string>{
                "04B4:6022 Hantek 6022: it waits for its firmware: a bench file names it, and "
                "loads it",
                "04B5:6022:0123456789AB Hantek 6022: expected firmware 2.10 or later, found 2.06: "
                "plug it in again and load a newer file",
                "09DB:0114:01AC2F01 MCC USB-204", "1AB1:04CE:DS1ZA000000001 USBTMC",
                "1D50:608C fx2lafw logic analyzer"}));
}

// The program itself, in a process of its own that sees the same made-up /sys.
std::string output_of(const std::string& arguments, int& code) {
  const std::string command =
      "ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD=" PRELOAD " " RIG " " + arguments + " 2>&1";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  std::string text;
  std::array<char, 4096> part{};
  while (const std::size_t count = std::fread(part.data(), 1, part.size(), pipe)) {
    text.append(part.data(), count);
  }
  code = ::pclose(pipe) / 256;
  return text;
}

TEST_F(ScanTest, RigScanPrintsThemForPeopleAndForScripts) {
  int code = -1;
  EXPECT_EQ(output_of("scan", code),
            "1AB1:04CE:DS1ZA000000001  Rigol Technologies DS1000Z Series  (USBTMC, port 1-2, 480 "
            "Mbit/s)\n1 instrument, 1 other USB device\n"
            "No driver of this rig has met real hardware yet: all are proven on models only.\n");
  EXPECT_EQ(code, 0);
  EXPECT_EQ(output_of("scan --json 127.0.0.1:1", code),
            "{\"instruments\": [\n"
            "  {\"address\": \"1AB1:04CE:DS1ZA000000001\", \"speaks\": \"USBTMC\", \"identity\": "
            "\"Rigol Technologies DS1000Z Series\", \"port\": \"1-2\", \"link_mbit_s\": 480, "
            "\"troubles\": [], \"met_in_reality\": false},\n"
            "  {\"address\": \"127.0.0.1:1\", \"speaks\": \"SCPI over TCP\", \"identity\": \"\", "
            "\"port\": \"\", \"link_mbit_s\": 0, \"troubles\": [\"tcp 127.0.0.1:1: connect: "
            "Connection refused\"], \"met_in_reality\": false}],\n"
            " \"other_usb_devices\": 1, \"usb_trouble\": \"\"}\n");
  EXPECT_EQ(code, 3) << "one of them cannot be used";
  EXPECT_EQ(output_of("scan 127.0.0.1:1", code),
            "1AB1:04CE:DS1ZA000000001  Rigol Technologies DS1000Z Series  (USBTMC, port 1-2, 480 "
            "Mbit/s)\n127.0.0.1:1  (SCPI over TCP)\n    tcp 127.0.0.1:1: connect: Connection "
            "refused\n1 instrument, 1 other USB device\n"
            "No driver of this rig has met real hardware yet: all are proven on models only.\n")
      << "counted is what answered";
}

TEST(UdevRules, CoverEveryMakerOfTheQuirkTable) {
  std::ifstream file(CHECKOUT "/fixtures/udev/60-soleus-rig.rules");
  const std::string rules(std::istreambuf_iterator<char>(file), {});
  for (const auto& row : usbtmc::quirk_table()) {
    std::array<char, 8> vendor{};
    std::snprintf(vendor.data(), vendor.size(), "%04x", unsigned{row.vendor});
    EXPECT_NE(rules.find("ATTR{idVendor}==\"" + std::string(vendor.data()) + "\", MODE=\"0660\""),
              std::string::npos)
        << row.name;
  }
}

}  // namespace
}  // namespace rig

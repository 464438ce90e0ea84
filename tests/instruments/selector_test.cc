#include "rig/instruments/usb/selector.h"

#include <gtest/gtest.h>

#include "rig/core/error.h"

namespace rig::usb {
namespace {

TEST(Selector, ReadsVendorProductAndSerial) {
  const Selector read = read_selector("1ab1:04CE:DS1ZA1");
  EXPECT_EQ(read.vendor, 0x1AB1);
  EXPECT_EQ(read.product, 0x04CE);
  EXPECT_EQ(read.serial, "DS1ZA1");
  EXPECT_EQ(in_words(read), "1AB1:04CE:DS1ZA1");
  EXPECT_EQ(in_words(read_selector("1AB1:04CE")), "1AB1:04CE");
}

TEST(Selector, ReadsTheNamesOfVisaInBothOfItsSpellings) {
  EXPECT_EQ(in_words(read_selector("USB0::0x1AB1::0x04CE::DS1ZA1::INSTR")), "1AB1:04CE:DS1ZA1");
  EXPECT_EQ(in_words(read_selector("USB0::6833::1230::DS1ZA1::0::INSTR")), "1AB1:04CE:DS1ZA1");
}

TEST(Selector, SaysWhatItExpectedOfAnythingElse) {
  for (const char* text : {"", "1AB1", "1AB1:04CE:A:B", "1AB1:XYZW", "1AB1:12345", "USB0::1::INSTR",
                           "USB0::0x1AB1::::S::INSTR", "1AB1::S"}) {
    try {
      read_selector(text);
      FAIL() << text;
    } catch (const InputError& error) {
      EXPECT_EQ(std::string(error.what()),
                "expected a USB device such as '1AB1:04CE:DS1ZA1' or "
                "'USB0::0x1AB1::0x04CE::DS1ZA1::INSTR', found '" +
                    std::string(text) + "'");
    }
  }
}

}  // namespace
}  // namespace rig::usb

#include "rig/instruments/intel_hex.h"

#include <gtest/gtest.h>

#include <string>

#include "rig/core/error.h"

namespace rig {
namespace {

std::string error_of(const std::string& text) {
  try {
    read_intel_hex(text, "fw.hex");
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(IntelHex, ReadsRecordsInTheirOrder) {
  const auto pieces = read_intel_hex(
      ":0300000002004FAC\r\n:020000040000FA\n\n:10004F00000102030405060708090A0B0C0D0E0F29\n"
      ":00000001FF\ngarbage after the end",
      "fw.hex");
  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_EQ(pieces[0].address, 0);
  EXPECT_EQ(pieces[0].bytes, (std::vector<std::uint8_t>{0x02, 0x00, 0x4F}));
  EXPECT_EQ(pieces[1].address, 0x4F);
  EXPECT_EQ(pieces[1].bytes.size(), 16u);
}

TEST(IntelHex, SaysWhichLineIsWrongAndWhy) {
  EXPECT_EQ(error_of(""), "fw.hex: expected an end record, found the end of the file");
  EXPECT_EQ(error_of(":00000001FF\n"), "fw.hex:1: expected data before the end record");
  EXPECT_EQ(error_of(":0300000002004FAD\n"), "fw.hex:1: expected the checksum AC, found AD");
  EXPECT_EQ(error_of(":0300000002004FAC\n<html>"),
            "fw.hex:2: expected a record that begins with ':'");
  EXPECT_EQ(error_of(":0300000002004"), "fw.hex:1: expected pairs of hexadecimal digits");
  EXPECT_EQ(error_of(":030000000200ZZAC"), "fw.hex:1: expected pairs of hexadecimal digits");
  EXPECT_EQ(error_of(":0400000002004FAC"), "fw.hex:1: expected 4 bytes of data, found 3");
  EXPECT_EQ(error_of(":"), "fw.hex:1: expected 0 bytes of data, found 0");
  EXPECT_EQ(error_of(":0200000501F404"), "fw.hex:1: expected a record of type 00 or 01, found 05");
  EXPECT_EQ(error_of(":020000040001F9"), "fw.hex:1: expected a record of type 00 or 01, found 04");
  EXPECT_EQ(error_of(":024000000102BB"), "fw.hex:1: expected addresses below 4000, found 4001");
  EXPECT_EQ(error_of(":0300000002004FAC\n"),
            "fw.hex: expected an end record, found the end of the file");
}

}  // namespace
}  // namespace rig

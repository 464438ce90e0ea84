// Firmware images as their makers give them away: Intel HEX, or the bytes themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rig {

struct FirmwarePiece {
  std::uint16_t address = 0;
  std::vector<std::uint8_t> bytes;
};

constexpr std::size_t kFx2Memory = 0x4000;  // bytes of an FX2LP's internal RAM

// Reads Intel HEX (records 00 and 01, and those that only say that addresses begin at 0) that fits
// into an FX2's memory. `name` stands before the line in errors. Throws InputError:
// "firmware.hex:12: expected the checksum 3F, found 40".
std::vector<FirmwarePiece> read_intel_hex(std::string_view text, const std::string& name);

// The file: Intel HEX, or with the ending .fw the image from address 0 on. Throws InputError.
std::vector<FirmwarePiece> load_fx2_firmware_file(const std::string& path);

}  // namespace rig

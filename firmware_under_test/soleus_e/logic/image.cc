// The settings in EEPROM: whatever is not whole in every respect is not used.
#include "logic/crc16.h"
#include "logic/params.h"

void pack(const Params& params, uint8_t* image) {
  uint8_t* out = image;
  *out++ = kImageLayout;
  for (uint8_t id = 2; id <= kParamCount; ++id) {
    const uint32_t value = static_cast<uint32_t>(params.get(static_cast<Param>(id)));
    *out++ = static_cast<uint8_t>(value);
    *out++ = static_cast<uint8_t>(value >> 8);
    *out++ = static_cast<uint8_t>(value >> 16);
  }
  const uint16_t crc = crc16(image, kImageSize - 2);
  *out++ = static_cast<uint8_t>(crc >> 8);
  *out = static_cast<uint8_t>(crc);
}

Loaded unpack(const uint8_t* image, Params& params) {
  params.reset();
  bool blank = true;
  for (uint8_t i = 0; i < kImageSize; ++i) blank = blank && image[i] == 0xFF;
  if (blank) return Loaded::kBlank;
  const unsigned crc = static_cast<unsigned>(image[kImageSize - 2] << 8 | image[kImageSize - 1]);
  if (crc16(image, kImageSize - 2) != crc || image[0] != kImageLayout) return Loaded::kBad;
  const uint8_t* in = image + 1;
  for (uint8_t id = 2; id <= kParamCount; ++id, in += 3) {
    const uint32_t value =
        in[0] | static_cast<uint32_t>(in[1]) << 8 | static_cast<uint32_t>(in[2]) << 16;
    if (!params.set(id, static_cast<int32_t>(value))) {
      params.reset();
      return Loaded::kBad;
    }
  }
  return Loaded::kGood;
}

// The table is computed by the compiler.
#include "logic/sine.h"

#include "logic/flash.h"

namespace {

constexpr double sine_by_series(double x) {
  double term = x;
  double sum = x;
  for (int k = 1; k < 10; ++k) {
    term *= -x * x / ((2 * k) * (2 * k + 1));
    sum += term;
  }
  return sum;
}

struct Table {
  int16_t at[256];
  constexpr Table() : at() {
    constexpr double kPi = 3.14159265358979;
    for (int i = 0; i < 256; ++i) {
      const double x = sine_by_series((i < 128 ? i - 64 : 192 - i) * kPi / 128) * kSinePeak;
      at[(i + 192) % 256] = static_cast<int16_t>(x < 0 ? x - 0.5 : x + 0.5);
    }
  }
};

constexpr Table kTable IN_FLASH;

}  // namespace

int16_t sine(uint8_t phase) { return flash_word(&kTable.at[phase]); }

// Physical quantities as types, so that a milliamp can never be compared with a millivolt.
//
// A Quantity holds one double in the SI base unit. Literals do the scaling (20.0_mA); arithmetic
// between unlike quantities exists only where physics defines it. Time is not a Quantity: instants
// and durations are integral picoseconds (62.5 ns is exact), good for 106 days.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <ratio>

namespace rig {

using Picos = std::chrono::duration<std::int64_t, std::pico>;

constexpr double to_seconds(Picos t) { return static_cast<double>(t.count()) * 1e-12; }

// Rounds to the nearest picosecond. REQUIRES: |seconds| < 9.2e6 (106 days).
constexpr Picos from_seconds(double seconds) {
  return Picos(static_cast<std::int64_t>(seconds * 1e12 + (seconds < 0 ? -0.5 : 0.5)));
}

template <typename Tag>
class Quantity {
 public:
  constexpr Quantity() = default;
  constexpr explicit Quantity(double si) : si_(si) {}

  constexpr double si() const { return si_; }

  constexpr auto operator<=>(const Quantity&) const = default;
  constexpr Quantity operator-() const { return Quantity(-si_); }

  friend constexpr Quantity operator+(Quantity a, Quantity b) { return Quantity(a.si_ + b.si_); }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return Quantity(a.si_ - b.si_); }
  friend constexpr Quantity operator*(double k, Quantity a) { return Quantity(k * a.si_); }
  friend constexpr Quantity operator/(Quantity a, double k) { return Quantity(a.si_ / k); }
  friend constexpr double operator/(Quantity a, Quantity b) { return a.si_ / b.si_; }

 private:
  double si_ = 0.0;
};

using Volts = Quantity<struct VoltTag>;
using Amps = Quantity<struct AmpTag>;
using Ohms = Quantity<struct OhmTag>;
using Farads = Quantity<struct FaradTag>;
using Hertz = Quantity<struct HertzTag>;

constexpr Amps operator/(Volts u, Ohms r) { return Amps(u.si() / r.si()); }
constexpr Volts operator*(Amps i, Ohms r) { return Volts(i.si() * r.si()); }

namespace literals {
constexpr Volts operator""_V(long double v) { return Volts(static_cast<double>(v)); }
constexpr Volts operator""_mV(long double v) { return Volts(static_cast<double>(v) * 1e-3); }
constexpr Amps operator""_mA(long double v) { return Amps(static_cast<double>(v) * 1e-3); }
constexpr Amps operator""_uA(long double v) { return Amps(static_cast<double>(v) * 1e-6); }
constexpr Ohms operator""_ohm(long double v) { return Ohms(static_cast<double>(v)); }
constexpr Farads operator""_nF(long double v) { return Farads(static_cast<double>(v) * 1e-9); }
constexpr Farads operator""_uF(long double v) { return Farads(static_cast<double>(v) * 1e-6); }
constexpr Hertz operator""_Hz(long double v) { return Hertz(static_cast<double>(v)); }
constexpr Hertz operator""_MHz(long double v) { return Hertz(static_cast<double>(v) * 1e6); }
}  // namespace literals

}  // namespace rig

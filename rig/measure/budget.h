// What a value is uncertain by, told apart by where it comes from (GUM, JCGM 100:2008, 4, 5, G.4).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rig {

enum class Source : std::uint8_t {
  kNoise,         // of the digitizer: type A, from the samples before each pulse
  kSampling,      // an edge lies somewhere between two samples
  kQuantisation,  // a steady level lies somewhere between two codes
  kBandwidth,     // the digitizer's own edges
  kClock,
  kGain,
  kOffset,
  kScale,  // gain, clock and quantisation together, of a sine
  kLoad,
  kScatter,    // of the pulses: type A
  kEvent,      // the instant that a latency counts from
  kAlignment,  // of the capture on the bench's clock
  kEnvelope,   // which is only seen once per pulse
  kExtreme,    // noise takes the largest of many values too far out
};
constexpr std::size_t kSources = static_cast<std::size_t>(Source::kExtreme) + 1;

std::string_view words_for(Source source);

// Standard uncertainties in the unit of the value, one per source; sources are independent.
class Budget {
 public:
  Budget() = default;
  Budget(Source source, double u) { add(source, u); }

  double operator[](Source source) const { return parts_[static_cast<std::size_t>(source)]; }

  // In quadrature to what the source has already. `dof`: degrees of freedom that u is known with.
  Budget& add(Source source, double u, double dof = std::numeric_limits<double>::infinity());
  Budget& add(const Budget& other);        // independent of this: source by source in quadrature
  Budget& add_pulse(const Budget& other);  // of a sum over pulses: noise alone differs in each
  Budget times(double sensitivity) const;  // GUM 5.1.3
  Budget without(Source source) const;
  // Of a mean of n: noise averages, and of the edges between samples so much is left.
  Budget of_mean(double n, double left) const;
  Budget in_places(double left) const;  // likewise, of the edges alone

  double u() const;    // GUM 5.1.2
  double dof() const;  // effective, Welch-Satterthwaite: GUM G.4.1

  // Largest first, without what contributes nothing.
  std::vector<std::pair<std::string, double>> parts() const;

 private:
  std::array<double, kSources> parts_{};
  double noise_dof_ = std::numeric_limits<double>::infinity();
  double scatter_dof_ = std::numeric_limits<double>::infinity();
};

}  // namespace rig

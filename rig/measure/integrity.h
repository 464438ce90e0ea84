// Which quantities rest on samples that are clipped, missing or too few, and which samples those
// are.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rig/measure/catalog.h"

namespace rig {

// Why a value that a pulse has is doubtful.
enum class Doubt {
  kClipped,     // a sample it rests on lies at full scale, or a front end in front of it saturates
  kFewSamples,  // its phase has fewer than 5 samples
  kFastEdge,    // its transition takes less than a sample period
};

// What one quantity of a pulse rests on.
class Foundation {
 public:
  explicit Foundation(std::string_view quantity);
  // nullopt: its samples are good. `step`: sample period in s.
  std::optional<Doubt> doubt(const Pulse& pulse, double step) const;

 private:
  int phase_ = 0;  // 1, 2; 0: the pulse as a whole
  bool state_ = false;
  bool first_transition_ = false;
  bool second_transition_ = false;
  bool current_ = false;
  bool voltage_ = false;
};

// "clipped", "undersampled: transitions faster than a sample period".
std::string_view to_string(Doubt doubt);

// What the doubt makes of the value. A clipped amplitude is at least so large, a transition between
// two samples takes at most so long.
bool is_at_most(std::string_view quantity, Doubt doubt);

// Over the pulses of an observation.
class Doubted {
 public:
  void add(Doubt doubt, const Pulse& pulse) {
    if (count_++ == 0) {
      first_ = pulse.onset();
      doubt_ = doubt;
    }
  }
  bool any() const { return count_ > 0; }
  Doubt kind() const { return doubt_; }
  // "clipped: 3 pulses, the first at sample 5000 (5 ms)"
  std::string in_words(const CaptureInfo& info) const;

 private:
  std::size_t count_ = 0;
  Picos first_{};
  Doubt doubt_{};
};

// "samples 2000 to 2049 are missing, and at 3 more places". REQUIRES: some are.
std::string missing_samples(const CaptureTotals& totals);
// "samples 500 to 529 of current are clipped, and 9 more stretches"; empty: none.
std::string clipped_samples(const CaptureInfo& info, const CaptureTotals& totals);

}  // namespace rig

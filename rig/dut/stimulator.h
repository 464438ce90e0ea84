// A stimulator behind a link, in the rig's own terms. One implementation per protocol.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rig/bench/bench.h"
#include "rig/core/record.h"

namespace rig {

// One word or number of the device's status, by the names a scenario uses: "state", "fault",
// "latched", "pulses", "supply". Numbers carry an SI unit.
struct StatusField {
  std::string word;  // "LEAD_OFF", "true"; numbers also as text
  double number = 0;
  std::string unit;  // empty: a word
};
using Status = std::map<std::string, StatusField>;

struct Answer {
  bool arrived = false;
  std::string word;  // "ok", "out_of_range", "wrong_state", ... ; "none" when nothing came
  Picos sent{};      // when the last bit of the command had left
  Picos answered{};
};

class Stimulator {
 public:
  virtual ~Stimulator() = default;

  // Asks who is there. Throws DeviceSilent when nobody answers in time, or not in this protocol.
  virtual std::string identify() = 0;
  virtual Answer set(std::string_view setting, double si) = 0;
  virtual Answer command(
      std::string_view verb) = 0;  // "start", "stop", "clear", "save", "keepalive"
  virtual Status status() = 0;     // throws DeviceSilent without a good answer

  // Bytes as they are; collects whatever comes back within `listen`.
  virtual Answer send_raw(std::span<const std::uint8_t> bytes, Picos listen) = 0;

  // What was said since the last call, with instants.
  virtual std::vector<Exchange> take_dialogue() = 0;
};

// The framed protocol of firmware_under_test/soleus_e/PROTOCOL.md. The bench must outlive it.
std::unique_ptr<Stimulator> make_soleus_stimulator(Link& link, Clock& clock);

// The same, of firmware_under_test/soleus_m/PROTOCOL.md: the plantar vibrator.
std::unique_ptr<Stimulator> make_soleus_vibrator(Link& link, Clock& clock);

// ScienceMode4 at its mid level, on the first channel (red): RehaMove3, P24. Has never met either.
// Settings stay with the rig until `start`; from then on each is a new train at once.
std::unique_ptr<Stimulator> make_sciencemode_stimulator(Link& link, Clock& clock);

// Lines of text, as a file describes them. The bench must outlive it.
std::unique_ptr<Stimulator> make_text_stimulator(TextProtocol protocol, Link& link, Clock& clock);

// As the bench file says.
std::unique_ptr<Stimulator> make_stimulator(const BenchFacts& facts, Link& link, Clock& clock);

// By the name in the bench file. Throws InputError for an unknown one.
std::unique_ptr<Stimulator> make_stimulator(std::string_view protocol, Link& link, Clock& clock);

}  // namespace rig

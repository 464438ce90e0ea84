// Finds blocks that a digitizer lost without a word, by a clock of known period on one of its
// channels (facts/instruments.md 3.1.7).
//
//   received   __|~~|__|~~|__|~|__|~~|__|~~|__      256 samples are missing: the edges after them
//                a     a     a  b     b     b       come too early, and stay so
//
// Samples are proven between edges that are a period apart. Where edges are out of step, those
// between the last one in step and the first one in the new step are withheld: the loss is
// somewhere among them. How much is missing follows from the step, for only whole blocks get lost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rig {

struct LossSettings {
  double rate_hz = 0;
  double clock_hz = 0;
  std::uint64_t block = 256;  // samples that get lost together
};

// How far an edge may be off, in samples: the jitter of a clock made by a microcontroller.
double edge_tolerance(const LossSettings& settings);

// The least number of blocks whose loss would not move the edges by more than their tolerance can
// hide. Such a loss, and its multiples, are not found.
std::uint64_t blind_to(const LossSettings& settings);

struct Proven {
  std::uint64_t received = 0;  // index among the samples received
  std::uint64_t count = 0;
  std::uint64_t index = 0;  // index among the samples taken
  bool lost_before = false;
};

class LossDetector {
 public:
  // Looks for the clock in the first samples: 33 edges in a row in step. nullopt: there is none.
  static std::optional<LossDetector> lock(const LossSettings& settings,
                                          std::span<const std::uint8_t> codes);

  double period() const { return period_; }  // in samples, as measured

  // The next samples of the clock's channel, those given to lock() again included. Returns what is
  // proven by now. Throws RigError, without a place, when the clock stops or cannot be followed.
  std::vector<Proven> take(std::span<const std::uint8_t> codes);

 private:
  LossDetector(const LossSettings& settings, int low, int high, double period, std::size_t periods)
      : settings_(settings), low_(low), high_(high), period_(period), periods_(periods) {}
  void edge(std::uint64_t at, std::vector<Proven>& proven);
  void demand_going(std::uint64_t now) const;
  void measure_period(std::uint64_t at);
  void release(std::uint64_t until, std::vector<Proven>& proven);
  void resume(std::uint64_t first, std::uint64_t confirmed);
  bool in_step(std::uint64_t from, std::uint64_t to) const;
  std::optional<std::uint64_t> missing_within(std::uint64_t received) const;

  LossSettings settings_;
  int low_;   // codes below this are low,
  int high_;  // from this on high
  double period_;
  std::size_t periods_;  // over so many it was measured

  std::uint64_t received_ = 0;
  bool is_high_ = true;                     // the first edge is a rising one
  bool begun_ = false;                      // an edge was seen
  std::uint64_t last_ = 0;                  // the last edge in step
  std::uint64_t before_last_ = 0;           // the one before it; the same at first
  std::optional<std::uint64_t> candidate_;  // the last edge, when it is out of step
  int out_of_step_ = 0;                     // edges in a row
  std::deque<std::uint64_t> edges_;         // in step, since the last loss
  std::uint64_t released_ = 0;
  std::uint64_t shift_ = 0;  // samples lost so far
  bool lost_ = false;        // before what is released next
};

}  // namespace rig

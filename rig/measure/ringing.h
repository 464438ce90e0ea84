// What rings beside a phase is no phase: it belongs to the phase's aberrations. Internal to
// measure/.
#pragma once

#include <cstddef>
#include <iterator>
#include <vector>

namespace rig {

// Leaves out runs [first, last] that are at most 0.4 times as high as the phase beside them, 0.1
// times as long, and no farther from it than a quarter of its length. `peak` gives a run's height.
template <typename Run, typename Peak>
void leave_out_ringing(std::vector<Run>& runs, const Peak& peak) {
  constexpr std::size_t kShorter = 10;
  constexpr double kLower = 0.4;
  const auto length = [](const Run& run) { return run.last - run.first + 1; };
  const auto rings = [&](const Run& run, const Run& phase) {
    if (kShorter * length(run) > length(phase)) return false;
    const std::size_t away =
        run.first > phase.last ? run.first - phase.last : phase.first - run.last;
    return away <= length(phase) / 4 && peak(run) <= kLower * peak(phase);
  };
  const auto sweep = [&](auto begin, auto end) {
    auto kept = begin;
    for (auto run = std::next(begin); run != end; ++run) {
      if (!rings(*run, *kept)) *++kept = *run;
    }
    return std::next(kept);
  };
  if (runs.size() < 2) return;
  runs.erase(sweep(runs.begin(), runs.end()), runs.end());
  runs.erase(runs.begin(), sweep(runs.rbegin(), runs.rend()).base());
}

}  // namespace rig

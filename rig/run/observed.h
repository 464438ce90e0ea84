// One finished capture, measured while it flowed by.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rig/core/capture.h"
#include "rig/measure/logic.h"
#include "rig/measure/motion.h"
#include "rig/measure/plant_track.h"
#include "rig/measure/pulses.h"
#include "rig/measure/sine.h"
#include "rig/run/pulse_store.h"
#include "rig/run/recorder.h"
#include "rig/run/sync_trace.h"

namespace rig {

// What the output worked on. Zero: not known, or not the same all the time.
struct Contact {
  double load = 0;            // ohm; a plain resistor
  double load_u = 0;          // relative, standard
  double electrode_area = 0;  // m2, of the smallest electrode

  bool operator==(const Contact&) const = default;
};

class ObservedCapture final : public BlockSink, public LogicTraces, public MotionTracks {
 public:
  // The store may be null: then nothing is kept but what was measured.
  ObservedCapture(CaptureInfo info, const PulseCriteria& criteria,
                  std::unique_ptr<CaptureSink> store);

  void take(const Block& block) override;
  void note_started() { started_ = true; }  // the device said yes to it, within or just before
  void touch(const Contact& contact) { contact_ = contact; }
  // The capture is over, and everything up to `end` (bench clock) was looked at: in a segmented one
  // the digitizer waited for triggers that did not come.
  CaptureRef finish(Picos end);
  void watch(const SyncChannel& channel) { syncs_.emplace_back(channel, info_); }
  void align(const std::optional<ClockFit>& clock) { clock_ = clock; }

  const CaptureInfo& info() const { return info_; }
  const CaptureTotals& totals() const { return finder_->totals(); }
  Picos end() const { return end_; }
  const std::optional<ClockFit>& clock() const { return clock_; }
  const std::vector<SyncTrace>& syncs() const { return syncs_; }
  const PulseStore& pulses() const { return pulses_; }
  const PulseCriteria& criteria() const { return criteria_; }
  const Contact& contact() const { return contact_; }
  bool started() const { return started_; }
  const SineTrack* sine() const { return sine_.get(); }  // nullptr: no channel acceleration
  const PlantTrack& plant() const { return plant_; }
  const LogicTrace* logic(const std::string& channel) const override;    // nullptr: no such channel
  const MotionTrack* motion(const std::string& channel) const override;  // likewise

 private:
  CaptureInfo info_;
  PulseCriteria criteria_;
  Contact contact_;
  bool started_ = false;
  Picos end_{};
  std::optional<ClockFit> clock_;
  std::unique_ptr<CaptureSink> store_;
  PulseStore pulses_;
  std::unique_ptr<PulseFinder> finder_;
  std::unique_ptr<SineTrack> sine_;
  std::vector<MotionTrack> motions_;  // of the channels in m/s2
  PlantTrack plant_;
  std::vector<SyncTrace> syncs_;
  std::vector<std::pair<std::size_t, LogicTrace>> logic_;  // channel index
};

}  // namespace rig

#include "rig/run/observed.h"

#include <utility>

#include "rig/bench/alive.h"
#include "rig/core/error.h"

namespace rig {
ObservedCapture::ObservedCapture(CaptureInfo info, const PulseCriteria& criteria,
                                 std::unique_ptr<CaptureSink> store)
    : info_(std::move(info)),
      criteria_(criteria),
      store_(std::move(store)),
      finder_(std::make_unique<PulseFinder>(info_, criteria_,
                                            [this](const Pulse& p) { pulses_.add(p); })),
      plant_(info_) {
  for (std::size_t k = 0; k < info_.channels.size(); ++k) {
    if (info_.channels[k].unit == "logic") logic_.emplace_back(k, LogicTrace());
    if (info_.channels[k].unit == "m/s2") motions_.emplace_back(info_, k);
    if (info_.channels[k].name == "acceleration") sine_ = std::make_unique<SineTrack>(info_, k);
  }
}

void ObservedCapture::take(const Block& block) {
  const Undisturbed taking;  // this may be a bench that is in the middle of something
  finder_->take(block);
  if (sine_) sine_->take(code_block(block));
  for (MotionTrack& motion : motions_) motion.take(code_block(block));
  plant_.take(block);
  for (auto& [channel, trace] : logic_) trace.take(info_, block, channel);
  for (SyncTrace& sync : syncs_) sync.take(info_, block);
  if (store_) store_->take(block);
}

CaptureRef ObservedCapture::finish(Picos end) {
  finder_->finish();
  if (sine_) sine_->finish();
  end_ = end;
  CaptureRef ref{.name = info_.name};
  if (store_) ref = store_->close();
  ref.name = info_.name;
  ref.samples = totals().samples;
  ref.segments = totals().segments;
  ref.lost = totals().losses;
  ref.clipped.clear();
  for (std::size_t k = 0; k < info_.channels.size(); ++k) {
    if (totals().clipped[k] > 0)
      ref.clipped.emplace_back(info_.channels[k].name, totals().clipped[k]);
  }
  store_.reset();
  return ref;
}

const LogicTrace* ObservedCapture::logic(const std::string& channel) const {
  for (const auto& [index, trace] : logic_) {
    if (info_.channels[index].name == channel) return &trace;
  }
  return nullptr;
}

const MotionTrack* ObservedCapture::motion(const std::string& channel) const {
  for (const MotionTrack& motion : motions_) {
    if (motion.channel().name == channel) return &motion;
  }
  return nullptr;
}

}  // namespace rig

// Another channel beside the measured one, for what lies between the two. Internal to app/.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rig/app/measurer.h"
#include "rig/measure/logic.h"
#include "rig/measure/summary.h"

namespace rig {

// A voltage across a known load is the current that pulses are looked for in; without a load the
// voltage itself stands in, and keeps its unit.
void make_primary(CaptureInfo& info, std::size_t index, double load);

// Feeds a measurer, and what follows the other channel: pulses in an analog one, edges in a logic
// one.
class AgainstMeasurer final : public CodeSink, public LogicTraces {
 public:
  // Throws InputError when options.against is no channel, or the measured one.
  AgainstMeasurer(const MeasureOptions& options, const CaptureInfo& info, CodeType type,
                  std::size_t primary, double load, Measurer& measurer);

  void take(const CodeBlock& block) override;
  void finish();  // and the measurer

  // REQUIRES: finish(). Adds to the summary what lies between the two. `seen`: of the measurer.
  void summarise(Observation seen, Summary& summary);

  const LogicTrace* logic(const std::string& channel) const override;

 private:
  void take_logic(const CodeBlock& block);

  MeasureOptions options_;  // of the other channel: everything is found
  CaptureInfo info_;
  std::string name_;
  std::string other_name_;
  std::size_t other_index_;
  Measurer& measurer_;
  std::unique_ptr<Measurer> other_;  // null: a logic channel
  LogicTrace trace_;
  LogicTrace other_trace_;
  std::vector<std::int16_t> codes_;
};

}  // namespace rig

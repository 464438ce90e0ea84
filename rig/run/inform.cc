// What a modelled plant did, for people to read. No verdict ever depends on it: a finding of an
// inform step has no limit and is never anything but PASS.
#include "rig/core/error.h"
#include "rig/run/session.h"

#include <cstdio>

namespace rig {

void inform(const InformStep& step, const Session& session, StepRecord& done) {
  const auto found = session.captures.find(step.capture);
  if (found == session.captures.end()) throw RigError("no capture '" + step.capture + "'");
  const ObservedCapture& capture = *found->second;
  for (const PlantQuantity* quantity : step.quantities) {
    const Measured m = measure_plant(*quantity, capture.plant(), capture.totals());
    Finding finding{.quantity = std::string(quantity->info.name),
                    .capture = step.capture,
                    .measured = m.value,
                    .expected = "informative: a model, no clinical claim",
                    .found = "nothing: " + m.why_not,
                    .verdict = Verdict::kPass};
    if (m.value) {
      char text[60];
      std::snprintf(text, sizeof text, "%.4g %s", m.value->value, m.value->unit.c_str());
      finding.found = text;
    }
    done.findings.push_back(std::move(finding));
  }
}

}  // namespace rig

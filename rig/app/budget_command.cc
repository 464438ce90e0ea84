// `rig explain [QUANTITY] --budget RUN`: what each finding's uncertainty is made of.
#include <cmath>
#include <cstdio>

#include "rig/app/commands.h"
#include "rig/app/places.h"
#include "rig/core/error.h"
#include "rig/evidence/text.h"

namespace rig {
namespace {

void print_budget(const Finding& finding) {
  const Measurement& m = *finding.measured;
  std::printf("  %s  %s  %s\n", std::string(to_string(finding.verdict)).c_str(),
              finding.quantity.c_str(), to_one_line(finding.found).c_str());
  std::printf("      u = %s, k = %.3g, U = %s", in_words(m.u, m.unit).c_str(), m.k,
              in_words(m.k * m.u, m.unit).c_str());
  if (std::isfinite(m.dof)) std::printf(", %.0f effective degrees of freedom", std::floor(m.dof));
  std::printf("; n = %zu\n", m.count);
  if (finding.instant) {
    std::printf("      counts from %s\n", to_one_line(*finding.instant).c_str());
  }
  if (m.budget.empty()) std::printf("      nothing: it is a count, or exact\n");
  for (const auto& [source, u] : m.budget) {
    std::printf("      %-30s %-12s %5.1f %%\n", source.c_str(), in_words(u, m.unit).c_str(),
                100 * u * u / (m.u * m.u));
  }
}

}  // namespace

int budget_command(const std::string& folder, const std::string& quantity,
                   const std::string& filter) {
  std::size_t shown = 0;
  for (const CaseRecord& record : record_of(folder).cases) {
    if (record.id.find(filter) == std::string::npos) continue;
    bool named = false;
    for (const StepRecord& step : record.steps) {
      for (const Finding& finding : step.findings) {
        const bool wanted = quantity.empty() || finding.quantity == quantity;
        if (!wanted || !finding.measured) continue;
        if (!named) std::printf("%s\n", record.id.c_str());
        named = true;
        ++shown;
        print_budget(finding);
      }
    }
  }
  if (shown == 0) {
    throw InputError(folder + ": no finding with a number" +
                     (quantity.empty() ? "" : " for " + quantity) +
                     (filter.empty() ? "" : " in a case with '" + filter + "' in its id"));
  }
  return 0;
}

}  // namespace rig

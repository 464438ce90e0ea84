#include "rig/dut/stimulator.h"

#include "rig/core/error.h"

namespace rig {

std::unique_ptr<Stimulator> make_stimulator(const BenchFacts& facts, Link& link, Clock& clock) {
  if (facts.text_protocol) return make_text_stimulator(*facts.text_protocol, link, clock);
  return make_stimulator(facts.protocol, link, clock);
}

std::unique_ptr<Stimulator> make_stimulator(std::string_view protocol, Link& link, Clock& clock) {
  if (protocol == "soleus") return make_soleus_stimulator(link, clock);
  if (protocol == "soleus_m") return make_soleus_vibrator(link, clock);
  if (protocol == "sciencemode4") return make_sciencemode_stimulator(link, clock);
  throw InputError("unknown protocol '" + std::string(protocol) +
                   "', this rig has: soleus, soleus_m, sciencemode4");
}

}  // namespace rig

#include "rig/dut/stimulator.h"

#include "rig/core/error.h"

namespace rig {

std::unique_ptr<Stimulator> make_stimulator(std::string_view protocol, Link& link, Clock& clock) {
  if (protocol == "soleus") return make_soleus_stimulator(link, clock);
  throw InputError("unknown protocol '" + std::string(protocol) + "', this rig has: soleus");
}

}  // namespace rig

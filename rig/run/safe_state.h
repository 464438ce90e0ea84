// Stopping the device, and measuring that its output is off.
#pragma once

#include "rig/run/session.h"

namespace rig {

// Sends `stop`, then looks at the current from as early as the digitizer can: two findings, the
// current from 50 ms after the stop on, and the time from `since` before the stop to zero current,
// at most. A link that is broken does not keep the digitizer from looking. Throws RigError.
void stop_and_measure(Session& session, StepRecord& step, Picos since);

// The same at the end of a case in which all is well: a digitizer that takes longer to arm than the
// device to stop is armed first, or nobody would see the stop.
void watch_stop(Session& session, StepRecord& step);

}  // namespace rig

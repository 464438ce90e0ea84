// Frequency weighting of whole-body vibration. Internal to measure/.
#pragma once

namespace rig {

// The weighting Wk of ISO 2631-1 (vertical, standing or seated) at `hertz`: the magnitude of its
// analogue filter, band limits included. Its parameters are those of ISO 8041, as the manual of a
// vibration meter (Larson Davis HVM200, table 3.1) quotes them; the standards were not seen.
double wk_weighting(double hertz);

}  // namespace rig

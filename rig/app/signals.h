// Ctrl-C, SIGTERM and SIGHUP: the first asks for an orderly end, the second forces it.
#pragma once

namespace rig {

void catch_signals();
int signals_caught();         // how often, so far
const char* signal_caught();  // the first one: "SIGTERM"

}  // namespace rig

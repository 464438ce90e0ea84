// Includes upward on purpose: tests/layering.cmake has to notice.
#pragma once

#include "rig/bench/bench.h"

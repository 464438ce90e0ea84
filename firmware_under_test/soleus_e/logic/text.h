// The text mode: one line in, one line out.
#pragma once

#include <stdint.h>

#include "logic/device.h"

// Where the answer goes, character by character.
using Sink = void (*)(char);

// Executes one line and answers it with a line. An empty line has no answer. Changes `line`.
void answer_line(Device& device, char* line, Sink out);

// Answers a line longer than kMaxLine.
void refuse_long_line(Sink out);

// Reads "20 mA", "0.5 ms", "35 Hz" for a parameter: the number in its base unit (uA, us, ms,
// mHz). Returns false when the unit is missing or wrong, or the number is none or no whole number
// of base units.
bool parse_quantity(Param param, const char* text, int32_t& value);

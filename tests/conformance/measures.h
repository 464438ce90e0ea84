// What is read off a run: short texts that stand in the table.
#pragma once

#include <string>

#include "tests/conformance/observed.h"

namespace conformance {

// Generic.
std::string result0(const Observed& seen);     // "500", or "hangs at 17" without a proper end
std::string results_01(const Observed& seen);  // "204 819"
std::string results_012(const Observed& seen);
std::string doubt_or_silence(const Observed& seen);

// Edges.
std::string rises_of_pb1(const Observed& seen);
std::string falls_of_pb1(const Observed& seen);  // "falls 3 times, reads 0"
std::string fall_after_mark(const Observed& seen);
std::string fall_of_pb1(const Observed& seen);
std::string match_to_mark(const Observed& seen);  // PB1's first edge to PC0's
std::string mark_to_pb1(const Observed& seen);
std::string marked_time(const Observed& seen);  // PC0 up to PC0 down
std::string milliseconds_between_marks(const Observed& seen);
std::string cycles_between_marks(const Observed& seen);
std::string first_conversion(const Observed& seen);
std::string pin_distances(const Observed& seen);
std::string mark_to_reset(const Observed& seen);
std::string reset_releases_pb1(const Observed& seen);

// Waveforms: "high 501 of 2000".
std::string waveform_of_pb1(const Observed& seen);
std::string waveform_of_pb2(const Observed& seen);
std::string waveform_of_pd5(const Observed& seen);
std::string high_times_of_pb1(const Observed& seen);

// Serial.
std::string spi_bytes(const Observed& seen);
std::string spi_collision(const Observed& seen);
std::string uart_first_byte(const Observed& seen);
std::string uart_spacing(const Observed& seen);
std::string uart_buffered(const Observed& seen);
std::string uart_receive_time(const Observed& seen);
std::string uart_overrun(const Observed& seen);

std::string results_01234(const Observed& seen);
std::string capture_distance(const Observed& seen);
std::string instruction_cycles(const Observed& seen);

}  // namespace conformance

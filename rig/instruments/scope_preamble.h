// What oscilloscopes say about a record, each maker in its own way, as the same few facts. Every
// field is checked before anything is calculated with it; an error names the field, what was
// expected and what was found.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace rig {

struct RecordFacts {
  std::uint64_t points = 0;    // 0: not told
  std::uint64_t page = 0;      // most points in one answer; 0: not told
  int width = 1;               // bytes of a code
  double interval = 0;         // s
  double first = 0;            // s from the trigger to sample 0
  double volts_per_code = 0;   // with the probe's factor
  double volts_at_code_0 = 0;  // with the vertical position
  std::uint64_t stamp = 0;     // of when it was taken, to be compared only; 0: not told

  double volts(double code) const { return volts_at_code_0 + code * volts_per_code; }
  double seconds(double index) const { return first + index * interval; }
};

// The answers to a dialect's queries, in their order. All of these throw RigError.
using ScopeAnswers = std::span<const std::vector<std::uint8_t>>;

// Ten numbers. V = (code - yorigin - yreference) * yincrement, t = (i - xreference) * xincrement +
// xorigin (Rigol DS1000Z programming guide, :WAVeform:PREamble?).
RecordFacts read_rigol(ScopeAnswers answers);

// The same of a DHO, which tells the size of a page in the field for points.
RecordFacts read_rigol_paged(ScopeAnswers answers);

// Ten numbers. V = (code - yreference) * yincrement + yorigin, t as above (Keysight InfiniiVision
// programmer's guide). Peak detection, averages and high resolution are refused.
RecordFacts read_keysight(ScopeAnswers answers);

// NR_PT, BYT_NR, XINCR, XZERO, PT_OFF, YMULT, YOFF, YZERO. V = (code - YOFF) * YMULT + YZERO,
// t = XZERO + XINCR * (i - PT_OFF) (Tektronix programmer manuals).
RecordFacts read_tektronix(ScopeAnswers answers);

// VDIV, OFST, TDIV, TRDL, SARA, SANU. V = code * VDIV / 25 - OFST, first sample at TRDL - TDIV *
// 14 / 2.
RecordFacts read_siglent_settings(ScopeAnswers answers);

// A block with the 346 bytes of a Siglent WAVEDESC. V = code * gain * probe / codes per division -
// offset * probe; `first` is the delay as it stands there.
RecordFacts read_wavedesc(ScopeAnswers answers);

// A number, which may end in a unit with its prefix: "1.25E+03", "+8", "500MSa/s", "1.4Mpts".
// Throws RigError "NAME: expected a number, found ...".
double read_scope_number(std::string_view name, std::string_view text);

}  // namespace rig

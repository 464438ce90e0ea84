// Reads numbers off runs.
#include "tests/conformance/measures.h"

#include <array>
#include <cstdio>
#include <optional>

namespace conformance {
namespace {

constexpr Pin kPb1{.port = 'B', .bit = 1};
constexpr Pin kPb2{.port = 'B', .bit = 2};
constexpr Pin kPb0{.port = 'B', .bit = 0};
constexpr Pin kPd5{.port = 'D', .bit = 5};
constexpr Pin kMark{.port = 'C', .bit = 0};
constexpr Pin kSecondMark{.port = 'C', .bit = 1};

std::vector<Edge> edges_of(const Observed& seen, Pin pin) {
  std::vector<Edge> edges;
  for (const Edge& edge : seen.edges) {
    if (edge.pin == pin) edges.push_back(edge);
  }
  return edges;
}

std::size_t count_edges(const Observed& seen, Pin pin, bool level) {
  std::size_t count = 0;
  for (const Edge& edge : edges_of(seen, pin)) count += edge.level == level ? 1U : 0U;
  return count;
}

std::string cycles_between(const std::vector<Edge>& from, const std::vector<Edge>& to) {
  if (from.empty() || to.empty()) return "no edge";
  return std::to_string(static_cast<std::int64_t>(to[0].cycle - from[0].cycle));
}

std::string text(unsigned value) { return std::to_string(value); }

std::string milliseconds(std::uint64_t cycles) {
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.1f ms", static_cast<double>(cycles) / 16'000.0);
  return buffer.data();
}

// The second period: the first may be incomplete.
std::string waveform(const Observed& seen, Pin pin) {
  const std::vector<Edge> edges = edges_of(seen, pin);
  std::size_t up = 0;
  int rises = 0;
  for (; up < edges.size(); ++up) {
    if (edges[up].level && ++rises == 2) break;
  }
  if (up + 2 >= edges.size()) return "no waveform";
  return "high " + std::to_string(edges[up + 1].cycle - edges[up].cycle) + " of " +
         std::to_string(edges[up + 2].cycle - edges[up].cycle);
}

}  // namespace

std::string result0(const Observed& seen) {
  return (seen.finished() ? "" : "hangs at ") + text(seen.result(0));
}

std::string results_01(const Observed& seen) {
  return text(seen.result(0)) + " " + text(seen.result(1));
}

std::string results_012(const Observed& seen) {
  return results_01(seen) + " " + text(seen.result(2));
}

std::string results_01234(const Observed& seen) {
  return results_012(seen) + " " + text(seen.result(3)) + " " + text(seen.result(4));
}

std::string doubt_or_silence(const Observed& seen) {
  return seen.doubts.empty() ? "silence" : "doubt";
}

std::string rises_of_pb1(const Observed& seen) {
  return text(static_cast<unsigned>(count_edges(seen, kPb1, true)));
}

std::string falls_of_pb1(const Observed& seen) {
  return "falls " + std::to_string(count_edges(seen, kPb1, false)) + ", reads " +
         (seen.result(0) != 0 ? "1" : "0");
}

std::string fall_after_mark(const Observed& seen) {
  const std::vector<Edge> marks = edges_of(seen, kMark);
  for (const Edge& edge : edges_of(seen, kPb1)) {
    if (!edge.level && !marks.empty() && edge.cycle >= marks[0].cycle) {
      return "after " + std::to_string(edge.cycle - marks[0].cycle);
    }
  }
  return "stays high";
}

std::string fall_of_pb1(const Observed& seen) {
  return count_edges(seen, kPb1, false) > 0 ? "released" : "stays high";
}

std::string match_to_mark(const Observed& seen) {
  return cycles_between(edges_of(seen, kPb1), edges_of(seen, kMark));
}

std::string mark_to_pb1(const Observed& seen) {
  return cycles_between(edges_of(seen, kMark), edges_of(seen, kPb1));
}

std::string marked_time(const Observed& seen) {
  const std::vector<Edge> marks = edges_of(seen, kMark);
  return marks.size() < 2 ? "no end" : milliseconds(marks[1].cycle - marks[0].cycle);
}

std::string milliseconds_between_marks(const Observed& seen) {
  const std::vector<Edge> marks = edges_of(seen, kMark);
  return marks.size() < 3 ? "no end" : milliseconds(marks[2].cycle - marks[1].cycle);
}

std::string cycles_between_marks(const Observed& seen) {
  const std::vector<Edge> marks = edges_of(seen, kMark);
  return marks.size() < 4 ? "no end" : std::to_string(marks[3].cycle - marks[2].cycle);
}

// From ADSC (marked at PC1, shortly before an edge of the ADC clock) to the handler.
std::string first_conversion(const Observed& seen) {
  const std::vector<Edge> start = edges_of(seen, kSecondMark);
  const std::vector<Edge> end = edges_of(seen, kMark);
  if (start.empty() || end.empty()) return "no end";
  return text(static_cast<unsigned>((end[0].cycle - start[0].cycle) / 128)) + " clocks";
}

std::string pin_distances(const Observed& seen) {
  const std::vector<Edge> out = edges_of(seen, kMark);
  const std::vector<Edge> sbi = edges_of(seen, kPb0);
  if (out.size() < 2 || sbi.empty()) return "no edges";
  return std::to_string(sbi[0].cycle - out[0].cycle) + " " +
         std::to_string(out[1].cycle - sbi[0].cycle);
}

std::string mark_to_reset(const Observed& seen) {
  const std::vector<Edge> marks = edges_of(seen, kMark);
  if (marks.empty() || seen.resets.empty()) return "no reset";
  return milliseconds(seen.resets[0] - marks[0].cycle);
}

std::string reset_releases_pb1(const Observed& seen) {
  for (const Edge& edge : edges_of(seen, kPb1)) {
    if (!edge.level && !seen.resets.empty() && edge.cycle == seen.resets[0]) return "released";
  }
  return "no edge";
}

std::string waveform_of_pb1(const Observed& seen) { return waveform(seen, kPb1); }
std::string waveform_of_pb2(const Observed& seen) { return waveform(seen, kPb2); }
std::string waveform_of_pd5(const Observed& seen) { return waveform(seen, kPd5); }

std::string high_times_of_pb1(const Observed& seen) {
  const std::vector<Edge> edges = edges_of(seen, kPb1);
  std::string times;
  for (std::size_t i = 0, found = 0; i + 1 < edges.size() && found < 4; ++i) {
    if (!edges[i].level || edges[i + 1].level) continue;
    times += (found++ == 0 ? "" : " ") + std::to_string(edges[i + 1].cycle - edges[i].cycle);
  }
  return times.empty() ? "no waveform" : times;
}

// PC0 moves one cycle before SPDR is written.
std::string spi_bytes(const Observed& seen) {
  const std::vector<Edge> marks = edges_of(seen, kMark);
  if (marks.size() < 2 || seen.spi.size() < 2) return "no bytes";
  return std::to_string(seen.spi[0].cycle - marks[0].cycle - 1) + " " +
         std::to_string(seen.spi[1].cycle - marks[1].cycle - 1);
}

std::string spi_collision(const Observed& seen) {
  const bool flagged = (seen.result(0) & 0x40U) != 0;
  const bool first = seen.spi.size() == 1 && seen.spi[0].value == 0x55;
  return std::string(flagged ? "WCOL" : "no WCOL") + (first ? ", first byte" : ", other byte");
}

// PC0 moves two cycles before UDR0 is written.
std::string uart_first_byte(const Observed& seen) {
  const std::vector<Edge> marks = edges_of(seen, kMark);
  if (marks.empty() || seen.uart.empty()) return "no byte";
  return std::to_string(seen.uart[0].cycle - marks[0].cycle - 2);
}

std::string uart_spacing(const Observed& seen) {
  if (seen.uart.size() < 3) return "no bytes";
  return std::to_string(seen.uart[2].cycle - seen.uart[1].cycle);
}

std::string uart_buffered(const Observed& seen) {
  return seen.result(0) != 0 ? "UDRE up" : "UDRE down";
}

std::string uart_receive_time(const Observed& seen) {
  constexpr std::uint64_t kSent = 20'000;
  const std::vector<Edge> marks = edges_of(seen, kMark);
  return marks.empty() ? "no mark" : std::to_string(marks[0].cycle - kSent);
}

std::string uart_overrun(const Observed& seen) {
  return text(seen.result(0)) + (seen.result(1) != 0 ? ", DOR" : ", no DOR");
}

std::string capture_distance(const Observed& seen) {
  return text((seen.result(1) - seen.result(0)) & 0xFFFFU);
}

// Tables 31-1 and following, "Clocks".
std::string instruction_cycles(const Observed& seen) {
  constexpr std::array<std::uint8_t, 44> kDataSheet{1, 1, 2, 2, 2, 2, 2, 1, 1, 1, 1, 2, 2, 2, 2,
                                                    2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 2, 1, 1, 1,
                                                    1, 2, 1, 1, 7, 8, 7, 7, 1, 2, 3, 2, 3, 3};
  unsigned right = 0;
  for (std::size_t i = 0; i < kDataSheet.size(); ++i) {
    right += seen.memory.at(i) == kDataSheet.at(i) ? 1U : 0U;
  }
  return text(right) + " of " + std::to_string(kDataSheet.size());
}

}  // namespace conformance

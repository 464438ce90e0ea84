#include "rig/app/measure_text.h"

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>

#include "rig/core/error.h"
#include "rig/evidence/text.h"
#include "rig/measure/integrity.h"

namespace rig {
namespace {

// A waveform without a load has volts where the catalog has amperes.
std::string unit_of(const QuantityInfo& info, const std::string& primary_unit) {
  std::string unit(info.unit);
  if (unit == "m/s2") return primary_unit;
  if (primary_unit != "V") return unit;
  if (unit == "A") return "V";
  if (unit == "C") return "V s";
  if (unit == "A/s") return "V/s";
  return unit;
}

// Likewise the name of what is called after the current.
std::string name_of(const std::string& name, const std::string& primary_unit) {
  constexpr std::string_view kCurrent = "current.";
  if (primary_unit != "V" || !name.starts_with(kCurrent)) return name;
  return "voltage." + name.substr(kCurrent.size());
}

void print_list(const Stretches& stretches, const char* kind, const std::string& channel,
                const char*& separator) {
  for (const Stretch& s : stretches.listed()) {
    std::printf("%s\n    {\"kind\": \"%s\", ", separator, kind);
    if (!channel.empty()) std::printf("\"channel\": %s, ", json_string(channel).c_str());
    std::printf("\"segment\": %u, \"first\": %llu, \"count\": %llu}", s.segment,
                static_cast<unsigned long long>(s.first), static_cast<unsigned long long>(s.count));
    separator = ",";
  }
}

// Where the samples are no good; of each kind and channel the first many, and how many more.
void print_stretches(const CaptureInfo& info, const CaptureTotals& totals) {
  std::printf("\"stretches\": [");
  const char* separator = "";
  std::uint64_t more = totals.lost_at.more();
  print_list(totals.lost_at, "missing", "", separator);
  for (std::size_t c = 0; c < totals.clipped_at.size(); ++c) {
    print_list(totals.clipped_at[c], "clipped", info.channels[c].name, separator);
    more += totals.clipped_at[c].more();
  }
  std::printf("], \"more\": %llu, ", static_cast<unsigned long long>(more));
}

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

std::vector<Poisoned> poisoned(const Summary& summary, const CaptureTotals& totals,
                               const std::string& unit) {
  std::vector<Poisoned> list;
  for (const QuantitySummary& q : summary.measured) {
    if (!q.doubt.empty()) list.push_back({name_of(q.name, unit), q.doubt});
  }
  for (const NotMeasured& q : summary.not_measured) {
    if (q.name != q.info->name) list.push_back({q.name, q.why});  // it was asked for
  }
  if (totals.losses == 0) return list;
  const std::string missing = missing_samples(totals);
  for (const NotMeasured& q : summary.not_measured) {
    if (q.why == missing && q.name == q.info->name) list.push_back({name_of(q.name, unit), q.why});
  }
  return list;
}

std::string number(double x) {
  if (!std::isfinite(x)) return "null";
  char text[32];
  std::snprintf(text, sizeof text, "%.12g", x);
  return text;
}

void print_measurements(const Summary& summary, const std::string& unit) {
  std::printf("  \"measurements\": {");
  const char* separator = "";
  for (const QuantitySummary& q : summary.measured) {
    std::printf(
        "%s\n    %s: {\"n\": %zu, \"mean\": %s, \"sd\": %s, \"min\": %s, \"max\": %s, \"u\": %s, "
        "\"unit\": %s}",
        separator, json_string(name_of(q.name, unit)).c_str(), q.n, number(q.mean).c_str(),
        number(q.sd).c_str(), number(q.lowest).c_str(), number(q.highest).c_str(),
        number(q.u).c_str(), json_string(unit_of(*q.info, unit)).c_str());
    separator = ",";
  }
}

void print_integrity(const CaptureInfo& info, const CaptureTotals& totals,
                     const std::vector<Poisoned>& poisoned,
                     const std::vector<std::string>& assumed) {
  std::printf("\n  },\n  \"integrity\": {\"segments\": %u, \"losses\": %llu, \"clipped\": {",
              totals.segments, static_cast<unsigned long long>(totals.losses));
  const char* separator = "";
  for (std::size_t c = 0; c < info.channels.size(); ++c) {
    std::printf("%s%s: %llu", separator, json_string(info.channels[c].name).c_str(),
                static_cast<unsigned long long>(totals.clipped[c]));
    separator = ", ";
  }
  std::printf("}, \"assumed\": [");
  separator = "";
  for (const std::string& what : assumed) {
    std::printf("%s%s", separator, json_string(what).c_str());
    separator = ", ";
  }
  std::printf("], ");
  print_stretches(info, totals);
  std::printf("\"poisoned\": {");
  separator = "";
  for (const Poisoned& p : poisoned) {
    std::printf("%s\n    %s: %s", separator, json_string(p.measurement).c_str(),
                json_string(p.why).c_str());
    separator = ",";
  }
  std::printf("}}\n}\n");
}

void print_json(const MeasureOptions& options, const Summary& summary, const Measurer& m,
                const std::vector<std::string>& assumed) {
  const std::string unit = m.info().channels[primary_channel(m.info(), "current")].unit;
  std::printf("{\n  \"file\": %s,\n  \"pulses\": %zu,\n  \"cut\": %zu,\n  \"samples\": %llu,\n",
              json_string(options.path).c_str(), summary.pulses, summary.cut,
              static_cast<unsigned long long>(m.totals().samples));
  std::printf("  \"rate_hz\": %s,\n  \"unit\": %s,\n", number(m.info().rate.hertz()).c_str(),
              json_string(unit).c_str());
  std::printf(
      "  \"criteria\": {\"baseline\": %s, \"noise\": %s, \"threshold\": %s, \"max_gap_s\": %s, "
      "\"edges\": %s},\n",
      number(m.criteria().current_zero).c_str(), number(m.scouted().noise).c_str(),
      number(m.criteria().current_threshold).c_str(), number(m.criteria().max_gap).c_str(),
      json_string(options.edges).c_str());
  print_measurements(summary, unit);
  print_integrity(m.info(), m.totals(), poisoned(summary, m.totals(), unit), assumed);
}

void warn_of(const std::string& path, const std::vector<std::string>& assumed) {
  for (const std::string& what : assumed) {
    std::fprintf(stderr, "rig: %s: assumed: %s\n", to_one_line(path).c_str(), what.c_str());
  }
}

void print_rows(const Summary& summary, const std::string& unit) {
  std::printf("%-26s %8s %12s %12s %12s %12s %12s\n", "quantity", "n", "mean", "U (k=2)", "sd",
              "min", "max");
  for (const QuantitySummary& q : summary.measured) {
    const std::string of = unit_of(*q.info, unit);
    std::printf("%-26s %8zu %12s %12s %12s %12s %12s\n", name_of(q.name, unit).c_str(), q.n,
                in_words(q.mean, of).c_str(), in_words(2 * q.u, of).c_str(),
                in_words(q.sd, of).c_str(), in_words(q.lowest, of).c_str(),
                in_words(q.highest, of).c_str());
  }
}

void print_table(const Summary& summary, const Measurer& m) {
  const std::string unit = m.info().channels[primary_channel(m.info(), "current")].unit;
  std::printf("%zu pulses, %zu cut, in %llu samples at %s\n", summary.pulses, summary.cut,
              static_cast<unsigned long long>(m.totals().samples),
              in_words(m.info().rate.hertz(), "Hz").c_str());
  std::printf("baseline %s, noise %s, threshold %s, phases of a pulse at most %s apart\n\n",
              in_words(m.criteria().current_zero, unit).c_str(),
              in_words(m.scouted().noise, unit).c_str(),
              in_words(m.criteria().current_threshold, unit).c_str(),
              in_words(m.criteria().max_gap, "s").c_str());
  print_rows(summary, unit);
  for (const Poisoned& p : poisoned(summary, m.totals(), unit)) {
    std::printf("doubtful: %s: %s\n", p.measurement.c_str(), to_one_line(p.why).c_str());
  }
}

void write_pulses(const std::string& path, const Measurer& m) {
  const std::unique_ptr<std::FILE, FileCloser> out(std::fopen(path.c_str(), "w"));
  if (!out) throw InputError(path + ": " + std::strerror(errno));
  const std::string unit = m.info().channels[primary_channel(m.info(), "current")].unit;
  std::fprintf(out.get(), "# one row a whole pulse; SI units; current channel in %s\nstart_s",
               unit.c_str());
  for (const QuantityInfo* info : quantities_of_a_pulse()) {
    std::fprintf(out.get(), ",%s", name_of(std::string(info->name), unit).c_str());
  }
  std::fputc('\n', out.get());
  m.pulses().visit([&](const Pulse& pulse) {
    if (pulse.cut) return;
    std::fprintf(out.get(), "%.12f", to_seconds(pulse.onset() - m.info().armed_at));
    for (const double value : values_of(pulse)) {
      if (std::isfinite(value)) {
        std::fprintf(out.get(), ",%.12g", value);
      } else {
        std::fputc(',', out.get());
      }
    }
    std::fputc('\n', out.get());
  });
  if (std::fflush(out.get()) != 0 || std::ferror(out.get()) != 0) {
    throw InputError(path + ": write: " + std::strerror(errno));
  }
}

}  // namespace rig

#include "rig/app/measure_command.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "rig/app/overview.h"
#include "rig/config/units.h"
#include "rig/core/error.h"
#include "rig/evidence/text.h"
#include "rig/evidence/waveform_file.h"
#include "rig/measure/integrity.h"
#include "rig/measure/scout.h"
#include "rig/measure/sine_quantities.h"
#include "rig/measure/summary.h"
#include "rig/run/pulse_store.h"

namespace rig {
namespace {

constexpr std::size_t kHeadFirst = std::size_t{1} << 21;  // samples looked at for criteria
constexpr std::size_t kHeadMost = std::size_t{1} << 25;
constexpr std::size_t kRunsEnough = 12;

double si(const std::string& text, std::string_view dimension, const char* flag) {
  try {
    return quantity_of(text, dimension);
  } catch (const InputError& error) {
    throw InputError(std::string(flag) + ": " + error.what());
  }
}

double positive(const std::string& text, std::string_view dimension, const char* flag) {
  const double value = si(text, dimension, flag);
  if (!(value > 0)) {
    throw InputError(std::string(flag) + ": expected one above 0, found '" + text + "'");
  }
  return value;
}

// A place that can be written to and is not the waveform's, whatever they are called. Checked
// before a long stream is measured in vain.
void check_output(const std::string& path, const std::string& waveform, const char* flag) {
  if (path.empty()) return;
  std::error_code none;
  if (std::filesystem::equivalent(path, waveform, none)) {
    throw InputError(std::string(flag) + ": would overwrite the waveform");
  }
  const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
  if (!std::filesystem::is_directory(folder, none) || std::filesystem::is_directory(path, none) ||
      ::access(folder.c_str(), W_OK) != 0) {
    throw InputError(std::string(flag) + ": expected a file that can be written, found '" + path +
                     "'");
  }
}

// "1e-5V" per code: the unit says whether it is a voltage, a current or an acceleration.
std::pair<double, std::string> scale_of(const std::string& text) {
  if (text.ends_with("m/s2") || text.ends_with("gn")) {
    return {positive(text, "acceleration", "--scale"), "m/s2"};
  }
  const bool amps = text.ends_with("A");
  return {positive(text, amps ? "current" : "voltage", "--scale"), amps ? "A" : "V"};
}

std::string_view dimension_of_unit(std::string_view unit) {
  if (unit == "m/s2") return "acceleration";
  return unit == "A" ? "current" : "voltage";
}

SampleRate rate_of(const std::string& text) {
  const double hertz = si(text, "frequency", "--rate");
  if (!(hertz > 0) || hertz > 1e13) {
    throw InputError("--rate: expected a rate above 0 Hz, at most 10 THz, found '" + text + "'");
  }
  std::uint64_t seconds = 1;
  while (seconds < 1'000'000 &&
         std::fabs(hertz * static_cast<double>(seconds) -
                   std::round(hertz * static_cast<double>(seconds))) > 1e-9 * hertz) {
    seconds *= 10;
  }
  return {static_cast<std::uint64_t>(std::llround(hertz * static_cast<double>(seconds))), seconds};
}

WaveformOptions file_options(const MeasureOptions& o) {
  WaveformOptions file{.path = o.path, .format = o.format};
  if (!o.rate.empty()) file.rate = rate_of(o.rate);
  if (o.channels > 0) file.channels = static_cast<std::size_t>(o.channels);
  if (!o.scale.empty()) {
    const auto [scale, unit] = scale_of(o.scale);
    file.scale = scale;
    file.unit = unit;
  }
  if (!o.offset.empty()) {
    file.offset = si(o.offset, dimension_of_unit(file.unit), "--offset");
  }
  return file;
}

std::size_t primary_channel(const CaptureInfo& info, const std::string& wanted) {
  const auto named = [&info](std::string_view name) {
    const auto found = std::ranges::find(info.channels, name, &Channel::name);
    return static_cast<std::size_t>(found - info.channels.begin());
  };
  if (!wanted.empty()) {
    const std::size_t k = named(wanted);
    if (k < info.channels.size()) return k;
    std::string known;
    for (const Channel& c : info.channels) known += (known.empty() ? "" : ", ") + c.name;
    throw InputError("--channel: no channel '" + wanted + "'; there are: " + known);
  }
  if (const std::size_t k = named("current"); k < info.channels.size()) return k;
  const auto analog =
      std::ranges::find_if(info.channels, [](const Channel& c) { return c.unit != "logic"; });
  if (analog == info.channels.end()) throw InputError("nothing to measure: only logic channels");
  return static_cast<std::size_t>(analog - info.channels.begin());
}

// The engine looks for pulses in the channel named current. A voltage across a known load is one;
// without a load the voltage itself stands in, and keeps its unit.
void make_primary(CaptureInfo& info, std::size_t index, double load) {
  for (Channel& c : info.channels) {
    if (c.name == "current") c.name = "other current";
  }
  Channel& c = info.channels[index];
  c.name = "current";
  if (c.unit != "V" || load <= 0) return;
  c.unit = "A";
  c.scale /= load;
  c.offset /= load;
}

void append_values(const CodeBlock& block, std::size_t channel, const Channel& c,
                   std::vector<float>& values) {
  const auto append = [&]<typename T>(T /*code*/) {
    const T* code = static_cast<const T*>(block.first_code.at(channel));
    for (std::size_t k = 0; k < block.size; ++k, code += block.stride) {
      values.push_back(static_cast<float>(c.value_of(static_cast<float>(*code))));
    }
  };
  switch (block.type) {
    case CodeType::kU8: append(std::uint8_t{}); break;
    case CodeType::kI8: append(std::int8_t{}); break;
    case CodeType::kI16: append(std::int16_t{}); break;
    case CodeType::kU16: append(std::uint16_t{}); break;
    case CodeType::kF32: append(float{}); break;
  }
}

// A block with its own memory, planar.
class KeptBlock {
 public:
  explicit KeptBlock(const CodeBlock& block) : block_(block) {
    const std::size_t bytes = size_of(block.type);
    codes_.resize(bytes * block.size * block.channels);
    std::byte* out = codes_.data();
    for (std::size_t c = 0; c < block.channels; ++c) {
      block_.first_code.at(c) = out;
      const auto* in = static_cast<const std::byte*>(block.first_code.at(c));
      if (block.stride == 1) {
        std::memcpy(out, in, block.size * bytes);
        out += block.size * bytes;
        continue;
      }
      for (std::size_t k = 0; k < block.size; ++k, out += bytes) {
        std::memcpy(out, in + k * block.stride * bytes, bytes);
      }
    }
    block_.stride = 1;
  }
  const CodeBlock& block() const { return block_; }

 private:
  CodeBlock block_;
  std::vector<std::byte> codes_;
};

// Holds the first blocks back until they tell what pulses look like; then feeds the finder.
class Measurer final : public CodeSink {
 public:
  Measurer(const MeasureOptions& options, CaptureInfo info, CodeType type, std::size_t primary)
      : options_(options), info_(std::move(info)), type_(type), primary_(primary) {
    const std::string_view dimension = info_.channels[primary_].unit == "A" ? "current" : "voltage";
    if (!options.baseline.empty()) given_.baseline = si(options.baseline, dimension, "--baseline");
    if (!options.threshold.empty()) {
      given_.threshold = positive(options.threshold, dimension, "--threshold");
    }
  }

  void take(const CodeBlock& block) override {
    if (!options_.plot.empty()) overview_.take(block, primary_, info_.channels[primary_]);
    if (finder_) {
      finder_->take(block);
      return;
    }
    head_.emplace_back(block);
    append_values(block, primary_, info_.channels[primary_], values_);
    if (values_.size() < next_look_) return;
    look();
    if (scouted_.runs >= kRunsEnough || values_.size() >= kHeadMost) begin();
    next_look_ = 2 * values_.size();
  }

  void finish() {
    if (!finder_) {
      if (values_.size() < 2) {
        throw InputError(options_.path + ": expected at least 2 samples, found " +
                         std::to_string(values_.size()));
      }
      look();
      begin();
    }
    finder_->finish();
  }

  const CaptureInfo& info() const { return info_; }
  const CaptureTotals& totals() const { return finder_->totals(); }
  const PulseStore& pulses() const { return pulses_; }
  const Scouted& scouted() const { return scouted_; }
  const PulseCriteria& criteria() const { return criteria_; }
  const Overview& overview() const { return overview_; }

 private:
  void look() {
    const double code = type_ == CodeType::kF32 ? 0 : std::fabs(info_.channels[primary_].scale);
    scouted_ = scout(values_, code, 1.0 / info_.rate.hertz(), given_);
  }

  void begin() {
    criteria_.current_zero = scouted_.baseline;
    criteria_.current_threshold = scouted_.threshold;
    criteria_.voltage_threshold = 1e300;  // pulses are looked for in one channel
    if (!options_.max_gap.empty()) {
      criteria_.max_gap = positive(options_.max_gap, "time", "--max-gap");
    } else if (scouted_.max_gap > 0) {
      criteria_.max_gap = scouted_.max_gap;
    }
    criteria_.edges =
        options_.edges == "fitted" ? EdgeEstimator::kFitted : EdgeEstimator::kInterpolated;
    finder_ = std::make_unique<PulseFinder>(
        info_, criteria_, [this](const Pulse& p) { pulses_.add(p); }, type_);
    for (const KeptBlock& kept : head_) finder_->take(kept.block());
    head_.clear();
    values_ = {};
  }

  const MeasureOptions& options_;
  CaptureInfo info_;
  CodeType type_;
  std::size_t primary_;
  std::vector<KeptBlock> head_;
  std::vector<float> values_;
  std::size_t next_look_ = kHeadFirst;
  ScoutGiven given_;
  Scouted scouted_;
  PulseCriteria criteria_;
  std::unique_ptr<PulseFinder> finder_;
  PulseStore pulses_;
  Overview overview_;
};

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

struct Poisoned {
  std::string measurement;
  std::string why;
};

// Exactly what rests on samples that are clipped, missing, or too few.
std::vector<Poisoned> poisoned(const Summary& summary, const CaptureTotals& totals) {
  std::vector<Poisoned> list;
  for (const QuantitySummary& q : summary.measured) {
    if (!q.doubt.empty()) list.push_back({std::string(q.info->name), q.doubt});
  }
  if (totals.losses == 0) return list;
  const std::string missing = missing_samples(totals);
  for (const NotMeasured& q : summary.not_measured) {
    if (q.why == missing) list.push_back({std::string(q.info->name), q.why});
  }
  return list;
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
        separator, json_string(q.info->name).c_str(), q.n, number(q.mean).c_str(),
        number(q.sd).c_str(), number(q.lowest).c_str(), number(q.highest).c_str(),
        number(q.u).c_str(), json_string(unit_of(*q.info, unit)).c_str());
    separator = ",";
  }
}

// Ends the object.
void print_integrity(const CaptureInfo& info, const CaptureTotals& totals,
                     const std::vector<Poisoned>& poisoned) {
  std::printf("\n  },\n  \"integrity\": {\"segments\": %u, \"losses\": %llu, \"clipped\": {",
              totals.segments, static_cast<unsigned long long>(totals.losses));
  const char* separator = "";
  for (std::size_t c = 0; c < info.channels.size(); ++c) {
    std::printf("%s%s: %llu", separator, json_string(info.channels[c].name).c_str(),
                static_cast<unsigned long long>(totals.clipped[c]));
    separator = ", ";
  }
  std::printf("}, ");
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

void print_json(const MeasureOptions& options, const Summary& summary, const Measurer& m) {
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
  print_integrity(m.info(), m.totals(), poisoned(summary, m.totals()));
}

void print_rows(const Summary& summary, const std::string& unit) {
  std::printf("%-26s %8s %12s %12s %12s %12s %12s\n", "quantity", "n", "mean", "U (k=2)", "sd",
              "min", "max");
  for (const QuantitySummary& q : summary.measured) {
    const std::string of = unit_of(*q.info, unit);
    std::printf("%-26s %8zu %12s %12s %12s %12s %12s\n", std::string(q.info->name).c_str(), q.n,
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
  for (const Poisoned& p : poisoned(summary, m.totals())) {
    std::printf("doubtful: %s: %s\n", p.measurement.c_str(), to_one_line(p.why).c_str());
  }
}

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// One row a whole pulse, in SI units.
void write_pulses(const std::string& path, const Measurer& m) {
  const std::unique_ptr<std::FILE, FileCloser> out(std::fopen(path.c_str(), "w"));
  if (!out) throw InputError(path + ": " + std::strerror(errno));
  const std::string unit = m.info().channels[primary_channel(m.info(), "current")].unit;
  std::fprintf(out.get(), "# one row a whole pulse; SI units; current channel in %s\nstart_s",
               unit.c_str());
  for (const QuantityInfo* info : quantities_of_a_pulse()) {
    std::fprintf(out.get(), ",%s", std::string(info->name).c_str());
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

// Feeds a sine's track, and the finder for what it sees of the capture.
class SineMeasurer final : public CodeSink {
 public:
  SineMeasurer(const CaptureInfo& info, std::size_t primary, CodeType type)
      : track_(info, primary),
        finder_(
            info, {}, [](const Pulse&) {}, type) {}
  void take(const CodeBlock& block) override {
    track_.take(block);
    finder_.take(block);
  }
  void finish() {
    track_.finish();
    finder_.finish();
  }
  const SineTrack& track() const { return track_; }
  const CaptureTotals& totals() const { return finder_.totals(); }

 private:
  SineTrack track_;
  PulseFinder finder_;  // finds nothing: no channel is called current
};

int measure_a_sine(const MeasureOptions& options, WaveformFile& file, CaptureInfo info,
                   std::size_t primary) {
  for (Channel& c : info.channels) c.name = c.name == "current" ? "the current" : c.name;
  for (Channel& c : info.channels) c.name = c.name == "voltage" ? "the voltage" : c.name;
  SineMeasurer measurer(info, primary, file.type());
  file.replay(measurer);
  measurer.finish();
  const CaptureTotals& totals = measurer.totals();
  if (totals.samples == 0) throw InputError(options.path + ": no samples");
  const Summary summary = summarise_sine(measurer.track());
  const std::string& unit = info.channels[primary].unit;
  std::vector<Poisoned> bad = poisoned(summary, totals);
  for (const NotMeasured& q : summary.not_measured) {
    bad.push_back({std::string(q.info->name), q.why});
  }
  if (options.json) {
    std::printf("{\n  \"file\": %s,\n  \"pulses\": 0,\n  \"samples\": %llu,\n",
                json_string(options.path).c_str(), static_cast<unsigned long long>(totals.samples));
    std::printf("  \"rate_hz\": %s,\n  \"unit\": %s,\n  \"window_s\": %s,\n",
                number(info.rate.hertz()).c_str(), json_string(unit).c_str(),
                number(measurer.track().window_length()).c_str());
    print_measurements(summary, unit);
    print_integrity(info, totals, bad);
    return 0;
  }
  std::printf("a sine in windows of %s, in %llu samples at %s\n\n",
              in_words(measurer.track().window_length(), "s").c_str(),
              static_cast<unsigned long long>(totals.samples),
              in_words(info.rate.hertz(), "Hz").c_str());
  print_rows(summary, unit);
  for (const Poisoned& p : bad) {
    std::printf("doubtful: %s: %s\n", p.measurement.c_str(), to_one_line(p.why).c_str());
  }
  return 0;
}

}  // namespace

int measure_command(const MeasureOptions& options) {
  check_output(options.pulses, options.path, "--pulses");
  check_output(options.plot, options.path, "--plot");
  if (options.edges != "fitted" && options.edges != "interpolated") {
    throw InputError("--edges: expected fitted or interpolated, found '" + options.edges + "'");
  }
  const double load = options.load.empty() ? 0 : positive(options.load, "resistance", "--load");
  const double area =
      options.electrode.empty() ? 0 : positive(options.electrode, "area", "--electrode");
  const std::unique_ptr<WaveformFile> file = open_waveform(file_options(options));
  CaptureInfo info = file->info();
  const std::size_t primary = primary_channel(info, options.channel);
  if (options.sine || info.channels[primary].unit == "m/s2") {
    return measure_a_sine(options, *file, std::move(info), primary);
  }
  make_primary(info, primary, load);
  Measurer measurer(options, info, file->type(), primary);
  file->replay(measurer);
  measurer.finish();
  const Observation seen{.info = &measurer.info(),
                         .totals = &measurer.totals(),
                         .pulses = &measurer.pulses(),
                         .from = info.armed_at - std::chrono::seconds(1),
                         .to = measurer.totals().end + Picos(1),
                         .event = {},
                         .quiet_current = measurer.criteria().current_threshold,
                         .electrode_area = area,
                         .load = load};
  const Summary summary = summarise(seen);
  if (!options.pulses.empty()) write_pulses(options.pulses, measurer);
  if (!options.plot.empty())
    draw_overview(options.plot, measurer.overview(), measurer.info(), primary);
  if (options.json) {
    print_json(options, summary, measurer);
  } else {
    print_table(summary, measurer);
  }
  return 0;
}

}  // namespace rig

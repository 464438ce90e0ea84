#include "rig/app/measure_command.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rig/app/measure_against.h"
#include "rig/app/measure_flags.h"
#include "rig/app/measure_text.h"
#include "rig/app/measurer.h"
#include "rig/app/overview.h"
#include "rig/core/error.h"
#include "rig/evidence/text.h"
#include "rig/evidence/waveform_file.h"
#include "rig/measure/sine_quantities.h"

namespace rig {
namespace {

// Feeds a sine's track, and the finder for what it sees of the capture.
class SineMeasurer final : public CodeSink {
 public:
  SineMeasurer(CaptureInfo info, std::size_t primary, CodeType type, bool plotted)
      : info_(std::move(info)),
        primary_(primary),
        plotted_(plotted),
        finder_(
            info_, {}, [](const Pulse&) {}, type) {}
  void take(const CodeBlock& block) override {
    if (!track_) begin(block);
    track_->take(block);
    finder_.take(block);
    if (plotted_) overview_.take(block, primary_, info_.channels[primary_]);
  }
  void finish() {
    if (track_) track_->finish();
    finder_.finish();
  }
  const SineTrack& track() const { return *track_; }  // REQUIRES: there were samples
  const CaptureTotals& totals() const { return finder_.totals(); }
  const Overview& overview() const { return overview_; }

 private:
  void begin(const CodeBlock& block) {
    Channel& channel = info_.channels[primary_];
    if (block.type == CodeType::kF32) {
      std::vector<float> values;
      append_values(block, primary_, channel, values);
      channel.resolution = resolution_of(values);
    }
    track_.emplace(info_, primary_);
  }

  CaptureInfo info_;
  std::size_t primary_;
  bool plotted_;
  Overview overview_;
  std::optional<SineTrack> track_;
  PulseFinder finder_;  // finds nothing: no channel is called current
};

int measure_a_sine(const MeasureOptions& options, WaveformFile& file, CaptureInfo info,
                   std::size_t primary) {
  if (!options.pulses.empty()) throw InputError("--pulses: a sine has none");
  for (Channel& c : info.channels) c.name = c.name == "current" ? "the current" : c.name;
  for (Channel& c : info.channels) c.name = c.name == "voltage" ? "the voltage" : c.name;
  SineMeasurer measurer(info, primary, file.type(), !options.plot.empty());
  file.replay(measurer);
  measurer.finish();
  const CaptureTotals& totals = measurer.totals();
  if (totals.samples == 0) throw InputError(options.path + ": no samples");
  const Summary summary = summarise_sine(measurer.track());
  const std::string& unit = info.channels[primary].unit;
  warn_of(options.path, file.assumed());
  if (!options.plot.empty()) draw_overview(options.plot, measurer.overview(), info, primary);
  std::vector<Poisoned> bad = poisoned(summary, totals, unit);
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
    print_integrity(info, totals, bad, file.assumed());
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
  std::optional<AgainstMeasurer> against;
  if (!options.against.empty()) {
    against.emplace(options, file->info(), file->type(), primary, load, measurer);
    file->replay(*against);
    against->finish();
  } else {
    file->replay(measurer);
    measurer.finish();
  }
  const Observation seen{.info = &measurer.info(),
                         .totals = &measurer.totals(),
                         .pulses = &measurer.pulses(),
                         .from = info.armed_at - std::chrono::seconds(1),
                         .to = measurer.totals().end + Picos(1),
                         .event = {},
                         .quiet_current = measurer.criteria().current_threshold,
                         .electrode_area = area,
                         .load = load};
  Summary summary = summarise(seen);
  if (against) against->summarise(seen, summary);
  std::vector<std::string> assumed = file->assumed();
  const double quiet = measurer.criteria().current_zero;
  if (options.baseline.empty() && std::fabs(quiet) > measurer.criteria().current_threshold) {
    assumed.push_back("the quiet level of " + in_words(quiet, info.channels[primary].unit) +
                      " is no output (--baseline 0 if it is)");
  }
  warn_of(options.path, assumed);
  if (!options.pulses.empty()) write_pulses(options.pulses, measurer);
  if (!options.plot.empty())
    draw_overview(options.plot, measurer.overview(), measurer.info(), primary);
  if (options.json) {
    print_json(options, summary, measurer, assumed);
  } else {
    print_table(summary, measurer);
  }
  return 0;
}

}  // namespace rig

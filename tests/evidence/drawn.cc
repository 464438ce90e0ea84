#include "tests/evidence/drawn.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <random>
#include <utility>

namespace rig::testing {
namespace {

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}

  std::uint64_t bits() { return random_(); }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }
  bool coin() { return (random_() & 1) != 0; }

  std::string text() {
    static const std::array<std::string, 12> pieces{"pulse",
                                                    std::string("\0", 1),
                                                    "\n\t\r",
                                                    "\x1b[31m",
                                                    "\xff\xfe",
                                                    "\xc3\xa4\xe2\x82\xac",
                                                    "\\x41",
                                                    "\\",
                                                    "\"<&>'",
                                                    "\xed\xa0\x80",
                                                    "\xf0\x9f\x98\x80",
                                                    "\x7f\xc0\xaf"};
    std::string text;
    for (std::size_t i = below(6); i > 0; --i) text += pieces[below(pieces.size())];
    return text;
  }
  double number() {
    using Limits = std::numeric_limits<double>;
    static const std::array odd{0.0,
                                -0.0,
                                Limits::quiet_NaN(),
                                Limits::infinity(),
                                -Limits::infinity(),
                                Limits::denorm_min(),
                                Limits::max(),
                                0.1,
                                1e-9,
                                12345678901234567890.0};
    if (coin()) return odd[below(odd.size())];
    return std::ldexp(static_cast<double>(random_()), static_cast<int>(below(200)) - 160);
  }
  Picos time() { return Picos(static_cast<std::int64_t>(random_())); }
  Verdict verdict() { return static_cast<Verdict>(below(6)); }
  std::optional<double> maybe() { return coin() ? std::optional(number()) : std::nullopt; }

  template <typename Make>
  auto several(const Make& make) {
    std::vector<decltype(make())> values;
    for (std::size_t i = below(4); i > 0; --i) values.push_back(make());
    return values;
  }

 private:
  std::mt19937_64 random_;
};

Finding drawn_finding(Draw& draw) {
  Finding f;
  f.quantity = draw.text(), f.capture = draw.text(), f.requirement = draw.text();
  f.expected = draw.text(), f.found = draw.text(), f.reason = draw.text();
  f.conformance = draw.maybe(), f.verdict = draw.verdict();
  if (draw.coin()) f.instant = draw.text();
  if (draw.coin()) f.event = draw.time();
  if (draw.coin()) {
    Measurement& m = f.measured.emplace();
    m.name = draw.text(), m.unit = draw.text(), m.statistic = draw.text();
    m.value = draw.number(), m.u = draw.number();
    m.lowest = draw.number(), m.highest = draw.number(), m.count = draw.bits();
    if (draw.coin()) m.at = draw.time();
  }
  if (draw.coin()) {
    Limit& limit = f.limit.emplace();
    limit.low = draw.maybe(), limit.high = draw.maybe();
    limit.unit = draw.text(), limit.text = draw.text(), limit.requirement = draw.text();
    limit.rule = static_cast<DecisionRule>(draw.below(3));
  }
  return f;
}

CaptureRef drawn_capture(Draw& draw) {
  CaptureRef c;
  c.name = draw.text(), c.file = draw.text(), c.sha256 = draw.text();
  c.samples = draw.bits(), c.lost = draw.bits();
  c.segments = static_cast<std::uint32_t>(draw.bits());
  c.segments_kept = static_cast<std::uint32_t>(draw.bits());
  c.clipped = draw.several([&] { return std::pair(draw.text(), draw.bits()); });
  if (draw.coin()) {
    ClockFit& fit = c.clock.emplace();
    fit.drift = draw.number(), fit.drift_u = draw.number(), fit.offset = draw.number();
    fit.offset_u = draw.number(), fit.residual_rms = draw.number();
    fit.residual_max = draw.number(), fit.blind = draw.number();
    fit.arrivals = draw.bits(), fit.points = draw.bits();
  }
  return c;
}

StepRecord drawn_step(Draw& draw) {
  StepRecord s;
  s.path = draw.text(), s.where = draw.text(), s.kind = draw.text(), s.text = draw.text();
  s.verdict = draw.verdict(), s.error = draw.text(), s.begun = draw.time(), s.ended = draw.time();
  s.findings = draw.several([&] { return drawn_finding(draw); });
  s.captures = draw.several([&] { return drawn_capture(draw); });
  s.dialogue = draw.several([&] {
    Exchange e;
    e.at = draw.time(), e.to_device = draw.coin(), e.bytes = draw.text(), e.meaning = draw.text();
    return e;
  });
  s.disturbances = draw.several([&] {
    AppliedDisturbance d;
    d.what = draw.text(), d.asked = draw.time(), d.achieved = draw.time();
    return d;
  });
  return s;
}

CaseRecord drawn_case(Draw& draw, std::uint32_t index) {
  CaseRecord c;
  c.index = index;
  c.id = draw.text(), c.scenario = draw.text(), c.file = draw.text();
  c.verifies = draw.several([&] { return draw.text(); });
  c.tags = draw.several([&] { return draw.text(); });
  c.parameters = draw.several([&] { return std::pair(draw.text(), draw.text()); });
  c.seed = draw.bits(), c.attempt = static_cast<int>(draw.below(3)) + 1;
  c.verdict = draw.verdict(), c.reason = draw.text(), c.bench_time = draw.time();
  c.wall_seconds = draw.number(), c.complete = draw.coin();
  if (draw.coin()) c.quarantine = draw.text();
  c.steps = draw.several([&] { return drawn_step(draw); });
  return c;
}

}  // namespace

RunRecord drawn_run(std::uint64_t seed) {
  Draw draw(seed);
  RunRecord run;
  run.id = draw.text(), run.tool = draw.text(), run.bench = draw.text();
  run.bench_file = draw.text(), run.bench_sha256 = draw.text(), run.device = draw.text();
  run.firmware = draw.text(), run.firmware_sha256 = draw.text();
  run.spec_file = draw.text(), run.spec_sha256 = draw.text();
  run.instruments = draw.several([&] { return std::pair(draw.text(), draw.text()); });
  run.seed = draw.bits(), run.started_utc = draw.text(), run.wall_seconds = draw.number();
  run.requirements = draw.several([&] {
    RequirementRef r;
    r.id = draw.text(), r.title = draw.text(), r.text = draw.text();
    r.source = draw.text(), r.sure = draw.text();
    return r;
  });
  run.planned = draw.several([&] { return draw.text(); });
  std::uint32_t index = 0;
  run.cases = draw.several([&] { return drawn_case(draw, index++); });
  if (draw.coin()) run.ended_by = draw.text();
  run.finished = draw.coin(), run.verdict = draw.verdict(), run.content_sha256 = draw.text();
  return run;
}

CaseRecord passed_case(std::uint32_t index, const std::string& id) {
  CaseRecord record;
  record.index = index;
  record.id = id;
  record.file = "scenarios/safety/lead_off.yaml";
  record.verifies = {"SRS-041"};
  record.verdict = Verdict::kPass;
  record.bench_time = Picos(2'000'000'000'000);
  record.wall_seconds = 0.25;
  record.complete = true;
  StepRecord& step = record.steps.emplace_back();
  step.path = "1";
  step.where = "lead_off.yaml:12:5";
  step.verdict = Verdict::kPass;
  Finding& finding = step.findings.emplace_back();
  finding.quantity = "output.off_latency";
  finding.expected = "<= 100 ms";
  finding.found = "42 ms";
  finding.verdict = Verdict::kPass;
  return record;
}

CaseRecord case_with(std::uint32_t index, Verdict verdict, const std::string& reason) {
  CaseRecord record = passed_case(index, "case " + std::to_string(index));
  record.verdict = verdict;
  record.reason = reason;
  record.steps.front().verdict = verdict;
  record.steps.front().findings.front().verdict = verdict;
  record.steps.front().findings.front().reason = reason;
  return record;
}

RunRecord run_of(std::vector<CaseRecord> cases) {
  RunRecord run;
  run.id = "20261123T071500Z-3f2a";
  run.tool = "soleus-rig 0.1.0";
  run.bench = "simulated";
  run.started_utc = "2026-11-23T07:15:00Z";
  run.finished = true;
  for (const CaseRecord& record : cases) run.planned.push_back(record.id);
  run.cases = std::move(cases);
  return run;
}

CaptureInfo two_channels() {
  CaptureInfo info;
  info.name = "trip";
  info.rate = {.samples = 5'000'000, .seconds = 1};
  info.rate_u = 2.5e-5;
  info.armed_at = Picos(1'500'000'000'000);
  info.alignment_u = 1e-7;
  info.integrity_proven = true;
  Channel voltage;  // stored by HDF5 behind "current", whatever the order here
  voltage.name = "voltage";
  voltage.unit = "V";
  voltage.scale = 0.125;
  voltage.offset = -0.25;
  voltage.bandwidth_hz = 2e7;
  voltage.gain_u = 0.002;
  voltage.offset_u = 0.01;
  Channel current;
  current.name = "current";
  current.unit = "A";
  current.scale = 0x1p-13;
  info.channels = {voltage, current};
  return info;
}

std::vector<std::int16_t> drawn_codes(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::int16_t> codes(count);
  for (std::size_t i = 0; i < count; ++i) {
    const int pulse = i % 1000 < 100 ? 1500 : 0;
    codes[i] = static_cast<std::int16_t>(pulse + static_cast<int>(random() % 21) - 10);
  }
  return codes;
}

Block block_of(std::uint64_t first_sample, const std::vector<std::vector<std::int16_t>>& codes,
               std::uint32_t segment, bool lost_before) {
  Block block;
  block.first_sample = first_sample;
  block.segment = segment;
  block.lost_before = lost_before;
  for (const auto& channel : codes) block.codes.emplace_back(channel);
  return block;
}

Outcome run_command(const std::string& command) {
  Outcome outcome;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return {.exit_code = -1, .text = "popen failed"};
  std::array<char, 4096> piece{};
  while (const std::size_t got = std::fread(piece.data(), 1, piece.size(), pipe)) {
    outcome.text.append(piece.data(), got);
  }
  const int status = ::pclose(pipe);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

InFolder::InFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "evidence-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  folder_ = name;
}

InFolder::~InFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace rig::testing

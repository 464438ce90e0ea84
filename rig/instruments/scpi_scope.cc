#include "rig/instruments/scpi_scope.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <optional>
#include <utility>

#include "rig/bench/alive.h"
#include "rig/core/error.h"
#include "rig/instruments/scope_dialect.h"
#include "rig/instruments/scpi_block.h"

namespace rig {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kQuery(2000);
constexpr milliseconds kDownload(20000);  // one page
constexpr Picos kArming = std::chrono::seconds(2);
constexpr Picos kOverdue = std::chrono::seconds(5);  // after the record must be complete
constexpr Picos kRetry = milliseconds(100);
constexpr Picos kLook = milliseconds(500);     // how often a record being taken is looked at
constexpr Picos kVisible = milliseconds(300);  // a record as long as this is seen being taken
constexpr int kMostRetries = 5;
constexpr std::size_t kSlice = 16384;  // samples
constexpr double kSame = 1e-4;         // relative: readbacks have six digits

bool same(double a, double b) {
  return std::fabs(a - b) <= kSame * std::max(std::fabs(a), std::fabs(b));
}

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.10g", value);
  return text.data();
}

std::string filled(std::string_view command, int channel, const std::string& value) {
  std::string text;
  for (const char c : command) {
    if (c == '%') {
      text += std::to_string(channel);
    } else if (c == '$') {
      text += value;
    } else {
      text += c;
    }
  }
  return text;
}

// The next of 1, 2, 5, 10 ... at or above.
double step_above(double value) {
  const double decade = std::pow(10.0, std::floor(std::log10(value) + 1e-9));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (step * decade >= value * (1 - 1e-9)) return step * decade;
  }
  return 10 * decade;
}

struct Plan {
  std::uint64_t depth = 0;
  double time_scale = 0;  // s per division
  double rate = 0;
};

class ScpiScope final : public Digitizer {
 public:
  ScpiScope(std::unique_ptr<ScpiLink> link, Clock& clock, ScopeSettings settings)
      : link_(std::move(link)), clock_(clock), settings_(std::move(settings)) {
    const std::string identity = ask_text(*link_, "*IDN?", within(kQuery));
    const ScopeDialect* dialect = dialect_of(identity);
    if (dialect == nullptr) {
      throw RigError(link_->where() + "'" + identity + "' is no oscilloscope that this rig knows");
    }
    dialect_ = *dialect;
  }

  CaptureInfo arm(const CaptureSetup& setup) override {
    choose_channels(setup);
    const Plan plan = plan_for(setup);
    write(dialect_.stop);
    await(dialect_.stopped, kArming, "stop");
    set_up(setup, plan);
    info_ = read_back(setup, plan);
    wanted_ = samples_in(setup.length);
    write(dialect_.single);
    await(dialect_.armed, kArming, "arm");
    force();
    return info_;
  }

  bool collect(Picos until, BlockSink& sink) override {
    const Picos end = info_.armed_at + record_;
    watch(std::min(until, forced_ + record_));
    if (until < end) {
      clock_.wait_until(until);
      return true;
    }
    clock_.wait_until(end);
    await(dialect_.stopped, kOverdue, "complete the record");
    download(sink);
    return false;
  }

  std::optional<ClockFit> clock_fit() const override { return {}; }  // a record comes at once

 private:
  [[noreturn]] void fail(const std::string& what) const { throw RigError(link_->where() + what); }

  void write(std::string_view command, int channel = 0, const std::string& value = "") {
    link_->write(filled(command, channel, value), within(kQuery));
  }
  double ask_number(std::string_view query) {
    const std::string text = ask_text(*link_, query, within(kQuery));
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
      fail(std::string(query) + ": expected a number, found '" + text + "'");
    }
    return value;
  }

  // Sets, reads back and returns what the scope made of it.
  double set(std::string_view command, int channel, double value) {
    write(command, channel, number(value));
    const std::string query = filled(command.substr(0, command.find(' ')), channel, "") + "?";
    return ask_number(query);
  }
  void set_exactly(std::string_view command, int channel, double value) {
    const double found = set(command, channel, value);
    if (!same(found, value)) {
      fail(filled(command, channel, number(value)) + ": the scope made " + number(found) +
           " of it");
    }
  }

  std::string state() { return ask_text(*link_, dialect_.status, within(kQuery)); }

  void await(std::string_view wanted, Picos time, const char* what) {
    const Picos deadline = clock_.now() + time;
    std::string found = state();
    while (found != wanted) {
      if (clock_.now() >= deadline) {
        fail(std::string("it did not ") + what + ": expected the state " + std::string(wanted) +
             ", found " + found);
      }
      clock_.wait_until(clock_.now() + link_->poll_interval());
      found = state();
    }
  }

  void choose_channels(const CaptureSetup& setup) {
    chosen_.clear();
    for (const std::string& name : setup.channels) {
      const auto found = std::ranges::find(settings_.channels, name, &ScopeChannel::name);
      if (found == settings_.channels.end()) {
        throw Blocked("the digitizer has no channel '" + name + "'");
      }
      chosen_.push_back(*found);
    }
  }

  // The slowest rate at or above the one asked for, with the shallowest memory that lasts: long
  // enough to be seen being taken, when there is memory for that.
  Plan plan_for(const CaptureSetup& setup) const {
    if (const auto visible = plan_for(setup, std::max(setup.length, kVisible))) return *visible;
    if (const auto plan = plan_for(setup, setup.length)) return *plan;
    throw Blocked("the " + std::string(dialect_.name) + " cannot record " +
                  number(to_seconds(setup.length)) + " s of " + std::to_string(chosen_.size()) +
                  " channels at " + number(setup.rate.hertz()) + " Hz");
  }
  std::optional<Plan> plan_for(const CaptureSetup& setup, Picos length) const {
    const std::uint64_t shared = chosen_.size() == 1 ? 1 : chosen_.size() == 2 ? 2 : 4;
    std::optional<Plan> best;
    for (const std::uint64_t all : dialect_.depths) {
      const std::uint64_t depth = all / shared;
      for (double scale = 5e-9; scale < 60; scale = step_above(scale * 1.01)) {
        const double rate = static_cast<double>(depth) / (scale * dialect_.time_divisions);
        if (rate < setup.rate.hertz() * (1 - 1e-9)) continue;
        if (rate > dialect_.most_rate / static_cast<double>(shared) * (1 + 1e-9)) continue;
        if (scale * dialect_.time_divisions < to_seconds(length)) continue;
        if (!best || rate < best->rate * (1 - 1e-9))
          best = {.depth = depth, .time_scale = scale, .rate = rate};
      }
    }
    return best;
  }

  double scale_for(const CaptureSetup& setup, const ScopeChannel& channel) const {
    const double widest = dialect_.widest_scale * channel.probe;
    const auto asked = setup.ranges.find(channel.name);
    if (asked == setup.ranges.end()) return widest;
    const double volts = asked->second / std::fabs(channel.units_per_volt);
    const double scale = step_above(std::max(volts / 4, dialect_.least_scale * channel.probe));
    if (scale <= widest * (1 + 1e-9)) return scale;
    throw Blocked("channel '" + channel.name + "' reaches " +
                  number(widest * 4 * std::fabs(channel.units_per_volt)) + " " + channel.unit +
                  ", the capture needs " + number(asked->second));
  }

  void set_up(const CaptureSetup& setup, const Plan& plan) {
    for (const std::string_view command : dialect_.prepare) write(command);
    for (int input = 1; input <= dialect_.channels; ++input) {
      const bool on = std::ranges::count(chosen_, input, &ScopeChannel::input) > 0;
      set_exactly(dialect_.display, input, on ? 1 : 0);
    }
    for (const ScopeChannel& c : chosen_) {
      write(dialect_.coupling, c.input, "DC");
      set_exactly(dialect_.probe, c.input, c.probe);
      set_exactly(dialect_.scale, c.input, scale_for(setup, c));
      set_exactly(dialect_.offset, c.input, 0);
    }
    set_exactly(dialect_.time_scale, 0, plan.time_scale);
    write(dialect_.depth, 0, std::to_string(plan.depth));
    // The trigger at the left edge: the record begins when it is forced.
    set_exactly(dialect_.time_offset, 0, plan.time_scale * dialect_.time_divisions / 2);
  }

  CaptureInfo read_back(const CaptureSetup& setup, const Plan& plan) {
    const double rate = ask_number(dialect_.sample_rate_query);
    const std::string depth_query =
        std::string(dialect_.depth.substr(0, dialect_.depth.find(' '))) + "?";
    depth_ = static_cast<std::uint64_t>(std::max(0.0, ask_number(depth_query)));
    if (!same(rate, plan.rate) || depth_ != plan.depth) {
      fail("expected " + std::to_string(plan.depth) + " points at " + number(plan.rate) +
           " Hz, the scope set up " + std::to_string(depth_) + " points at " + number(rate) +
           " Hz");
    }
    record_ = from_seconds(static_cast<double>(depth_) / rate);
    CaptureInfo info{.name = setup.name,
                     .rate = {.samples = static_cast<std::uint64_t>(std::llround(rate))},
                     .rate_u = dialect_.rate_u};
    expected_.clear();
    for (const ScopeChannel& c : chosen_) {
      const double scale = ask_number(filled(":CHAN%:SCAL?", c.input, ""));
      Preamble p{.x_increment = 1 / rate, .y_increment = scale / dialect_.codes_per_division};
      p.y_reference = dialect_.reference;
      expected_.push_back(p);
      info.channels.push_back({.name = c.name,
                               .unit = c.unit,
                               .bits = 8,
                               .scale = p.y_increment * c.units_per_volt,
                               .offset = p.volts(0) * c.units_per_volt,
                               .clip_low = 0,
                               .clip_high = 255,
                               .bandwidth_hz = c.bandwidth_hz,
                               .gain_u = c.gain_u,
                               .offset_u = c.offset_u});
    }
    return info;
  }

  std::uint64_t samples_in(Picos length) const {
    const double exact = to_seconds(length) * info_.rate.hertz();
    return std::min(depth_, static_cast<std::uint64_t>(std::ceil(exact - 1e-6)));
  }

  // The trigger came between the two instants, or so much later as the scope may take.
  void force() {
    const Picos before = clock_.now();
    write(dialect_.force);
    const Picos after = clock_.now() + dialect_.force_latency;
    forced_ = before;
    info_.armed_at = before + (after - before) / 2;
    info_.alignment_u = to_seconds(after - before) / std::sqrt(12.0);
    // Whoever was not seen running between armed and stopped may show an older record.
    info_.integrity_proven = require_running();
  }

  // A record that ends before its time was ended by somebody.
  void watch(Picos until) {
    while (clock_.now() < until) {
      clock_.wait_until(std::min(until, looked_ + kLook));
      if (clock_.now() >= looked_ + kLook) require_running();
    }
  }

  // True when the acquisition is seen being taken; false when it may be over by now.
  bool require_running() {
    const std::string found = state();
    looked_ = clock_.now();
    if (found == dialect_.armed) fail("it did not take the forced trigger: it still waits");
    if (found != dialect_.stopped) return true;
    if (clock_.now() < forced_ + record_ - record_ / 1000) {  // its clock may be fast
      fail("the record of " + number(to_seconds(record_)) +
           " s is complete before its time: it is an older one");
    }
    return false;
  }

  // What the scope says about the record, once it says something sensible: just after a trigger
  // some answer zeros.
  Preamble preamble(const ScopeChannel& channel) {
    for (const std::string_view command : dialect_.select) write(command, channel.input);
    for (int attempt = 0;; ++attempt) {
      try {
        return read_preamble(ask_text(*link_, dialect_.preamble_query, within(kQuery)));
      } catch (const RigError& error) {
        if (attempt == kMostRetries)
          fail(std::string(dialect_.preamble_query) + ": " + error.what());
      }
      clock_.wait_until(clock_.now() + kRetry);
    }
  }

  void check_preamble(std::size_t k) {
    const Preamble found = preamble(chosen_[k]);
    const Preamble& expected = expected_[k];
    const auto demand = [&](bool good, const char* what, double was, double is) {
      if (good) return;
      fail("channel '" + chosen_[k].name + "': the record is of another acquisition: " + what +
           " was " + number(was) + ", is " + number(is));
    };
    demand(same(found.x_increment, expected.x_increment), "the sample interval",
           expected.x_increment, found.x_increment);
    demand(same(found.y_increment, expected.y_increment), "the volts per code",
           expected.y_increment, found.y_increment);
    demand(found.y_origin == expected.y_origin, "the vertical position", expected.y_origin,
           found.y_origin);
    demand(found.y_reference == expected.y_reference, "the reference code", expected.y_reference,
           found.y_reference);
    demand(found.points == depth_, "the number of points", static_cast<double>(depth_),
           static_cast<double>(found.points));
    demand(std::fabs(found.x_origin) <= 2 * expected.x_increment, "the trigger's place", 0,
           found.x_origin);
  }

  // One page of one channel. An empty block just after the trigger is asked for again.
  std::vector<std::int16_t> page(std::size_t k, std::uint64_t first, std::uint64_t count) {
    for (const std::string_view command : dialect_.select) write(command, chosen_[k].input);
    write(dialect_.first, 0, std::to_string(first + 1));
    write(dialect_.last, 0, std::to_string(first + count));
    for (int attempt = 0;; ++attempt) {
      const auto bytes = link_->ask(dialect_.data_query, within(kDownload));
      ScpiBlock block;
      const bool is_block = read_block_start(bytes, block) == BlockStart::kBlock;
      if (is_block && block.length == count && bytes.size() == block.total()) {
        return {bytes.begin() + static_cast<std::ptrdiff_t>(block.header), bytes.end()};
      }
      if (!is_block || block.length != 0 || attempt == kMostRetries) {
        fail(std::string(dialect_.data_query) + ": expected a block of " + std::to_string(count) +
             " points, found " + (is_block ? std::to_string(block.length) : "none"));
      }
      clock_.wait_until(clock_.now() + kRetry);
    }
  }

  // In slices, with signs of life: a slow computer takes its time over a page.
  static void hand_over(std::uint64_t first, const std::vector<std::vector<std::int16_t>>& codes,
                        BlockSink& sink) {
    for (std::size_t at = 0; at < codes.front().size(); at += kSlice) {
      alive();
      const std::size_t count = std::min(kSlice, codes.front().size() - at);
      Block block{.first_sample = first + at};
      for (const auto& channel : codes) {
        block.codes.push_back(std::span(channel).subspan(at, count));
      }
      sink.take(block);
    }
  }

  void download(BlockSink& sink) {
    for (std::size_t k = 0; k < chosen_.size(); ++k) check_preamble(k);
    std::vector<std::vector<std::int16_t>> codes(chosen_.size());
    for (std::uint64_t first = 0; first < wanted_; first += dialect_.page) {
      const std::uint64_t count = std::min(dialect_.page, wanted_ - first);
      for (std::size_t k = 0; k < chosen_.size(); ++k) codes[k] = page(k, first, count);
      hand_over(first, codes, sink);
    }
    // Whoever touched the scope meanwhile started it, or changed what the pages were cut from.
    if (state() != dialect_.stopped) fail("it was started again during the download");
    for (std::size_t k = 0; k < chosen_.size(); ++k) check_preamble(k);
  }

  std::unique_ptr<ScpiLink> link_;
  Clock& clock_;
  ScopeSettings settings_;
  ScopeDialect dialect_;

  std::vector<ScopeChannel> chosen_;
  std::vector<Preamble> expected_;  // of each chosen channel
  CaptureInfo info_;
  std::uint64_t depth_ = 0;   // points
  std::uint64_t wanted_ = 0;  // of them
  Picos record_{};
  Picos forced_{};
  Picos looked_{};  // when the state was last asked for
};

}  // namespace

Channel widest_range_of(const ScopeChannel& channel) {
  const ScopeDialect& any = scope_dialects().front();
  return {.name = channel.name,
          .unit = channel.unit,
          .bits = 8,
          .scale = channel.range > 0 ? channel.range / 100
                                     : any.widest_scale / any.codes_per_division * channel.probe *
                                           std::fabs(channel.units_per_volt),
          .clip_low = -128,
          .clip_high = 127,
          .bandwidth_hz = channel.bandwidth_hz,
          .gain_u = channel.gain_u,
          .offset_u = channel.offset_u};
}

std::unique_ptr<Digitizer> make_scope(std::unique_ptr<ScpiLink> link, Clock& clock,
                                      ScopeSettings settings) {
  return std::make_unique<ScpiScope>(std::move(link), clock, std::move(settings));
}

}  // namespace rig

#include "rig/instruments/scpi_scope.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "rig/bench/alive.h"
#include "rig/core/error.h"
#include "rig/instruments/scope_download.h"
#include "rig/instruments/scope_plan.h"

namespace rig {
namespace {

using std::chrono::milliseconds;

constexpr Picos kArming = std::chrono::seconds(2);
constexpr Picos kOverdue = std::chrono::seconds(5);  // after the record must be complete
constexpr Picos kLook = milliseconds(500);           // how often a record being taken is looked at
constexpr double kTrialScale = 1e-3;                 // s per division
constexpr std::size_t kSlice = 16384;                // samples

class ScpiScope final : public Digitizer {
 public:
  ScpiScope(std::unique_ptr<ScpiLink> link, Clock& clock, ScopeSettings settings)
      : talk_(std::move(link), clock, settings.pace),
        clock_(clock),
        dialect_(talk_.dialect()),
        settings_(std::move(settings)) {}

  CaptureInfo arm(const CaptureSetup& setup) override {
    choose_channels(setup);
    const std::vector<ScopePlan> plans = scope_plans(dialect_, setup);
    talk_.forget_errors();
    for (const std::string_view command : dialect_.plain) talk_.command(command);
    talk_.write(dialect_.stop);
    talk_.await(ScopeState::kStopped, kArming, "stop");
    talk_.forget_errors();  // some complain of a stop that comes before their trigger
    set_up_channels(setup);
    expect_codes();
    set_up_time(setup, plans);
    talk_.require_no_complaint("the set-up");
    info_ = info_of(setup);
    complete_ = false;
    length_ = setup.length;
    wanted_ = samples_in(length_);
    start();
    return info_;
  }

  bool collect(Picos until, BlockSink& sink) override {
    const Picos end = info_.armed_at + behind_trigger();
    if (complete_) return false;
    // The scope takes its whole record, also what lies behind the capture.
    const bool all = until >= end || until > info_.armed_at + length_;
    watch(std::min(all ? end : until, forced_ + behind_trigger()));
    if (!all) {
      talk_.wait_until(until);
      return true;
    }
    talk_.wait_until(end);
    talk_.await(ScopeState::kStopped, kOverdue, "complete the record");
    if (!dialect_.new_record.empty() && !talk_.has_new_record()) {
      talk_.fail(std::string(dialect_.new_record) +
                 ": it tells of no new record: the one it shows is an older one");
    }
    talk_.wait_until(clock_.now() +
                     from_seconds(dialect_.settle_per_point * static_cast<double>(depth_)));
    download(sink);
    complete_ = true;
    return false;
  }

  std::optional<ClockFit> clock_fit() const override { return {}; }  // a record comes at once

 private:
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

  void set_up_channels(const CaptureSetup& setup) {
    for (const std::string_view command : dialect_.prepare) talk_.command(command);
    for (int input = 1; input <= dialect_.channels; ++input) {
      const bool on = std::ranges::count(chosen_, input, &ScopeChannel::input) > 0;
      talk_.set_word(dialect_.display, input, on ? dialect_.on : dialect_.off);
    }
    scales_.clear();
    for (const ScopeChannel& c : chosen_) {
      talk_.set_word(dialect_.coupling, c.input, dialect_.dc);
      talk_.set_number(dialect_.probe, c.input, dialect_.probe_is_gain ? 1 / c.probe : c.probe);
      scales_.push_back(scope_scale(dialect_, setup, c));
      talk_.set_number(dialect_.scale, c.input, scales_.back());
      talk_.set_number(dialect_.offset, c.input, 0);
    }
  }

  // What the codes of each channel will mean. Where settings alone do not tell, a trial record
  // does, once for each scale.
  void expect_codes() {
    expected_.clear();
    if (dialect_.codes_per_division > 0) {
      for (const double scale : scales_) {
        const double step = scale / dialect_.codes_per_division;
        expected_.push_back(
            {.volts_per_code = step, .volts_at_code_0 = -dialect_.reference * step});
      }
      return;
    }
    const auto key = [&](std::size_t k) { return std::pair(chosen_[k].input, scales_[k]); };
    bool known = true;
    for (std::size_t k = 0; k < chosen_.size(); ++k) known = known && learnt_.count(key(k)) > 0;
    if (!known) take_trial_record();
    for (std::size_t k = 0; k < chosen_.size(); ++k) {
      if (!known) learnt_[key(k)] = ask_facts(talk_, chosen_[k].input);
      expected_.push_back(learnt_[key(k)]);
      check_height(k);
    }
  }

  void take_trial_record() {
    place_trigger(kTrialScale, 0);
    talk_.forget_events();
    talk_.write(dialect_.single);
    talk_.await(ScopeState::kArmed, kArming, "arm");
    talk_.write(dialect_.force);
    talk_.await(ScopeState::kStopped, kOverdue, "complete a trial record");
  }

  // The codes reach over the screen's 8 divisions, and not much further.
  void check_height(std::size_t k) const {
    const double all = dialect_.clip_high - dialect_.clip_low + 1;
    const double divisions = expected_[k].volts_per_code * all / scales_[k];
    if (divisions >= 7.5 && divisions <= 16) return;
    talk_.fail("channel '" + chosen_[k].name + "': expected codes over 8 to 16 divisions, found " +
               scope_number(divisions));
  }

  // So many divisions from the left edge.
  void place_trigger(double time_scale, double divisions) {
    talk_.set_number(dialect_.time_scale, 0, time_scale);
    offset_ = dialect_.time_offset_is_share
                  ? 100 * divisions / dialect_.time_divisions
                  : (dialect_.time_offset_divisions - divisions) * time_scale;
    talk_.set_number(dialect_.time_offset, 0, offset_);
    mark_ = divisions * time_scale;
  }

  // Near the left edge, each time at another place: the record before is known by its own. Where
  // the record has no room for that, at the edge.
  void mark_record(const ScopePlan& plan, Picos length) {
    constexpr int kPlaces = 5;
    constexpr double kApart = 0.1;  // divisions
    place_ = (place_ + 1) % kPlaces;
    const double room = to_seconds(record_) - to_seconds(length);
    const bool fits = room >= kPlaces * kApart * plan.time_scale;
    place_trigger(plan.time_scale, fits ? place_ * kApart : 0);
    skipped_ = static_cast<std::uint64_t>(std::llround(mark_ * rate_));
  }

  void set_up_time(const CaptureSetup& setup, const std::vector<ScopePlan>& plans) {
    talk_.require_no_complaint("the set-up of the channels");
    double rate = 0;
    std::string complaints;
    for (const ScopePlan& plan : plans) {
      talk_.set_number(dialect_.time_scale, 0, plan.time_scale);
      if (!dialect_.depth.empty()) {
        talk_.write(dialect_.depth, 0, scope_depth(dialect_, plan.depth));
        complaints = talk_.complaints();
      }
      rate = talk_.ask_number(dialect_.sample_rate_query);
      const double depth = talk_.ask_number(dialect_.depth_query, chosen_.front().input);
      if (!(rate >= 1 && rate < 1e13 && depth >= 1 && depth < 1e12)) {
        talk_.fail("expected points and a rate, the scope set up " + scope_number(depth) +
                   " points at " + scope_number(rate) + " Hz");
      }
      depth_ = static_cast<std::uint64_t>(depth);
      const bool fits = rate >= setup.rate.hertz() * (1 - 1e-6) &&
                        depth / rate >= to_seconds(setup.length) * (1 - 1e-6);
      const bool planned = scope_same(rate, plan.rate) && depth_ == plan.depth;
      if (complaints.empty() && (dialect_.exact ? planned : fits)) {
        rate_ = rate;
        record_ = from_seconds(static_cast<double>(depth_) / rate);
        mark_record(plan, setup.length);
        return;
      }
      if (dialect_.exact) break;
    }
    const ScopePlan& first = plans.front();
    talk_.fail("expected " + std::to_string(first.depth) + " points at " +
               scope_number(first.rate) + " Hz, the scope set up " + std::to_string(depth_) +
               " points at " + scope_number(rate) + " Hz" + complaints);
  }

  CaptureInfo info_of(const CaptureSetup& setup) {
    CaptureInfo info{.name = setup.name,
                     .rate = {.samples = static_cast<std::uint64_t>(std::llround(rate_))},
                     .rate_u = dialect_.rate_u};
    const std::int32_t bias = code_bias(dialect_.codes);
    for (std::size_t k = 0; k < chosen_.size(); ++k) {
      const ScopeChannel& c = chosen_[k];
      RecordFacts& e = expected_[k];
      e.interval = 1 / rate_;
      e.points = depth_;
      info.channels.push_back({.name = c.name,
                               .unit = c.unit,
                               .bits = 8 * dialect_.width(),
                               .scale = e.volts_per_code * c.units_per_volt,
                               .offset = e.volts(bias) * c.units_per_volt,
                               .clip_low = dialect_.clip_low - bias,
                               .clip_high = dialect_.clip_high - bias,
                               .bandwidth_hz = c.bandwidth_hz,
                               .gain_u = c.gain_u,
                               .offset_u = c.offset_u});
    }
    return info;
  }

  std::uint64_t samples_in(Picos length) const {
    const double exact = to_seconds(length) * info_.rate.hertz();
    return std::min(depth_ - skipped_, static_cast<std::uint64_t>(std::ceil(exact - 1e-6)));
  }

  void start() {
    stamp_before_ = ask_stamp(talk_, chosen_.front().input);
    talk_.forget_events();
    talk_.write(dialect_.single);
    talk_.await(ScopeState::kArmed, kArming, "arm");
    talk_.wait_until(clock_.now() + from_seconds(mark_));  // what lies before the trigger is full
    talk_.pace();
    force();
    // Whoever was not seen running between armed and stopped may show an older record, unless a
    // register says that it is new.
    info_.integrity_proven = require_running() || talk_.has_new_record();
  }

  // How long it records from the trigger on.
  Picos behind_trigger() const { return record_ - from_seconds(mark_); }

  // The trigger came between the two instants, or so much later as the scope may take.
  void force() {
    const Undisturbed start;
    const Picos before = clock_.now();
    talk_.write(dialect_.force);
    const Picos after = clock_.now() + dialect_.force_latency;
    forced_ = before;
    taken_by_ = after;
    info_.armed_at = before + (after - before) / 2;
    info_.alignment_u = to_seconds(after - before) / std::sqrt(12.0);
  }

  // A record that ends before its time was ended by somebody.
  void watch(Picos until) {
    while (clock_.now() < until) {
      talk_.wait_until(std::min(until, looked_ + kLook));
      if (clock_.now() >= looked_ + kLook) require_running();
    }
  }

  // True when the acquisition is seen being taken; false when it may be over by now.
  bool require_running() {
    ScopeState found = talk_.state();
    if (found == ScopeState::kArmed && clock_.now() < taken_by_) {
      talk_.wait_until(taken_by_);
      found = talk_.state();
    }
    looked_ = clock_.now();
    if (found == ScopeState::kArmed && dialect_.tells_trigger) {
      talk_.fail("it did not take the forced trigger: it still waits");
    }
    if (found != ScopeState::kStopped) return true;
    if (clock_.now() < forced_ + behind_trigger() - record_ / 1000) {  // its clock may be fast
      talk_.fail("the record of " + scope_number(to_seconds(record_)) +
                 " s is complete before its time: it is an older one");
    }
    return false;
  }

  RecordFacts check_record(std::size_t k) {
    const RecordFacts found = ask_facts(talk_, chosen_[k].input);
    const RecordFacts& expected = expected_[k];
    const auto demand = [&](bool good, const char* what, double was, double is) {
      if (good) return;
      talk_.fail("channel '" + chosen_[k].name + "': the record is of another acquisition: " +
                 what + " was " + scope_number(was) + ", is " + scope_number(is));
    };
    if (stamp_before_ != 0 && found.stamp == stamp_before_) {
      talk_.fail("channel '" + chosen_[k].name + "': it bears the time of the record before");
    }
    demand(scope_same(found.interval, expected.interval), "the sample interval", expected.interval,
           found.interval);
    demand(scope_same(found.volts_per_code, expected.volts_per_code), "the volts per code",
           expected.volts_per_code, found.volts_per_code);
    demand(std::fabs(found.volts_at_code_0 - expected.volts_at_code_0) <=
               0.05 * expected.volts_per_code + 1e-4 * std::fabs(expected.volts_at_code_0),
           "the volts of code 0", expected.volts_at_code_0, found.volts_at_code_0);
    demand(found.points == depth_ || found.points == 0, "the number of points",
           static_cast<double>(depth_), static_cast<double>(found.points));
    const double place = dialect_.first_is_delay ? offset_ : -mark_;
    const double is = dialect_.first_is_delay ? std::fabs(found.first) : found.first;
    demand(std::fabs(is - place) <= 2 * expected.interval + 1e-6 * std::fabs(place),
           "the trigger's place", place, is);
    return found;
  }

  // In slices, with signs of life: a slow computer takes its time over a page.
  static void hand_over(std::uint64_t first, const std::vector<std::vector<std::int16_t>>& codes,
                        BlockSink& sink) {
    for (std::size_t at = 0; at < codes.front().size(); at += kSlice) {
      alive();
      still_wanted();
      const std::size_t count = std::min(kSlice, codes.front().size() - at);
      Block block{.first_sample = first + at};
      for (const auto& channel : codes) {
        block.codes.push_back(std::span(channel).subspan(at, count));
      }
      sink.take(block);
    }
  }

  void download(BlockSink& sink) {
    RecordFacts facts;
    for (std::size_t k = 0; k < chosen_.size(); ++k) facts = check_record(k);
    const std::uint64_t page = ask_page(talk_, facts, wanted_);
    std::vector<std::vector<std::int16_t>> codes(chosen_.size());
    for (std::uint64_t first = 0; first < wanted_; first += page) {
      const std::uint64_t count = std::min(page, wanted_ - first);
      for (std::size_t k = 0; k < chosen_.size(); ++k) {
        still_wanted();
        codes[k] = ask_codes(talk_, chosen_[k].input, skipped_ + first, count, depth_);
      }
      hand_over(first, codes, sink);
    }
    // Whoever touched the scope meanwhile started it, or changed what the pages were cut from.
    if (talk_.state() != ScopeState::kStopped) {
      talk_.fail("it was started again during the download");
    }
    for (std::size_t k = 0; k < chosen_.size(); ++k) check_record(k);
    talk_.require_no_complaint("the download");
  }

  ScopeTalk talk_;
  Clock& clock_;
  const ScopeDialect& dialect_;
  ScopeSettings settings_;

  std::vector<ScopeChannel> chosen_;
  std::vector<double> scales_;                            // V per division of each chosen channel
  std::vector<RecordFacts> expected_;                     // of each chosen channel
  std::map<std::pair<int, double>, RecordFacts> learnt_;  // by input and scale
  CaptureInfo info_;
  std::uint64_t stamp_before_ = 0;  // of the record that was shown before arming
  double rate_ = 0;                 // Hz
  double offset_ = 0;               // of the trigger, as the dialect writes it
  double mark_ = 0;                 // s from the record's begin to the trigger
  int place_ = 0;                   // of the mark
  std::uint64_t skipped_ = 0;       // points before the trigger
  std::uint64_t depth_ = 0;         // points
  Picos length_{};                  // of the capture; a record may be longer
  std::uint64_t wanted_ = 0;        // samples in it
  bool complete_ = false;           // and handed over
  Picos record_{};
  Picos forced_{};
  Picos taken_by_{};  // the trigger, at the latest
  Picos looked_{};    // when the state was last asked for
};

}  // namespace

Channel widest_range_of(const ScopeChannel& channel) {
  const ScopeDialect& any = scope_dialects().front();
  return {.name = channel.name,
          .unit = channel.unit,
          .bits = 8,
          .scale = scope_scale(any, {}, channel) / any.codes_per_division *
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

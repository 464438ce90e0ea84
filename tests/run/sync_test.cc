// Events whose instants are taken from edges in the record, not from the host's clock.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "rig/run/sync_trace.h"
#include "tests/run/case_fixture.h"

namespace rig {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr const char* kStop = R"(
scenario: Told to stop
steps:
  - set: {amplitude: 20 mA, width: 200 us, gap: 100 us, rate: 500 Hz}
  - capture:
      as: trip
      channels: [current, voltage]
      rate: 100 kHz
      for: 150 ms
      during: [start, {at: 100 ms, do: stop, as: told}]
  - expect: {in: trip, after: told, output.off_latency: "<= 10 ms"}
)";
constexpr double kHostU = 2e-3;            // s: an adapter like no other, and so is what it hides
constexpr Picos kEdge = milliseconds(95);  // after arming: the line shows the message

class Sync : public CaseTest {
 protected:
  Sync() {
    scene_.instant_u = kHostU;
    scene_.facts.capabilities.insert("channel.rx");
    scene_.before = [this](const std::string& what) {
      if (what == "arm trip") armed_ = scene_.now;
    };
    scene_.rx = [this](Picos at) { return low(at) ? 0.1 : 3.2; };
  }
  void wire(SyncChannel sync) {
    sync.channel = "rx";
    sync.level = 1.5;
    scene_.facts.syncs = {sync};
  }
  // When the device began in the capture.
  Picos started() const {
    return std::ranges::find(scene_.output, true, &std::pair<Picos, bool>::second)->first;
  }
  // Each message is a low of 1 ms on the line.
  bool low(Picos at) const {
    const Picos edge = armed_ + kEdge;
    return std::ranges::any_of(
        messages_, [&](Picos m) { return at >= edge + m - milliseconds(1) && at < edge + m; });
  }
  CaseRecord run_stop() {
    scene_.output = {{Picos(0), false}};
    return run(kStop);
  }
  Finding latency(const CaseRecord& record) const { return step_of(record, "3").findings.at(0); }

  Picos armed_{};
  std::vector<Picos> messages_{Picos(0)};  // when they end, after the edge
};

TEST_F(Sync, LatencyFromACommandIsThatOfTwoEdgesOnOneClock) {
  const Finding by_host = latency(run_stop());
  EXPECT_EQ(by_host.instant, "the host's clock");
  EXPECT_GT(by_host.measured->u, kHostU * 0.99);
  wire({});
  const CaseRecord record = run_stop();
  EXPECT_EQ(outcome_of(record), "PASS");
  const Finding found = latency(record);
  // The last pulse before the stop: 200 us, 100 us, 200 us, every 2 ms from the start on.
  const auto off = std::ranges::find_if(
      scene_.output, [&](const auto& o) { return !o.second && o.first > started(); });
  const double on = to_seconds(off->first - started());
  const double end = std::min(on, 2e-3 * std::floor(on / 2e-3) + 0.5e-3);
  const double expected = to_seconds(started() - armed_ - kEdge) + end;
  EXPECT_NEAR(found.measured->value, expected, 2 * found.measured->u);
  EXPECT_LT(found.measured->u, 15e-6) << "a sample is 10 us";
  EXPECT_FALSE(by_host.event);
  ASSERT_TRUE(found.event);
  ASSERT_TRUE(found.measured->at);  // the last pulse's onset: it lasts 500 us
  EXPECT_NEAR(to_seconds(*found.measured->at - *found.event) + 500e-6, found.measured->value,
              15e-6);
  ASSERT_TRUE(found.instant);
  EXPECT_TRUE(found.instant->starts_with("the edge of rx, ")) << *found.instant;
  for (const auto& [source, u] : found.measured->budget) {
    EXPECT_NE(source, "alignment of the capture");
  }
}

TEST_F(Sync, ChannelIsCapturedWhereSomethingLabelledHappensAndNowhereElse) {
  wire({});
  run_stop();
  const auto armed = [&](const std::string& name) {
    return std::ranges::find(scene_.armed, name, &CaptureSetup::name)->channels;
  };
  EXPECT_EQ(armed("trip"), (std::vector<std::string>{"current", "voltage", "rx"}));
  scene_.armed.clear();
  run(kPulseTrain);
  EXPECT_EQ(armed("train"), (std::vector<std::string>{"current", "voltage", "led"}));
}

TEST_F(Sync, NoEdgeOrMoreThanOneNearTheHostsInstantIsAnErrorAndNeverTheHostsInstant) {
  wire({});
  messages_ = {};
  const std::string none = outcome_of(run_stop());
  EXPECT_TRUE(
      none.starts_with("ERROR: step 3 (expect): sync channel 'rx': expected one rising "
                       "edge within 8.01 ms of the host's instant 10"))
      << none;
  EXPECT_TRUE(none.ends_with(", found none")) << none;
  messages_ = {-milliseconds(40)};
  EXPECT_NE(outcome_of(run_stop()).find(", found none, the nearest -4"), std::string::npos);
  messages_ = {Picos(0), milliseconds(2)};
  const std::string two = outcome_of(run_stop());
  EXPECT_TRUE(two.ends_with(", found 2")) << two;
}

TEST_F(Sync, EdgeThatHasToStayIsTheLastOfAMessage) {
  messages_ = {-milliseconds(4), -milliseconds(2), Picos(0)};  // high for 1 ms in between
  wire({.stays = microseconds(1500)});
  const CaseRecord record = run_stop();
  EXPECT_EQ(outcome_of(record), "PASS");
  const double last = latency(record).measured->value;
  wire({.stays = microseconds(1500), .lead = microseconds(300)});
  EXPECT_NEAR(latency(run_stop()).measured->value, last - 300e-6, 1e-6)
      << "the event comes after its edge";
}

TEST_F(Sync, EdgeOfTheOtherDirectionIsAnotherEdge) {
  wire({.rising = false});
  const CaseRecord record = run_stop();
  EXPECT_EQ(outcome_of(record), "PASS");
  EXPECT_GT(latency(record).measured->value, 3.9e-3) << "1 ms earlier than the rising one";
}

TEST_F(Sync, ChannelThatShowsOtherEventsLeavesThisOneToTheHost) {
  wire({.shows = SyncChannel::Shows::kLoads});
  EXPECT_EQ(latency(run_stop()).instant, "the host's clock");
}

// Samples of a channel in volts, 1 mV a code, at 1 MHz.
class Trace {
 public:
  explicit Trace(const SyncChannel& how) : trace_(how, info()) {}
  static CaptureInfo info() {
    return {.channels = {{.name = "current"}, {.name = "rx", .unit = "V", .scale = 1e-3}},
            .rate = {.samples = 1'000'000}};
  }
  void take(const std::vector<std::int16_t>& codes, bool lost_before = false) {
    trace_.take(info(), {.first_sample = at_, .lost_before = lost_before, .codes = {codes, codes}});
    at_ += codes.size();
  }
  std::string event(double seconds, double u) const {
    try {
      return in_words(to_seconds(trace_.event(from_seconds(seconds), u, info())), "s");
    } catch (const RigError& error) {
      return error.what();
    }
  }

 private:
  SyncTrace trace_;
  std::uint64_t at_ = 0;
};

TEST(SyncTrace, EdgeLiesWhereTheLevelIsCrossedWhateverTheBlocks) {
  Trace whole({.channel = "rx", .level = 1.5});
  whole.take({0, 0, 1000, 2000, 3000, 3000});
  EXPECT_EQ(whole.event(2e-6, 1e-6), "2.5 us");
  Trace halves({.channel = "rx", .level = 1.5});
  halves.take({0, 0, 1000});
  halves.take({2000, 3000, 3000});
  EXPECT_EQ(halves.event(2e-6, 1e-6), "2.5 us");
}

TEST(SyncTrace, NoiseAtTheLevelIsNoEdge) {
  Trace trace({.channel = "rx", .level = 1.5});
  trace.take({0, 1450, 1550, 1400, 1600, 1500, 3000, 3000});
  EXPECT_EQ(trace.event(5e-6, 1e-6), "5 us");
}

TEST(SyncTrace, WhatWasNotSeenToRiseIsNoEdge) {
  Trace trace({.channel = "rx", .level = 1.5});
  trace.take({3000, 3000, 0, 0});
  trace.take({3000, 3000}, true);
  EXPECT_EQ(trace.event(4e-6, 1e-6),
            "sync channel 'rx': expected one rising edge within 5 us of the host's instant 4 us, "
            "found none");
}

}  // namespace
}  // namespace rig

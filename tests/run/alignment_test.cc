// Instants of the host on a capture whose clock is not the host's.
#include <gtest/gtest.h>

#include "tests/run/case_fixture.h"

namespace rig {
namespace {

// The load is lifted 4 s after arming: what the digitizer's clock gained by then comes in between.
constexpr const char* kLate = R"(
scenario: Lead-off after a while
steps:
  - set: {amplitude: 20 mA, width: 200 us, gap: 100 us, rate: 500 Hz}
  - capture:
      as: trip
      channels: [current, voltage]
      rate: 50 kHz
      for: 4100 ms
      during:
        - start
        - {at: 4 s, do: {load: open}, as: lifted}
  - expect: {in: trip, after: lifted, output.off_latency: "<= 10 ms", output.pulses_after: == 0}
)";

class Alignment : public CaseTest {
 protected:
  // By 900 ppm: what happens at 4 s shows 3.6 ms later.
  void gain(double relative) { scene_.clock_off = 1 / (1 + relative) - 1; }
  Finding latency(const CaseRecord& record) const { return step_of(record, "3").findings.at(0); }
  static double part(const Finding& finding, const std::string& source) {
    for (const auto& [name, u] : finding.measured->budget) {
      if (name == source) return u;
    }
    return 0;
  }
};

TEST_F(Alignment, PulsesSeemToComeAfterAnEventWhereTheClocksAreTakenForOne) {
  gain(900e-6);
  const std::string outcome = outcome_of(run(kLate));
  EXPECT_TRUE(
      outcome.starts_with("FAIL: step 3 (expect): output.pulses_after: expected == 0, found 1"))
      << outcome;
}

TEST_F(Alignment, EventIsLookedForWhereTheDigitizersClockHasIt) {
  scene_.rate_u = 50e-6;
  gain(900e-6);
  scene_.clock_fit = {.drift = 900e-6, .drift_u = 5e-6};
  const CaseRecord record = run(kLate);
  EXPECT_EQ(outcome_of(record), "PASS");
  EXPECT_NEAR(part(latency(record), "instant of the event"), 4 * 5e-6, 1e-9);
  EXPECT_EQ(latency(record).instant,
            "the host's clock, to which the digitizer's gains 900 ppm +- "
            "10 ppm");
}

TEST_F(Alignment, DriftThatIsKnownWorseThanTheDataSheetSaysAddsToTheUncertaintyAlone) {
  scene_.rate_u = 50e-6;
  scene_.clock_fit = {.drift = 1e-3, .drift_u = 60e-6};
  const CaseRecord record = run(kLate);
  EXPECT_EQ(outcome_of(record), "PASS");
  EXPECT_NEAR(part(latency(record), "instant of the event"), 4 * 50e-6, 1e-9);
  EXPECT_EQ(latency(record).instant, "the host's clock, known to 50 ppm of the digitizer's");
}

TEST_F(Alignment, WithoutAnythingBetweenTheClocksNothingIsSaidOfThem) {
  EXPECT_FALSE(latency(run(kLate)).instant);
}

TEST_F(Alignment, FitIsInTheRecordOfItsCapture) {
  scene_.clock_fit = {.drift = 1e-6, .drift_u = 5e-6, .offset = 2e-4, .blind = 1e-3};
  const CaptureRef ref = step_of(run(kLate), "2").captures.at(0);
  ASSERT_TRUE(ref.clock);
  EXPECT_EQ(ref.clock->drift, 1e-6);
  EXPECT_EQ(ref.clock->offset, 2e-4);
  EXPECT_EQ(ref.clock->blind, 1e-3);
}

}  // namespace
}  // namespace rig

// Silence keeps an upper limit: that of a device that was to put something out passes nothing.
#include "tests/run/case_fixture.h"

namespace rig {
namespace {

class Silence : public CaseTest {};

TEST_F(Silence, UpperLimitThatADeadOutputKeepsIsInconclusive) {
  for (const std::string limit :
       {"current.peak: <= 25 mA", "voltage.peak: <= 15 V", "vibration.largest: <= 3 m/s2 peak"}) {
    const std::string text = R"(
scenario: One limit only
steps:
  - set: {amplitude: 20 mA, width: 300 us, rate: 100 Hz}
  - capture:
      as: c
      channels: [)" + std::string(limit[1] == 'i' ? "acceleration" : "current, voltage") +
                             R"(]
      rate: 100 kHz
      for: 300 ms
      during: [start, {at: 200 ms, do: stop, as: stopped}]
  - expect: {in: c, )" + limit +
                             "}\n";
    scene_ = {};
    EXPECT_EQ(outcome_of(run(text)), "PASS") << limit;
    scene_ = {};
    std::string silent = text;
    silent.replace(silent.find("in: c"), 5, "in: c, after: 220 ms");
    EXPECT_EQ(outcome_of(run(silent)), "PASS") << limit << " is about silence, after an output";
    scene_ = {};
    scene_.dead_output = true;
    const std::string outcome = outcome_of(run(text));
    EXPECT_TRUE(outcome.starts_with("INCONCLUSIVE") &&
                outcome.ends_with("; the device answered ok to start, and nothing came out in the "
                                  "whole capture"))
        << outcome;
    scene_ = {};
    scene_.dead_output = true;
    std::string refused = text;
    refused.replace(refused.find("[start,"), 7, "[{start: , answer: not_ready},");
    scene_.refuses[5] = 7;
    EXPECT_EQ(run(refused).verdict, Verdict::kPass) << limit;
  }
}

TEST_F(Silence, DeadOutputIsSeenInACaptureThatBeginsJustAfterTheStartToo) {
  const auto outcome_with = [this](const std::string& between) {
    scene_ = {};
    scene_.dead_output = true;
    return outcome_of(run(R"(
scenario: The output is on before anybody looks
steps:
  - set: {amplitude: 20 mA, width: 300 us, rate: 100 Hz}
  - start
)" + between + R"(
  - capture: {as: c, channels: [current], rate: 100 kHz, for: 100 ms}
  - expect: {in: c, current.peak: <= 25 mA}
)"));
  };
  EXPECT_TRUE(outcome_with("  - wait: 500 ms").starts_with("INCONCLUSIVE"));
  for (const char* ended : {"  - stop", "  - {load: open}", "  - set: {amplitude: 0 mA}",
                            "  - wait: 5 s", "  - heartbeat: off"}) {
    EXPECT_EQ(outcome_with(ended), "PASS") << ended << ": silence may be what was asked for";
  }
}

TEST_F(Silence, SilenceThatWasAskedForIsNoDeadOutput) {
  scene_.dead_output = true;
  const auto outcome_at = [this](const std::string& amplitude) {
    scene_.applied.clear();
    return outcome_of(run(R"(
scenario: Nothing comes out at nothing
steps:
  - set: {amplitude: )" + amplitude +
                          R"(, width: 300 us, rate: 100 Hz}
  - capture: {as: c, channels: [current], rate: 100 kHz, for: 100 ms, during: [start]}
  - expect: {in: c, current.peak: <= 25 mA}
)"));
  };
  EXPECT_EQ(outcome_at("0 mA"), "PASS");
  EXPECT_TRUE(outcome_at("1 mA").starts_with("INCONCLUSIVE"));
}

}  // namespace
}  // namespace rig

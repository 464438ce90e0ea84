// Runs a scenario, written in the test, on a bench of fakes.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "rig/core/error.h"
#include "rig/run/runner.h"
#include "tests/fakes.h"

namespace rig {

// A good device passes this one, so each test that spoils something shows its own effect.
inline constexpr const char* kPulseTrain = R"(
scenario: A train of pulses
steps:
  - set: {amplitude: 20 mA, width: 300 us, gap: 100 us, rate: 100 Hz}
  - capture:
      as: train
      channels: [current, voltage, led]
      rate: 100 kHz
      for: 100 ms
      during: [start]
  - expect:
      in: train
      pulse.count: 9 .. 11
      phase1.amplitude: 20 mA +- 5 %
      phase1.width: 300 us +- 20 us
  - expect: {in: train, after: 50 ms, led.high: ">= 99 %"}
  - expect: {status.state: IDLE}
)";

// The load is lifted within; a good device (here: the open circuit) is then off at once.
inline constexpr const char* kLeadOff = R"(
scenario: Lead-off
steps:
  - set: {amplitude: 20 mA, width: 300 us, gap: 100 us, rate: 100 Hz}
  - capture:
      as: trip
      channels: [current, voltage]
      rate: 100 kHz
      for: 200 ms
      during:
        - start
        - {at: 100 ms, do: {load: open}, as: lifted}
  - expect: {in: trip, after: lifted, output.off_latency: "<= 10 ms", output.pulses_after: == 0}
)";

class CaseTest : public testing::Test {
 protected:
  CaseTest() {
    folder_ = std::filesystem::temp_directory_path() /
              ("rig_case_" + std::to_string(getpid()) + "_" +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  ~CaseTest() override { std::filesystem::remove_all(folder_); }

  Scenario load(const std::string& text, const Spec& spec = {.file = "spec.yaml"}) const {
    const std::string path = (folder_ / "case.yaml").string();
    std::ofstream(path) << text;
    return load_scenarios(path, folder_.string(), spec).front();
  }

  CaseRecord run(const Scenario& scenario) {
    return run_case(
        {.scenario = scenario, .seed = 1, .attempt = attempt_},
        [this] { return fake::open_bench(scene_); }, recorder_, [this] { return interrupted_; });
  }
  CaseRecord run(const std::string& text) { return run(load(text)); }

  // The bench was left safe: the device was told to stop, and then the load was opened.
  void expect_safe() const {
    const auto stop = std::ranges::find(scene_.log, "stop");
    ASSERT_NE(stop, scene_.log.end()) << "the device was never told to stop";
    EXPECT_NE(std::find(stop, scene_.log.end(), "load open"), scene_.log.end())
        << "the load was not opened after the stop";
  }

  fake::Scene scene_;
  fake::MemoryRecorder recorder_;
  bool interrupted_ = false;
  int attempt_ = 1;

 private:
  std::filesystem::path folder_;
};

// The step of that path; an empty one when there is none.
inline StepRecord step_of(const CaseRecord& record, const std::string& path) {
  const auto found = std::ranges::find(record.steps, path, &StepRecord::path);
  return found == record.steps.end() ? StepRecord{} : *found;
}

// "ERROR: why", "PASS": the verdict and the first reason, as one text to compare.
inline std::string outcome_of(const CaseRecord& record) {
  return std::string(to_string(record.verdict)) +
         (record.reason.empty() ? "" : ": " + record.reason);
}

}  // namespace rig

// A case while it runs: the bench, the device, what has been set and captured so far.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rig/bench/bench.h"
#include "rig/config/scenario.h"
#include "rig/dut/stimulator.h"
#include "rig/run/observed.h"

namespace rig {

struct Instant {
  Picos at{};                              // bench clock
  double u = 0;                            // s, standard
  std::optional<SyncChannel::Shows> kind;  // of an event that a sync channel may show
};

struct Session {
  Bench& bench;
  Stimulator& device;
  Recorder& recorder;
  const CaseRecord& record;
  std::function<bool()> interrupted;

  std::string device_id;                   // what it said at boot
  Picos begun{};                           // bench clock when the case began
  std::map<std::string, double> settings;  // as accepted by the device, SI
  std::map<std::string, Instant> labels;
  std::map<std::string, std::unique_ptr<ObservedCapture>> captures;
  Picos heartbeat = std::chrono::milliseconds(400);  // 0: off
  Picos last_heartbeat{};
  std::optional<Picos> arming;  // how long the digitizer took for it the last time
  bool output_commanded = false;
  std::optional<Picos>
      on_since;  // ok to start; none once anything was done that may end the output
  Contact contact = at_power_on(bench.facts);

  static Contact at_power_on(const BenchFacts& facts) {
    return {facts.load.si(), facts.load_u, facts.electrode_area};
  }
};

// Does what waits for an instrument. Meanwhile the device goes on hearing from its host, as in
// live_until, but not so shortly before `when` that `work` would be late for it. After a signal it
// is told to stop at once, however long the instrument takes. Throws what `work` throws, else
// Interrupted, else what went wrong with the device's link meanwhile.
void with_signs_of_life(Session& session, Picos when, const std::function<void()>& work);

// Lets the bench live until `when`, sending signs of life while the output is on. `capture`, when
// not null, is collected meanwhile. Throws Interrupted.
void live_until(Session& session, Picos when, ObservedCapture* capture);

// A device boots for a while: it is asked until it answers or its time is over, and has to be the
// one that answered before. Returns what it says it is. Throws DeviceSilent, RigError, Interrupted.
std::string wait_for_boot(Session& session);

// Arms the digitizer while the device goes on hearing from its host.
CaptureInfo arm(const CaptureSetup& setup, Session& session);

// Collects the rest of a capture of that setup. Throws RigError when the digitizer does not end it.
CaptureRef complete_capture(const CaptureSetup& setup, Session& session, ObservedCapture& capture);

// Throws RigError when a completed capture is shorter than it was armed for.
void check_length(const CaptureSetup& setup, const ObservedCapture& capture);

// Performs one step. Findings, captures and disturbances go into `done`; nothing is judged twice.
// Throws RigError, Blocked, DeviceSilent or Interrupted.
void perform(const Step& step, Session& session, ObservedCapture* capture, StepRecord& done);

// Measures and judges what an `expect` step names.
void expect(const ExpectStep& step, Session& session, StepRecord& done);

// Measures what an `inform` step names; judges nothing.
void inform(const InformStep& step, const Session& session, StepRecord& done);

}  // namespace rig

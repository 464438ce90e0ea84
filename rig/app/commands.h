// The sub-commands. Each parses nothing: main hands over options, gets an exit code back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rig/app/plan.h"
#include "rig/core/record.h"

namespace rig {

constexpr int kExitUsage = 2;
constexpr int kExitInterrupted = 130;

struct RunOptions {
  PlanOptions plan;
  std::string out = "runs";
  std::uint64_t seed = 1;
  unsigned jobs = 0;  // 0: one per processor
  unsigned retry = 0;
  std::string quarantine;  // a file; empty: none
  std::string junit;       // empty: in the run folder only
  bool report = true;
  bool json = false;
};

int run_command(const RunOptions& options);
// `strict`: kExitUsage when a requirement or a limit of the spec is not shown by the scenarios.
int validate_command(const PlanOptions& options, bool strict, bool json);
int list_command(const PlanOptions& options, bool json);
int explain_command(const std::string& name);
// Of the findings of a run whose case id holds `filter`. Throws InputError when there is none.
int budget_command(const std::string& folder, const std::string& quantity,
                   const std::string& filter);
int schema_command();

struct ReportCommand {
  std::string folder;
  std::string out;    // empty: in the run folder
  std::string form;   // empty: the report page; else the output table of a standard
  bool json = false;  // print the trace matrix
};
// kExitUsage's InputError for an unknown form; kExitRigErrorOrBlocked when the run was altered.
int report_command(const ReportCommand& options);
int show_command(const std::string& folder, const std::string& filter, bool json);

struct QualifyOptions {
  PlanOptions plan;                    // the suite; its filter: tag:nightly unless given
  std::string faults;                  // folder of patches; empty: firmware_under_test/faults
  std::vector<std::string> only;       // ids; empty: all
  std::vector<std::string> against;    // images whose defect nobody has described, and no others
  std::uint64_t every = 1;             // only every n-th fault
  std::optional<std::uint64_t> clean;  // runs with a good device: 500; with `against` 10; quick 2
  bool quick = false;                  // against a fault only what verifies what it breaks
  bool grade = true;
  std::string out = "qualifications";
  std::uint64_t seed = 1;
  unsigned jobs = 0;  // 0: one per processor
  bool report = true;
  bool json = false;
};
// Tries the suite on devices with seeded faults and on good ones. 0: every fault was detected by
// the check that names it, and no good device raised an alarm; 1: not so; 3: the rig could not find
// out.
int qualify_command(const QualifyOptions& options);

struct ExportCommand {
  std::string capture;  // a .h5 file of a run folder
  std::string to;       // its ending is the format
  int segment = -1;
};
int export_command(const ExportCommand& options);

// Lists the instruments on USB and those at the given LAN addresses. Returns 0 when at least one is
// there and all can be used, else 3.
int scan_command(const std::vector<std::string>& lan, bool json);

struct DoctorOptions {
  std::string bench;     // a file; empty: the one of the rig's own suite
  std::string firmware;  // empty: the bench file's
  bool energise = false;
  std::uint64_t seed = 1;
  bool json = false;
};
// Looks a bench and its computer over. 0: nothing is bad; kExitRigErrorOrBlocked: something is.
int doctor_command(const DoctorOptions& options);

struct BenchServe {
  std::string bench;
  std::string firmware;
  std::uint64_t seed = 1;
  std::uint16_t port = 5555;  // 0: any free one
  std::string observe;        // a file: when output was last seen (rig selftest); empty: none
};
// Lets a simulated bench live at real time until a signal comes. Prints, as a bench file, where its
// device and its scope are.
int bench_serve_command(const BenchServe& options);

struct SelftestSafeState {
  std::string bench;      // simulated, to be served; empty: the suite's
  unsigned random = 100;  // kills at random instants
  std::uint64_t seed = 1;
  bool json = false;
};
// Kills the rig at every step boundary and at random instants, on a served bench that goes on
// living, and tells when the output was off. 0: always within 200 ms; 1: not so.
int selftest_safe_state_command(const SelftestSafeState& options);

struct SecondHeartOptions {
  std::string parameters;     // a file; empty: the rig's own
  std::string page;           // write pictures and tables there; empty: none
  bool sensitivities = true;  // of the figures to each assumed parameter
  bool json = false;
};
// Runs the experiments of the second-heart plant and prints model, literature and seed text side by
// side. 0 whatever the model misses: it is no device under test.
int second_heart_command(const SecondHeartOptions& options);
std::string second_heart_json();  // its figures, for the page of a run with such a plant

// A run folder as it is now: from its events, whether it was finished or killed. Throws InputError.
RunRecord record_of(const std::string& folder);

// Runs reports/soleus_report on a run folder; returns the page's path. The page says what was
// `altered` since the run; `json`: the trace matrix goes to standard output. Throws RigError.
std::string make_report(const RunRecord& run, const std::string& folder, const std::string& out,
                        const std::vector<std::string>& altered, bool json = false);

}  // namespace rig

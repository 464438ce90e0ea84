// What is to be run: scenarios found, loaded, filtered, in a stable order.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rig/config/bench_file.h"
#include "rig/config/scenario.h"
#include "rig/core/record.h"

namespace rig {

struct PlanOptions {
  std::vector<std::string> paths;
  std::string bench;     // empty: the suite's
  std::string spec;      // empty: the suite's
  std::string firmware;  // empty: the bench file's
  std::string filter;    // empty: all
  std::string shard;     // "2/5"; empty: all
};

struct Plan {
  std::string title;
  std::string bench_file;
  std::string faults;  // the suite's folder of seeded faults; empty: the usual one
  BenchSettings bench;
  Spec spec;
  std::vector<Scenario> scenarios;  // every case, in order
  std::vector<std::string> found;   // ids of all, before filter and shard
  std::vector<std::string> apart;   // folders that have another suite: not in this plan
};

// Throws InputError, with place, for anything that cannot be used.
Plan make_plan(const PlanOptions& options);

// Throws InputError or RigError for a bench that cannot be opened.
// The bench with the image that the scenario names, if it does. Throws InputError, with the
// scenario's file, when there is no such image.
BenchSettings bench_for(const Scenario& scenario, const BenchSettings& bench);

Bench open_bench(const BenchSettings& settings, std::uint64_t seed);

// Opens the bench once, for the facts. Throws InputError for one that cannot be opened or whose
// device speaks a protocol that this rig does not.
BenchFacts try_bench(const Plan& plan, std::uint64_t seed);

// Terms id:TEXT, file:TEXT, tag:WORD, verifies:ID, or a plain TEXT found in the id; joined by
// `and`, `or`, `not`, parentheses. TEXT may be quoted.
class Filter {
 public:
  explicit Filter(const std::string& expression);  // throws InputError
  ~Filter();
  bool accepts(const Scenario& scenario) const;
  struct Node;

 private:
  std::unique_ptr<Node> root_;
};

}  // namespace rig

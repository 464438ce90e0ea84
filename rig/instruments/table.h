// What a real table does to its device apart from talking to it, and the clock that does it on
// time: a load box or an operator, and a supply, as far as the bench file names them.
#pragma once

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rig/bench/bench.h"
#include "rig/instruments/bench_supply.h"
#include "rig/instruments/load_box.h"

namespace rig {

// The wall clock. What is due while somebody waits on it is done by whoever waits, in this thread.
class TableClock final : public Clock {
 public:
  TableClock();
  Picos now() const override { return wall_->now(); }
  void wait_until(Picos when) override;
  void at(Picos when, std::function<void()> what);

 private:
  std::unique_ptr<Clock> wall_;
  std::deque<std::pair<Picos, std::function<void()>>> due_;  // by their instants
};

class Table final : public Surroundings {
 public:
  // Either may be null. The clock must outlive it.
  Table(TableClock& clock, std::unique_ptr<LoadBox> box, std::unique_ptr<BenchSupply> supply,
        Ohms load);

  // What is asked for lies between its beginning and its end: `achieved` is the middle, and `u`
  // that of an even chance over the time between. Throws Blocked for what the table cannot do, and
  // for a moment of a pulse: no relay is quick enough.
  void apply(const Disturbance& what, const Moment& when) override;
  std::vector<Applied> take_applied() override { return std::exchange(applied_, {}); }
  std::vector<std::string> take_doubts() override { return {}; }
  void power_cycle() override;

  std::set<std::string> capabilities() const;

 private:
  void require_capability(const Disturbance& what) const;
  void perform(const Disturbance& what, Picos asked);

  TableClock& clock_;
  std::unique_ptr<LoadBox> box_;
  std::unique_ptr<BenchSupply> supply_;
  Ohms load_;  // at power-on
  std::set<std::string> pressed_;
  std::vector<Applied> applied_;
};

}  // namespace rig

// The supply of the device under test: a laboratory supply that speaks SCPI.
#pragma once

#include <memory>
#include <string>

#include "rig/bench/settings.h"
#include "rig/instruments/load_box.h"
#include "rig/instruments/scpi_link.h"

namespace rig {

class BenchSupply {
 public:
  // Asks who it is, and leaves it as it is. The clock must outlive it.
  BenchSupply(std::unique_ptr<ScpiLink> link, const BenchSupplySettings& settings, Clock& clock);

  // Sets a voltage and, once it has settled, measures it. Throws Blocked beyond the limits of the
  // bench file, RigError when the supply measures something else or reports an error.
  Done set(Volts volts);
  // Down and up again. A dip is as long as the supply makes it: shorter than twice its settling
  // time is Blocked. The instant is that of the way down.
  Done dip(Volts to, Picos duration);
  // Off, as long as the device needs to forget, and on at the nominal voltage.
  void cycle();

  std::string in_words() const { return identity_; }

 private:
  Done command(Volts volts);
  Done say(const std::string& command);
  void require(Volts volts);

  std::unique_ptr<ScpiLink> link_;
  BenchSupplySettings settings_;
  Clock& clock_;
  std::string identity_;
  Volts present_;
};

}  // namespace rig

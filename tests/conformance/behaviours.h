// The table: every behaviour in which the machine and the bare library are compared with the data
// sheet.
#pragma once

#include <string>
#include <vector>

#include "tests/conformance/observed.h"

namespace conformance {

struct Behaviour {
  std::string id;
  std::string text;
  std::string section;  // of the ATmega328P data sheet, by its title or register
  Experiment experiment;
  std::string (*measure)(const Observed& seen);
  std::string expected;  // by the data sheet; of the bench
  std::string bare;      // of libsimavr 1.6+dfsg-3
};

const std::vector<Behaviour>& behaviours();

struct Comparison {
  std::string bench, bare;
  bool bench_is_right = false;    // as the data sheet says
  bool bare_is_as_known = false;  // else the library has changed
  bool ok() const { return bench_is_right && bare_is_as_known; }
};

Comparison compare(const Behaviour& behaviour);

}  // namespace conformance

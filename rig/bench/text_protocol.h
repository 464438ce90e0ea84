// A stimulator that speaks lines of text, as a file describes it. Passive; config/ reads it, dut/
// speaks it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "rig/core/units.h"

namespace rig {

// Literal text with places in it: "AMP=" {amplitude in mA} ";". A place takes at least one
// character, up to the next literal text.
struct TextPattern {
  struct Part {
    std::string text;  // literal, or the name of a place
    bool place = false;
    std::string unit;  // SI, of a place that holds a number; empty: a word
    double per = 1;    // SI units of one of the device's
  };
  std::string source;  // as in the file
  std::vector<Part> parts;
};

struct TextProtocol {
  struct Setting {
    std::string name;     // "amplitude"
    std::string command;  // "AMP {value}"
    double per = 1;       // SI units of one of the device's
    int decimals = 0;
  };
  std::string title;
  std::string line_end = "\n";
  Picos timeout = std::chrono::milliseconds(200);
  std::string identify;
  TextPattern identity;
  std::vector<Setting> settings;
  std::vector<std::pair<std::string, std::string>> commands;  // verb, line
  std::vector<std::pair<std::string, TextPattern>> answers;   // word, line; the first that fits
  std::string status;
  TextPattern status_reply;
};

}  // namespace rig

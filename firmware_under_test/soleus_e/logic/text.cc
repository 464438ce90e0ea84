// Words and units are tables in flash.
#include "logic/text.h"

#include <string.h>

#include "logic/flash.h"

namespace {

constexpr uint8_t kMaxWord = 18;

constexpr char kParamNames[kParamCount][kMaxWord] IN_FLASH = {
    "amplitude", "width",    "gap",     "rate",          "ramp_up",          "ramp_down",
    "on_time",   "off_time", "session", "comms_timeout", "dead_man_required"};
constexpr char kStateNames[][kMaxWord] IN_FLASH = {"SELF_TEST", "IDLE",      "RAMP_UP", "RUNNING",
                                                   "RESTING",   "RAMP_DOWN", "FAULT"};
constexpr char kFaultNames[][kMaxWord] IN_FLASH = {"NONE",      "LEAD_OFF",  "OVER_CURRENT",
                                                   "BROWN_OUT", "DEAD_MAN",  "COMMS_LOSS",
                                                   "WATCHDOG",  "SELF_TEST", "CONFIG"};
constexpr char kStatusTexts[][kMaxWord] IN_FLASH = {
    "ok",           "unknown command", "bad length",    "unknown name",
    "out of range", "wrong state",     "fault latched", "not ready"};

struct Unit {
  char name[4];
  int32_t factor;  // base units in one of these
};

// Base units first, by kind of parameter.
constexpr Unit kCurrentUnits[] IN_FLASH = {{"uA", 1}, {"mA", 1000}};
constexpr Unit kShapeUnits[] IN_FLASH = {{"us", 1}, {"ms", 1000}};
constexpr Unit kRateUnits[] IN_FLASH = {{"mHz", 1}, {"Hz", 1000}};
constexpr Unit kTimeUnits[] IN_FLASH = {{"ms", 1}, {"s", 1000}};

const Unit* units_of(Param param) {
  switch (param) {
    case Param::kAmplitude: return kCurrentUnits;
    case Param::kWidth:
    case Param::kGap: return kShapeUnits;
    case Param::kRate: return kRateUnits;
    default: return kTimeUnits;
  }
}

void print(const char* text, Sink out) {
  while (const char c = flash_char(text++)) out(c);
}

void print_number(uint32_t value, Sink out) {
  char digits[10];
  uint8_t n = 0;
  do {
    digits[n++] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  while (n > 0) out(digits[--n]);
}

void print_field(const char* name, uint32_t value, const char* unit, Sink out) {
  print(name, out);
  print_number(value, out);
  print(unit, out);
}

void print_result(Status status, Sink out) {
  if (status != Status::kOk) print(FLASH_TEXT("error: "), out);
  print(kStatusTexts[static_cast<uint8_t>(status)], out);
  out('\n');
}

bool equals(const char* text, const char* in_flash) {
  char c = 0;
  do {
    c = flash_char(in_flash++);
    if (*text++ != c) return false;
  } while (c != '\0');
  return true;
}

// Cuts the first word off and returns the rest, without the spaces between.
char* cut_word(char* text) {
  while (*text != '\0' && *text != ' ') ++text;
  while (*text == ' ') *text++ = '\0';
  return text;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void print_status(const Device& device, Sink out) {
  const StatusReport report = device.report();
  print(FLASH_TEXT("state="), out);
  print(kStateNames[static_cast<uint8_t>(report.state)], out);
  print(FLASH_TEXT(" fault="), out);
  print(kFaultNames[static_cast<uint8_t>(report.fault)], out);
  print_field(FLASH_TEXT(" output="), report.flags & kFlagOutput ? 1 : 0, FLASH_TEXT(""), out);
  print_field(FLASH_TEXT(" amplitude="), report.amplitude_ua, FLASH_TEXT("uA"), out);
  print_field(FLASH_TEXT(" current="), report.current_ua, FLASH_TEXT("uA"), out);
  print_field(FLASH_TEXT(" voltage="), report.voltage_mv, FLASH_TEXT("mV"), out);
  print_field(FLASH_TEXT(" supply="), report.supply_mv, FLASH_TEXT("mV"), out);
  print_field(FLASH_TEXT(" pulses="), report.pulses, FLASH_TEXT(""), out);
  print_field(FLASH_TEXT(" session="), report.session_ms, FLASH_TEXT("ms\n"), out);
}

void print_version(const Device& device, Sink out) {
  print_field(FLASH_TEXT("soleus-e "), kFirmwareVersion >> 8, FLASH_TEXT("."), out);
  print_field(FLASH_TEXT(""), kFirmwareVersion & 0xFF, FLASH_TEXT(" protocol 1 build "), out);
  for (uint8_t i = 0; i < kBuildIdSize; ++i) out(device.platform.build_id[i]);
  out('\n');
}

void set_named(Device& device, char* args, Sink out) {
  const char* quantity = cut_word(args);
  for (uint8_t i = 0; i < kParamCount; ++i) {
    if (!equals(args, kParamNames[i])) continue;
    const uint8_t id = static_cast<uint8_t>(i + 1);
    int32_t value = 0;
    if (parse_quantity(static_cast<Param>(id), quantity, value)) {
      print_result(device.set(id, value), out);
    } else {
      print(FLASH_TEXT("error: number and unit expected\n"), out);
    }
    return;
  }
  print_result(Status::kUnknownParam, out);
}

// Returns false when the command is unknown.
bool execute(Device& device, char* command, char* args, Sink out) {
  if (equals(command, FLASH_TEXT("set"))) {
    set_named(device, args, out);
    return true;
  }
  if (*args != '\0') return false;
  if (equals(command, FLASH_TEXT("stop"))) {
    device.therapy.stop();
    print_result(Status::kOk, out);
  } else if (equals(command, FLASH_TEXT("start"))) {
    print_result(device.therapy.start(), out);
  } else if (equals(command, FLASH_TEXT("clear"))) {
    print_result(device.clear(), out);
  } else if (equals(command, FLASH_TEXT("keepalive"))) {
    print_result(Status::kOk, out);
  } else if (equals(command, FLASH_TEXT("status"))) {
    print_status(device, out);
  } else if (equals(command, FLASH_TEXT("version"))) {
    print_version(device, out);
  } else if (equals(command, FLASH_TEXT("help"))) {
    print(FLASH_TEXT("help, status, version, start, stop, clear, keepalive, "
                     "set NAME NUMBER UNIT (set rate 35 Hz)\n"),
          out);
  } else {
    return false;
  }
  return true;
}

}  // namespace

bool parse_quantity(Param param, const char* text, int32_t& value) {
  constexpr int32_t kScale = 1000;  // three decimals
  constexpr int32_t kMostWhole = 2000000;
  int32_t whole = 0;
  int32_t thousandths = 0;
  if (!is_digit(*text)) return false;
  for (; is_digit(*text); ++text) {
    whole = whole * 10 + (*text - '0');
    if (whole > kMostWhole * 2) return false;
  }
  if (*text == '.') {
    ++text;
    if (!is_digit(*text)) return false;
    for (int32_t place = kScale / 10; is_digit(*text); ++text, place /= 10) {
      if (place == 0 && *text != '0') return false;
      thousandths += (*text - '0') * place;
    }
  }
  if (param == Param::kDeadManRequired) {
    value = whole;
    return *text == '\0' && thousandths == 0;
  }
  while (*text == ' ') ++text;
  const Unit* const units = units_of(param);
  for (uint8_t i = 0; i < 2; ++i) {
    Unit unit{};
    copy_from_flash(&unit, &units[i], sizeof unit);
    if (strcmp(text, unit.name) != 0) continue;
    if (whole > kMostWhole && unit.factor != 1) return false;
    if (thousandths * unit.factor % kScale != 0) return false;
    value = whole * unit.factor + thousandths * unit.factor / kScale;
    return true;
  }
  return false;
}

void answer_line(Device& device, char* line, Sink out) {
  while (*line == ' ') ++line;
  if (*line == '\0') return;
  char* const args = cut_word(line);
  if (execute(device, line, args, out)) {
    device.therapy.heard();
  } else {
    print_result(Status::kUnknownOp, out);
  }
}

void refuse_long_line(Sink out) { print(FLASH_TEXT("error: line too long\n"), out); }

#include "rig/instruments/scope_dialect.h"

namespace rig {
namespace {

using Words = std::string_view;
using State = ScopeState;
using Depths = std::uint64_t;

constexpr double kCrystal = 25e-6 / 1.7320508;  // 25 ppm, rectangular
constexpr std::array<Words, 1> kTenNumbers{":WAV:PRE?"};

// Rigol. DS1000Z programming and user's guides (facts/instruments.md 2.1).
constexpr std::array kRigolStates{
    StateRow{.query = ":TRIG:STAT?", .word = "STOP", .state = State::kStopped},
    StateRow{.query = ":TRIG:STAT?", .word = "WAIT", .state = State::kArmed},
    StateRow{.query = ":TRIG:STAT?", .word = "TD", .state = State::kTaking},
    StateRow{.query = ":TRIG:STAT?", .word = "RUN", .state = State::kTaking},
    StateRow{.query = ":TRIG:STAT?", .word = "AUTO", .state = State::kTaking}};
constexpr std::array<Words, 2> kRigolPrepare{":TRIG:SWE SING", ":ACQ:TYPE NORM"};
constexpr std::array<Words, 3> kRigolBytes{":WAV:SOUR CHAN%", ":WAV:MODE RAW", ":WAV:FORM BYTE"};
constexpr std::array<Words, 3> kRigolWords{":WAV:SOUR CHAN%", ":WAV:MODE RAW", ":WAV:FORM WORD"};
constexpr std::array<Words, 2> kRigolWindow{":WAV:STAR @", ":WAV:STOP &"};
constexpr std::array<Depths, 4> kDs1000zDepths{12'000, 120'000, 1'200'000, 12'000'000};
constexpr std::array<Depths, 5> kDecades{10'000, 100'000, 1'000'000, 10'000'000, 25'000'000};

constexpr ScopeDialect kDs1000z{
    .name = "Rigol DS1000Z",
    .identity = "RIGOL TECHNOLOGIES,",
    .model = "DS1???Z|MSO1???Z",
    .next_error = ":SYST:ERR?",
    .stop = ":STOP",
    .single = ":SING",
    .force = ":TFOR",
    .states = kRigolStates,
    .prepare = kRigolPrepare,
    .display = ":CHAN%:DISP $",
    .scale = ":CHAN%:SCAL $",
    .offset = ":CHAN%:OFFS $",
    .coupling = ":CHAN%:COUP $",
    .probe = ":CHAN%:PROB $",
    .on = "1",
    .off = "0",
    .dc = "DC",
    .time_scale = ":TIM:SCAL $",
    .time_offset = ":TIM:OFFS $",
    .time_offset_divisions = 6,
    .depth = ":ACQ:MDEP $",
    .depth_query = ":ACQ:MDEP?",
    .sample_rate_query = ":ACQ:SRAT?",
    .exact = true,
    .select = kRigolBytes,
    .preamble_queries = kTenNumbers,
    .read_facts = read_rigol,
    .window = kRigolWindow,
    .data_query = ":WAV:DATA?",
    .page = 250'000,
    .codes_per_division = 25,
    .reference = 127,
    .most_rate = 1e9,
    .time_divisions = 12,
    .least_scale = 1e-3,
    .widest_scale = 10,
    .depths = kDs1000zDepths,
    .rate_u = kCrystal,
    .lan_pace = std::chrono::milliseconds(50),
};

// Source, mode and format again for every channel, all in one read; its volts per code are
// calibrated ones, such as 0.019963 for 0.02. Unsure: the names of its depths.
constexpr ScopeDialect mso5000() {
  ScopeDialect d = kDs1000z;
  d.name = "Rigol MSO5000";
  d.model = "MSO5";
  d.unsure = "depths of :ACQ:MDEP";
  d.time_offset_divisions = 5;
  d.exact = false;
  d.page = 0;
  d.codes_per_division = 0;
  d.most_rate = 8e9;
  d.time_divisions = 10;
  d.depths = kDecades;
  return d;
}

// Words of 16 bits, the least byte first; the field for points is the size of a page. Unsure: the
// names of its depths, which codes are clipped, and whether :TIM:OFFS is its name.
constexpr ScopeDialect dho() {
  ScopeDialect d = mso5000();
  d.name = "Rigol DHO800/900/1000";
  d.model = "DHO";
  d.unsure = "depths of :ACQ:MDEP, :TIM:OFFS, codes that count as clipped";
  d.select = kRigolWords;
  d.read_facts = read_rigol_paged;
  d.codes = CodeFormat::kU16le;
  d.clip_high = 65535;
  d.most_rate = 1.25e9;
  return d;
}

// Siglent with CHDR and C1:WF? (facts/instruments.md 2.2). Codes are two's complement; the manual's
// "if above 127 subtract 255" would be one code off below zero, and no real scope was asked.
// Unsure: FRTR and TRMD? (nothing published was found but the manual's list), which depths the
// other models have, and that two channels always halve them.
constexpr std::array kSiglentStates{
    StateRow{.query = "TRMD?", .word = "STOP", .state = State::kStopped},
    StateRow{.query = "INR?", .mask = 1, .value = 1, .state = State::kTaking, .event = true},
    StateRow{
        .query = "INR?", .mask = 0x2000, .value = 0x2000, .state = State::kArmed, .event = true},
    StateRow{.state = State::kFilling}};
constexpr std::array<Words, 1> kSiglentPlain{"CHDR OFF"};
constexpr std::array<Words, 6> kSiglentSettings{"C%:VDIV?", "C%:OFST?", "TDIV?",
                                                "TRDL?",    "SARA?",    "SANU? C%"};
constexpr std::array<Words, 1> kSiglentWindow{"WFSU SP,1,NP,#,FP,@"};
constexpr std::array<Depths, 4> kSiglentDepths{14'000, 140'000, 1'400'000, 14'000'000};

constexpr ScopeDialect kSiglentOld{
    .name = "Siglent SDS1000X-E",
    .identity = "SIGLENT TECHNOLOGIES,",
    .model = "SDS1",
    .unsure = "FRTR, TRMD?, depths of MSIZ, what *ESR? notes",
    .event_status = true,
    .plain = kSiglentPlain,
    .stop = "STOP",
    .single = "TRMD SINGLE",
    .force = "FRTR",
    .states = kSiglentStates,
    .tells_trigger = false,
    .new_record = "INR?",
    .display = "C%:TRA $",
    .scale = "C%:VDIV $",
    .offset = "C%:OFST $",
    .coupling = "C%:CPL $",
    .probe = "C%:ATTN $",
    .on = "ON",
    .off = "OFF",
    .dc = "D1M",
    .time_scale = "TDIV $",
    .time_offset = "TRDL $",
    .time_offset_divisions = 7,
    .depth = "MSIZ $",
    .kilo = 'K',
    .depth_query = "SANU? C%",
    .sample_rate_query = "SARA?",
    .preamble_queries = kSiglentSettings,
    .read_facts = read_siglent_settings,
    .window = kSiglentWindow,
    .first_index = 0,
    .data_query = "C%:WF? DAT2",
    .page = 7'000'000,
    .settle_per_point = 2.5e-6,
    .codes = CodeFormat::kI8,
    .clip_low = -128,
    .clip_high = 127,
    .codes_per_division = 25,
    .most_rate = 1e9,
    .time_divisions = 14,
    .least_scale = 5e-4,
    .widest_scale = 10,
    .depths = kSiglentDepths,
    .shared = {1, 2, 2, 2},
    .rate_u = kCrystal,
};

// Siglent by the programming guide E11 (SDS2000X Plus, 5000X, HD; facts/instruments.md 2.2). The
// descriptor tells the codes per division. An SDS6000A has other ones at each scale, and is left
// out. Firmware up to 1.3.9R6 tells samples for bytes there in HD mode, and is refused by its data
// length. Unsure: FTRIG, how PROB is answered, the depths of each model, and the sign of the delay
// in the descriptor, of which only the size is held against what was set.
constexpr std::array kE11States{
    StateRow{.query = ":TRIG:STAT?", .word = "STOP", .state = State::kStopped},
    StateRow{.query = ":TRIG:STAT?", .word = "FSTOP", .state = State::kStopped},
    StateRow{.query = ":TRIG:STAT?", .word = "READY", .state = State::kArmed},
    StateRow{.query = ":TRIG:STAT?", .word = "ARM", .state = State::kFilling},
    StateRow{.query = ":TRIG:STAT?", .word = "TRIG'D", .state = State::kTaking},
    StateRow{.query = ":TRIG:STAT?", .word = "AUTO", .state = State::kTaking},
    StateRow{.query = ":TRIG:STAT?", .word = "ROLL", .state = State::kTaking}};
constexpr std::array<Words, 1> kE11Prepare{":ACQ:TYPE NORM"};
constexpr std::array<Words, 2> kE11Select{":WAV:SOUR C%", ":WAV:WIDT BYTE"};
constexpr std::array<Words, 2> kE11SelectWords{":WAV:SOUR C%", ":WAV:WIDT WORD"};
constexpr std::array<Words, 2> kE11Window{":WAV:START @", ":WAV:POINT #"};
constexpr std::array<Depths, 4> kE11Depths{20'000, 200'000, 2'000'000, 20'000'000};

constexpr ScopeDialect kSiglentE11{
    .name = "Siglent E11",
    .identity = "SIGLENT TECHNOLOGIES,",
    .model = "SDS????X PLUS|SDS5???X",
    .unsure =
        ":TRIG:MODE FTRIG, answer of :CHAN1:PROB?, depths of :ACQ:MDEP, fields of WAVEDESC "
        "for sizes, number and codes, what *ESR? notes",
    .event_status = true,
    .stop = ":TRIG:STOP",
    .single = ":TRIG:MODE SINGLE",
    .force = ":TRIG:MODE FTRIG",
    .states = kE11States,
    .prepare = kE11Prepare,
    .display = ":CHAN%:SWIT $",
    .scale = ":CHAN%:SCAL $",
    .offset = ":CHAN%:OFFS $",
    .coupling = ":CHAN%:COUP $",
    .probe = ":CHAN%:PROB VAL,$",
    .on = "ON",
    .off = "OFF",
    .dc = "DC",
    .time_scale = ":TIM:SCAL $",
    .time_offset = ":TIM:DEL $",
    .time_offset_divisions = 5,
    .depth = ":ACQ:MDEP $",
    .kilo = 'k',
    .depth_query = ":ACQ:POIN?",
    .sample_rate_query = ":ACQ:SRAT?",
    .select = kE11Select,
    .preamble_queries = kTenNumbers,  // by the same name
    .read_facts = read_wavedesc,
    .tells_stamp = true,
    .first_is_delay = true,
    .window = kE11Window,
    .first_index = 0,
    .data_query = ":WAV:DATA?",
    .page_query = ":WAV:MAXP?",
    .codes = CodeFormat::kI8,
    .clip_low = -128,
    .clip_high = 127,
    .most_rate = 2e9,
    .time_divisions = 10,
    .least_scale = 5e-4,
    .widest_scale = 10,
    .depths = kE11Depths,
    .shared = {1, 2, 2, 2},
    .rate_u = kCrystal,
};

constexpr ScopeDialect siglent_hd() {
  ScopeDialect d = kSiglentE11;
  d.name = "Siglent E11, HD";
  d.model = "SDS???X HD|SDS????X HD";
  d.select = kE11SelectWords;
  d.codes = CodeFormat::kI16le;
  d.clip_low = -32768;
  d.clip_high = 32767;
  d.depths = kDecades;
  return d;
}

// Keysight InfiniiVision (facts/instruments.md 2.3). It takes the memory it likes. Unsure, as no
// source but hearsay was found: codes 1 and 255 are clipped, 0 is a hole; a record with a hole is
// refused. Unsure too: how many codes a division has, which a trial record tells.
constexpr std::array kKeysightStates{
    StateRow{.query = ":OPER:COND?", .mask = 8, .value = 0, .state = State::kStopped},
    StateRow{.query = ":TER?", .mask = 1, .value = 1, .state = State::kTaking, .event = true},
    StateRow{.query = ":AER?", .mask = 1, .value = 1, .state = State::kArmed, .event = true},
    StateRow{.state = State::kFilling}};
constexpr std::array<Words, 4> kKeysightPrepare{":ACQ:TYPE NORM", ":TIM:MODE MAIN", ":TIM:REF CENT",
                                                ":TRIG:SWE NORM"};
constexpr std::array<Words, 5> kKeysightSelect{":WAV:SOUR CHAN%", ":WAV:FORM BYTE", ":WAV:UNS ON",
                                               ":WAV:POIN:MODE RAW", ":WAV:POIN MAX"};
constexpr std::array<Depths, 1> kKeysightDepths{4'000'000};

constexpr ScopeDialect keysight() {
  ScopeDialect d = kDs1000z;
  d.name = "Keysight InfiniiVision";
  d.identity = "KEYSIGHT TECHNOLOGIES,|AGILENT TECHNOLOGIES,";
  d.model = "DSO-X|DSOX|MSO-X|MSOX|EDUX|DSO5???A|DSO6???A|DSO7???|MSO6???A|MSO7???";
  d.unsure = ":AER?, :TER?, bit 3 of :OPER:COND?, codes 0, 1 and 255";
  d.lan_pace = {};
  d.force = ":TRIG:FORC";
  d.states = kKeysightStates;
  d.new_record = ":TER?";
  d.prepare = kKeysightPrepare;
  d.time_offset = ":TIM:POS $";
  d.time_offset_divisions = 5;
  d.depth = "";
  d.depth_query = ":ACQ:POIN?";
  d.exact = false;
  d.select = kKeysightSelect;
  d.read_facts = read_keysight;
  d.window = {};
  d.page = 0;
  d.clip_low = 1;
  d.hole = 0;
  d.codes_per_division = 0;
  d.most_rate = 5e9;
  d.time_divisions = 10;
  d.widest_scale = 5;
  d.depths = kKeysightDepths;
  return d;
}

// Tektronix MDO, MSO, DPO (facts/instruments.md 2.4), each field of the preamble by its name, for
// their number and order differ. With the screen's 10 divisions in 8 bits, 25 codes each. TBS and
// TDS1000/2000, whose record is always 2500 points, are not among the depths. Unsure: HOR:POS in
// percent without a delay.
constexpr std::array kTektronixStates{
    StateRow{.query = "TRIG:STATE?", .word = "SAVE", .state = State::kStopped},
    StateRow{.query = "TRIG:STATE?", .word = "READY", .state = State::kArmed},
    StateRow{.query = "TRIG:STATE?", .word = "ARMED", .state = State::kFilling},
    StateRow{.query = "TRIG:STATE?", .word = "TRIGGER", .state = State::kTaking},
    StateRow{.query = "TRIG:STATE?", .word = "AUTO", .state = State::kTaking}};
constexpr std::array<Words, 2> kTektronixPlain{"HEADER 0", "VERBOSE 0"};
constexpr std::array<Words, 3> kTektronixPrepare{"ACQ:STOPAFTER SEQUENCE", "TRIG:A:MODE NORMAL",
                                                 "HOR:DELAY:MODE 0"};
constexpr std::array<Words, 5> kTektronixSelect{"DATA:SOURCE CH%", "DATA:ENCDG RIBINARY",
                                                "WFMOUTPRE:BYT_NR 1", "DATA:START 1",
                                                "DATA:STOP 100000000"};
constexpr std::array<Words, 8> kTektronixPreamble{
    "WFMOUTPRE:NR_PT?",  "WFMOUTPRE:BYT_NR?", "WFMOUTPRE:XINCR?", "WFMOUTPRE:XZERO?",
    "WFMOUTPRE:PT_OFF?", "WFMOUTPRE:YMULT?",  "WFMOUTPRE:YOFF?",  "WFMOUTPRE:YZERO?"};
constexpr std::array<Words, 2> kTektronixWindow{"DATA:START @", "DATA:STOP &"};
constexpr std::array<Depths, 5> kTektronixDepths{1'000, 10'000, 100'000, 1'000'000, 10'000'000};

constexpr ScopeDialect kTektronix{
    .name = "Tektronix MDO, MSO, DPO",
    .identity = "TEKTRONIX,",
    .model = "MDO|MSO|DPO",
    .unsure =
        "CH1:PROBE:GAIN, HOR:SAMPLERATE?, HOR:POSITION in percent, HOR:DELAY:MODE, "
        "TRIG FORCE, EVMSG?",
    .event_status = true,
    .next_error = "EVMSG?",
    .plain = kTektronixPlain,
    .stop = "ACQ:STATE OFF",
    .single = "ACQ:STATE ON",
    .force = "TRIG FORCE",
    .states = kTektronixStates,
    .prepare = kTektronixPrepare,
    .display = "SELECT:CH% $",
    .scale = "CH%:SCALE $",
    .offset = "CH%:POSITION $",
    .coupling = "CH%:COUPLING $",
    .probe = "CH%:PROBE:GAIN $",
    .probe_is_gain = true,
    .on = "1",
    .off = "0",
    .dc = "DC",
    .time_scale = "HOR:SCALE $",
    .time_offset = "HOR:POSITION $",
    .time_offset_is_share = true,
    .depth = "HOR:RECORDLENGTH $",
    .depth_query = "HOR:RECORDLENGTH?",
    .sample_rate_query = "HOR:SAMPLERATE?",
    .select = kTektronixSelect,
    .preamble_queries = kTektronixPreamble,
    .read_facts = read_tektronix,
    .window = kTektronixWindow,
    .data_query = "CURVE?",
    .page = 1'000'000,
    .codes = CodeFormat::kI8,
    .clip_low = -128,
    .clip_high = 127,
    .codes_per_division = 25,
    .most_rate = 2.5e9,
    .time_divisions = 10,
    .least_scale = 1e-3,
    .widest_scale = 10,
    .depths = kTektronixDepths,
    .shared = {1, 1, 1, 1},
    .rate_u = kCrystal,
};

// The first row that fits counts. None was ever met on real hardware.
constexpr std::array kDialects{
    kDs1000z, mso5000(), dho(), siglent_hd(), kSiglentOld, kSiglentE11, keysight(), kTektronix,
};

}  // namespace

std::span<const ScopeDialect> scope_dialects() { return kDialects; }

}  // namespace rig

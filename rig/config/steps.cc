#include "rig/config/steps.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "rig/bench/terms.h"
#include "rig/config/disturbances.h"
#include "rig/config/expectations.h"
#include "rig/config/keys.h"
#include "rig/config/suggest.h"
#include "rig/config/units.h"

namespace rig {
namespace {

constexpr std::array<std::string_view, 4> kModifiers{"answer", "as", "at", "do"};
constexpr std::array<std::string_view, 5> kCommands{"start", "stop", "clear", "save", "keepalive"};
constexpr std::size_t kMostSteps = 10'000;  // after expanding loops

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

SetStep read_set(const Yaml& node) {
  if (!node.is_map() || node.entries.empty()) {
    throw node.error("expected settings such as {amplitude: 20 mA}, found " + node.found());
  }
  SetStep step;
  for (const auto& [key, value] : node.entries) {
    std::vector<std::string_view> names;
    const SettingInfo* info = nullptr;
    for (const SettingInfo& s : settings_of_a_stimulator()) {
      names.push_back(s.name);
      if (s.name == key.scalar) info = &s;
    }
    if (info == nullptr) {
      throw key.error("unknown setting '" + key.scalar + "'" + did_you_mean(key.scalar, names));
    }
    step.values.emplace_back(key.scalar, read_quantity(value, info->dimension));
  }
  return step;
}

SendStep read_send(const Yaml& node) {
  check_keys(node, "send");
  const Yaml* hex = node.find("hex");
  const Yaml* text = node.find("text");
  if ((hex == nullptr) == (text == nullptr)) throw node.error("expected one of hex or text");
  SendStep step{.bytes = {}, .listen = std::chrono::milliseconds(50)};
  if (const Yaml* listen = node.find("listen")) step.listen = read_time(*listen);
  if (text != nullptr) {
    const std::string s = read_text(*text, "a text");
    step.bytes.assign(s.begin(), s.end());
    return step;
  }
  const std::string s = read_text(*hex, "bytes in hex");
  for (std::size_t i = 0; i < s.size();) {
    if (s[i] == ' ') {
      ++i;
      continue;
    }
    std::uint8_t byte = 0;
    const char* end = s.data() + std::min(i + 2, s.size());
    const auto [stop, failed] = std::from_chars(s.data() + i, end, byte, 16);
    if (failed != std::errc{} || stop != s.data() + i + 2) {
      throw hex->error("expected bytes in hex such as '00 05 01', found " + hex->found());
    }
    step.bytes.push_back(byte);
    i += 2;
  }
  return step;
}

SampleRate read_rate(const Yaml& node) {
  const double hertz = read_quantity(node, "frequency");
  if (hertz < 1 || hertz > 1e10) {
    throw node.error("expected a sample rate from 1 Hz to 10 GHz, found " + node.found());
  }
  // Rates are whole numbers of millihertz.
  const auto milli = static_cast<std::uint64_t>(std::llround(hertz * 1000));
  return milli % 1000 == 0 ? SampleRate{milli / 1000, 1} : SampleRate{milli, 1000};
}

std::vector<Step> read_during(const Yaml& list, const std::string& prefix, const StepContext& on) {
  std::vector<Step> steps = read_steps(list, prefix, on);
  Picos last{};
  for (const Step& step : steps) {
    if (std::holds_alternative<std::shared_ptr<CaptureStep>>(step.action) ||
        std::holds_alternative<PowerCycleStep>(step.action)) {
      throw error_at(step.where, "a " + step.kind + " cannot stand inside `during`");
    }
    if (!step.at) continue;
    if (step.at->pulse > 0) {
      if (!std::holds_alternative<DisturbStep>(step.action)) {
        throw error_at(step.where,
                       "only load, supply, press, release and inject can wait "
                       "for a pulse");
      }
      continue;
    }
    if (step.at->at < last) {
      throw error_at(step.where, "`at` goes back in time: the step before is later");
    }
    last = step.at->at;
  }
  return steps;
}

// A quantity that has to be above zero; `what` as in "a range".
double read_positive(const Yaml& node, std::string_view dimension, const std::string& what) {
  const double value = read_quantity(node, dimension);
  if (value <= 0) throw node.error("expected " + what + " above zero, found " + node.found());
  return value;
}

// Which channel has which unit is the bench's to say; these names have one everywhere.
std::string_view dimension_of_channel(std::string_view channel) {
  if (channel == "voltage" || channel.ends_with("_voltage")) return "voltage";
  if (channel.starts_with("acceleration")) return "acceleration";
  if (channel == "force") return "force";
  return "current";
}

std::map<std::string, double> read_ranges(const Yaml& node,
                                          const std::vector<std::string>& channels) {
  if (!node.is_map())
    throw node.error("expected ranges such as {current: 5 mA}, found " + node.found());
  std::map<std::string, double> ranges;
  for (const auto& [channel, range] : node.entries) {
    if (std::ranges::find(channels, channel.scalar) == channels.end()) {
      throw channel.error("'" + channel.scalar + "' is not captured here" +
                          did_you_mean(channel.scalar, channels));
    }
    ranges[channel.scalar] = read_positive(range, dimension_of_channel(channel.scalar), "a range");
  }
  return ranges;
}

void check_channel_names(const Yaml& node, const std::vector<std::string>& channels) {
  if (channels.empty()) throw node.error("expected at least one channel");
  for (auto at = channels.begin(); at != channels.end(); ++at) {
    if (std::find(channels.begin(), at, *at) != at) {
      throw node.error("channel '" + *at + "' given twice");
    }
  }
}

std::shared_ptr<CaptureStep> read_capture(const Yaml& node, const std::string& path,
                                          const StepContext& on) {
  check_keys(node, "capture");
  auto capture = std::make_shared<CaptureStep>();
  CaptureSetup& setup = capture->setup;
  setup.name = read_text(*node.find("as"), "a name");
  const bool plain = !setup.name.empty() && std::ranges::all_of(setup.name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-';
  });
  if (!plain) {
    throw node.find("as")->error("expected a name of letters, digits, _ and -, found " +
                                 node.find("as")->found());
  }
  setup.channels = read_words(*node.find("channels"), "channels");
  check_channel_names(*node.find("channels"), setup.channels);
  setup.rate = read_rate(*node.find("rate"));
  setup.length = read_time(*node.find("for"));
  if (setup.length == Picos(0)) throw node.find("for")->error("expected a time above zero");
  if (const Yaml* range = node.find("range")) setup.ranges = read_ranges(*range, setup.channels);
  if (const Yaml* segments = node.find("segments")) {
    check_keys(*segments, "segments");
    const Yaml* channel = segments->find("channel");
    Trigger trigger{.channel = channel == nullptr ? "current" : read_text(*channel, "a channel")};
    trigger.level = read_quantity(*segments->find("level"), dimension_of_channel(trigger.channel));
    setup.trigger = trigger;
    setup.pre_trigger = read_time(*segments->find("pre"));
    setup.segment_length = read_time(*segments->find("length"));
    if (setup.pre_trigger >= setup.segment_length) {
      throw segments->error("the window before the trigger is as long as the whole segment");
    }
  }
  if (const Yaml* keep = node.find("keep")) {
    capture->keep_segments = static_cast<std::uint32_t>(read_integer(*keep, 1, 1'000'000));
  }
  if (const Yaml* threshold = node.find("threshold")) {
    capture->criteria.current_threshold = read_positive(*threshold, "current", "a threshold");
  }
  if (const Yaml* still = node.find("still")) {
    capture->criteria.still = read_positive(*still, "acceleration", "a level");
  }
  if (const Yaml* during = node.find("during")) {
    capture->during = read_during(*during, path + ".", on);
  }
  return capture;
}

std::string in_short(const Yaml& node) {
  if (!node.is_map() && !node.is_list()) return node.scalar;
  std::string text;
  for (const auto& [key, value] : node.entries) {
    text += (text.empty() ? "" : ", ") + key.scalar + ' ' + in_short(value);
  }
  for (const Yaml& item : node.items) text += (text.empty() ? "" : ", ") + in_short(item);
  return text;
}

std::string text_of_capture(const CaptureSetup& setup) {
  std::string text = setup.name + ":";
  for (const std::string& channel : setup.channels) text += " " + channel;
  text += " at " + in_words(setup.rate.hertz(), "Hz") + " for " +
          in_words(to_seconds(setup.length), "s");
  if (setup.trigger) {
    text += ", a segment of " + in_words(to_seconds(setup.segment_length), "s") + " per trigger";
  }
  return text;
}

Action read_action(const std::string& kind, const Yaml& node, const std::string& path,
                   const StepContext& on) {
  if (kind == "set") return read_set(node);
  if (is_one_of(kind, kCommands)) {
    if (node.kind != Yaml::Kind::kNull) {
      throw node.error("'" + kind + "' takes nothing, found " + node.found());
    }
    return CommandStep{kind};
  }
  if (kind == "wait") return WaitStep{read_time(node)};
  if (kind == "load" || kind == "supply" || kind == "press" || kind == "release" ||
      kind == "inject") {
    return DisturbStep{read_disturbance(kind, node)};
  }
  if (kind == "power") {
    if (!node.is_scalar() || node.scalar != "cycle") {
      throw node.error("expected cycle, found " + node.found());
    }
    return PowerCycleStep{};
  }
  if (kind == "heartbeat") {
    if (node.is_scalar() && node.scalar == "off") return HeartbeatStep{};
    return HeartbeatStep{read_time(node)};
  }
  if (kind == "send") return read_send(node);
  if (kind == "capture") return read_capture(node, path, on);
  if (kind == "inform") return read_inform(node);
  return read_expect(node, on.spec);
}

Moment read_moment(const Yaml& node) {
  if (!node.is_map()) return {.at = read_time(node)};
  const Yaml* pulse = node.find("pulse");
  const Yaml* plus = node.find("plus");
  if (pulse == nullptr || plus == nullptr || node.entries.size() != 2) {
    throw node.error("expected a time or {pulse: N, plus: TIME}");
  }
  return {.at = read_time(*plus),
          .pulse = static_cast<std::uint32_t>(read_integer(*pulse, 1, 1'000'000'000))};
}

void expand(const Yaml& node, const std::string& path, const StepContext& on,
            std::vector<Step>& out);

void expand_include(const Yaml& node, const std::string& path, const StepContext& on,
                    std::vector<Step>& out) {
  const std::string file =
      (std::filesystem::path(on.folder) / read_text(node, "a file name")).lexically_normal();
  if (std::ranges::find(on.including, file) != on.including.end()) {
    throw node.error("'" + file + "' includes itself");
  }
  Yaml root = read_yaml(file);
  on.fill_in(root);
  if (!root.is_map() || root.entries.size() != 1 || root.find("steps") == nullptr) {
    throw root.error("an included file has one key, `steps`");
  }
  StepContext inner = on;
  inner.folder = std::filesystem::path(file).parent_path();
  inner.including.push_back(file);
  const std::vector<Step> steps = read_steps(*root.find("steps"), path + ".", inner);
  out.insert(out.end(), steps.begin(), steps.end());
}

void expand_repeat(const Yaml& node, const std::string& path, const StepContext& on,
                   std::vector<Step>& out) {
  check_keys(node, "repeat");
  const std::int64_t times = read_integer(*node.find("times"), 1, 1'000'000);
  for (std::int64_t k = 1; k <= times; ++k) {
    const std::vector<Step> steps =
        read_steps(*node.find("steps"), path + "." + std::to_string(k) + ".", on);
    out.insert(out.end(), steps.begin(), steps.end());
    if (out.size() > kMostSteps) {
      throw node.error("more than " + std::to_string(kMostSteps) + " steps");
    }
  }
}

// The one key of a step that is not a modifier.
const Yaml::Entry& action_of(const Yaml& node) {
  const Yaml::Entry* action = nullptr;
  for (const auto& entry : node.entries) {
    if (is_one_of(entry.key.scalar, kModifiers)) continue;
    if (action != nullptr) {
      throw entry.key.error("a step does one thing: '" + action->key.scalar + "' and '" +
                            entry.key.scalar + "' are two");
    }
    action = &entry;
  }
  if (action == nullptr) throw node.error("this step does nothing");
  return *action;
}

Step read_plain(const Yaml& node, const std::string& path, const StepContext& on) {
  Step step{.path = path, .where = node.where()};
  if (node.is_scalar()) {
    if (!is_one_of(node.scalar, kCommands)) {
      throw node.error("unknown step '" + node.scalar + "'" + did_you_mean(node.scalar, kCommands));
    }
    step.kind = step.text = node.scalar;
    step.action = CommandStep{node.scalar};
    return step;
  }
  const auto& [key, value] = action_of(node);
  step.kind = key.scalar;
  step.where = key.where();
  step.action = read_action(key.scalar, value, path, on);
  const auto* capture = std::get_if<std::shared_ptr<CaptureStep>>(&step.action);
  step.text = key.scalar;
  if (const auto* expect = std::get_if<ExpectStep>(&step.action)) {
    step.text += text_of_expect(*expect);
  } else if (capture != nullptr) {
    step.text += " " + text_of_capture((*capture)->setup);
  } else if (const std::string detail = in_short(value); !detail.empty()) {
    step.text += " " + detail;
  }
  return step;
}

bool talks(const Action& action) {
  return std::holds_alternative<SetStep>(action) || std::holds_alternative<CommandStep>(action) ||
         std::holds_alternative<SendStep>(action);
}

// What stands behind `do` is one plain step, and beside it nothing else is done.
void check_inner(const Yaml& node, const Yaml& inner) {
  for (const Yaml::Entry& entry : node.entries) {
    if (is_one_of(entry.key.scalar, kModifiers)) continue;
    throw entry.key.error("a step does one thing: '" + entry.key.scalar + "' and 'do' are two");
  }
  if (!inner.is_scalar()) check_keys(inner, "step");
  for (const Yaml::Entry& entry : inner.entries) {
    const std::string& key = entry.key.scalar;
    if (key == "do" || key == "at" || key == "include" || key == "repeat") {
      throw entry.key.error("'" + key + "' cannot stand inside `do`");
    }
  }
}

// Steps that are put in here have their own answers, names and moments.
void check_alone(const Yaml& node) {
  for (const char* kind : {"include", "repeat"}) {
    if (node.find(kind) != nullptr && node.entries.size() > 1) {
      throw node.error("'" + std::string(kind) + "' stands alone in its step");
    }
  }
}

void expand(const Yaml& node, const std::string& path, const StepContext& on,
            std::vector<Step>& out) {
  if (!node.is_scalar()) check_keys(node, "step");
  const Yaml* inner = node.find("do");
  if (inner != nullptr) {
    check_inner(node, *inner);
  } else {
    check_alone(node);
    if (const Yaml* include = node.find("include")) return expand_include(*include, path, on, out);
    if (const Yaml* repeat = node.find("repeat")) return expand_repeat(*repeat, path, on, out);
  }
  Step step = read_plain(inner != nullptr ? *inner : node, path, on);
  for (const Yaml* place : {&node, inner}) {
    if (place == nullptr || !place->is_map()) continue;
    if (const Yaml* answer = place->find("answer")) {
      if (!talks(step.action)) throw answer->error("a " + step.kind + " has no answer");
      const LimitSource limit = read_answer(*answer, on.spec);
      step.answer = std::get<Word>(limit.what).text;
      step.requirement = limit.requirement;
      step.answer_limit = limit.name;
    }
    if (const Yaml* label = place->find("as")) step.label = read_text(*label, "a label");
    if (const Yaml* at = place->find("at")) step.at = read_moment(*at);
  }
  if (inner != nullptr && !step.at) throw node.error("`do` needs `at`");
  out.push_back(std::move(step));
}

}  // namespace

std::vector<Step> read_steps(const Yaml& list, const std::string& prefix, const StepContext& on) {
  if (!list.is_list() || list.items.empty()) {
    throw list.error("expected a list of steps, found " + list.found());
  }
  std::vector<Step> steps;
  for (std::size_t k = 0; k < list.items.size(); ++k) {
    expand(list.items[k], prefix + std::to_string(k + 1), on, steps);
    if (steps.size() > kMostSteps) {
      throw list.items[k].error("more than " + std::to_string(kMostSteps) + " steps");
    }
  }
  return steps;
}

}  // namespace rig

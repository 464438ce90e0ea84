// Files that describe a protocol of text lines.
#include <algorithm>
#include <array>
#include <filesystem>

#include "rig/bench/terms.h"
#include "rig/config/bench_parts.h"
#include "rig/config/keys.h"
#include "rig/config/suggest.h"
#include "rig/config/units.h"

namespace rig {
namespace {

constexpr std::array<std::string_view, 5> kVerbs{"start", "stop", "clear", "save", "keepalive"};

const StatusFieldInfo& status_field(const Yaml& node, const std::string& name) {
  std::vector<std::string_view> names;
  for (const StatusFieldInfo& info : status_fields()) {
    if (info.name == name) return info;
    names.push_back(info.name);
  }
  throw node.error("no status field is called '" + name + "'" + did_you_mean(name, names));
}

// "STATE={state} I={current mA}". Places of a status have a name of the status fields and, when
// that is a number, the device's unit.
TextPattern read_pattern(const Yaml& node, bool of_status) {
  TextPattern pattern{.source = read_text(node, "a line such as 'OK' or 'I={current mA}'")};
  std::string_view rest = pattern.source;
  while (!rest.empty()) {
    const std::size_t open = rest.find('{');
    if (open != 0) pattern.parts.push_back({.text = std::string(rest.substr(0, open))});
    if (open == std::string_view::npos) break;
    const std::size_t close = rest.find('}', open);
    const std::string inside(rest.substr(open + 1, close - open - 1));
    const bool beside = !pattern.parts.empty() && pattern.parts.back().place;
    if (close == std::string_view::npos || inside.empty() || beside) {
      throw node.error("expected places such as {state}, with text between them, found " +
                       node.found());
    }
    const std::size_t space = inside.find(' ');
    TextPattern::Part part{.text = inside.substr(0, space), .place = true};
    if (of_status) {
      const StatusFieldInfo& info = status_field(node, part.text);
      part.unit = info.unit;
      if (!info.dimension.empty() && space != std::string::npos) {
        Yaml one = node;
        one.scalar = "1 " + inside.substr(space + 1);
        part.per = read_quantity(one, info.dimension);
      } else if (space != std::string::npos || (!info.unit.empty() && info.unit != "1")) {
        throw node.error("expected " + part.text +
                         (info.unit.empty() ? " without a unit" : " with its unit") + ", found " +
                         node.found());
      }
    }
    pattern.parts.push_back(std::move(part));
    rest.remove_prefix(close + 1);
  }
  return pattern;
}

TextProtocol::Setting read_setting(const Yaml& name, const Yaml& node) {
  check_keys(node, "text_setting");
  const auto settings = settings_of_a_stimulator();
  const auto info = std::ranges::find(settings, name.scalar, &SettingInfo::name);
  if (info == settings.end()) {
    std::vector<std::string_view> names;
    for (const SettingInfo& s : settings) names.push_back(s.name);
    throw name.error("no setting is called '" + name.scalar + "'" +
                     did_you_mean(name.scalar, names));
  }
  TextProtocol::Setting setting{.name = name.scalar,
                                .command = read_text(*node.find("send"), "a line")};
  if (setting.command.find("{value}") == std::string::npos) {
    throw node.find("send")->error("expected {value} in the line, found " +
                                   node.find("send")->found());
  }
  if (info->dimension == "count") return setting;
  const Yaml* unit = node.find("unit");
  if (unit == nullptr) throw node.error("text_setting needs the key 'unit'");
  Yaml one = *unit;
  one.scalar = "1 " + read_text(*unit, "a unit");
  setting.per = read_quantity(one, info->dimension);
  if (const Yaml* decimals = node.find("decimals")) {
    setting.decimals = static_cast<int>(read_integer(*decimals, 0, 9));
  }
  return setting;
}

void read_commands(const Yaml& node, TextProtocol& protocol) {
  for (const auto& [verb, line] : node.entries) {
    if (std::ranges::find(kVerbs, verb.scalar) == kVerbs.end()) {
      throw verb.error("no command is called '" + verb.scalar + "'" +
                       did_you_mean(verb.scalar, kVerbs));
    }
    protocol.commands.emplace_back(verb.scalar, read_text(line, "a line"));
  }
  // Without the first two there is no session; without a sign of life, no output for long.
  for (const std::string_view needed : {"start", "stop", "keepalive"}) {
    if (node.find(needed) == nullptr) {
      throw node.error("commands need '" + std::string(needed) + "'");
    }
  }
}

}  // namespace

std::optional<TextProtocol> text_protocol_of(const Yaml& bench, const std::string& protocol) {
  if (!protocol.ends_with(".yaml")) return std::nullopt;
  return load_text_protocol(
      (std::filesystem::path(bench.file).parent_path() / protocol).lexically_normal().string());
}

TextProtocol load_text_protocol(const std::string& path) {
  const Yaml root = read_yaml(path);
  check_keys(root, "text_protocol");
  TextProtocol protocol{.title = read_text(*root.find("protocol"), "a title")};
  if (const Yaml* end = root.find("line_end")) {
    const std::string& text = end->scalar;
    if (text != "lf" && text != "cr" && text != "crlf") {
      throw end->error("expected lf, cr or crlf, found " + end->found());
    }
    protocol.line_end = text == "lf" ? "\n" : text == "cr" ? "\r" : "\r\n";
  }
  protocol.timeout = from_seconds(positive_or(root, "timeout", "time", 0.2));
  const Yaml& identify = *root.find("identify");
  check_keys(identify, "text_query");
  protocol.identify = read_text(*identify.find("send"), "a line");
  protocol.identity = read_pattern(*identify.find("reply"), false);
  for (const auto& [name, setting] : root.find("set")->entries) {
    protocol.settings.push_back(read_setting(name, setting));
  }
  read_commands(*root.find("commands"), protocol);
  for (const auto& [word, line] : root.find("answers")->entries) {
    protocol.answers.emplace_back(word.scalar, read_pattern(line, false));
  }
  const Yaml& status = *root.find("status");
  check_keys(status, "text_query");
  protocol.status = read_text(*status.find("send"), "a line");
  protocol.status_reply = read_pattern(*status.find("reply"), true);
  return protocol;
}

}  // namespace rig

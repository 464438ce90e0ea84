// The host's side of a protocol of text lines, as a file describes it.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <map>
#include <optional>
#include <utility>

#include "rig/core/error.h"
#include "rig/core/verdict.h"
#include "rig/dut/dialogue.h"
#include "rig/dut/frame.h"
#include "rig/dut/late_look.h"
#include "rig/dut/stimulator.h"

namespace rig {
namespace {

constexpr std::size_t kLongestLine = 1024;  // more without an end is a babbling device

// What stands at the pattern's places; nullopt when the line is another one.
std::optional<std::map<std::string, std::string>> match(const TextPattern& pattern,
                                                        std::string_view line) {
  std::map<std::string, std::string> found;
  for (std::size_t k = 0; k < pattern.parts.size(); ++k) {
    const TextPattern::Part& part = pattern.parts[k];
    if (!part.place) {
      if (!line.starts_with(part.text)) return std::nullopt;
      line.remove_prefix(part.text.size());
      continue;
    }
    const bool last = k + 1 == pattern.parts.size();
    const std::size_t end = last ? line.size() : line.find(pattern.parts[k + 1].text, 1);
    if (end == 0 || end == std::string_view::npos || end > line.size()) return std::nullopt;
    found[part.text] = line.substr(0, end);
    line.remove_prefix(end);
  }
  if (!line.empty()) return std::nullopt;
  return found;
}

std::string with_value(const std::string& command, const std::string& value) {
  std::string text = command;
  const std::string place = "{value}";
  return text.replace(text.find(place), place.size(), value);
}

class TextStimulator final : public Stimulator {
 public:
  TextStimulator(TextProtocol protocol, Link& link, Clock& clock)
      : protocol_(std::move(protocol)), link_(link), clock_(clock) {}

  std::string identify() override {
    const auto found = demand(protocol_.identify, protocol_.identity);
    std::string identity = protocol_.title;
    for (const auto& [name, text] : found) identity += " " + text;
    return identity;
  }

  Answer set(std::string_view setting, double si) override {
    const auto s = std::ranges::find(protocol_.settings, setting, &TextProtocol::Setting::name);
    if (s == protocol_.settings.end()) {
      throw RigError("this protocol cannot set '" + std::string(setting) + "'");
    }
    const double exact = si / s->per * std::pow(10, s->decimals);
    const double rounded = std::round(exact);
    if (std::fabs(exact - rounded) > 1e-6 * std::max(1.0, std::fabs(exact))) {
      throw RigError("this protocol cannot express " + std::string(setting) +
                     " exactly: " + std::to_string(si / s->per) + " of its units");
    }
    std::array<char, 64> value{};
    std::snprintf(value.data(), value.size(), "%.*f", s->decimals,
                  rounded / std::pow(10, s->decimals));
    return ask(with_value(s->command, value.data())).answer;
  }

  Answer command(std::string_view verb) override {
    const auto c =
        std::ranges::find(protocol_.commands, verb, &std::pair<std::string, std::string>::first);
    if (c == protocol_.commands.end()) {
      throw RigError("this protocol has no command '" + std::string(verb) + "'");
    }
    return ask(c->second).answer;
  }

  Status status() override {
    const auto found = demand(protocol_.status, protocol_.status_reply);
    Status status;
    for (const TextPattern::Part& part : protocol_.status_reply.parts) {
      if (part.place) status[part.text] = field(part, found.at(part.text));
    }
    return status;
  }

  Answer send_raw(std::span<const std::uint8_t> bytes, Picos listen) override {
    drop_stale();
    write(bytes, "raw bytes");
    Answer answer{.word = "none", .sent = sent_};
    while (const auto line = next_line(sent_ + listen)) {
      answer.arrived = true;
      answer.answered = clock_.now();
      answer.word = word_of(*line);
    }
    return answer;
  }

  std::vector<Exchange> take_dialogue() override { return dialogue_.take(); }

 private:
  struct Reply {
    Answer answer;
    std::string line;
  };

  // A line has no number by which its command could be told. So an answer that is late is waited
  // for before the next command, or it would be taken for that one's.
  Reply ask(const std::string& line) {
    if (std::exchange(owed_, false)) {
      const Picos limit = clock_.now() + protocol_.timeout;
      while (next_line(limit)) {
      }
    }
    drop_stale();
    const std::string sent = line + protocol_.line_end;
    write({reinterpret_cast<const std::uint8_t*>(sent.data()), sent.size()}, line);
    Reply reply{.answer = {.word = "none", .sent = sent_}, .line = {}};
    const auto answer = next_line(sent_ + protocol_.timeout);
    owed_ = !answer;
    if (!answer) return reply;
    reply.answer.arrived = true;
    reply.answer.answered = clock_.now();
    reply.answer.word = word_of(*answer);
    reply.line = *answer;
    return reply;
  }

  std::map<std::string, std::string> demand(const std::string& line, const TextPattern& pattern) {
    const Reply reply = ask(line);
    if (!reply.answer.arrived) {
      throw DeviceSilent("the device does not answer '" + line + "' within " +
                         in_words(to_seconds(protocol_.timeout), "s"));
    }
    auto found = match(pattern, reply.line);
    if (!found) {
      throw DeviceSilent("the device answers '" + line + "' with '" + reply.line + "', expected '" +
                         pattern.source + "'");
    }
    return *found;
  }

  StatusField field(const TextPattern::Part& part, const std::string& text) const {
    if (part.unit.empty()) return {.word = text, .number = 0, .unit = {}};
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
      throw DeviceSilent("the device's status has the " + part.text + " '" + text +
                         "', expected a number");
    }
    value *= part.per;
    return {.word = in_words(value, part.unit), .number = value, .unit = part.unit};
  }

  std::string word_of(const std::string& line) const {
    for (const auto& [word, pattern] : protocol_.answers) {
      if (match(pattern, line)) return word;
    }
    return line;
  }

  void write(std::span<const std::uint8_t> bytes, const std::string& meaning) {
    dialogue_.add({.at = clock_.now(), .to_device = true, .bytes = hex(bytes), .meaning = meaning});
    sent_ = link_.write(std::as_bytes(bytes));
  }

  // The next line that is not empty, without its end.
  std::optional<std::string> next_line(Picos deadline) {
    while (true) {
      const std::size_t end = arrived_.find_first_of("\r\n");
      if (end != std::string::npos || arrived_.size() > kLongestLine) {
        std::string line = arrived_.substr(0, end);
        arrived_.erase(0, end == std::string::npos ? end : end + 1);
        if (line.empty()) continue;
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(line.data());
        dialogue_.add({.at = clock_.now(),
                       .to_device = false,
                       .bytes = hex({bytes, line.size()}),
                       .meaning = line});
        return line;
      }
      if (clock_.now() >= deadline) {
        require_timely_look(link_, clock_, deadline);
        return std::nullopt;
      }
      receive(deadline - clock_.now());
    }
  }

  std::size_t receive(Picos timeout) {
    std::array<std::byte, 256> buffer{};
    const std::size_t count = link_.read(buffer, timeout);
    for (std::size_t k = 0; k < count; ++k) arrived_ += std::to_integer<char>(buffer[k]);
    return count;
  }

  void drop_stale() {
    constexpr int kMostReads = 64;  // a babbling device never has nothing to say
    for (int k = 0; k < kMostReads && receive(Picos(0)) > 0; ++k) {
    }
    while (next_line(clock_.now())) {
    }
    arrived_.clear();
  }

  TextProtocol protocol_;
  Link& link_;
  Clock& clock_;
  std::string arrived_;
  Picos sent_{};
  bool owed_ = false;  // an answer that has not come in time
  Dialogue dialogue_;
};

}  // namespace

std::unique_ptr<Stimulator> make_text_stimulator(TextProtocol protocol, Link& link, Clock& clock) {
  return std::make_unique<TextStimulator>(std::move(protocol), link, clock);
}

}  // namespace rig

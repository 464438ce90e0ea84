// A scenario file damaged in every way chance finds: it loads, or one line says what is wrong.
#include <random>

#include "tests/config/files_fixture.h"

namespace rig {
namespace {

constexpr const char* kScenario = R"(scenario: "Everything in one: 50 %"
verifies: [SRS-041, SRS-010]
needs: [load.open]
tags: [safety, nightly]
sweep: {amplitude: [10 mA, 40 mA], rate: [1 Hz, 35 Hz]}
steps:
  - load: {series: 300 ohm, parallel: 2 kohm, capacitance: 50 nF}
  - set: {amplitude: "${amplitude}", width: 300 us, gap: 100 us, rate: "${rate}"}
  - repeat: {times: 2, steps: [&beat keepalive, *beat]}
  - send: {hex: "00 05 77 05 dc 64 00", listen: 100 ms}
    answer: any
  - capture:
      as: trip
      channels: [current, voltage, led]
      rate: 5 MHz
      for: 2 s
      segments: {level: 1 mA, pre: 60 us, length: 1200 us}
      keep: 8
      during:
        - start
        - at: 1 s
          do: {load: open}
          as: lifted
        - {at: {pulse: 12, plus: 37 us}, do: {supply: {dip: 3 V, for: 50 ms}}}
  - expect:
      in: trip
      after: lifted
      output.off_latency: SRS-041.latency
      phase1.width: SRS-010
      led.high: "<= 2 %"
      status.state: {is: FAULT}
      status.amplitude: {nominal: set.amplitude, within: "1 % + 1 uA"}
)";

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  std::string mutated(std::string text) {
    for (std::size_t k = below(3) + 1; k > 0; --k) text = once(std::move(text));
    return text;
  }

 private:
  std::size_t below(std::size_t n) { return n == 0 ? 0 : random_() % n; }

  std::string once(std::string text) {
    if (text.empty()) return text;
    const std::size_t at = below(text.size());
    switch (below(7)) {
      case 0: text.erase(at, 1 + below(4)); break;
      case 1: text.insert(at, text.substr(below(text.size()), 1 + below(8))); break;
      case 2: text[at] = static_cast<char>(random_()); break;
      case 3: text[at] = "[]{}:,&*!|>'\"%@`#-?${}0\n\t\\~"[below(27)]; break;
      case 4: text.erase(line_start(text, at), line_length(text, at)); break;
      case 5: {
        const std::string line = text.substr(line_start(text, at), line_length(text, at));
        text.insert(line_start(text, below(text.size())), line);
        break;
      }
      default: {
        const std::string line = text.substr(line_start(text, at), line_length(text, at));
        const std::size_t to = below(text.size());
        text.replace(line_start(text, to), line_length(text, to), line);
      }
    }
    return text;
  }

  static std::size_t line_start(const std::string& text, std::size_t at) {
    const auto before = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
    return before == std::string::npos ? 0 : before + 1;
  }
  static std::size_t line_length(const std::string& text, std::size_t at) {
    const std::size_t start = line_start(text, at);
    const auto end = text.find('\n', start);
    return (end == std::string::npos ? text.size() : end + 1) - start;
  }

  std::mt19937 random_;
};

class Fuzz : public FilesTest {
 protected:
  // Empty: as it should be. Counts what loaded and what was refused.
  std::string complaint_about(const std::string& text) {
    const std::string file = write("s.yaml", text);
    try {
      load_scenarios(file, path(""), spec_);
      ++loaded_;
      return "";
    } catch (const InputError& error) {
      ++refused_;
      const std::string what = error.what();
      if (!what.starts_with(file + ":")) return "does not begin with the file: " + what;
      if (what.find('\n') != std::string::npos) return "more than one line: " + what;
      if (what.size() > file.size() + 600) return "longer than anyone reads: " + what;
      return "";
    } catch (const std::exception& error) {
      return std::string("another exception: ") + error.what();
    }
  }

  int loaded_ = 0;
  int refused_ = 0;
};

TEST_F(Fuzz, ItsScenarioIsGoodBeforeItIsDamaged) {
  EXPECT_EQ(complaint_about(kScenario), "");
  EXPECT_EQ(loaded_, 1);
}

TEST_F(Fuzz, DamagedScenarioLoadsOrGivesOneLineBeginningWithTheFile) {
  Mutator mutator(20261123);
  for (int k = 0; k < 2000; ++k) {
    const std::string text = mutator.mutated(kScenario);
    const std::string complaint = complaint_about(text);
    ASSERT_EQ(complaint, "") << "mutation " << k << ":\n" << text;
  }
  EXPECT_GT(loaded_, 50) << "damage so gentle must be possible";
  EXPECT_GT(refused_, 1000);
}

}  // namespace
}  // namespace rig

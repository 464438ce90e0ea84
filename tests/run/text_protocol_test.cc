// A stimulator that needs no C++: its protocol of text lines is a file.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <string>

#include "rig/config/bench_parts.h"
#include "rig/dut/stimulator.h"
#include "tests/config/files_fixture.h"

namespace rig {
namespace {

using std::chrono::milliseconds;

constexpr const char* kFile = R"(protocol: Acme NMES
line_end: crlf
timeout: 100 ms
identify: {send: "*IDN?", reply: "ACME,{model},{serial}"}
set:
  amplitude: {send: "AMP {value}", unit: mA, decimals: 1}
  width: {send: "PW {value}", unit: us}
commands: {start: RUN, stop: HALT, keepalive: PING}
answers: {ok: OK, out_of_range: "ERR 2 {why}", ok_too: "YES {a}/{b}"}
status: {send: "STAT?", reply: "S={state};I={current mA};N={pulses}"}
)";

// The device: a line in, lines out after a while.
class Acme final : public Link, public Clock {
 public:
  std::function<std::string(const std::string&)> says;  // with their ends
  Picos thinks = milliseconds(5);
  Picos stalls{};  // so long this computer does not run when it waits next
  std::vector<std::string> heard;

  Picos now() const override { return now_; }
  void wait_until(Picos when) override { now_ = std::max(now_, when); }
  Picos write(std::span<const std::byte> bytes) override {
    std::string line;
    for (const std::byte b : bytes) line += std::to_integer<char>(b);
    heard.push_back(line);
    coming_.push_back({now_ + thinks, says(line)});
    return now_;
  }
  std::size_t read(std::span<std::byte> into, Picos timeout) override {
    const Picos until = now_ + timeout;
    if (timeout > Picos(0) && stalls > Picos(0)) {
      now_ += std::exchange(stalls, Picos(0));
      return 0;
    }
    if (coming_.empty() || coming_.front().first > until) {
      now_ = until;
      return 0;
    }
    now_ = std::max(now_, coming_.front().first);
    std::string& text = coming_.front().second;
    const std::size_t count = std::min(into.size(), text.size());
    std::transform(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(count), into.begin(),
                   [](char c) { return static_cast<std::byte>(c); });
    text.erase(0, count);
    if (text.empty()) coming_.pop_front();
    return count;
  }

 private:
  Picos now_{};
  std::deque<std::pair<Picos, std::string>> coming_;
};

class TextProtocolTest : public FilesTest {
 protected:
  Acme acme_;
  std::unique_ptr<Stimulator> device_ =
      make_text_stimulator(load_text_protocol(write("acme.yaml", kFile)), acme_, acme_);

  std::string silence_of(const std::function<void()>& act) {
    try {
      act();
    } catch (const DeviceSilent& silent) {
      return silent.what();
    } catch (const RigError& error) {
      return std::string("rig: ") + error.what();
    }
    return "no error";
  }
  std::string error_with(const std::string& old_text, const std::string& new_text) {
    std::string text = kFile;
    text.replace(text.find(old_text), old_text.size(), new_text);
    return error_of([&] { load_text_protocol(write("p.yaml", text)); });
  }
};

TEST_F(TextProtocolTest, AnswerThatThisComputerDidNotLookForInTimeIsNoSilence) {
  acme_.says = [](const std::string&) { return "OK\r\n"; };
  acme_.stalls = std::chrono::seconds(3);
  const std::string error = silence_of([&] { device_->command("start"); });
  EXPECT_TRUE(error.starts_with("rig: an answer lay there unread ")) << error;
}

TEST_F(TextProtocolTest, SaysWhatTheFileSaysInTheDevicesUnits) {
  acme_.says = [](const std::string&) { return "OK\r\n"; };
  EXPECT_EQ(device_->set("amplitude", 0.0205).word, "ok");
  EXPECT_EQ(device_->set("width", 300e-6).word, "ok");
  EXPECT_EQ(device_->command("start").word, "ok");
  EXPECT_EQ(acme_.heard, (std::vector<std::string>{"AMP 20.5\r\n", "PW 300\r\n", "RUN\r\n"}));
  EXPECT_EQ(silence_of([&] { device_->set("amplitude", 0.02055); }),
            "rig: this protocol cannot express amplitude exactly: 20.550000 of its units");
  EXPECT_EQ(silence_of([&] { device_->set("gap", 1e-4); }), "rig: this protocol cannot set 'gap'");
  EXPECT_EQ(silence_of([&] { device_->command("save"); }),
            "rig: this protocol has no command 'save'");
}

TEST_F(TextProtocolTest, TurnsAnswersIntoWordsAndLeavesOthersAsTheyAre) {
  std::string line;
  acme_.says = [&](const std::string&) { return line; };
  const auto word = [&](const std::string& answer) {
    line = answer;
    return device_->command("stop").word;
  };
  EXPECT_EQ(word("OK\n"), "ok");
  EXPECT_EQ(word("\n\rOK\r"), "ok");
  EXPECT_EQ(word("ERR 2 too much\n"), "out_of_range");
  EXPECT_EQ(word("ERR 2 \n"), "ERR 2 ") << "a place takes at least one character";
  EXPECT_EQ(word("YES 1/2\n"), "ok_too");
  EXPECT_EQ(word("OKAY\n"), "OKAY");
  EXPECT_EQ(word("ERR 7\n"), "ERR 7");
}

TEST_F(TextProtocolTest, ReadsIdentityAndStatus) {
  acme_.says = [](const std::string& line) {
    return line == "*IDN?\r\n" ? "ACME,N1,007\r\n" : "S=RUN;I=19.5;N=12\r\n";
  };
  EXPECT_EQ(device_->identify(), "Acme NMES N1 007");
  const Status status = device_->status();
  EXPECT_EQ(status.at("state").word, "RUN");
  EXPECT_DOUBLE_EQ(status.at("current").number, 0.0195);
  EXPECT_EQ(status.at("current").unit, "A");
  EXPECT_DOUBLE_EQ(status.at("pulses").number, 12);
}

TEST_F(TextProtocolTest, AnAnswerThatIsNoneIsTheDevicesFault) {
  acme_.says = [](const std::string&) { return "BUSY\n"; };
  EXPECT_EQ(silence_of([&] { device_->identify(); }),
            "the device answers '*IDN?' with 'BUSY', expected 'ACME,{model},{serial}'");
  acme_.says = [](const std::string&) { return "S=RUN;I=much;N=12\n"; };
  EXPECT_EQ(silence_of([&] { device_->status(); }),
            "the device's status has the current 'much', expected a number");
  acme_.says = [](const std::string&) { return "no end of line"; };
  EXPECT_EQ(silence_of([&] { device_->status(); }),
            "the device does not answer 'STAT?' within 100 ms");
  EXPECT_EQ(device_->command("stop").word, "none");
}

TEST_F(TextProtocolTest, ALateAnswerIsNeverTakenForTheNextOnes) {
  acme_.thinks = milliseconds(150);
  acme_.says = [](const std::string&) { return "OK\n"; };
  EXPECT_FALSE(device_->command("start").arrived);
  acme_.says = [](const std::string&) { return "ERR 2 no\n"; };
  acme_.thinks = milliseconds(5);
  EXPECT_EQ(device_->command("stop").word, "out_of_range");
}

TEST_F(TextProtocolTest, RefusesFilesThatCannotBeSpoken) {
  const std::string at = "p.yaml:";
  EXPECT_EQ(error_with("amplitude:", "amplitud:"),
            at + "6:3: no setting is called 'amplitud', did you mean 'amplitude'?");
  EXPECT_EQ(error_with("AMP {value}", "AMP"),
            at + "6:21: expected {value} in the line, found 'AMP'");
  EXPECT_EQ(error_with("unit: mA", "unit: us").substr(0, 12), at + "6:42:");
  EXPECT_EQ(error_with(", keepalive: PING", ""), at + "8:11: commands need 'keepalive'");
  EXPECT_EQ(error_with("{pulses}", "{pulse}"),
            at + "10:32: no status field is called 'pulse', did you mean 'pulses'?");
  EXPECT_EQ(error_with("{current mA}", "{current}"),
            at + "10:32: expected current with its unit, found 'S={state};I={current};N={pulses}'");
  EXPECT_EQ(
      error_with("{a}/{b}", "{a}{b}"),
      at + "9:56: expected places such as {state}, with text between them, found 'YES {a}{b}'");
}

}  // namespace
}  // namespace rig

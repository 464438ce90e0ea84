// The host's side of the framed protocol, against a device that is late, wrong, silent or babbles.
#include <gtest/gtest.h>

#include <cmath>

#include "rig/core/error.h"
#include "rig/dut/stimulator.h"
#include "tests/fakes.h"

namespace rig {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

class SoleusProtocol : public testing::Test {
 protected:
  using Says = std::vector<fake::Said>;

  std::string error_of(const std::function<void()>& act) const {
    try {
      act();
    } catch (const std::exception& error) {
      return error.what();
    }
    return "";
  }

  fake::Scene scene_;
  fake::ManualClock clock_{scene_};
  fake::ScriptedLink link_{scene_};
  std::unique_ptr<Stimulator> device_ = make_stimulator("soleus", link_, clock_);
};

TEST_F(SoleusProtocol, KnowsNoOtherProtocol) {
  EXPECT_EQ(error_of([this] { make_stimulator("sience", link_, clock_); }),
            "unknown protocol 'sience', this rig has: soleus, soleus_m, sciencemode4");
}

TEST_F(SoleusProtocol, IdentifiesTheDevice) {
  EXPECT_EQ(device_->identify(), "1234abcd firmware 1.0");
}

TEST_F(SoleusProtocol, AnswerThatThisComputerDidNotLookForInTimeIsNoSilence) {
  scene_.rig_stalls = milliseconds(300);
  EXPECT_EQ(
      error_of([this] { device_->identify(); }),
      "an answer lay there unread 98.18 ms after its time: this computer was too busy to tell "
      "whether the device was late");
  EXPECT_EQ(device_->identify(), "1234abcd firmware 1.0");
}

TEST_F(SoleusProtocol, SilenceIsTheDevicesHoweverLateThisComputerLooks) {
  scene_.silent_to = {1};
  scene_.rig_stalls = milliseconds(300);
  EXPECT_EQ(error_of([this] { device_->identify(); }),
            "the device does not answer 'hello' within 200 ms");
}

TEST_F(SoleusProtocol, MakesAnUnprintableBuildIdPrintable) {
  scene_.build =
      "ab\x1b\n\xff"
      "def";
  EXPECT_EQ(device_->identify(), "ab...def firmware 1.0");
}

TEST_F(SoleusProtocol, SendsSettingsInTheProtocolsUnitsLittleEndian) {
  Bytes sent;
  scene_.says = [&sent](const Bytes& written, const Bytes& reply) -> Says {
    sent = written;
    return {{Picos(0), frame(reply)}};
  };
  struct Case {
    const char* setting;
    double si;
    Bytes tail;  // parameter, value
  };
  const std::vector<Case> cases{{"amplitude", 20e-3, {1, 0x20, 0x4e, 0, 0}},
                                {"width", 300e-6, {2, 0x2c, 0x01, 0, 0}},
                                {"gap", 100e-6, {3, 100, 0, 0, 0}},
                                {"rate", 35, {4, 0xb8, 0x88, 0, 0}},
                                {"rate", 0.9, {4, 0x84, 0x03, 0, 0}},
                                {"session", 3600, {9, 0x80, 0xee, 0x36, 0}},
                                {"dead_man", 1, {11, 1, 0, 0, 0}},
                                {"amplitude", -1e-6, {1, 0xff, 0xff, 0xff, 0xff}}};
  for (const Case& c : cases) {
    EXPECT_EQ(device_->set(c.setting, c.si).word, "ok");
    EXPECT_EQ(Bytes(sent.begin() + 2, sent.end()), c.tail) << c.setting;
  }
}

TEST_F(SoleusProtocol, RefusesWhatItCannotExpressExactly) {
  EXPECT_EQ(error_of([this] { device_->set("width", 300.25e-6); }),
            "this protocol cannot express width exactly: 300.250000 of its units");
  EXPECT_EQ(error_of([this] { device_->set("amplitude", 1e6); }),
            "this protocol cannot express amplitude exactly: 1000000000000.000000 of its units");
  EXPECT_EQ(error_of([this] { device_->set("amplitude", std::nan("")); }),
            "this protocol cannot express amplitude exactly: nan of its units");
  EXPECT_EQ(error_of([this] { device_->set("colour", 1); }), "this protocol cannot set 'colour'");
  EXPECT_EQ(error_of([this] { device_->command("dance"); }),
            "this protocol has no command 'dance'");
  EXPECT_TRUE(scene_.log.empty()) << "nothing of it may be sent";
}

TEST_F(SoleusProtocol, SpeaksToAVibratorInItsOwnTerms) {
  const std::unique_ptr<Stimulator> vibrator = make_stimulator("soleus_m", link_, clock_);
  Bytes sent;
  scene_.says = [&sent](const Bytes& written, Bytes reply) -> Says {
    sent = written;
    const Bytes data{3, 9,    0x3b, 0x3a, 0xa3, 0x95, 0, 0xc0, 0xab, 0x96, 0, 0x2c, 0x01,
                     0, 0x32, 0xe8, 0x1c, 7,    0,    0, 0,    0xdc, 5,    0, 0};
    if (reply.size() > data.size()) std::copy(data.begin(), data.end(), reply.begin() + 3);
    return {{Picos(0), frame(reply)}};
  };
  EXPECT_EQ(vibrator->set("acceleration", 0.05 * 9.80665).word, "ok");
  EXPECT_EQ(Bytes(sent.begin() + 2, sent.end()), (Bytes{1, 0x9d, 0xd1, 0x4a, 0}));
  EXPECT_EQ(vibrator->set("frequency", 45).word, "ok");
  EXPECT_EQ(Bytes(sent.begin() + 2, sent.end()), (Bytes{2, 0xc8, 0xaf, 0, 0}));
  EXPECT_EQ(error_of([&] { vibrator->set("amplitude", 1e-3); }),
            "this protocol cannot set 'amplitude'");
  const Status status = vibrator->status();
  EXPECT_EQ(status.at("state").word, "RUNNING");
  EXPECT_EQ(status.at("fault").word, "FOOT_LIFTED");
  EXPECT_EQ(status.at("foot").word, "true");
  EXPECT_EQ(status.at("latched").word, "true");
  EXPECT_DOUBLE_EQ(status.at("set_acceleration").number, 0.980665);
  EXPECT_EQ(status.at("acceleration").unit, "m/s2");
  EXPECT_DOUBLE_EQ(status.at("acceleration").number, 9874368e-7);
  EXPECT_DOUBLE_EQ(status.at("coil_current").number, 0.3);
  EXPECT_DOUBLE_EQ(status.at("drive").number, 4);
  EXPECT_DOUBLE_EQ(status.at("supply").number, 7.4);
  EXPECT_EQ(status.at("cycles").word, "7");
  EXPECT_FALSE(status.contains("pulses"));
}

TEST_F(SoleusProtocol, GivesEveryStatusCodeItsWord) {
  const std::vector<std::string> words{
      "ok",          "unknown_op",    "bad_length", "unknown_param", "out_of_range",
      "wrong_state", "fault_latched", "not_ready",  "unknown 8"};
  for (std::size_t code = 0; code < words.size(); ++code) {
    scene_.refuses[5] = static_cast<std::uint8_t>(code);
    EXPECT_EQ(device_->command("start").word, words[code]);
  }
}

TEST_F(SoleusProtocol, ReadsTheStatusInSiUnits) {
  scene_.says = [](const Bytes&, Bytes reply) -> Says {
    const Bytes data{6, 1, 0x1e, 0x20, 0x4e, 0, 0, 0x10, 0x27, 0, 0, 0x88, 0x13,
                     0, 0, 0xe8, 0x1c, 7,    0, 0, 0,    0xdc, 5, 0, 0};
    std::copy(data.begin(), data.end(), reply.begin() + 3);
    return {{Picos(0), frame(reply)}};
  };
  const Status status = device_->status();
  EXPECT_EQ(status.at("state").word, "FAULT");
  EXPECT_EQ(status.at("fault").word, "LEAD_OFF");
  EXPECT_EQ(status.at("output").word, "false");
  EXPECT_EQ(status.at("latched").word, "true");
  EXPECT_EQ(status.at("dead_man").word, "true");
  EXPECT_EQ(status.at("stop_button").word, "true");
  EXPECT_EQ(status.at("led").word, "true");
  EXPECT_DOUBLE_EQ(status.at("amplitude").number, 20e-3);
  EXPECT_DOUBLE_EQ(status.at("current").number, 10e-3);
  EXPECT_DOUBLE_EQ(status.at("voltage").number, 5);
  EXPECT_DOUBLE_EQ(status.at("supply").number, 7.4);
  EXPECT_EQ(status.at("pulses").word, "7");
  EXPECT_EQ(status.at("session").word, "1.5 s");
}

TEST_F(SoleusProtocol, RefusesAnswersOfTheWrongLengthOrRevision) {
  scene_.says = [](const Bytes&, Bytes reply) -> Says {
    reply.pop_back();
    return {{Picos(0), frame(reply)}};
  };
  EXPECT_EQ(error_of([this] { device_->status(); }),
            "the device answers 'status' with 24 bytes, expected 25");
  EXPECT_EQ(error_of([this] { device_->identify(); }),
            "the device answers 'hello' with 10 bytes, expected 11");
  scene_.says = nullptr;
  scene_.revision = 0;
  EXPECT_EQ(error_of([this] { device_->identify(); }),
            "the device speaks protocol revision 0, this rig speaks 1");
}

TEST_F(SoleusProtocol, RefusesAnIdentityThatComesWithARefusal) {
  scene_.says = [](const Bytes&, Bytes reply) -> Says {
    reply[2] = 7;
    return {{Picos(0), frame(reply)}};
  };
  EXPECT_EQ(error_of([this] { device_->identify(); }), "the device answers 'hello' with not_ready");
}

TEST_F(SoleusProtocol, EndsWaitingForASilentDeviceAtTheDeadline) {
  scene_.silent_to = {5};
  const Answer answer = device_->command("start");
  EXPECT_FALSE(answer.arrived);
  EXPECT_EQ(answer.word, "none");
  EXPECT_EQ(scene_.now, answer.sent + milliseconds(200));
}

TEST_F(SoleusProtocol, TakesAnAnswerJustBeforeTheDeadlineAndNoneAfterIt) {
  Picos delay = milliseconds(197);
  scene_.says = [&delay](const Bytes&, const Bytes& reply) -> Says {
    return {{delay, frame(reply)}};
  };
  EXPECT_EQ(device_->command("start").word, "ok");
  delay = milliseconds(201);
  EXPECT_EQ(device_->command("start").word, "none");
}

TEST_F(SoleusProtocol, PassesOverTheLateAnswerToTheCommandBefore) {
  Bytes late;
  scene_.says = [&late](const Bytes&, Bytes reply) -> Says {
    if (late.empty()) {
      late = reply;
      return {};
    }
    reply[2] = 5;
    return {{microseconds(100), frame(late)}, {milliseconds(10), frame(reply)}};
  };
  EXPECT_EQ(device_->command("start").word, "none");
  EXPECT_EQ(device_->command("start").word, "wrong_state") << "not the ok of the first one";
}

TEST_F(SoleusProtocol, PassesOverAnswersToAnotherOperationOrNumber) {
  scene_.says = [](const Bytes&, const Bytes& reply) -> Says {
    Bytes other_op = reply;
    other_op[1] = 0x86;
    Bytes other_number = reply;
    ++other_number[0];
    const Bytes request{reply[0], 0x05, 0};
    return {{Picos(0), frame(other_op)},
            {milliseconds(5), frame(other_number)},
            {milliseconds(10), frame(request)}};
  };
  EXPECT_EQ(device_->command("start").word, "none");
}

TEST_F(SoleusProtocol, PassesOverADamagedAnswerAndSaysSo) {
  scene_.says = [](const Bytes&, const Bytes& reply) -> Says {
    Bytes damaged = frame(reply);
    damaged[3] ^= 0x40;
    return {{Picos(0), damaged}};
  };
  EXPECT_EQ(
      error_of([this] { device_->identify(); }),
      "the device does not answer 'hello' within 200 ms; 1 pieces of garbage came instead, the "
      "last: CRC does not match");
}

TEST_F(SoleusProtocol, FindsTheAnswerAmongTextAndGarbage) {
  scene_.says = [](const Bytes&, const Bytes& reply) -> Says {
    return {{Picos(0), {'h', 'i', '\n', 0xff, 0x80}}, {milliseconds(5), frame(reply)}};
  };
  EXPECT_EQ(device_->command("start").word, "ok");
}

TEST_F(SoleusProtocol, IsDoneWithABabblingDeviceAtTheDeadline) {
  scene_.says = [](const Bytes&, const Bytes&) -> Says { return {{Picos(0), Bytes(20'000, 'x')}}; };
  const Answer answer = device_->command("start");
  EXPECT_EQ(answer.word, "none");
  EXPECT_LE(scene_.now, answer.sent + milliseconds(200) + fake::kByteTime);
}

TEST_F(SoleusProtocol, NumbersItsPacketsAndGoesOnAfterTheLastNumber) {
  std::set<std::uint8_t> numbers;
  scene_.says = [&numbers](const Bytes& written, const Bytes& reply) -> Says {
    numbers.insert(written[0]);
    return {{Picos(0), frame(reply)}};
  };
  for (int k = 0; k < 300; ++k) ASSERT_EQ(device_->command("keepalive").word, "ok");
  EXPECT_EQ(numbers.size(), 256u);
}

TEST_F(SoleusProtocol, GivesTheLastAnswerToRawBytes) {
  scene_.says = [](const Bytes&, const Bytes&) -> Says {
    return {{Picos(0), {'b', 'u', 's', 'y', '\n', 'o', 'k', '\r', '\n'}}};
  };
  const Answer answer = device_->send_raw(Bytes{'x', '\n'}, milliseconds(50));
  EXPECT_TRUE(answer.arrived);
  EXPECT_EQ(answer.word, "ok");
  EXPECT_EQ(scene_.now, answer.sent + milliseconds(50));
}

TEST_F(SoleusProtocol, DoesNotTakeOldTextForTheAnswerToRawBytes) {
  scene_.says = [](const Bytes&, const Bytes&) -> Says { return {}; };
  link_.say(Picos(0), {'o', 'k', '\n', 'o'});
  clock_.wait_until(milliseconds(10));
  EXPECT_EQ(device_->send_raw(Bytes{'x', '\n'}, milliseconds(50)).word, "none");
}

TEST_F(SoleusProtocol, KeepsTheDialogueWithInstantsOnce) {
  device_->command("start");
  const std::vector<Exchange> dialogue = device_->take_dialogue();
  ASSERT_EQ(dialogue.size(), 2u);
  EXPECT_TRUE(dialogue[0].to_device);
  EXPECT_EQ(dialogue[0].meaning, "start");
  EXPECT_EQ(dialogue[0].at, Picos(0));
  EXPECT_FALSE(dialogue[1].to_device);
  EXPECT_EQ(dialogue[1].meaning, "ok");
  EXPECT_GT(dialogue[1].at, dialogue[0].at);
  EXPECT_TRUE(device_->take_dialogue().empty());
}

}  // namespace
}  // namespace rig

// ScienceMode4: packets against vectors of the manufacturer's C library, the driver against a model
// of the RehaMove3 in virtual time and on a pseudo terminal.
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <deque>
#include <random>
#include <string>
#include <thread>

#include "fixtures/devices/pty.h"
#include "fixtures/devices/rehamove3.h"
#include "rig/core/error.h"
#include "rig/dut/sciencemode_packet.h"
#include "rig/dut/stimulator.h"
#include "rig/instruments/device_link.h"
#include "rig/instruments/wall_clock.h"

namespace rig {
namespace {

using devices::RehaMove3;
using sciencemode::Decoder;
using sciencemode::Packet;
using std::chrono::milliseconds;

struct Vector {
  const char* what;
  Packet packet;
  const char* bytes;
};

Bytes pulse() { return sciencemode::train(20e-3, 200e-6, 100e-6, 50); }

const std::vector<Vector>& vectors() {
  static const std::vector<Vector> all = [] {
    Bytes ramped = pulse();
    ramped[1] |= 3;
    return std::vector<Vector>{
        {"version", {0, 50, {}}, "f0 81 55 81 59 81 43 81 44 00 32 0f"},
        {"reset", {0, 58, {}}, "f0 81 55 81 59 81 c2 81 4c 00 3a 0f"},
        {"stimulation status", {1, 62, {}}, "f0 81 55 81 59 81 4e 81 0c 04 3e 0f"},
        {"MlInit", {2, 30, {1}}, "f0 81 55 81 58 81 cc 81 a9 08 1e 01 0f"},
        {"MlUpdate",
         {3, 32, ramped},
         "f0 81 55 81 49 81 ce 81 2c 0c 20 01 23 00 50 0c 85 50 00 06 44 b0 00 0c 84 10 00 0f"},
        {"MlGetCurrentData", {4, 36, {2}}, "f0 81 55 81 58 81 fc 81 56 10 24 02 0f"},
        {"MlStop", {5, 34, {}}, "f0 81 55 81 59 81 9e 81 c2 14 22 0f"},
        {"LlInit", {6, 0, {0}}, "f0 81 55 81 58 81 bf 81 97 18 00 00 0f"},
        {"LlStop", {8, 4, {}}, "f0 81 55 81 59 81 13 81 37 20 04 0f"}};
  }();
  return all;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

TEST(ScienceModePacket, HasTheBytesOfTheManufacturersLibrary) {
  for (const Vector& v : vectors()) {
    const Bytes bytes = sciencemode::encode(v.packet);
    EXPECT_EQ(lower(hex(bytes)), v.bytes) << v.what;
    Decoder decoder;
    std::optional<Decoder::Item> item;
    for (const std::uint8_t byte : bytes) item = decoder.take(byte);
    ASSERT_TRUE(item && item->packet) << v.what;
    EXPECT_EQ(item->packet->number, v.packet.number) << v.what;
    EXPECT_EQ(item->packet->command, v.packet.command) << v.what;
    EXPECT_EQ(item->packet->payload, v.packet.payload) << v.what;
  }
}

std::vector<Decoder::Item> items_of(const Bytes& bytes) {
  Decoder decoder;
  std::vector<Decoder::Item> items;
  for (const std::uint8_t byte : bytes) {
    if (auto item = decoder.take(byte)) items.push_back(std::move(*item));
  }
  return items;
}

TEST(ScienceModePacket, IsTheSameAfterItsWayWhateverItHolds) {
  std::mt19937_64 draw(1);
  for (int n = 0; n < 2000; ++n) {
    Packet packet{.number = static_cast<std::uint8_t>(draw() % 64),
                  .command = static_cast<std::uint16_t>(draw() % 1024),
                  .payload = Bytes(draw() % 200)};
    for (std::uint8_t& byte : packet.payload) {
      constexpr std::array<std::uint8_t, 4> kSpecial{0xF0, 0x0F, 0x81, 0x55};
      byte = draw() % 2 == 0 ? kSpecial.at(draw() % 4) : static_cast<std::uint8_t>(draw());
    }
    const auto items = items_of(sciencemode::encode(packet));
    ASSERT_EQ(items.size(), 1u);
    ASSERT_TRUE(items[0].packet) << items[0].why;
    EXPECT_EQ(items[0].packet->number, packet.number);
    EXPECT_EQ(items[0].packet->command, packet.command);
    EXPECT_EQ(items[0].packet->payload, packet.payload);
  }
}

TEST(ScienceModePacket, WithOneWrongBitIsNone) {
  const Bytes good = sciencemode::encode({.number = 3, .command = 32, .payload = pulse()});
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    Bytes bad = good;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    for (const Decoder::Item& item : items_of(bad)) EXPECT_FALSE(item.packet) << "bit " << bit;
  }
}

TEST(ScienceModePacket, BeginsAnewWithEveryStartWhateverCameBefore) {
  const Bytes good = sciencemode::encode({.number = 1, .command = 62, .payload = {}});
  Bytes bytes{1, 2, 0x0F, 3};
  bytes.insert(bytes.end(), good.begin(), good.begin() + 5);
  bytes.insert(bytes.end(), good.begin(), good.end());
  const auto items = items_of(bytes);
  ASSERT_EQ(items.size(), 3u);
  EXPECT_EQ(items[0].why, "noise");
  EXPECT_EQ(items[1].why, "broken off");
  EXPECT_TRUE(items[2].packet);
  for (const Decoder::Item& item : items_of(Bytes(100'000, 7))) {
    EXPECT_LE(item.bytes.size(), sciencemode::kLongest);
  }
}

std::string error_of(const std::function<void()>& what) {
  try {
    what();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "no error";
}

// The model, 5 ms away.
class Near final : public Link, public Clock {
 public:
  RehaMove3 model;
  Picos stalls{};  // so long this computer does not run when it waits next

  Picos now() const override { return now_; }
  void wait_until(Picos when) override { now_ = std::max(now_, when); }
  Picos write(std::span<const std::byte> bytes) override {
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    coming_.push_back({now_ + milliseconds(5), model.hear({data, bytes.size()}, now_)});
    return now_;
  }
  std::size_t read(std::span<std::byte> into, Picos timeout) override {
    const Picos until = now_ + timeout;
    if (timeout > Picos(0) && stalls > Picos(0)) {
      now_ += std::exchange(stalls, Picos(0));
      return 0;
    }
    while (!coming_.empty() && coming_.front().second.empty()) coming_.pop_front();
    if (coming_.empty() || coming_.front().first > until) {
      now_ = until;
      return 0;
    }
    now_ = std::max(now_, coming_.front().first);
    Bytes& bytes = coming_.front().second;
    into[0] = static_cast<std::byte>(bytes.front());  // a byte at a time
    bytes.erase(bytes.begin());
    return 1;
  }

 private:
  Picos now_{};
  std::deque<std::pair<Picos, Bytes>> coming_;
};

class ScienceModeTest : public testing::Test {
 protected:
  Near near_;
  std::unique_ptr<Stimulator> device_ = make_sciencemode_stimulator(near_, near_);

  void set_all(double amps = 20e-3) {
    EXPECT_EQ(device_->set("amplitude", amps).word, "ok");
    EXPECT_EQ(device_->set("width", 200e-6).word, "ok");
    EXPECT_EQ(device_->set("gap", 100e-6).word, "ok");
    EXPECT_EQ(device_->set("rate", 40).word, "ok");
  }
};

TEST_F(ScienceModeTest, AnswerThatThisComputerDidNotLookForInTimeIsNoSilence) {
  set_all();
  near_.stalls = std::chrono::seconds(3);
  EXPECT_NE(error_of([&] { device_->command("start"); }).find("an answer lay there unread "),
            std::string::npos);
}

TEST_F(ScienceModeTest, StartsTheTrainThatWasSetAndStopsIt) {
  set_all();
  EXPECT_FALSE(near_.model.output(near_.now()));
  EXPECT_EQ(device_->command("start").word, "ok");
  const RehaMove3::Train wanted{{{200e-6, 20e-3}, {100e-6, 0}, {200e-6, -20e-3}}, 25e-3};
  const auto output = near_.model.output(near_.now());
  ASSERT_TRUE(output);
  ASSERT_EQ(output->points.size(), 3u);
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_NEAR(output->points[k].seconds, wanted.points[k].seconds, 1e-12);
    EXPECT_NEAR(output->points[k].amps, wanted.points[k].amps, 1e-12);
  }
  EXPECT_NEAR(output->period, 25e-3, 1e-12);
  EXPECT_EQ(device_->set("amplitude", 30e-3).word, "ok");
  EXPECT_NEAR(near_.model.output(near_.now())->points[0].amps, 30e-3, 1e-12) << "at once";
  EXPECT_EQ(device_->command("stop").word, "ok");
  EXPECT_FALSE(near_.model.output(near_.now()));
}

TEST_F(ScienceModeTest, SilenceOfTwoSecondsEndsTheOutputAndKeepalivesHoldIt) {
  set_all();
  device_->command("start");
  for (int k = 0; k < 5; ++k) {
    near_.wait_until(near_.now() + milliseconds(1900));
    EXPECT_EQ(device_->command("keepalive").word, "ok");
    EXPECT_TRUE(near_.model.output(near_.now()));
  }
  near_.wait_until(near_.now() + milliseconds(2100));
  EXPECT_FALSE(near_.model.output(near_.now()));
  EXPECT_EQ(device_->status().at("state").word, "IDLE");
}

TEST_F(ScienceModeTest, TellsWhoAnswersAndHowItIs) {
  EXPECT_EQ(device_->identify(), "RM3-0042 firmware 3.2.1");
  EXPECT_EQ(device_->status().at("state").word, "UNINITIALISED");
  EXPECT_NEAR(device_->status().at("supply").number, 4.08, 1e-9);
  EXPECT_EQ(device_->status().at("supply").unit, "V");
}

TEST_F(ScienceModeTest, GivesEveryResultItsWord) {
  set_all();
  device_->command("start");
  for (const auto& [result, word] :
       {std::pair(2, "out_of_range"), std::pair(7, "wrong_state"), std::pair(10, "electrode_error"),
        std::pair(16, "pulse_timeout"), std::pair(21, "busy"), std::pair(99, "result 99")}) {
    near_.model.answer_next_with(static_cast<std::uint8_t>(result));
    EXPECT_EQ(device_->set("width", 150e-6).word, word);
  }
  near_.model.answer_next_with(8);
  EXPECT_EQ(device_->command("start").word, "high_voltage");
  EXPECT_EQ(device_->set("width", 4000e-6).word, "ok") << "no train is running: nothing was sent";
}

TEST_F(ScienceModeTest, SilenceIsNoAnswerInBoundedTime) {
  set_all();
  near_.model.stay_silent(true);
  const Picos before = near_.now();
  EXPECT_EQ(device_->command("start").word, "none");
  EXPECT_LE(near_.now() - before, milliseconds(310));
  EXPECT_EQ(error_of([&] { device_->identify(); }),
            "the device does not answer 'device id?' within 300 ms");
}

TEST_F(ScienceModeTest, RefusesWhatItsPacketsCannotSay) {
  EXPECT_EQ(
      error_of([&] { device_->set("amplitude", 20.3e-3); }),
      "ScienceMode cannot express a current of 20.3 mA: it takes -130 mA to 130 mA in steps of "
      "500 uA");
  EXPECT_EQ(
      error_of([&] { device_->set("gap", 5e-6); }),
      "ScienceMode cannot express a duration of 5 us: it takes 10 us to 4.095 ms in steps of 1 us");
  EXPECT_EQ(
      error_of([&] { device_->set("rate", 35); }),
      "ScienceMode cannot express a period of 28.57 ms: it takes 500 us to 16.38 s in steps of "
      "500 us");
  EXPECT_EQ(error_of([&] { device_->set("ramp_up", 1); }), "ScienceMode cannot set 'ramp_up'");
  EXPECT_EQ(error_of([&] { device_->command("save"); }), "ScienceMode has no command 'save'");
  EXPECT_EQ(error_of([&] { device_->command("start"); }),
            "ScienceMode starts with a whole pulse: set amplitude before");
}

TEST(ScienceModeOnAPort, SpeaksThroughARealSerialDriver) {
  devices::Pty pty;
  RehaMove3 model;
  const std::unique_ptr<Clock> clock = make_wall_clock();
  std::atomic<bool> done{false};
  std::thread device([&] {
    while (!done) {
      pollfd waits{.fd = pty.descriptor(), .events = POLLIN, .revents = 0};
      poll(&waits, 1, 20);
      const Bytes heard = pty.read();
      if (!heard.empty()) pty.write(model.hear(heard, clock->now()));
    }
  });
  {
    const auto link =
        open_device_link(SerialPort{.path = pty.path(), .baud = 3'000'000, .stop_bits = 2}, *clock);
    const auto driver = make_stimulator("sciencemode4", *link, *clock);
    EXPECT_EQ(driver->identify(), "RM3-0042 firmware 3.2.1");
    for (const auto& [name, value] :
         {std::pair("amplitude", 20e-3), std::pair("width", 200e-6), std::pair("rate", 50.0)}) {
      EXPECT_EQ(driver->set(name, value).word, "ok");
    }
    EXPECT_EQ(driver->command("start").word, "ok");
    EXPECT_EQ(driver->status().at("state").word, "RUNNING");
    EXPECT_EQ(driver->command("stop").word, "ok");
    EXPECT_EQ(driver->status().at("state").word, "IDLE");
  }
  done = true;
  device.join();
}

}  // namespace
}  // namespace rig

#include "rig/instruments/usbtmc_pipe.h"

#include <algorithm>
#include <string>
#include <vector>

#include "rig/instruments/sleep_alive.h"
#include "rig/instruments/usbtmc_message.h"

namespace rig::usbtmc {
namespace {

using std::chrono::milliseconds;

constexpr std::uint8_t kToEndpoint = 0xA2;
constexpr std::uint8_t kToInterface = 0xA1;
constexpr std::uint8_t kInitiateAbortOut = 1;
constexpr std::uint8_t kCheckAbortOut = 2;
constexpr std::uint8_t kInitiateAbortIn = 3;
constexpr std::uint8_t kCheckAbortIn = 4;
constexpr std::uint8_t kInitiateClear = 5;
constexpr std::uint8_t kCheckClear = 6;
constexpr std::uint8_t kGetCapabilities = 7;
constexpr std::uint8_t kRemoteEnable = 160;
constexpr std::uint8_t kGoToLocal = 161;

constexpr std::uint8_t kSuccess = 0x01;
constexpr std::uint8_t kPending = 0x02;
constexpr std::uint8_t kFailed = 0x80;
constexpr std::uint8_t kNotInProgress = 0x81;

// As the Linux kernel's usbtmc driver has them.
constexpr milliseconds kControl(500);
constexpr milliseconds kDrainRead(300);
constexpr milliseconds kPoll(100);
constexpr int kMostPolls = 10;
constexpr int kMostReads = 100;

}  // namespace

Pipe::Pipe(usb::Device& device, const usb::InterfaceInfo& interface)
    : device_(device), number_(interface.number) {
  for (const usb::Endpoint& e : interface.endpoints) {
    if (e.bulk) ((e.address & 0x80) != 0 ? in_ : out_) = e;
  }
  if (in_.packet == 0 || out_.packet == 0) {
    throw RigError(device.where() + "open: its USBTMC interface lacks a bulk endpoint");
  }
}

void Pipe::send(std::string_view message, Deadline deadline) {
  tag_ = next_tag(tag_);
  const auto bytes = message_out(tag_, message);
  const auto done = device_.out(out_.address, bytes, deadline);
  if (done.outcome == usb::Outcome::kStalled) throw Trouble("it stalled on the message");
  if (done.outcome != usb::Outcome::kDone) throw Trouble("it did not take the message in time");
}

std::uint8_t Pipe::request(std::size_t most, Deadline deadline) {
  tag_ = asked_ = next_tag(tag_);
  const auto bytes = request_in(tag_, static_cast<std::uint32_t>(most));
  const auto done = device_.out(out_.address, bytes, deadline);
  if (done.outcome == usb::Outcome::kStalled) throw Trouble("it stalled on the request");
  if (done.outcome != usb::Outcome::kDone) throw Trouble("it did not take the request in time");
  return tag_;
}

std::size_t Pipe::read(std::span<std::uint8_t> into, Deadline deadline) {
  const auto done = device_.in(in_.address, into, deadline);
  switch (done.outcome) {
    case usb::Outcome::kDone: return done.bytes;
    case usb::Outcome::kStalled:
      device_.clear_halt(in_.address);
      throw Trouble("it stalled on the answer");
    case usb::Outcome::kOverflow: throw Trouble("it sent more than fits a packet");
    case usb::Outcome::kTimedOut: break;
  }
  throw Trouble("no answer in time");
}

std::optional<std::uint8_t> Pipe::ask(const usb::ControlRequest& request,
                                      std::span<std::uint8_t> answer) {
  const auto done = device_.control(request, answer, within(kControl));
  if (done.outcome != usb::Outcome::kDone || done.bytes == 0) return std::nullopt;
  return answer[0];
}

Capabilities Pipe::capabilities() {
  std::array<std::uint8_t, 24> answer{};
  const auto status =
      ask({.type = kToInterface, .request = kGetCapabilities, .index = number_}, answer);
  if (status != kSuccess) return {};
  return {.remote_local = (answer[14] & 0x02) != 0 && (answer[15] & 0x02) != 0};
}

void Pipe::set_remote(bool on) {
  std::array<std::uint8_t, 1> answer{};
  ask({.type = kToInterface,
       .request = on ? kRemoteEnable : kGoToLocal,
       .value = static_cast<std::uint16_t>(on ? 1 : 0),
       .index = number_},
      answer);
}

// Reads away what is queued, until a short packet or silence.
void Pipe::drain() {
  std::vector<std::uint8_t> away(in_.packet);
  for (int k = 0; k < kMostReads; ++k) {
    const auto done = device_.in(in_.address, away, within(kDrainRead));
    if (done.outcome == usb::Outcome::kStalled) device_.clear_halt(in_.address);
    if (done.outcome != usb::Outcome::kDone || done.bytes < away.size()) return;
  }
}

bool Pipe::abort_in() {
  std::array<std::uint8_t, 8> answer{};
  const auto initiate = [&](std::uint8_t tag) {
    return ask(
        {.type = kToEndpoint, .request = kInitiateAbortIn, .value = tag, .index = in_.address},
        std::span(answer).first(2));
  };
  auto status = initiate(asked_);
  if (status == kNotInProgress) status = initiate(answer[1]);
  if (status == kFailed) return true;  // nothing was in progress
  if (status != kSuccess) return false;
  drain();
  for (int k = 0; k < kMostPolls; ++k) {
    status = ask({.type = kToEndpoint, .request = kCheckAbortIn, .index = in_.address}, answer);
    if (status != kPending) return status == kSuccess;
    if ((answer[1] & 0x01) != 0) {
      drain();
    } else {
      sleep_alive(kPoll);
    }
  }
  return false;
}

bool Pipe::abort_out() {
  std::array<std::uint8_t, 8> answer{};
  auto status =
      ask({.type = kToEndpoint, .request = kInitiateAbortOut, .value = tag_, .index = out_.address},
          std::span(answer).first(2));
  if (status == kFailed) return true;
  if (status != kSuccess) return false;
  for (int k = 0; k < kMostPolls; ++k) {
    status = ask({.type = kToEndpoint, .request = kCheckAbortOut, .index = out_.address}, answer);
    if (status != kPending) break;
    sleep_alive(kPoll);
  }
  if (status != kSuccess) return false;
  device_.clear_halt(out_.address);
  return true;
}

bool Pipe::clear() {
  std::array<std::uint8_t, 2> answer{};
  auto status = ask({.type = kToInterface, .request = kInitiateClear, .index = number_},
                    std::span(answer).first(1));
  if (status != kSuccess) return false;
  for (int k = 0; k < kMostPolls; ++k) {
    status = ask({.type = kToInterface, .request = kCheckClear, .index = number_}, answer);
    if (status != kPending) break;
    if ((answer[1] & 0x01) != 0) {
      drain();
    } else {
      sleep_alive(kPoll);
    }
  }
  if (status != kSuccess) return false;
  device_.clear_halt(out_.address);
  device_.clear_halt(in_.address);
  return true;
}

}  // namespace rig::usbtmc

// Protocol revision 1; PROTOCOL.md is its description.
#include "logic/packets.h"

#include <string.h>

#include "logic/cobs.h"
#include "logic/crc16.h"
#include "logic/writer.h"

namespace {

enum class Op : uint8_t {
  kHello = 1,
  kStatus,
  kSet,
  kGet,
  kStart,
  kStop,
  kClear,
  kKeepAlive,
  kSave,
  kDiag,
};

constexpr uint8_t kProtocolRevision = 1;
constexpr uint8_t kReplyBit = 0x80;

int32_t i32_at(const uint8_t* bytes) {
  uint32_t value = 0;
  for (uint8_t i = 4; i-- > 0;) value = value << 8 | bytes[i];
  return static_cast<int32_t>(value);
}

uint8_t argument_size(Op op) {
  switch (op) {
    case Op::kSet: return 5;
    case Op::kGet: return 1;
    default: return 0;
  }
}

void write_hello(const Device& device, Writer& out) {
  out.u8(kProtocolRevision);
  out.u16(kFirmwareVersion);
  out.bytes(device.platform.build_id, kBuildIdSize);
}

void write_diag(const Device& device, Writer& out) {
  out.u8(device.reset_cause);
  out.u16(device.receiver.bad_frames());
  out.u32(device.therapy.inputs().now_ms);
  out.u16(device.platform.stack_free());
  out.u8(device.self_test);
}

Status execute(Device& device, Op op, const uint8_t* args, Writer& data) {
  switch (op) {
    case Op::kHello: write_hello(device, data); return Status::kOk;
    case Op::kStatus: device.write_status(data); return Status::kOk;
    case Op::kSet: return device.set(args[0], i32_at(args + 1));
    case Op::kGet:
      if (!Params::known(args[0])) return Status::kUnknownParam;
      data.u32(static_cast<uint32_t>(device.params.get(static_cast<Param>(args[0]))));
      return Status::kOk;
    case Op::kStart: return device.therapy.start();
    case Op::kStop: device.therapy.stop(); return Status::kOk;
    case Op::kClear: return device.clear();
    case Op::kKeepAlive: return Status::kOk;
    case Op::kSave: return device.save();
    case Op::kDiag: write_diag(device, data); return Status::kOk;
  }
  return Status::kUnknownOp;
}

}  // namespace

bool PacketHandler::repeats(const uint8_t* packet, uint8_t size) const {
  return size == last_size_ && memcmp(packet, last_, size) == 0 &&
         packet[1] != static_cast<uint8_t>(Op::kStop);
}

uint8_t PacketHandler::answer(const uint8_t* packet, uint8_t size, uint8_t* frame) {
  device_.therapy.heard();
  if (!repeats(packet, size)) {
    memcpy(last_, packet, size);
    last_size_ = size;
    const uint8_t op = packet[1];
    const bool known =
        op >= static_cast<uint8_t>(Op::kHello) && op <= static_cast<uint8_t>(Op::kDiag);
    Writer data(reply_ + 3);
    Status status = Status::kUnknownOp;
    if (known) {
      status = size - 2 == argument_size(static_cast<Op>(op))
                   ? execute(device_, static_cast<Op>(op), packet + 2, data)
                   : Status::kBadLength;
    }
    reply_[0] = packet[0];
    reply_[1] = op | kReplyBit;
    reply_[2] = static_cast<uint8_t>(status);
    reply_size_ = static_cast<uint8_t>(3 + data.size());
    const uint16_t crc = crc16(reply_, reply_size_);
    reply_[reply_size_++] = static_cast<uint8_t>(crc >> 8);
    reply_[reply_size_++] = static_cast<uint8_t>(crc);
  }
  frame[0] = 0;
  const uint8_t stuffed = cobs_encode(reply_, reply_size_, frame + 1);
  frame[stuffed + 1] = 0;
  return static_cast<uint8_t>(stuffed + 2);
}

// An instrument that says what a test wants it to say.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fixtures/devices/instrument.h"

namespace rig::fake {

class Talker final : public devices::Instrument {
 public:
  std::string idn = "RIGOL TECHNOLOGIES,DS1104Z,DS1ZA000000001,00.04.04.SP4";
  std::map<std::string, std::string, std::less<>> says;  // message: answer, with its line end
  std::vector<std::string> heard;
  int deaf_to = 0;  // so many messages are lost, as after switching on

  void take(std::string_view message) override {
    if (deaf_to > 0) {
      --deaf_to;
      return;
    }
    heard.emplace_back(message);
    const auto found = says.find(message);
    if (found != says.end()) {
      ready_.push_back(found->second);
    } else if (message == "*IDN?") {
      ready_.push_back(idn + "\n");
    }
  }
  std::optional<devices::Bytes> answer() override {
    if (ready_.empty()) return std::nullopt;
    const std::string text = std::exchange(ready_.front(), {});
    ready_.pop_front();
    return devices::Bytes(text.begin(), text.end());
  }
  void clear() override { ready_.clear(); }

 private:
  std::deque<std::string> ready_;
};

}  // namespace rig::fake

// What was said on the line to a device, in bounded memory however long it is.
#pragma once

#include <deque>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "rig/core/record.h"

namespace rig {

// Keeps the first exchanges and the last ones, and tells how many are left out between them.
class Dialogue {
 public:
  static constexpr std::size_t kFirst = 1000;
  static constexpr std::size_t kLast = 1000;

  void add(Exchange exchange) {
    if (first_.size() < kFirst) {
      first_.push_back(std::move(exchange));
      return;
    }
    last_.push_back(std::move(exchange));
    if (last_.size() > kLast) {
      left_out_from_ = left_out_ == 0 ? last_.front().at : left_out_from_;
      ++left_out_;
      last_.pop_front();
    }
  }

  std::vector<Exchange> take() {
    std::vector<Exchange> all = std::exchange(first_, {});
    if (left_out_ > 0) {
      all.push_back({.at = left_out_from_,
                     .meaning = fmt::format("{} exchanges from here on are not kept", left_out_)});
    }
    all.insert(all.end(), std::make_move_iterator(last_.begin()),
               std::make_move_iterator(last_.end()));
    last_.clear();
    left_out_ = 0;
    return all;
  }

 private:
  std::vector<Exchange> first_;
  std::deque<Exchange> last_;
  std::size_t left_out_ = 0;
  Picos left_out_from_{};
};

}  // namespace rig

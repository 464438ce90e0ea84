#include "rig/instruments/wall_clock.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "rig/bench/alive.h"

namespace rig {
namespace {

using std::chrono::steady_clock;

class WallClock final : public Clock {
 public:
  Picos now() const override { return steady_clock::now() - begun_; }
  void wait_until(Picos when) override {
    const auto until = begun_ + std::chrono::ceil<steady_clock::duration>(when);
    do {
      alive();
      std::this_thread::sleep_until(std::min(until, steady_clock::now() + kBetweenSigns));
    } while (steady_clock::now() < until);
  }

 private:
  steady_clock::time_point begun_ = steady_clock::now();
};

}  // namespace

std::unique_ptr<Clock> make_wall_clock() { return std::make_unique<WallClock>(); }

}  // namespace rig

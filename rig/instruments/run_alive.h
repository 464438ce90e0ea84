// What asio was told to do, until it is done or the deadline passes, with signs of life.
#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>

#include "rig/bench/alive.h"
#include "rig/instruments/deadline.h"

namespace rig {

inline void run_alive(boost::asio::io_context& io, Deadline deadline) {
  do {
    alive();
    io.run_until(std::min(deadline, Deadline::clock::now() + kBetweenSigns));
  } while (!io.stopped() && Deadline::clock::now() < deadline);
  if (!io.stopped()) io.poll();  // what came while a sign of life took its time came in time
}

}  // namespace rig

// The link to the device under test: a serial port, a pseudo terminal, or a TCP socket.
//
// A serial port is opened raw, for this process alone, and left without dropping DTR: a device that
// resets on DTR keeps running when the rig goes. What was waiting in it is thrown away. Every call
// has a deadline; a timeout loses no byte. The clock must outlive the link.
#pragma once

#include <memory>
#include <string>

#include "rig/bench/bench.h"
#include "rig/bench/settings.h"

namespace rig {

// Throws Unreachable naming the port, with the cure: who holds it, which group may use it.
std::unique_ptr<Link> open_device_link(const SerialPort& port, Clock& clock);
std::unique_ptr<Link> open_device_link(const TcpAddress& address, Clock& clock);

// What to do about a port that is not there; `dev` is where the ports that are there are looked
// for.
std::string cure_of_missing_port(const std::string& path, const std::string& dev = "/dev");

// For the record: "/dev/ttyUSB0, 38400 baud, 1 stop bit", with what ails it: FTDI chips hold bytes
// back for their latency timer, 16 ms unless told otherwise. `sys` is where sysfs is mounted.
std::string in_words(const SerialPort& port, const std::string& sys = "/sys");
std::string in_words(const TcpAddress& address);

}  // namespace rig

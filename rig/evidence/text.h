// Bytes of unknown origin (a device's answer, a file name) made fit for JSON, XML and terminals.
//
// What may not stand as it is becomes \xNN, one escape a byte, in every medium alike.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rig {

// Valid UTF-8 without loss: bytes that are not UTF-8 become \xNN, and so does a backslash that
// would read like such an escape. Control characters stay: JSON has its own escapes for them.
std::string to_utf8(std::string_view bytes);
std::string from_utf8(std::string_view text);  // the inverse: any bytes come back as they were

// Characters that XML 1.0 can carry, with & < > " and line ends as entities: text or attribute.
std::string to_xml(std::string_view bytes);

// One line that cannot steer a terminal: no control character survives.
std::string to_one_line(std::string_view bytes);

// A JSON string in quotes, on one line whatever the text holds.
std::string json_string(std::string_view text);

std::string json_list(const std::vector<std::string>& texts);  // of such strings

}  // namespace rig

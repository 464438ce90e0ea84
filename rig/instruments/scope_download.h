// Getting a record out of an oscilloscope: what it says about it, and its codes page by page.
#pragma once

#include <cstdint>
#include <vector>

#include "rig/instruments/scope_talk.h"

namespace rig {

// What words are lessened by, so that they fit what a capture holds.
std::int32_t code_bias(CodeFormat format);

// What the scope says about the record of an input, once it says something sensible: just after a
// trigger some answer zeros, or a single one. Throws RigError that names query and field.
RecordFacts ask_facts(ScopeTalk& scope, int input);

// The stamp of the record that is shown, if it tells one.
std::uint64_t ask_stamp(ScopeTalk& scope, int input);

// `count` codes of an input from `first` on (counted from 0), of a record of `all` points. An empty
// block just after the trigger is asked for again; any other of another size is a RigError, as is a
// point that was not sampled.
std::vector<std::int16_t> ask_codes(ScopeTalk& scope, int input, std::uint64_t first,
                                    std::uint64_t count, std::uint64_t all);

// Most points that the scope gives at once, of `all`.
std::uint64_t ask_page(ScopeTalk& scope, const RecordFacts& facts, std::uint64_t all);

}  // namespace rig

#include "rig/instruments/scope_download.h"

#include <algorithm>
#include <string>
#include <utility>

#include "rig/core/error.h"
#include "rig/instruments/scpi_block.h"

namespace rig {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPreambleTime(2000);
constexpr milliseconds kDownload(20000);  // one page
constexpr Picos kAskedAgain = milliseconds(100);
constexpr int kMostRetries = 5;

void select_input(ScopeTalk& scope, int input) {
  for (const std::string_view command : scope.dialect().select) scope.write(command, input);
}

std::vector<ScpiLink::Bytes> ask_preamble(ScopeTalk& scope, int input) {
  std::vector<ScpiLink::Bytes> answers;
  for (const std::string_view query : scope.dialect().preamble_queries) {
    answers.push_back(scope.ask(query, input, kPreambleTime));
  }
  return answers;
}

std::string windowed(std::string_view command, std::uint64_t first, std::uint64_t count) {
  std::string text;
  for (const char c : command) {
    if (c == '@') {
      text += std::to_string(first);
    } else if (c == '&') {
      text += std::to_string(first + count - 1);
    } else if (c == '#') {
      text += std::to_string(count);
    } else {
      text += c;
    }
  }
  return text;
}

template <typename Decode>
std::vector<std::int16_t> decoded(std::span<const std::uint8_t> bytes, std::size_t width,
                                  Decode decode) {
  std::vector<std::int16_t> codes(bytes.size() / width);
  for (std::size_t k = 0; k < codes.size(); ++k) {
    codes[k] = static_cast<std::int16_t>(decode(bytes.data() + k * width));
  }
  return codes;
}

int word(const std::uint8_t* bytes) { return bytes[0] | bytes[1] << 8; }

std::vector<std::int16_t> decoded(std::span<const std::uint8_t> bytes, CodeFormat format) {
  switch (format) {
    case CodeFormat::kU8: return {bytes.begin(), bytes.end()};
    case CodeFormat::kI8:
      return decoded(bytes, 1, [](const std::uint8_t* b) { return (*b ^ 0x80) - 0x80; });
    case CodeFormat::kU16le:
      return decoded(bytes, 2,
                     [](const std::uint8_t* b) { return word(b) - code_bias(CodeFormat::kU16le); });
    case CodeFormat::kI16le:
      return decoded(bytes, 2,
                     [](const std::uint8_t* b) { return static_cast<std::int16_t>(word(b)); });
  }
  return {};
}

}  // namespace

std::int32_t code_bias(CodeFormat format) { return format == CodeFormat::kU16le ? 32768 : 0; }

std::uint64_t ask_stamp(ScopeTalk& scope, int input) {
  if (!scope.dialect().tells_stamp) return 0;
  select_input(scope, input);
  const auto answers = ask_preamble(scope, input);
  try {
    return scope.dialect().read_facts(answers).stamp;
  } catch (const RigError&) {  // no record yet
    return 0;
  }
}

RecordFacts ask_facts(ScopeTalk& scope, int input) {
  const ScopeDialect& dialect = scope.dialect();
  select_input(scope, input);
  for (int attempt = 0;; ++attempt) {
    const auto answers = ask_preamble(scope, input);
    try {
      const RecordFacts facts = dialect.read_facts(answers);
      if (facts.width == dialect.width()) return facts;
      throw RigError("expected codes of " + std::to_string(dialect.width()) + " bytes, found " +
                     std::to_string(facts.width));
    } catch (const RigError& error) {
      if (attempt == kMostRetries) {
        scope.fail(std::string(dialect.preamble_queries[0]) + ": " + error.what());
      }
    }
    scope.wait_until(scope.clock().now() + kAskedAgain);
  }
}

std::vector<std::int16_t> ask_codes(ScopeTalk& scope, int input, std::uint64_t first,
                                    std::uint64_t count, std::uint64_t all) {
  const ScopeDialect& dialect = scope.dialect();
  select_input(scope, input);
  for (const std::string_view command : dialect.window) {
    scope.write(windowed(command, first + dialect.first_index, count));
  }
  const auto width = static_cast<std::uint64_t>(dialect.width());
  const std::uint64_t expected = (dialect.window.empty() ? all : count) * width;
  for (int attempt = 0;; ++attempt) {
    const ScpiLink::Bytes bytes = scope.ask(dialect.data_query, input, kDownload);
    ScpiBlock block;
    const bool is_block = read_block_start(bytes, block) == BlockStart::kBlock;
    if (is_block && block.length == expected && bytes.size() == block.total()) {
      const std::size_t skipped = dialect.window.empty() ? first * width : 0;
      auto codes =
          decoded(std::span(bytes).subspan(block.header + skipped, count * width), dialect.codes);
      if (dialect.hole && std::ranges::count(codes, *dialect.hole) > 0) {
        scope.fail(std::string(dialect.data_query) +
                   ": a point was not sampled: expected codes "
                   "other than " +
                   std::to_string(*dialect.hole));
      }
      return codes;
    }
    if (!is_block || block.length != 0 || attempt == kMostRetries) {
      scope.fail(std::string(dialect.data_query) + ": expected a block of " +
                 std::to_string(expected) + " bytes, found " +
                 (is_block ? std::to_string(block.length) : "none"));
    }
    scope.wait_until(scope.clock().now() + kAskedAgain);
  }
}

std::uint64_t ask_page(ScopeTalk& scope, const RecordFacts& facts, std::uint64_t all) {
  const ScopeDialect& dialect = scope.dialect();
  if (dialect.window.empty()) return all;
  if (dialect.page > 0) return dialect.page;
  if (facts.page > 0) return facts.page;
  if (dialect.page_query.empty()) return all;
  const double page = scope.ask_number(dialect.page_query);
  if (!(page >= 1 && page <= 1e12)) {
    scope.fail(std::string(dialect.page_query) + ": expected a number of points, found " +
               scope_number(page));
  }
  return static_cast<std::uint64_t>(page);
}

}  // namespace rig

// Measures every behaviour on the bench and on the bare library and prints the table.
//
//   conformance [--list | --only ID]...
//
// Exit code 1: the bench deviates from the data sheet, or the library from what is known of it.
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "tests/conformance/behaviours.h"

// The bare library is used as its manual says, and forgets the names of its IRQs.
extern "C" const char* __lsan_default_suppressions();  // NOLINT: the sanitizer's name
const char* __lsan_default_suppressions() {            // NOLINT: the sanitizer's name
  return "leak:libsimavr";
}

namespace {

void print_row(const std::string& id, const std::string& text, const std::string& section,
               const std::string& expected, const std::string& bare, const std::string& bench,
               const std::string& verdict) {
  std::printf("%-24s| %-48s| %-33s| %-18s| %-20s| %-18s| %s\n", id.c_str(), text.c_str(),
              section.c_str(), expected.c_str(), bare.c_str(), bench.c_str(), verdict.c_str());
}

std::string verdict_of(const conformance::Behaviour& behaviour,
                       const conformance::Comparison& measured) {
  std::string verdict = measured.bench_is_right ? "ok" : "WRONG";
  if (!measured.bare_is_as_known) verdict += ", library changed (was: " + behaviour.bare + ")";
  return verdict;
}

int print_table(const std::vector<std::string>& only) {
  print_row("behaviour", "what", "section", "data sheet", "bare library", "our bench", "");
  bool all_ok = true;
  std::size_t rows = 0;
  for (const conformance::Behaviour& behaviour : conformance::behaviours()) {
    bool wanted = only.empty();
    for (const std::string& id : only) wanted |= id == behaviour.id;
    if (!wanted) continue;
    const conformance::Comparison measured = conformance::compare(behaviour);
    print_row(behaviour.id, behaviour.text, behaviour.section, behaviour.expected, measured.bare,
              measured.bench, verdict_of(behaviour, measured));
    all_ok &= measured.ok();
    ++rows;
  }
  if (rows == 0) {
    std::fprintf(stderr, "conformance: no such behaviour; --list shows them\n");
    return 2;
  }
  return all_ok ? 0 : 1;
}

int run(const std::vector<std::string_view>& arguments) {
  std::vector<std::string> only;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--list") {
      for (const auto& behaviour : conformance::behaviours()) std::puts(behaviour.id.c_str());
      return 0;
    }
    if (arguments[i] != "--only" || i + 1 == arguments.size()) {
      std::fprintf(stderr, "usage: conformance [--list | --only ID]...\n");
      return 2;
    }
    only.emplace_back(arguments[++i]);
  }
  return print_table(only);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "conformance: %s\n", error.what());
    return 3;
  }
}

#include <algorithm>
#include <cctype>

#include "rig/core/join.h"
#include "rig/instruments/scope_dialect.h"

namespace rig {
namespace {

// '?' stands for any letter, '|' between what it may be.
bool begins(std::string_view text, std::string_view with) {
  while (true) {
    const std::string_view one = with.substr(0, with.find('|'));
    if (text.size() >= one.size() &&
        std::ranges::equal(text.substr(0, one.size()), one, [](char a, char b) {
          return b == '?' || std::toupper(static_cast<unsigned char>(a)) == b;
        })) {
      return true;
    }
    if (one.size() == with.size()) return false;
    with.remove_prefix(one.size() + 1);
  }
}

}  // namespace

const ScopeDialect* dialect_of(std::string_view identity) {
  const std::string_view model = identity.substr(std::min(identity.size(), identity.find(',') + 1));
  const auto all = scope_dialects();
  const auto found = std::ranges::find_if(all, [&](const ScopeDialect& d) {
    return begins(identity, d.identity) && begins(model, d.model);
  });
  return found == all.end() ? nullptr : &*found;
}

std::string dialect_in_words(const ScopeDialect& dialect) {
  std::string words(dialect.name);
  if (!dialect.unsure.empty()) add_item(words, "; unconfirmed: ", dialect.unsure);
  return words;
}

std::string scope_families() {
  std::string all;
  for (const ScopeDialect& d : scope_dialects()) add_item(all, "; ", d.name);
  return all;
}

}  // namespace rig

// "did you mean ...?"
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace rig {

// Damerau-Levenshtein distance, adjacent transpositions counted as one.
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

// ", did you mean 'rate'?", or nothing when no candidate is near.
template <typename Names>
std::string did_you_mean(std::string_view wrong, const Names& names) {
  std::string_view best;
  std::size_t least = std::max<std::size_t>(2, wrong.size() / 3) + 1;
  for (const std::string_view name : names) {
    const std::size_t distance = edit_distance(wrong.substr(0, 64), name);
    if (distance < least) {
      least = distance;
      best = name;
    }
  }
  return best.empty() ? std::string() : ", did you mean '" + std::string(best) + "'?";
}

}  // namespace rig

#include "python/suggestion.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace lamina::python {

namespace {

// Levenshtein's distance: the insertions, deletions and replacements between two words.
size_t distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t(0));
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i + 1);
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string did_you_mean(const std::string& name, const std::vector<std::string>& known) {
  const auto closest = std::min_element(
      known.begin(), known.end(), [&](const auto& a, const auto& b) { return distance(a, name) < distance(b, name); });
  if (closest == known.end() || distance(*closest, name) > std::max<size_t>(2, name.size() / 3)) return "";
  return ". Did you mean '" + *closest + "'?";
}

}  // namespace lamina::python

#include "lamina/ops/window.h"

#include <limits>

#include "lamina/core/error.h"
#include "lamina/core/text.h"

namespace lamina::ops {

Shape window_sizes(const char* option, const Shape& given, int n) {
  if (given.rank() != 1 && given.rank() != n)
    throw OptionError(str(option, "=", given, " must be a single number or a list of ", n,
                          " numbers, one for each spatial dimension"));
  constexpr int64_t limit = std::numeric_limits<int32_t>::max();
  for (const int64_t v : given)
    if (v < -limit || v > limit) throw OptionError(str(option, "=", given, " is too large: at most ", limit));
  return given.rank() == n ? given : Shape::filled(n, given[0]);
}

Shape window_sizes(const char* option, const Shape& given, int n, int64_t least) {
  Shape sizes = window_sizes(option, given, n);
  for (const int64_t v : sizes)
    if (v < least) throw OptionError(str(option, "=", given, " must be ", least == 0 ? "zero or more" : "positive"));
  return sizes;
}

void check_space(const Shape& input, int n) {
  if (input.rank() != n + 1 && input.rank() != n + 2)
    throw ShapeError(
        str("input ", input, " must have ", n + 1, " dimensions (unbatched: channels first) or ", n + 2, " (batched)"),
        input.rank() == n ? "Add the channels with unsqueeze(0)" : "");
}

void to_three(const Shape& sizes, int64_t fill, int64_t* out) {
  const int first = 3 - sizes.rank();
  for (int d = 0; d < 3; ++d) out[d] = d < first ? fill : sizes[d - first];
}

}  // namespace lamina::ops

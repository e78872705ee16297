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

Shape adaptive_shape(const Shape& input, int n, const OutputSizes& output_size) {
  if (output_size.size() != 1 && output_size.size() != size_t(n))
    throw OptionError(str("output_size must be one number or ", n, ", got ", int64_t(output_size.size()), " of them"));
  check_space(input, n);
  for (int d = input.rank() - n; d < input.rank(); ++d)
    if (input[d] == 0) throw ShapeError(str("input ", input, " must not be empty in space"));
  Shape shape = input;
  for (int d = 0; d < n; ++d) {
    const int64_t out = output_size[output_size.size() == 1 ? 0 : size_t(d)].value_or(input[d - n]);
    if (out < 0 || out > std::numeric_limits<int32_t>::max())
      throw OptionError(str("output_size must lie between 0 and 2147483647, got ", out));
    shape[d - n] = out;
  }
  checked_numel(shape, 8);
  return shape;
}

void to_three(const Shape& sizes, int64_t fill, int64_t* out) {
  const int first = 3 - sizes.rank();
  for (int d = 0; d < 3; ++d) out[d] = d < first ? fill : sizes[d - first];
}

}  // namespace lamina::ops

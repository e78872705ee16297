#include "lamina/ops/norm_response.h"

#include <cmath>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/concat.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/pad.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

namespace {

void check_response(int64_t size, double alpha, double beta, double k) {
  if (size < 1) throw OptionError(str("size must be at least 1, got ", size));
  for (const auto& [name, value] : {std::pair{"alpha", alpha}, {"beta", beta}, {"k", k}})
    if (std::isnan(value)) throw OptionError(str(name, " must be a number, got nan"));
}

// Σ over channels [c − before, c + after] of each channel c
Tensor window_sums(const Tensor& x, int64_t before, int64_t after) {
  const int64_t channels = x.size(1);
  before = std::min(before, channels);
  after = std::min(after, channels);
  Shape ends = Shape::filled(2 * (x.rank() - 1), 0);
  ends[ends.rank() - 2] = before;
  ends[ends.rank() - 1] = after;
  return sum(unfold(pad(x, ends, "constant", 0), 1, before + after + 1, 1), {-1});
}

}  // namespace

Tensor local_response_norm(const Tensor& input, int64_t size, double alpha, double beta, double k) {
  check_response(size, alpha, beta, k);
  if (input.rank() < 3)
    throw ShapeError(str("Expected 3D or higher dimensionality input (got ", input.rank(), " dimensions), input is ",
                         input.shape()));
  if (input.dtype() == kBool) throw_unsupported("local_response_norm", kBool);
  const Tensor x = input.is_floating_point() ? input : to(input, default_dtype());
  if (x.numel() == 0) return add(x, 0);
  const Tensor average = div(window_sums(mul(x, x), size / 2, (size - 1) / 2), double(size));
  return div(x, pow(add(mul(average, alpha), k), beta));
}

Tensor cross_map_lrn2d(const Tensor& input, int64_t size, double alpha, double beta, double k) {
  check_response(size, alpha, beta, k);
  if (input.rank() != 4)
    throw ShapeError(str("CrossMapLRN2d: Expected input to be 4D, got ", input.rank(), "D instead, ", input.shape()));
  if (!input.is_floating_point()) throw_unsupported("cross_map_lrn2d", input.dtype());
  if (input.numel() == 0) return add(input, 0);
  const int64_t reach = (size - 1) / 2, channels = input.size(1);
  const Tensor square = mul(input, input);
  Tensor total = window_sums(square, reach, reach);
  if (reach + 1 < channels) {  // the windows that the first channel should have left
    const Tensor first = expand(narrow(square, 1, 0, 1), {-1, channels - reach - 1, -1, -1});
    total = cat({narrow(total, 1, 0, reach + 1), add(narrow(total, 1, reach + 1, channels - reach - 1), first)}, 1);
  }
  return mul(input, pow(add(mul(total, alpha / double(size)), k), -beta));
}

}  // namespace lamina::ops

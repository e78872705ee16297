#include "lamina/ops/pool_lp.h"

#include <cmath>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/activation.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/pool.h"
#include "lamina/ops/pool_average.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/window.h"

namespace lamina::ops {

namespace {

Tensor lp_pool(const Tensor& input, int n, double p, const Shape& kernel_size, const LPPoolOptions& o) {
  if (std::isnan(p) || p == 0) throw OptionError(str("norm_type must be a number other than 0, got ", p));
  const Shape kernel = window_sizes("kernel_size", kernel_size, n, 1);
  const std::optional<Shape> stride = o.stride && o.stride->empty() ? std::nullopt : o.stride;
  if (std::isinf(p)) {
    constexpr decltype(&max_pool1d) pools[] = {max_pool1d, max_pool2d, max_pool3d};
    const Tensor sizes = abs(input);
    const MaxPoolOptions options{.stride = stride, .ceil_mode = o.ceil_mode};
    return p > 0 ? pools[n - 1](sizes, kernel, options) : neg(pools[n - 1](neg(sizes), kernel, options));
  }
  const DType dtype = input.dtype();
  if (dtype != kFloat64)
    return to(lp_pool(to(input, kFloat64), n, p, kernel_size, o), input.is_floating_point() ? dtype : default_dtype());
  constexpr decltype(&avg_pool1d) pools[] = {avg_pool1d, avg_pool2d, avg_pool3d};
  const Tensor mean = pools[n - 1](pow(input, p), kernel, {.stride = stride, .ceil_mode = o.ceil_mode});
  // sign · relu(|·|) is the mean itself, but for a gradient of 0 where it is 0
  return pow(mul(mul(sign(mean), relu(abs(mean))), kernel.numel()), 1 / p);
}

}  // namespace

Tensor lp_pool1d(const Tensor& input, double norm_type, const Shape& kernel_size, const LPPoolOptions& options) {
  return lp_pool(input, 1, norm_type, kernel_size, options);
}
Tensor lp_pool2d(const Tensor& input, double norm_type, const Shape& kernel_size, const LPPoolOptions& options) {
  return lp_pool(input, 2, norm_type, kernel_size, options);
}
Tensor lp_pool3d(const Tensor& input, double norm_type, const Shape& kernel_size, const LPPoolOptions& options) {
  return lp_pool(input, 3, norm_type, kernel_size, options);
}

}  // namespace lamina::ops

#include "lamina/ops/shuffle.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

namespace {

// The sizes before the channels, and a check of what the two pixel shuffles share.
Shape before_channels(const Tensor& input, const char* option, int64_t factor) {
  if (factor < 1) throw OptionError(str(option, "=", factor, " must be positive"));
  if (int64_t square; __builtin_mul_overflow(factor, factor, &square))
    throw OptionError(str(option, "=", factor, " is too large: its square overflows"));
  if (input.rank() < 3) throw ShapeError(str("input ", input.shape(), " must be (*, C, H, W)"));
  return input.shape().slice(0, input.rank() - 3);
}

// permute that leaves the dimensions before the last n where they are; `order` is of those n.
Tensor permute_last(const Tensor& x, const Shape& order) {
  const int first = x.rank() - order.rank();
  Shape dims;
  for (int d = 0; d < first; ++d) dims.push_back(d);
  for (const int64_t d : order) dims.push_back(first + d);
  return permute(x, dims);
}

}  // namespace

Tensor pixel_shuffle(const Tensor& input, int64_t r) {
  const Shape before = before_channels(input, "upscale_factor", r);
  const int64_t c = input.size(-3) / (r * r), h = input.size(-2), w = input.size(-1);
  if (c * r * r != input.size(-3))
    throw ShapeError(str("input ", input.shape(), " must have a multiple of upscale_factor² = ", r * r, " channels"));
  const Tensor squares = reshape(input, before + Shape{c, r, r, h, w});
  return reshape(permute_last(squares, {0, 3, 1, 4, 2}), before + Shape{c, h * r, w * r});
}

Tensor pixel_unshuffle(const Tensor& input, int64_t r) {
  const Shape before = before_channels(input, "downscale_factor", r);
  const int64_t c = input.size(-3), h = input.size(-2) / r, w = input.size(-1) / r;
  if (h * r != input.size(-2) || w * r != input.size(-1))
    throw ShapeError(
        str("input ", input.shape(), " must have a height and width that downscale_factor=", r, " divides"));
  const Tensor squares = reshape(input, before + Shape{c, h, r, w, r});
  return reshape(permute_last(squares, {0, 2, 4, 1, 3}), before + Shape{c * r * r, h, w});
}

Tensor channel_shuffle(const Tensor& input, int64_t groups) {
  if (input.rank() < 3) throw ShapeError(str("input ", input.shape(), " must be (N, C, *space)"));
  if (groups < 1) throw OptionError(str("groups=", groups, " must be positive"));
  const int64_t channels = input.size(1);
  if (channels % groups != 0)
    throw ShapeError(str("input ", input.shape(), " must have a number of channels that groups=", groups, " divides"));
  const Shape space = input.shape().slice(2);
  const Tensor grouped = reshape(input, Shape{input.size(0), groups, channels / groups} + space);
  return reshape(transpose(grouped, 1, 2), input.shape());
}

}  // namespace lamina::ops

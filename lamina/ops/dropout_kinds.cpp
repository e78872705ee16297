// Dropout of whole channels, and the kinds that keep the moments of selu.
#include <cmath>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/activation_smooth.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/dropout.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/random.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

namespace {

// Whether there is anything to drop; the checks that every kind makes.
bool drops(const char* name, const Tensor& input, double p, bool training) {
  check_dropout_probability(p);
  if (!training || p == 0 || input.numel() == 0) return false;
  if (!input.is_floating_point()) throw_unsupported(name, input.dtype());
  return true;
}

Shape channels_of(const Tensor& input) {
  if (input.rank() < 2)
    throw ShapeError(str("Feature dropout requires at least 2 dimensions in the input, got ", input.shape()));
  Shape shape = Shape::filled(input.rank(), 1);
  shape[0] = input.size(0);
  shape[1] = input.size(1);
  return shape;
}

// 1 with probability 1 − p, else 0, of input's type
Tensor kept(const Tensor& input, const Shape& shape, double p, const GeneratorRef& generator) {
  if (match_torch()) {
    const Tensor mask = shape == input.shape() ? empty_in_layout_of(input) : empty(shape, input.dtype());
    return bernoulli_(mask, 1 - p, generator);
  }
  return to(ne(dropout_with_key(ones(shape, kFloat32), p, draw_key(generator)), 0), input.dtype());
}

Tensor scaled(const Tensor& input, const Tensor& factor, bool inplace) {
  return inplace ? mul_(input, factor) : mul(input, factor);
}

Tensor alpha_drop(const Tensor& input, const Shape& mask_shape, double p, bool inplace) {
  if (p == 1) return scaled(input, zeros({}, input.dtype()), inplace);
  constexpr double kLimit = kSeluAlpha * kSeluScale;  // selu's limit is −kLimit
  const double a = 1 / std::sqrt((kLimit * kLimit * p + 1) * (1 - p));
  const Tensor stay = kept(input, mask_shape, p, {});
  const Tensor shift = add(mul(sub(stay, 1), kLimit * a), kLimit * a * p), factor = mul(stay, a);
  return inplace ? add_(mul_(input, factor), shift) : add(mul(input, factor), shift);
}

void check_rank(const char* name, const Tensor& input, int least, int most) {
  if (input.rank() < least || input.rank() > most)
    throw ShapeError(str(name, ": Expected ", least, "D or ", most, "D input, but received a ", input.rank(),
                         "D input, ", input.shape()));
}

Tensor without_batch(const Tensor& input, double p, bool training, bool inplace) {
  const Tensor y = feature_dropout(unsqueeze(input, 0), p, training, inplace);
  return inplace ? input : squeeze(y, 0);
}

}  // namespace

Tensor feature_dropout(const Tensor& input, double p, bool training, bool inplace, const GeneratorRef& generator) {
  if (!drops("feature_dropout", input, p, training)) return input;
  const Shape channels = channels_of(input);
  if (p == 1) return scaled(input, zeros({}, input.dtype()), inplace);
  return scaled(input, div(kept(input, channels, p, generator), 1 - p), inplace);
}

Tensor dropout1d(const Tensor& input, double p, bool training, bool inplace) {
  check_dropout_probability(p);
  check_rank("dropout1d", input, 2, 3);
  if (!drops("dropout1d", input, p, training)) return input;
  return input.rank() == 2 ? without_batch(input, p, training, inplace) : feature_dropout(input, p, training, inplace);
}

Tensor dropout2d(const Tensor& input, double p, bool training, bool inplace) {
  return feature_dropout(input, p, training, inplace);
}

Tensor dropout3d(const Tensor& input, double p, bool training, bool inplace) {
  if (!drops("dropout3d", input, p, training)) return input;
  return input.rank() == 5 ? feature_dropout(input, p, training, inplace) : without_batch(input, p, training, inplace);
}

Tensor alpha_dropout(const Tensor& input, double p, bool training, bool inplace) {
  if (!drops("alpha_dropout", input, p, training)) return input;
  return alpha_drop(input, input.shape(), p, inplace);
}

Tensor feature_alpha_dropout(const Tensor& input, double p, bool training, bool inplace) {
  if (!drops("feature_alpha_dropout", input, p, training)) return input;
  return alpha_drop(input, channels_of(input), p, inplace);
}

}  // namespace lamina::ops

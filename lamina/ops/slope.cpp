// Slopes by differences, declared in statistics.h. Source: Fornberg, "Generation of finite difference formulas on arbitrarily
// spaced grids", 1988, for three points.
#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/concat.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/promote.h"
#include "lamina/ops/statistics.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

namespace {

// Element i of x along dim, as a slice of size 1; negative i from the end.
Tensor at(const Tensor& x, int64_t dim, int64_t i) { return narrow(x, dim, i < 0 ? x.size(dim) + i : i, 1); }

// a·x + b·y + c·z
Tensor combined(const Tensor& a, const Tensor& x, const Tensor& b, const Tensor& y, const Tensor& c, const Tensor& z) {
  return add(add(mul(a, x), mul(b, y)), mul(c, z));
}

Tensor slope_at_distance(const Tensor& x, double h, int64_t d, int64_t edge_order) {
  const int64_t n = x.size(d);
  const Tensor middle = div(sub(narrow(x, d, 2, n - 2), narrow(x, d, 0, n - 2)), 2 * h);
  if (edge_order == 1)
    return cat({div(sub(at(x, d, 1), at(x, d, 0)), h), middle, div(sub(at(x, d, -1), at(x, d, -2)), h)}, d);
  const Tensor start = sub(sub(mul(at(x, d, 1), 2), mul(at(x, d, 0), 1.5)), mul(at(x, d, 2), 0.5));
  const Tensor end = add(sub(mul(at(x, d, -1), 1.5), mul(at(x, d, -2), 2)), mul(at(x, d, -3), 0.5));
  return cat({div(start, h), middle, div(end, h)}, d);
}

Tensor slope_at_places(const Tensor& x, const Tensor& places, int64_t d, int64_t edge_order) {
  const int64_t n = x.size(d);
  Shape along = Shape::filled(x.rank(), 1);
  along[d] = n - 1;
  const Tensor steps = reshape(diff(places), along), before = narrow(steps, d, 0, n - 2),
               after = narrow(steps, d, 1, n - 2);
  const Tensor both = add(before, after);
  const Tensor middle =
      combined(neg(div(after, mul(before, both))), narrow(x, d, 0, n - 2), div(sub(after, before), mul(before, after)),
               narrow(x, d, 1, n - 2), div(before, mul(after, both)), narrow(x, d, 2, n - 2));
  if (edge_order == 1)
    return cat({div(sub(at(x, d, 1), at(x, d, 0)), at(steps, d, 0)), middle,
                div(sub(at(x, d, -1), at(x, d, -2)), at(steps, d, -1))},
               d);
  // the parabola through the three points at an end
  const auto end = [&](int64_t outer, int64_t inner, int64_t a, int64_t b, int64_t c, double sign) {
    const Tensor h1 = at(steps, d, outer), h2 = at(steps, d, inner), sum = add(h1, h2);
    return mul(combined(neg(div(add(h1, sum), mul(h1, sum))), at(x, d, a), div(sum, mul(h1, h2)), at(x, d, b),
                        neg(div(h1, mul(h2, sum))), at(x, d, c)),
               sign);
  };
  return cat({end(0, 1, 0, 1, 2, 1), middle, end(-1, -2, -1, -2, -3, -1)}, d);
}

}  // namespace

Tensors gradient(const Tensor& input, const std::vector<Spacing>& spacing, const Shape& dims, int64_t edge_order) {
  if (edge_order != 1 && edge_order != 2)
    throw OptionError("torch.gradient only supports edge_order=1 and edge_order=2.");
  if (int(spacing.size()) != dims.rank())
    throw OptionError(str("torch.gradient expected spacing to be unspecified, a scalar, or a list of length ",
                          dims.rank(), ", but got a list of length ", spacing.size()));
  const Tensor x = to(input, floating_result(input.dtype()));
  Tensors slopes;
  const Shape over = wrap_dims(dims, x.rank());
  for (int i = 0; i < over.rank(); ++i) {
    const int64_t d = over[i];
    if (x.size(d) < edge_order + 1)
      throw ShapeError("torch.gradient expected each dimension size to be at least edge_order+1");
    const auto& [step, places] = spacing[size_t(i)];
    if (!places.defined()) {
      slopes.push_back(slope_at_distance(x, step, d, edge_order));
      continue;
    }
    if (places.rank() != 1 || places.numel() != x.size(d))
      throw ShapeError(str("torch.gradient expected the coordinates of dimension ", d, " to be a vector of ", x.size(d),
                           " elements, but got ", places.shape()));
    slopes.push_back(slope_at_places(x, places, d, edge_order));
  }
  return slopes;
}

}  // namespace lamina::ops

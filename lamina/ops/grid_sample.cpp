#include "lamina/ops/grid_sample.h"

#include <algorithm>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/kernels/grid_sample.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/matmul.h"
#include "lamina/ops/view.h"
#include "lamina/ops/window.h"

namespace lamina::ops {

namespace {

kernels::SampleMode mode_of(const std::string& name) {
  if (name == "bilinear") return kernels::SampleMode::Linear;
  if (name == "nearest") return kernels::SampleMode::Nearest;
  if (name == "bicubic") return kernels::SampleMode::Cubic;
  throw OptionError(str("mode='", name, "' must be one of 'bilinear', 'nearest', 'bicubic'"));
}

kernels::SamplePadding padding_of(const std::string& name) {
  if (name == "zeros") return kernels::SamplePadding::Zeros;
  if (name == "border") return kernels::SamplePadding::Border;
  if (name == "reflection") return kernels::SamplePadding::Reflection;
  throw OptionError(str("padding_mode='", name, "' must be one of 'zeros', 'border', 'reflection'"));
}

void check_grid(const Tensor& input, const Tensor& grid, kernels::SampleMode mode) {
  if (!input.is_floating_point()) throw_unsupported("grid_sample", input.dtype());
  if (input.dtype() != grid.dtype())
    throw DTypeError(
        str("input is ", name(input.dtype()), " and grid ", name(grid.dtype()), ": they must have the same dtype"));
  const Shape &x = input.shape(), &g = grid.shape();
  if ((x.rank() != 4 && x.rank() != 5) || g.rank() != x.rank())
    throw ShapeError(str("input ", x, " and grid ", g,
                         " must be (N, C, H, W) and (N, H', W', 2), or (N, C, D, H, W) and "
                         "(N, D', H', W', 3)"));
  if (x[0] != g[0]) throw ShapeError(str("input ", x, " and grid ", g, " must have the same batch size"));
  if (g.back() != x.rank() - 2) throw ShapeError(str("grid ", g, " must have a last size of ", x.rank() - 2));
  for (int d = 2; d < x.rank(); ++d)
    if (x[d] == 0) throw ShapeError(str("input ", x, " must not be empty in space"));
  if (mode == kernels::SampleMode::Cubic && x.rank() != 4)
    throw ShapeError(str("mode='bicubic' is for images (N, C, H, W), input is ", x));
}

kernels::GridGeometry geometry(const Tensor& input, const Tensor& grid, const GridSampleOptions& o) {
  kernels::GridGeometry g;
  g.batch = input.size(0);
  g.channels = input.size(1);
  g.dims = input.rank() - 2;
  to_three(input.shape().last(g.dims), 1, g.in);
  to_three(grid.shape().slice(1, 1 + g.dims), 1, g.out);
  g.mode = mode_of(o.mode);
  g.padding = padding_of(o.padding_mode);
  g.align_corners = o.align_corners;
  return g;
}

template <class T>
const T* values(const Tensor& t) {
  return t.defined() ? t.data<T>() : nullptr;
}

Tensor plain_values(const Tensor& t) { return t.defined() ? contiguous(t.detach()) : t; }

// The gradients of the gradients for cotangents vx and vgrid, of which one may be undefined: of dy, the input and the grid.
Tensors second_gradients(const Tensor& vx, const Tensor& vgrid, const Tensor& dy, const Tensor& input,
                         const Tensor& grid, const kernels::GridGeometry& g) {
  const Tensor vxs = plain_values(vx), vgs = plain_values(vgrid), dys = plain_values(dy), x = plain_values(input),
               at = plain_values(grid);
  const Tensor ddy = empty_like(dys), ddx = vgrid.defined() ? empty_like(x) : Tensor(), dgrid = empty_like(at);
  dispatch_real(dy.dtype(), "grid_sample", [&]<class T>() {
    kernels::grid_sample_second_gradient(values<T>(vxs), values<T>(vgs), dys.data<T>(), x.data<T>(), at.data<T>(), g,
                                         ddy.data<T>(), ddx.data_or_null<T>(), dgrid.data<T>());
  });
  return {ddy, ddx, dgrid};
}

// The gradients of the input and of the grid, as far as they are wanted.
Tensors gradients(const Tensor& dy, const Tensor& input, const Tensor& grid, const kernels::GridGeometry& g,
                  bool of_input, bool of_grid) {
  const Tensor dys = plain_values(dy), x = plain_values(input), at = plain_values(grid);
  const Tensor dx = of_input ? empty_like(x) : Tensor(), dgrid = of_grid ? empty_like(at) : Tensor();
  dispatch_real(dy.dtype(), "grid_sample", [&]<class T>() {
    if (of_input && dx.numel() > 0) kernels::grid_sample_input_gradient(dys.data<T>(), at.data<T>(), g, dx.data<T>());
    if (of_grid && dgrid.numel() > 0)
      kernels::grid_sample_grid_gradient(dys.data<T>(), x.data<T>(), at.data<T>(), g, dgrid.data<T>());
  });
  if (!needs_grad(dy, input, grid)) return {dx, dgrid};
  const auto backward = [dy = Saved(dy), x = Saved(input), at = Saved(grid), g, of_input,
                         of_grid](const Backward& b) -> Tensors {
    if (b.create_graph) throw NotImplementedError("grid_sample has no third derivatives");
    const Tensor none, &vx = of_input ? b.grads[0] : none, &vgrid = of_grid ? b.grads[of_input ? 1 : 0] : none;
    return second_gradients(vx, vgrid, dy.get(), x.get(), at.get(), g);
  };
  const char* name = g.dims == 2 ? "GridSampler2DBackwardBackward0" : "GridSampler3DBackwardBackward0";
  if (of_input && of_grid) record(name, {&dx, &dgrid}, Tensors{dy, input, grid}, backward);
  else record(name, of_input ? dx : dgrid, {&dy, &input, &grid}, backward);
  return {dx, dgrid};
}

}  // namespace

Tensor grid_sample(const Tensor& input, const Tensor& grid, const GridSampleOptions& o) {
  padding_of(o.padding_mode);
  check_grid(input, grid, mode_of(o.mode));
  const DType dtype = input.dtype();
  if (dtype != kFloat32 && dtype != kFloat64) return to(grid_sample(to(input, kFloat32), to(grid, kFloat32), o), dtype);
  const kernels::GridGeometry g = geometry(input, grid, o);
  const Tensor x = contiguous(input.detach()), at = contiguous(grid.detach());
  Tensor y = empty(Shape{g.batch, g.channels} + grid.shape().slice(1, 1 + g.dims), dtype);
  if (y.numel() > 0)
    dispatch_real(dtype, "grid_sample",
                  [&]<class T>() { kernels::grid_sample(x.data<T>(), at.data<T>(), g, y.data<T>()); });
  if (needs_grad(input, grid))
    record(g.dims == 2 ? "GridSampler2DBackward0" : "GridSampler3DBackward0", y, {&input, &grid},
           [x = Saved(input), at = Saved(grid), g](const Backward& b) -> Tensors {
             return gradients(b.dy(), x.get(), at.get(), g, b.needs(0), b.needs(1));
           });
  return y;
}

Tensor affine_grid(const Tensor& theta, const Shape& size, bool align_corners) {
  const int n = size.rank() - 2;
  if (n != 2 && n != 3) throw NotImplementedError(str("size ", size, " must be (N, C, H, W) or (N, C, D, H, W)"));
  if (!theta.is_floating_point()) throw DTypeError(str("theta must be floating point, got ", name(theta.dtype())));
  if (theta.shape() != Shape{size[0], n, n + 1})
    throw ShapeError(str("theta ", theta.shape(), " must be ", Shape{size[0], n, n + 1}, " for size ", size));
  for (const int64_t s : size)
    if (s < 1) throw ShapeError(str("size ", size, " must be positive"));
  if (theta.dtype() != kFloat32 && theta.dtype() != kFloat64)
    return to(affine_grid(to(theta, kFloat32), size, align_corners), theta.dtype());
  const Shape space = size.last(n);
  const int64_t places = checked_numel(space);
  Tensor base = empty({places, n + 1}, kFloat64);  // (x, y, 1) or (x, y, z, 1) of every place
  double* at = base.data<double>();
  for (int64_t p = 0; p < places; ++p, at += n + 1) {
    int64_t rest = p;
    for (int i = 0; i < n; ++i) {
      const int64_t length = space[-1 - i], index = rest % length;
      rest /= length;
      const double step = align_corners ? double(length - 1) : double(length);
      at[i] = length > 1 ? (2 * double(index) - double(length - 1)) / step : 0;
    }
    at[n] = 1;
  }
  const Tensor positions = matmul(to(base, theta.dtype()), transpose(theta, 1, 2));  // (N, places, n)
  return view(positions, Shape{size[0]} + space + Shape{n});
}

}  // namespace lamina::ops

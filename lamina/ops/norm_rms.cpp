#include "lamina/ops/norm_rms.h"

#include <limits>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/graph/plain.h"
#include "lamina/kernels/norm_rms.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/norm.h"
#include "lamina/ops/norm_parts.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/same_dtype.h"
#include "lamina/ops/unary.h"

namespace lamina::ops {

namespace {

Tensor rms_norm_plain(const Tensors& in, int dims, double eps) {
  Shape last;
  for (int d = -dims; d < 0; ++d) last.push_back(d);
  const Tensor y = mul(in[0], rsqrt(add(mean(mul(in[0], in[0]), last, true), eps)));
  return in[1].defined() ? mul(y, in[1]) : y;
}

struct Rows { int64_t rows, cols; };

template <class T>
Tensors rms_norm_backward(const Backward& g, const Tensor& x, const Tensor& weight, const Tensor& rrms, Rows s,
                          const Shape& normalized_shape) {
  const Tensor dy = contiguous(g.dy()), parts = empty({kernels::rms_norm_parts(s.rows), s.cols}, kFloat64);
  Tensors d(2);
  if (g.needs(0)) d[0] = empty(x.shape(), x.dtype());
  if (g.needs(1)) d[1] = empty(normalized_shape, x.dtype());
  kernels::rms_norm_backward(dy.data<T>(), x.data<T>(), weight.data_or_null<T>(), rrms.data<T>(), s.rows, s.cols,
                             d[0].data_or_null<T>(), d[1].data_or_null<T>(), parts.data<double>());
  return d;
}

}  // namespace

Tensor rms_norm(const Tensor& input, const Shape& normalized_shape, const Tensor& weight, std::optional<double> given) {
  if (normalized_shape.rank() == 0) throw ShapeError("normalized_shape () must have one dimension or more");
  if (!input.shape().ends_with(normalized_shape)) {
    std::string hint;
    if (const int rank = normalized_shape.rank(); input.rank() >= rank)
      hint =
          str("Did you mean RMSNorm(", rank == 1 ? str(input.shape().back()) : input.shape().last(rank).text(), ")?");
    throw ShapeError(str("input ", input.shape(), " must end in normalized_shape ", normalized_shape), hint);
  }
  const double eps = given.value_or(input.dtype() == kFloat64 ? std::numeric_limits<double>::epsilon()
                                                              : double(std::numeric_limits<float>::epsilon()));
  if (!(eps >= 0)) throw OptionError(str("eps must not be negative, got ", eps));
  if (weight.defined() && weight.shape() != normalized_shape)
    throw ShapeError(str("weight ", weight.shape(), " must be normalized_shape ", normalized_shape));
  check_same_dtype(input, {{"weight", &weight}}, true);
  if (is_half(input.dtype())) {
    const Tensor wide = weight.defined() ? to(weight, kFloat32) : weight;
    return to(rms_norm(to(input, kFloat32), normalized_shape, wide, eps), input.dtype());
  }
  const Rows s{input.shape().slice(0, input.rank() - normalized_shape.rank()).numel(), normalized_shape.numel()};
  const Tensor x = contiguous_values(input), w = contiguous_values(weight);
  const Tensor y = empty(input.shape(), input.dtype()), rrms = empty({s.rows}, input.dtype());
  dispatch_real(input.dtype(), "rms_norm", [&]<class T>() {
    kernels::rms_norm(x.data<T>(), w.data_or_null<T>(), s.rows, s.cols, eps, y.data<T>(), rrms.data<T>());
  });
  if (needs_grad(input, weight))
    record(
        "FusedRmsNormBackward0", y, {&input, &weight},
        [input = Saved(input), weight = Saved(weight), rrms, s, normalized_shape, eps](const Backward& g) -> Tensors {
          if (g.create_graph)
            return differentiate(g, {input.get(), weight.get()},
                                 [&](const Tensors& in) { return rms_norm_plain(in, normalized_shape.rank(), eps); });
          const Tensor x = contiguous_values(input.get()), w = contiguous_values(weight.get());
          return dispatch_real(x.dtype(), "rms_norm",
                               [&]<class T>() { return rms_norm_backward<T>(g, x, w, rrms, s, normalized_shape); });
        });
  return y;
}

}  // namespace lamina::ops

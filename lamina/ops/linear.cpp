#include "lamina/ops/linear.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/graph/plain.h"
#include "lamina/kernels/gemm.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/defined.h"
#include "lamina/ops/matmul.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

Shape linear_shape(const Tensor& input, const Tensor& weight, const Tensor& bias) {
  check_defined("weight", weight);
  if (weight.rank() != 1 && weight.rank() != 2)
    throw ShapeError(str("weight ", weight.shape(), " must be (out_features, in_features)"));
  const int64_t in_features = weight.size(-1);
  if (input.rank() == 0 || input.size(-1) != in_features) {
    std::string hint;
    if (input.rank() > 0 && weight.rank() == 2)
      hint = str("Did you mean Linear(", input.size(-1), ", ", weight.size(0), ")?");
    if (input.rank() > 1 && input.shape().slice(1).numel() == in_features) hint = "Did you forget Flatten()?";
    throw ShapeError(str("input ", input.shape(), " must end in in_features=", in_features), hint);
  }
  if (bias.defined() && (weight.rank() == 1 ? bias.rank() != 0 : bias.shape() != Shape{weight.size(0)}))
    throw ShapeError(str("bias ", bias.shape(), " must be ", weight.rank() == 1 ? Shape{} : Shape{weight.size(0)},
                         " beside weight ", weight.shape()));
  for (const Tensor* t : {&weight, &bias})
    if (t->defined() && t->dtype() != input.dtype())
      throw DTypeError(str("input is ", name(input.dtype()), " and ", t == &weight ? "weight " : "bias ",
                           name(t->dtype()), ": they must have the same dtype"),
                       str("Convert the input with .to(torch.", name(t->dtype()), ") or the module with .to(torch.",
                           name(input.dtype()), ")"));
  Shape out = input.shape().slice(0, -1);
  if (weight.rank() == 2) out.push_back(weight.size(0));
  return out;
}

namespace {

Tensor linear_plain(const Tensors& in) {
  const Tensor y = matmul(in[0], in[1].rank() == 2 ? transpose(in[1], 0, 1) : in[1]);
  return in[2].defined() ? add(y, in[2]) : y;
}

// rows (m, k) of x, contiguous, times weight (n, k)
template <class T>
void forward(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& y, int64_t m, int64_t n,
             int64_t k) {
  if (bias.defined()) copy_values(y, bias);
  kernels::gemm(false, true, m, n, k, T(1), x.data<T>(), k, weight.data<T>(), k, T(bias.defined() ? 1 : 0), y.data<T>(),
                n);
}

template <class T>
Tensors backward(const Backward& g, const Tensor& x, const Tensor& weight, int64_t m, int64_t n, int64_t k) {
  const Tensor dy = contiguous(g.dy());
  Tensors out(3);
  if (g.needs(0)) {
    out[0] = empty(x.shape(), x.dtype());
    kernels::gemm(false, false, m, k, n, T(1), dy.data<T>(), n, weight.data<T>(), k, T(0), out[0].data<T>(), k);
  }
  if (g.needs(1)) {
    out[1] = empty(weight.shape(), weight.dtype());
    kernels::gemm(true, false, n, k, m, T(1), dy.data<T>(), n, x.data<T>(), k, T(0), out[1].data<T>(), k);
  }
  if (g.needs(2)) out[2] = sum_to(dy, {n});
  return out;
}

}  // namespace

Tensor linear(const Tensor& input, const Tensor& weight, const Tensor& bias) {
  const Shape shape = linear_shape(input, weight, bias);
  if (weight.rank() != 2 || (input.dtype() != kFloat32 && input.dtype() != kFloat64))
    return linear_plain({input, weight, bias});
  const int64_t n = weight.size(0), k = weight.size(1), m = input.shape().slice(0, -1).numel();
  const Tensor x = contiguous(input.detach()), w = contiguous(weight.detach());
  Tensor y = empty(shape, input.dtype());
  dispatch_real(input.dtype(), "linear", [&]<class T>() { forward<T>(x, w, bias, y, m, n, k); });
  if (needs_grad(input, weight, bias))
    record("LinearBackward0", y, {&input, &weight, &bias},
           [input = Saved(input), weight = Saved(weight), bias = Saved(bias), m, n, k](const Backward& g) -> Tensors {
             if (g.create_graph) return differentiate(g, {input.get(), weight.get(), bias.get()}, linear_plain);
             const Tensor x = contiguous(input.get().detach()), w = contiguous(weight.get().detach());
             return dispatch_real(x.dtype(), "linear", [&]<class T>() { return backward<T>(g, x, w, m, n, k); });
           });
  return y;
}

}  // namespace lamina::ops

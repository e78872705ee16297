#include "lamina/ops/activation.h"

#include "lamina/core/text.h"
#include "lamina/kernels/activation.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/indexing.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/random.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/same_dtype.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/view.h"
#include "lamina/ops/where.h"

namespace lamina::ops {

// ---- elementwise ---------------------------------------------------------------------------------------------------
// The gradient of each is an operation (dy, x) → dy·f′(x) of its own, so that it can be differentiated in turn.

namespace {

Tensor through_mask(const Operands& o);
constexpr BinaryOp kReluBackward{.name = "relu_backward",
                                 .node = "ThresholdBackwardBackward0",
                                 .run = real<decltype([](auto dy, auto y) { return y <= 0 ? decltype(dy)(0) : dy; })>,
                                 .uses = kAUsesB,
                                 .gradient_a = through_mask};
Tensor through_mask(const Operands& o) { return binary(kReluBackward, o.dy, o.b); }

constexpr UnaryOp kRelu{
    .name = "relu",
    .node = "ReluBackward0",
    .run = exact_unary<decltype([](auto v) { return v < decltype(v)(0) ? decltype(v)(0) : v; })>,
    .result = Result::Same,
    .keeps = Keeps::Output,
    .gradient = [](const Tensor& dy, const Tensor& y) { return binary(kReluBackward, dy, y.detach()); }};

void refuse_bool(const Tensor& t) {
  if (t.dtype() == kBool) throw DTypeError("relu is not defined for bool");
}

}  // namespace

Tensor relu(const Tensor& input) {
  refuse_bool(input);
  return unary(kRelu, input);
}
const Tensor& relu_(const Tensor& self) {
  refuse_bool(self);
  return unary_(kRelu, self);
}

// ---- softmax -------------------------------------------------------------------------------------------------------

namespace {

Tensor softmax_backward(const Backward& g, const Tensor& y, int64_t dim, kernels::Groups s, bool log) {
  const Tensor& dy = g.dy();
  if (g.create_graph)
    return log ? sub(dy, mul(exp(y), sum(dy, {dim}, true))) : mul(y, sub(dy, sum(mul(dy, y), {dim}, true)));
  const Tensor given = contiguous(dy), dx = empty(y.shape(), y.dtype());
  dispatch_real(y.dtype(), "softmax",
                [&]<class T>() { kernels::softmax_backward(given.data<T>(), y.data<T>(), s, log, dx.data<T>()); });
  return dx;
}

Tensor softmax_over(const Tensor& input, std::optional<int64_t> asked_dim, std::optional<DType> dtype, bool log) {
  if (dtype && *dtype != input.dtype()) return softmax_over(to(input, *dtype), asked_dim, {}, log);
  const int rank = input.rank();
  const int64_t dim = wrap_dim(asked_dim.value_or(rank == 0 || rank == 1 || rank == 3 ? 0 : 1), rank);
  if (is_half(input.dtype())) return to(softmax_over(to(input, kFloat32), dim, {}, log), input.dtype());
  const Tensor x = contiguous(input.detach());
  Tensor y = empty(x.shape(), x.dtype());
  kernels::Groups s{1, 1, 1};
  if (rank > 0) s = {x.shape().slice(0, dim).numel(), x.shape()[dim], x.shape().slice(dim + 1).numel()};
  dispatch_real(x.dtype(), log ? "log_softmax" : "softmax",
                [&]<class T>() { kernels::softmax(x.data<T>(), s, log, y.data<T>()); });
  if (needs_grad(input))
    record(log ? "LogSoftmaxBackward0" : "SoftmaxBackward0", y, {&input},
           [y = Saved::output(y), dim, s, log](const Backward& g) -> Tensors {
             return {softmax_backward(g, y.get(g), dim, s, log)};
           });
  return y;
}

}  // namespace

Tensor softmax(const Tensor& input, std::optional<int64_t> dim, std::optional<DType> dtype) {
  return softmax_over(input, dim, dtype, false);
}
Tensor log_softmax(const Tensor& input, std::optional<int64_t> dim, std::optional<DType> dtype) {
  return softmax_over(input, dim, dtype, true);
}

Tensor softmin(const Tensor& input, std::optional<int64_t> dim, std::optional<DType> dtype) {
  return softmax_over(neg(input), dim, dtype, false);
}

// ---- gates and samples ---------------------------------------------------------------------------------------------

Tensor glu(const Tensor& input, int64_t dim) {
  if (input.rank() == 0) throw ShapeError("glu: input () has no dimension to halve");
  dim = wrap_dim(dim, input.rank());
  const int64_t half = input.size(dim) / 2;
  if (half * 2 != input.size(dim))
    throw ShapeError(str("Halving dimension must be even, but dimension ", dim, " of input ", input.shape(), " is ",
                         input.size(dim)));
  if (!input.is_floating_point()) throw_unsupported("glu", input.dtype());
  return mul(narrow(input, dim, 0, half), sigmoid(narrow(input, dim, half, half)));
}

Tensor gumbel_softmax(const Tensor& logits, double tau, bool hard, int64_t dim, const GeneratorRef& generator) {
  if (!(tau > 0)) throw OptionError(str("tau must be above 0, got ", tau));
  if (!logits.is_floating_point()) throw_unsupported("gumbel_softmax", logits.dtype());
  dim = wrap_dim(dim, logits.rank());
  const Tensor drawn = empty_in_layout_of(logits);
  exponential_(drawn, 1, generator);
  const Tensor shifted = sub(logits, log(drawn));
  if (logits.numel() == 0) return softmax(shifted, dim);
  const Tensor largest = amax(shifted.detach(), logits.rank() ? Shape{dim} : Shape{}, true);
  const Tensor soft = softmax(div(sub(shifted, masked_fill(largest, isinf(largest), 0)), tau), dim);
  if (!hard) return soft;
  const Tensor index = argmax(soft.detach(), dim, true);
  const Tensor chosen = logits.rank() ? scatter(zeros_like(soft), dim, index, 1) : ones_like(soft);
  return add(sub(chosen, soft.detach()), soft);
}

}  // namespace lamina::ops

#include "lamina/ops/bilinear.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/matmul.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/same_dtype.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

namespace {

void check_bilinear(const Tensor& input1, const Tensor& input2, const Tensor& weight, const Tensor& bias) {
  if (weight.rank() != 3) throw ShapeError(str("weight ", weight.shape(), " must be (out, in1, in2)"));
  const int rank = input1.rank();
  if (rank == 0 || input2.rank() != rank || input1.shape().slice(0, rank - 1) != input2.shape().slice(0, rank - 1))
    throw ShapeError(str("input1 ", input1.shape(), " and input2 ", input2.shape(),
                         " must have the same dimensions but for the last"));
  for (const auto& [what, x, side] : {std::tuple{"input1", &input1, 1}, {"input2", &input2, 2}})
    if (x->size(-1) != weight.size(side))
      throw ShapeError(str(what, " ", x->shape(), " must end in ", weight.size(side), ", dimension ", side,
                           " of weight ", weight.shape()));
  if (bias.defined() && bias.shape() != Shape{weight.size(0)})
    throw ShapeError(str("bias ", bias.shape(), " must be ", Shape{weight.size(0)}));
  check_same_dtype(input1, {{"input2", &input2}, {"weight", &weight}, {"bias", &bias}});
}

}  // namespace

Tensor bilinear(const Tensor& input1, const Tensor& input2, const Tensor& weight, const Tensor& bias) {
  check_bilinear(input1, input2, weight, bias);
  const int64_t outs = weight.size(0), in1 = weight.size(1), in2 = weight.size(2);
  const Shape leading = input1.shape().slice(0, input1.rank() - 1);
  const int64_t rows = leading.numel();
  // (rows, in1)·(in1, out·in2) → (rows, out, in2), then its product with (rows, in2, 1)
  const Tensor columns = reshape(permute(weight, {1, 0, 2}), {in1, outs * in2});
  const Tensor first = reshape(matmul(reshape(input1, {rows, in1}), columns), {rows, outs, in2});
  const Tensor y = reshape(matmul(first, reshape(input2, {rows, in2, 1})), leading + Shape{outs});
  return bias.defined() ? add(y, bias) : y;
}

}  // namespace lamina::ops

#include "lamina/ops/norm.h"

#include <cmath>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/graph/plain.h"
#include "lamina/kernels/norm.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/norm_parts.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/same_dtype.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

using kernels::Channels;
using kernels::Moments;

// ---- rows ----------------------------------------------------------------------------------------------------------

Shape layer_norm_shape(const Shape& input, const Shape& normalized_shape) {
  const int rank = normalized_shape.rank();
  if (rank == 0) throw ShapeError("normalized_shape () must have one dimension or more");
  if (!input.ends_with(normalized_shape)) {
    std::string hint;
    if (input.rank() >= rank)
      hint = str("Did you mean LayerNorm(", rank == 1 ? str(input.back()) : input.last(rank).text(), ")?");
    throw ShapeError(str("input ", input, " must end in normalized_shape ", normalized_shape), hint);
  }
  return input;
}

Tensor normalized(const Tensor& x, const Shape& dims, double eps) {
  double count = 1;
  for (const int64_t d : dims) count *= double(x.size(d));
  const auto average = [&](const Tensor& t) { return div(sum(t, dims, true), count); };
  const Tensor shifted = sub(x, average(x));
  return mul(shifted, rsqrt(add(average(mul(shifted, shifted)), eps)));
}

Tensor affine(Tensor y, const Tensor& weight, const Tensor& bias) {
  if (weight.defined()) y = mul(y, weight);
  return bias.defined() ? add(y, bias) : y;
}

namespace {

Shape last_dims(int n) {
  Shape dims;
  for (int d = -n; d < 0; ++d) dims.push_back(d);
  return dims;
}

struct Rows { int64_t rows, cols; };

template <class T>
Tensors layer_norm_backward(const Backward& g, const Tensor& x, const Tensor& weight, const Tensor& moments, Rows s,
                            const Shape& normalized_shape) {
  const Tensor dy = contiguous(g.dy());
  const Tensor parts = empty({kernels::layer_norm_parts(s.rows), 2, s.cols}, kFloat64);
  Tensors d(3);
  if (g.needs(0)) d[0] = empty(x.shape(), x.dtype());
  if (g.needs(1)) d[1] = empty(normalized_shape, x.dtype());
  if (g.needs(2)) d[2] = empty(normalized_shape, x.dtype());
  kernels::layer_norm_backward(dy.data<T>(), x.data<T>(), weight.data_or_null<T>(), moments.data<Moments<T>>(), s.rows,
                               s.cols, d[0].data_or_null<T>(), d[1].data_or_null<T>(), d[2].data_or_null<T>(),
                               parts.data<double>());
  return d;
}

}  // namespace

Tensor contiguous_values(const Tensor& t) { return t.defined() ? contiguous(t.detach()) : t; }

Tensor layer_norm(const Tensor& input, const Shape& normalized_shape, const Tensor& weight, const Tensor& bias,
                  double eps) {
  layer_norm_shape(input.shape(), normalized_shape);
  if (!(eps >= 0)) throw OptionError(str("eps must not be negative, got ", eps));
  for (const Tensor* t : {&weight, &bias})
    if (t->defined() && t->shape() != normalized_shape)
      throw ShapeError(
          str(t == &weight ? "weight " : "bias ", t->shape(), " must be normalized_shape ", normalized_shape));
  check_same_dtype(input, {{"weight", &weight}, {"bias", &bias}}, true);
  if (is_half(input.dtype())) {
    const auto wide = [](const Tensor& t) { return t.defined() ? to(t, kFloat32) : t; };
    return to(layer_norm(wide(input), normalized_shape, wide(weight), wide(bias), eps), input.dtype());
  }
  const Rows s{input.shape().slice(0, input.rank() - normalized_shape.rank()).numel(), normalized_shape.numel()};
  const Tensor x = contiguous_values(input), w = contiguous_values(weight), b = contiguous_values(bias);
  const Tensor y = empty(input.shape(), input.dtype()), moments = empty({s.rows, 3}, input.dtype());
  dispatch_real(input.dtype(), "layer_norm", [&]<class T>() {
    kernels::layer_norm(x.data<T>(), w.data_or_null<T>(), b.data_or_null<T>(), s.rows, s.cols, eps, y.data<T>(),
                        moments.data<Moments<T>>());
  });
  if (needs_grad(input, weight, bias))
    record("NativeLayerNormBackward0", y, {&input, &weight, &bias},
           [input = Saved(input), weight = Saved(weight), bias = Saved(bias), moments, s, normalized_shape,
            eps](const Backward& g) -> Tensors {
             if (g.create_graph)
               return differentiate(g, {input.get(), weight.get(), bias.get()}, [&](const Tensors& in) {
                 return affine(normalized(in[0], last_dims(normalized_shape.rank()), eps), in[1], in[2]);
               });
             const Tensor x = contiguous_values(input.get()), w = contiguous_values(weight.get());
             return dispatch_real(x.dtype(), "layer_norm", [&]<class T>() {
               return layer_norm_backward<T>(g, x, w, moments, s, normalized_shape);
             });
           });
  return y;
}

// ---- channels ------------------------------------------------------------------------------------------------------

Shape batch_norm_shape(const Shape& input, int64_t num_features, int min_rank, int max_rank, std::string_view layer) {
  if (input.rank() < min_rank || input.rank() > max_rank) {
    const std::string expected = min_rank == max_rank ? str(min_rank, "D") : str(min_rank, "D or ", max_rank, "D");
    std::string hint;
    if (input.rank() == max_rank - 1 && input.rank() < min_rank)
      hint = "Add the batch dimension with input.unsqueeze(0)";
    else if (input.rank() == 4) hint = str("Did you mean BatchNorm2d(", num_features, ")?");
    else if (input.rank() == 2 || input.rank() == 3) hint = str("Did you mean BatchNorm1d(", num_features, ")?");
    throw ShapeError(str("expected ", expected, " input (got ", input.rank(), "D input), input is ", input), hint);
  }
  if (input[1] != num_features)
    throw ShapeError(
        str("input ", input, " has ", input[1], " channels in dimension 1, expected num_features=", num_features),
        input.back() == num_features ? std::string("Are the channels last? Move them with input.movedim(-1, 1)")
                                     : str("Did you mean ", layer, "(", input[1], ")?"));
  return input;
}

// (C) so that it broadcasts over (N, C, …)
Tensor per_channel(const Tensor& t, int rank) {
  if (!t.defined()) return t;
  Shape shape = Shape::filled(rank, 1);
  shape[1] = t.numel();
  return view(contiguous(t), shape);
}

namespace {

// What a batch norm normalises by, kept for its backward.
struct BatchMoments {
  Tensor values;  // (C, 3), Moments of each channel
  bool own;       // those of the input itself
  double eps;
};

Shape all_but_channels(int rank) {
  Shape dims{0};
  for (int d = 2; d < rank; ++d) dims.push_back(d);
  return dims;
}

Tensor batch_norm_plain(const Tensors& in, const BatchMoments& m) {
  const int rank = in[0].rank();
  const Tensor weight = per_channel(in[1], rank), bias = per_channel(in[2], rank);
  if (m.own) return affine(normalized(in[0], all_but_channels(rank), m.eps), weight, bias);
  const int64_t c = in[0].size(1);
  const Tensor mean = empty({c}, in[0].dtype()), rstd = empty({c}, in[0].dtype());
  dispatch_real(in[0].dtype(), "batch_norm", [&]<class T>() {
    for (int64_t i = 0; i < c; ++i) {
      const Moments<T> v = m.values.data<Moments<T>>()[i];
      mean.data<T>()[i] = v.mean + v.rest;
      rstd.data<T>()[i] = v.rstd;
    }
  });
  return affine(mul(sub(in[0], per_channel(mean, rank)), per_channel(rstd, rank)), weight, bias);
}

template <class T>
Tensors batch_norm_backward(const Backward& g, const Tensor& x, const Tensor& weight, const BatchMoments& m,
                            Channels s) {
  const Tensor dy = contiguous(g.dy());
  const Tensor parts = empty({kernels::channel_parts(s), 2, s.c}, kFloat64);
  Tensors d(3);
  if (g.needs(0)) d[0] = empty(x.shape(), x.dtype());
  if (g.needs(1)) d[1] = empty({s.c}, x.dtype());
  if (g.needs(2)) d[2] = empty({s.c}, x.dtype());
  kernels::channel_norm_backward(dy.data<T>(), x.data<T>(), s, m.values.data<Moments<T>>(), m.own,
                                 weight.data_or_null<T>(), d[0].data_or_null<T>(), d[1].data_or_null<T>(),
                                 d[2].data_or_null<T>(), parts.data<double>());
  return d;
}

// running ← (1 − momentum)·running + momentum·value, in double, rounded to running's own type
void move_towards(const Tensor& running, const Tensor& value, double momentum) {
  if (!running.defined()) return;
  const Tensor wide = empty({running.numel()}, kFloat64);
  copy_values(wide, running);
  for (int64_t c = 0; c < wide.numel(); ++c)
    wide.data<double>()[c] = (1 - momentum) * wide.data<double>()[c] + momentum * value.data<double>()[c];
  copy_values(running, wide);
  running.bump_version();
}

// The input's own moments; the running ones move towards them.
template <class T>
void find_moments(const Tensor& x, Channels s, BatchMoments& m, const Tensor& running_mean, const Tensor& running_var,
                  double momentum) {
  const Tensor mean = empty({s.c}, kFloat64), var = empty({s.c}, kFloat64);
  const Tensor parts = empty({kernels::channel_parts(s), 2, s.c}, kFloat64);
  auto* moments = m.values.data<Moments<T>>();
  kernels::channel_moments(x.data<T>(), s, moments, var.data<double>(), parts.data<double>());
  const double unbiased = double(s.group()) / double(s.group() - 1);
  for (int64_t c = 0; c < s.c; ++c) {
    double& v = var.data<double>()[c];
    moments[c].rstd = T(1 / std::sqrt(v + m.eps));
    mean.data<double>()[c] = double(moments[c].mean) + double(moments[c].rest);
    v *= unbiased;
  }
  if (x.numel() == 0) return;
  move_towards(running_mean, mean, momentum);
  move_towards(running_var, var, momentum);
}

template <class T>
void take_moments(BatchMoments& m, const Tensor& running_mean, const Tensor& running_var) {
  const Tensor mean = empty(running_mean.shape(), kFloat64), var = empty(running_var.shape(), kFloat64);
  copy_values(mean, running_mean);
  copy_values(var, running_var);
  for (int64_t c = 0; c < mean.numel(); ++c) {
    const double v = mean.data<double>()[c];
    m.values.data<Moments<T>>()[c] = {T(v), T(v - double(T(v))), T(1 / std::sqrt(var.data<double>()[c] + m.eps))};
  }
}

void check_batch_norm(const Tensor& input, const Tensor& running_mean, const Tensor& running_var, const Tensor& weight,
                      const Tensor& bias, bool training, double momentum, double eps) {
  if (input.rank() < 2) throw ShapeError(str("input ", input.shape(), " must have two dimensions or more: (N, C, …)"));
  const Shape channels{input.size(1)};
  for (const auto& [what, t] :
       {std::pair{"running_mean", &running_mean}, {"running_var", &running_var}, {"weight", &weight}, {"bias", &bias}})
    if (t->defined() && t->shape() != channels)
      throw ShapeError(
          str(what, " ", t->shape(), " must be ", channels, ", one value for each channel of input ", input.shape()));
  check_same_dtype(
      input, {{"weight", &weight}, {"bias", &bias}, {"running_mean", &running_mean}, {"running_var", &running_var}},
      true);
  if (training && !(eps > 0)) throw OptionError(str("batch_norm eps must be positive during training, but got ", eps));
  if (!(eps >= 0)) throw OptionError(str("batch_norm eps must be non-negative, but got ", eps));
  if (std::isnan(momentum)) throw OptionError("momentum must be a number, got nan");
  if (!training && !(running_mean.defined() && running_var.defined()))
    throw OptionError("Expected running_mean and running_var to be defined when training=False");
  Shape group = input.shape();
  group.erase(1);
  if (training && group.numel() == 1)
    throw ShapeError(str("Expected more than 1 value per channel when training, got input size torch.Size(",
                         input.shape().list_text(), ")"),
                     "Use a larger batch, or eval(): one value has no variance");
}

}  // namespace

Tensor batch_norm(const Tensor& input, const Tensor& running_mean, const Tensor& running_var, const Tensor& weight,
                  const Tensor& bias, bool training, double momentum, double eps) {
  check_batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps);
  if (is_half(input.dtype())) {
    const auto wide = [](const Tensor& t) { return t.defined() ? to(t, kFloat32) : t; };
    const Tensor mean = wide(running_mean), var = wide(running_var);
    const Tensor y = batch_norm(wide(input), mean, var, wide(weight), wide(bias), training, momentum, eps);
    for (const auto& [narrow, moved] : {std::pair{running_mean, mean}, {running_var, var}})
      if (training && narrow.defined()) copy_values(narrow, moved), narrow.bump_version();
    return to(y, input.dtype());
  }
  const Channels s{input.size(0), input.size(1), input.shape().slice(2).numel()};
  const Tensor x = contiguous_values(input), w = contiguous_values(weight), b = contiguous_values(bias);
  const Tensor y = empty(input.shape(), input.dtype());
  BatchMoments m{empty({s.c, 3}, input.dtype()), training, eps};
  dispatch_real(input.dtype(), "batch_norm", [&]<class T>() {
    if (training) find_moments<T>(x, s, m, running_mean, running_var, momentum);
    else take_moments<T>(m, running_mean, running_var);
    kernels::channel_norm(x.data<T>(), s, m.values.data<Moments<T>>(), w.data_or_null<T>(), b.data_or_null<T>(),
                          y.data<T>());
  });
  if (needs_grad(input, weight, bias))
    record("NativeBatchNormBackward0", y, {&input, &weight, &bias},
           [input = Saved(input), weight = Saved(weight), bias = Saved(bias), m, s](const Backward& g) -> Tensors {
             if (g.create_graph)
               return differentiate(g, {input.get(), weight.get(), bias.get()},
                                    [&](const Tensors& in) { return batch_norm_plain(in, m); });
             const Tensor x = contiguous_values(input.get()), w = contiguous_values(weight.get());
             return dispatch_real(x.dtype(), "batch_norm",
                                  [&]<class T>() { return batch_norm_backward<T>(g, x, w, m, s); });
           });
  return y;
}

}  // namespace lamina::ops

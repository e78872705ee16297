#include "lamina/ops/norm_group.h"

#include <cmath>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/graph/plain.h"
#include "lamina/kernels/norm_group.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/norm.h"
#include "lamina/ops/norm_parts.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/same_dtype.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

using kernels::ChannelGroups;
using kernels::Moments;

namespace {

void check_eps(double eps) {
  if (!(eps >= 0)) throw OptionError(str("eps must not be negative, got ", eps));
}

// weight and bias, and running moments where there are some
void check_channels(const Tensor& input, std::initializer_list<std::pair<const char*, const Tensor*>> others) {
  const Shape channels{input.size(1)};
  for (const auto& [what, t] : others)
    if (t->defined() && t->shape() != channels)
      throw ShapeError(
          str(what, " ", t->shape(), " must be ", channels, ", one value for each channel of input ", input.shape()));
  check_same_dtype(input, others, true);
}

Tensor group_norm_plain(const Tensors& in, int64_t groups, double eps) {
  const Tensor& x = in[0];
  const Tensor y = normalized(reshape(x, {x.size(0), groups, x.numel() / (x.size(0) * groups)}), {2}, eps);
  return affine(reshape(y, x.shape()), per_channel(in[1], x.rank()), per_channel(in[2], x.rank()));
}

template <class T>
Tensors group_norm_backward(const Backward& g, const Tensor& x, const Tensor& weight, const Tensor& moments,
                            ChannelGroups s) {
  const Tensor dy = contiguous(g.dy()), sums = empty({s.n, s.channels(), 2}, kFloat64);
  Tensors d(3);
  if (g.needs(0)) d[0] = empty(x.shape(), x.dtype());
  if (g.needs(1)) d[1] = empty({s.channels()}, x.dtype());
  if (g.needs(2)) d[2] = empty({s.channels()}, x.dtype());
  kernels::group_norm_backward(dy.data<T>(), x.data<T>(), s, weight.data_or_null<T>(), moments.data<Moments<T>>(),
                               d[0].data_or_null<T>(), d[1].data_or_null<T>(), d[2].data_or_null<T>(),
                               sums.data<double>());
  return d;
}

// The caller has checked everything.
Tensor normalize_groups(const Tensor& input, int64_t groups, const Tensor& weight, const Tensor& bias, double eps,
                        const char* what) {
  if (is_half(input.dtype())) {
    const auto wide = [](const Tensor& t) { return t.defined() ? to(t, kFloat32) : t; };
    return to(normalize_groups(wide(input), groups, wide(weight), wide(bias), eps, what), input.dtype());
  }
  const int64_t channels = input.size(1);
  const ChannelGroups s{input.size(0), groups, channels / groups, input.shape().slice(2).numel()};
  const Tensor x = contiguous_values(input), w = contiguous_values(weight), b = contiguous_values(bias);
  const Tensor y = empty(input.shape(), input.dtype()), moments = empty({s.rows(), 3}, input.dtype());
  dispatch_real(input.dtype(), what, [&]<class T>() {
    kernels::group_norm(x.data<T>(), s, w.data_or_null<T>(), b.data_or_null<T>(), eps, y.data<T>(),
                        moments.data<Moments<T>>());
  });
  if (needs_grad(input, weight, bias))
    record("NativeGroupNormBackward0", y, {&input, &weight, &bias},
           [input = Saved(input), weight = Saved(weight), bias = Saved(bias), moments, s,
            eps](const Backward& g) -> Tensors {
             if (g.create_graph && input.get().numel() > 0)
               return differentiate(g, {input.get(), weight.get(), bias.get()},
                                    [&](const Tensors& in) { return group_norm_plain(in, s.g, eps); });
             const Tensor x = contiguous_values(input.get()), w = contiguous_values(weight.get());
             return dispatch_real(x.dtype(), "group_norm",
                                  [&]<class T>() { return group_norm_backward<T>(g, x, w, moments, s); });
           });
  return y;
}

// running ← (1 − momentum)·running + momentum·value
void move_towards(const Tensor& running, const Tensor& value, double momentum) {
  copy_values(running, add(mul(to(running.detach(), kFloat64), 1 - momentum), mul(to(value, kFloat64), momentum)));
  running.bump_version();
}

void update_running(const Tensor& input, const Tensor& running_mean, const Tensor& running_var, double momentum) {
  const Tensor x = input.detach();
  Shape space;
  for (int d = 2; d < x.rank(); ++d) space.push_back(d);
  move_towards(running_mean, mean(mean(x, space), {0}), momentum);
  move_towards(running_var, mean(var(x, space, 1), {0}), momentum);
}

}  // namespace

void check_groups(int64_t num_groups, int64_t num_channels) {
  if (num_groups < 1) throw OptionError(str("num_groups must be at least 1, got ", num_groups));
  if (num_channels % num_groups != 0)
    throw OptionError(str("num_channels (", num_channels, ") must be divisible by num_groups (", num_groups, ")"));
}

Tensor group_norm(const Tensor& input, int64_t num_groups, const Tensor& weight, const Tensor& bias, double eps) {
  if (input.rank() < 2) throw ShapeError(str("input ", input.shape(), " must have two dimensions or more: (N, C, …)"));
  check_groups(num_groups, input.size(1));
  check_eps(eps);
  check_channels(input, {{"weight", &weight}, {"bias", &bias}});
  if (input.numel() == num_groups)  // PyTorch's rule: one value, the groups counted as channels
    throw ShapeError(str("Expected more than 1 value per channel when training, got input size torch.Size(",
                         Shape{input.size(0) * input.size(1) / num_groups, num_groups}.list_text(), "), input is ",
                         input.shape()));
  return normalize_groups(input, num_groups, weight, bias, eps, "group_norm");
}

Tensor instance_norm(const Tensor& input, const Tensor& running_mean, const Tensor& running_var, const Tensor& weight,
                     const Tensor& bias, bool use_input_stats, double momentum, double eps) {
  if (input.rank() < 2) throw ShapeError(str("input ", input.shape(), " must have two dimensions or more: (N, C, …)"));
  if (running_mean.defined() != running_var.defined())
    throw OptionError("running_mean and running_var must either both be None or neither be None");
  check_eps(eps);
  if (std::isnan(momentum)) throw OptionError("momentum must be a number, got nan");
  check_channels(
      input, {{"weight", &weight}, {"bias", &bias}, {"running_mean", &running_mean}, {"running_var", &running_var}});
  if (!use_input_stats) {
    if (!running_mean.defined())
      throw OptionError("Expected running_mean and running_var to be defined when use_input_stats is false");
    return batch_norm(input, running_mean, running_var, weight, bias, false, momentum, eps);
  }
  if (input.shape().slice(2).numel() == 1)
    throw ShapeError(str("Expected more than 1 spatial element when training, got input size torch.Size(",
                         input.shape().list_text(), ")"));
  if (!input.is_floating_point()) throw_unsupported("instance_norm", input.dtype());
  if (running_mean.defined() && input.numel() > 0) update_running(input, running_mean, running_var, momentum);
  if (input.size(1) == 0) return add(input, 0);
  return normalize_groups(input, input.size(1), weight, bias, eps, "instance_norm");
}

}  // namespace lamina::ops

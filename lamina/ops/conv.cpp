#include "lamina/ops/conv.h"

#include <algorithm>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/kernels/conv.h"
#include "lamina/kernels/conv_integer.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/defined.h"
#include "lamina/ops/pad.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/view.h"
#include "lamina/ops/window.h"

namespace lamina::ops {

namespace {

void check_dtypes(const Tensor& input, const Tensor& weight, const Tensor& bias) {
  if (!input.is_floating_point() && input.dtype() != kInt64) throw_unsupported("convolution", input.dtype());
  for (const Tensor* t : {&weight, &bias})
    if (t->defined() && t->dtype() != input.dtype())
      throw DTypeError(str("input is ", name(input.dtype()), " and ", t == &weight ? "weight " : "bias ",
                           name(t->dtype()), ": they must have the same dtype"),
                       str("Convert the input with .to(torch.", name(t->dtype()), ") or the module with .to(torch.",
                           name(input.dtype()), ")"));
}

void check_channels(const Tensor& input, const Tensor& weight, const Tensor& bias, const ConvolutionOptions& o) {
  const int64_t groups = o.groups, first = weight.size(0), second = weight.size(1);
  if (groups < 1) throw OptionError(str("groups=", groups, " must be positive"));
  if (first < 1) throw ShapeError(str("weight ", weight.shape(), " has no output channels"));
  if (first % groups != 0)
    throw ShapeError(str("weight ", weight.shape(), " must have a first size that groups=", groups, " divides"));
  const int64_t expected = o.transposed ? first : second * groups, got = input.size(1);
  if (got != expected) {
    std::string hint;
    if (input.size(-1) == expected)
      hint = str("Channels come second: did you forget permute, from (N, *space, C) to (N, C, *space)?");
    else if (!o.transposed && second > 0 && got % second == 0 && got > 0 && first % (got / second) == 0)
      hint = str("Did you mean groups=", got / second, "?");
    else hint = str("Did you mean in_channels=", got, "?");
    throw ShapeError(str("input ", input.shape(), " has ", got, " channels, weight ", weight.shape(),
                         " with groups=", groups, " expects ", expected),
                     hint);
  }
  const int64_t out_channels = o.transposed ? second * groups : first;
  if (bias.defined() && bias.shape() != Shape{out_channels})
    throw ShapeError(str("bias ", bias.shape(), " must be ", Shape{out_channels}, " beside weight ", weight.shape()));
}

// The spatial sizes of the output, windows given for each dimension.
Shape out_space(const Shape& space, const Shape& kernel, const ConvolutionOptions& o) {
  Shape out = space;
  for (int d = 0; d < space.rank(); ++d) {
    const int64_t reach = o.dilation[d] * (kernel[d] - 1) + 1;  // what the dilated kernel covers
    if (o.transposed) {
      const bool fits = !__builtin_mul_overflow(space[d] - 1, o.stride[d], &out[d]) &&
                        !__builtin_add_overflow(out[d], reach + o.output_padding[d] - 2 * o.padding[d], &out[d]);
      if (!fits || out[d] < 1)
        throw ShapeError(str("input space ", space, " gives output size ", out[d], " in dimension ", d),
                         "Use a smaller padding or a larger output_padding");
      continue;
    }
    const int64_t padded = space[d] + 2 * o.padding[d];
    if (reach > padded) {
      Shape all = space, reaches = kernel;
      for (int e = 0; e < space.rank(); ++e)
        all[e] += 2 * o.padding[e], reaches[e] = o.dilation[e] * (kernel[e] - 1) + 1;
      throw ShapeError(str("kernel ", reaches, reaches == kernel ? "" : " (dilated)",
                           " is larger than the input's space ", all, all == space ? "" : " (padded)"),
                       "Use a smaller kernel or more padding");
    }
    out[d] = (padded - reach) / o.stride[d] + 1;
  }
  return out;
}

// Every option as one number for each spatial dimension.
ConvolutionOptions spelled_out(const Shape& weight, const ConvolutionOptions& o) {
  const int n = weight.rank() - 2;
  ConvolutionOptions each = o;
  each.stride = window_sizes("stride", o.stride, n, 1);
  each.padding = window_sizes("padding", o.padding, n, 0);
  each.dilation = window_sizes("dilation", o.dilation, n, 1);
  each.output_padding = window_sizes("output_padding", o.output_padding, n, 0);
  window_sizes("kernel_size", weight.slice(2), n, 1);
  for (int d = 0; d < n; ++d)
    if (each.output_padding[d] > 0 &&
        (!o.transposed || each.output_padding[d] >= std::max(each.stride[d], each.dilation[d])))
      throw OptionError(
          str("output_padding=", o.output_padding,
              o.transposed ? " must be smaller than stride or dilation" : " is for transposed convolutions"));
  return each;
}

void check_ranks(const Tensor& input, const Tensor& weight) {
  check_defined("weight", weight);
  if (weight.rank() < 3 || weight.rank() > 5)
    throw ShapeError(str("weight ", weight.shape(),
                         " must be (out_channels, in_channels / groups, *kernel) with 1 to 3 spatial dimensions"));
  if (input.rank() != weight.rank())
    throw ShapeError(
        str("input ", input.shape(), " must have ", weight.rank(), " dimensions, as weight ", weight.shape(), " has"));
}

}  // namespace

Shape convolution_shape(const Tensor& input, const Tensor& weight, const Tensor& bias,
                        const ConvolutionOptions& options) {
  check_ranks(input, weight);
  check_dtypes(input, weight, bias);
  const ConvolutionOptions o = spelled_out(weight.shape(), options);
  check_channels(input, weight, bias, o);
  const Shape space = input.shape().slice(2);
  for (const int64_t n : space)
    if (n == 0) throw ShapeError(str("input ", input.shape(), " may be empty in its batch or channels only"));
  Shape out{input.size(0), o.transposed ? weight.size(1) * o.groups : weight.size(0)};
  return out + out_space(space, weight.shape().slice(2), o);
}

namespace {

// One convolution y = x ⋆ w: its sizes, and the shapes of its three tensors. The three operations below are linear in each
// of their two operands, and the gradients of each are the other two: so all of them can be differentiated any number of
// times, and the transposed convolution is input_gradient.
struct Setup {
  kernels::ConvGeometry g;
  Shape x, w, y;
};

Tensor forward(const Tensor& x, const Tensor& w, const Tensor& bias, const Setup& s);
Tensor input_gradient(const Tensor& dy, const Tensor& w, const Tensor& bias, const Setup& s);
Tensor weight_gradient(const Tensor& x, const Tensor& dy, const Setup& s);

Tensor bias_gradient(const Tensor& dy) {
  Shape dims{0};
  for (int d = 2; d < dy.rank(); ++d) dims.push_back(d);
  return sum(dy, dims);
}

template <class T>
const T* values(const Tensor& t) {
  return t.defined() ? t.data<T>() : nullptr;
}

Tensor plain_values(const Tensor& t) { return t.defined() ? contiguous(t.detach()) : t; }

Tensor forward(const Tensor& x, const Tensor& w, const Tensor& bias, const Setup& s) {
  Tensor y = empty(s.y, x.dtype());
  const Tensor xs = plain_values(x), ws = plain_values(w), bs = plain_values(bias);
  if (y.numel() > 0)
    dispatch_real(x.dtype(), "convolution", [&]<class T>() {
      kernels::conv_forward(values<T>(xs), values<T>(ws), values<T>(bs), s.g, y.data<T>());
    });
  if (needs_grad(x, w, bias))
    record("ConvolutionBackward0", y, {&x, &w, &bias}, [x = Saved(x), w = Saved(w), s](const Backward& g) -> Tensors {
      return {g.needs(0) ? input_gradient(g.dy(), w.get(), {}, s) : Tensor(),
              g.needs(1) ? weight_gradient(x.get(), g.dy(), s) : Tensor(),
              g.needs(2) ? bias_gradient(g.dy()) : Tensor()};
    });
  return y;
}

Tensor input_gradient(const Tensor& dy, const Tensor& w, const Tensor& bias, const Setup& s) {
  Tensor dx = empty(s.x, dy.dtype());
  const Tensor dys = plain_values(dy), ws = plain_values(w), bs = plain_values(bias);
  if (dx.numel() > 0)
    dispatch_real(dy.dtype(), "convolution", [&]<class T>() {
      kernels::conv_input_gradient(values<T>(dys), values<T>(ws), values<T>(bs), s.g, dx.data<T>());
    });
  if (needs_grad(dy, w, bias))
    record("ConvolutionBackward0", dx, {&dy, &w, &bias},
           [dy = Saved(dy), w = Saved(w), s](const Backward& g) -> Tensors {
             return {g.needs(0) ? forward(g.dy(), w.get(), {}, s) : Tensor(),
                     g.needs(1) ? weight_gradient(g.dy(), dy.get(), s) : Tensor(),
                     g.needs(2) ? bias_gradient(g.dy()) : Tensor()};
           });
  return dx;
}

Tensor weight_gradient(const Tensor& x, const Tensor& dy, const Setup& s) {
  Tensor dw = empty(s.w, x.dtype());
  const Tensor xs = plain_values(x), dys = plain_values(dy);
  if (dw.numel() > 0)
    dispatch_real(x.dtype(), "convolution",
                  [&]<class T>() { kernels::conv_weight_gradient(values<T>(xs), values<T>(dys), s.g, dw.data<T>()); });
  if (needs_grad(x, dy))
    record("ConvolutionBackwardBackward0", dw, {&x, &dy},
           [x = Saved(x), dy = Saved(dy), s](const Backward& g) -> Tensors {
             return {g.needs(0) ? input_gradient(dy.get(), g.dy(), {}, s) : Tensor(),
                     g.needs(1) ? forward(x.get(), g.dy(), {}, s) : Tensor()};
           });
  return dw;
}

Setup setup(const Shape& x, const Shape& w, const Shape& y, const ConvolutionOptions& o) {
  Setup s{{}, x, w, y};
  s.g.batch = x[0];
  s.g.groups = o.groups;
  s.g.in_channels = w[1];
  s.g.out_channels = w[0] / o.groups;
  to_three(x.slice(2), 1, s.g.in);
  to_three(y.slice(2), 1, s.g.out);
  to_three(w.slice(2), 1, s.g.kernel);
  to_three(o.stride, 1, s.g.stride);
  to_three(o.padding, 0, s.g.padding);
  to_three(o.dilation, 1, s.g.dilation);
  return s;
}

// What a named function (conv2d) accepts beyond convolution: unbatched input, and padding by name.
Tensor named(const Tensor& input, const Tensor& weight, const Tensor& bias, const ConvOptions& options, int n) {
  if (weight.rank() != n + 2) throw ShapeError(str("weight ", weight.shape(), " must have ", n + 2, " dimensions"));
  check_space(input.shape(), n);
  const bool unbatched = input.rank() == n + 1;
  Tensor x = unbatched ? unsqueeze(input, 0) : input;
  ConvolutionOptions o{.stride = options.stride,
                       .padding = options.padding.sizes,
                       .dilation = options.dilation,
                       .groups = options.groups};
  if (options.padding.mode == "valid") {
    o.padding = {0};
  } else if (options.padding.mode == "same") {
    for (const int64_t step : options.stride)
      if (step != 1) throw OptionError(str("padding='same' needs stride 1, got stride=", options.stride));
    o = spelled_out(weight.shape(), o);
    Shape uneven;  // what one side needs more than the other
    for (int d = n - 1; d >= 0; --d) {
      const int64_t total = o.dilation[d] * (weight.size(d + 2) - 1);
      o.padding[d] = total / 2;
      uneven.push_back(0);
      uneven.push_back(total % 2);
    }
    if (std::find(uneven.begin(), uneven.end(), 1) != uneven.end()) x = pad(x, uneven);
  } else if (options.padding.mode) {
    throw OptionError(str("padding='", *options.padding.mode, "' must be numbers, 'valid' or 'same'"));
  }
  const Tensor y = convolution(x, weight, bias, o);
  return unbatched ? squeeze(y, 0) : y;
}

}  // namespace

namespace {

Tensor of_integers(const Tensor& input, const Tensor& weight, const Tensor& bias, const Shape& out,
                   const ConvolutionOptions& o) {
  const Tensor y = empty(out, kInt64), xs = plain_values(input), ws = plain_values(weight), bs = plain_values(bias);
  const Setup s =
      o.transposed ? setup(out, weight.shape(), input.shape(), o) : setup(input.shape(), weight.shape(), out, o);
  const auto kernel = o.transposed ? kernels::conv_integer_transposed : kernels::conv_integer;
  if (y.numel() > 0) kernel(values<int64_t>(xs), values<int64_t>(ws), values<int64_t>(bs), s.g, y.data<int64_t>());
  return y;
}

}  // namespace

Tensor convolution(const Tensor& input, const Tensor& weight, const Tensor& bias, const ConvolutionOptions& options) {
  const Shape out = convolution_shape(input, weight, bias, options);
  const DType dtype = input.dtype();
  if (dtype == kInt64) return of_integers(input, weight, bias, out, spelled_out(weight.shape(), options));
  if (dtype != kFloat32 && dtype != kFloat64)
    return to(
        convolution(to(input, kFloat32), to(weight, kFloat32), bias.defined() ? to(bias, kFloat32) : bias, options),
        dtype);
  const ConvolutionOptions o = spelled_out(weight.shape(), options);
  return o.transposed ? input_gradient(input, weight, bias, setup(out, weight.shape(), input.shape(), o))
                      : forward(input, weight, bias, setup(input.shape(), weight.shape(), out, o));
}

Tensor convolution_weight_gradient(const Tensor& input, const Shape& weight_size, const Tensor& grad_output,
                                   const ConvolutionOptions& options) {
  check_defined("grad_output", grad_output);
  checked_numel(weight_size);
  // stands for a weight in the checks: of its shape, without memory of its own
  const Tensor weight = alias(input.detach(), weight_size, Shape::filled(weight_size.rank(), 0));
  const Shape out = convolution_shape(input, weight, {}, options);
  if (grad_output.shape() != out)
    throw ShapeError(str("grad_output ", grad_output.shape(), " must be of the output's shape ", out));
  check_dtypes(input, grad_output, {});
  const DType dtype = input.dtype();
  if (dtype != kFloat32 && dtype != kFloat64)
    return to(convolution_weight_gradient(to(input, kFloat32), weight_size, to(grad_output, kFloat32), options), dtype);
  return weight_gradient(input, grad_output, setup(input.shape(), weight_size, out, spelled_out(weight_size, options)));
}

Tensor conv1d(const Tensor& input, const Tensor& weight, const Tensor& bias, const ConvOptions& options) {
  return named(input, weight, bias, options, 1);
}
Tensor conv2d(const Tensor& input, const Tensor& weight, const Tensor& bias, const ConvOptions& options) {
  return named(input, weight, bias, options, 2);
}
Tensor conv3d(const Tensor& input, const Tensor& weight, const Tensor& bias, const ConvOptions& options) {
  return named(input, weight, bias, options, 3);
}

}  // namespace lamina::ops

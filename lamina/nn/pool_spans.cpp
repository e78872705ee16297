#include "lamina/nn/pool_spans.h"

namespace lamina::nn {

namespace {

template <int N>
constexpr const char* kShape = N == 1   ? "(N, C, L) → (N, C, L'), or without N"
                               : N == 2 ? "(N, C, H, W) → (N, C, H', W'), or without N"
                                        : "(N, C, D, H, W) → (N, C, D', H', W'), or without N";

}  // namespace

template <int N>
Tensor AdaptiveMaxPoolImpl<N>::forward(const Tensor& input) {
  constexpr auto pool = N == 1   ? ops::adaptive_max_pool1d
                        : N == 2 ? ops::adaptive_max_pool2d
                                 : ops::adaptive_max_pool3d;
  return pool(input, output_size.sizes);
}

template <int N>
std::pair<Tensor, Tensor> AdaptiveMaxPoolImpl<N>::forward_with_indices(const Tensor& input) {
  constexpr auto pool = N == 1   ? ops::adaptive_max_pool1d_with_indices
                        : N == 2 ? ops::adaptive_max_pool2d_with_indices
                                 : ops::adaptive_max_pool3d_with_indices;
  return pool(input, output_size.sizes);
}

template <int N>
const Declaration& AdaptiveMaxPoolImpl<N>::declared() {
  using L = AdaptiveMaxPoolImpl<N>;
  using O = AdaptiveMaxPoolOptions;
  static const Declaration d = Declare<L, O>{
      .name = str("AdaptiveMaxPool", N, "d"),
      .formula = "y[o] = the largest of x[⌊o·in/out⌋], …, x[⌈(o + 1)·in/out⌉ − 1], along each dimension of space",
      .shape = kShape<N>,
      .source = str("torch.nn.AdaptiveMaxPool", N, "d"),
      .notes = "The first of equal values wins, and a NaN always does.",
      .required = {{"output_size", &L::output_size, "size of the output; None where the input's size stays"}},
      .options = {{"return_indices", &O::return_indices, "return where the values were, too", Show::Never}},
      .construct = [](const Arguments& a, const O& o) { return new L(a.get<OutputSize<N>>(0), o); }};
  return d;
}

template <int N>
FractionalMaxPoolImpl<N>::FractionalMaxPoolImpl(Extent<N> kernel_size, FractionalMaxPoolOptions<N> given)
    : kernel_size(kernel_size), options(std::move(given)) {
  for (int d = 0; d < N; ++d)
    if (kernel_size[d] < 1) throw OptionError(str("kernel_size=", kernel_size.shape(), " must be positive"));
  if (options.output_size.has_value() == options.output_ratio.has_value())
    throw OptionError(options.output_size ? "output_size and output_ratio exclude one another"
                                          : "one of output_size and output_ratio is needed");
  if (options.output_ratio)
    for (const double r : options.output_ratio->values)
      if (!(r > 0 && r < 1)) throw OptionError(str("output_ratio must lie between 0 and 1, got ", r));
  this->bind_buffer("_random_samples", random_samples, options.random_samples);
}

template <int N>
ops::FractionalPoolOptions FractionalMaxPoolImpl<N>::windows() const {
  ops::FractionalPoolOptions o{.random_samples = random_samples};
  if (options.output_size) o.output_size = options.output_size->shape();
  if (options.output_ratio) o.output_ratio = options.output_ratio->values;
  return o;
}

template <int N>
Tensor FractionalMaxPoolImpl<N>::forward(const Tensor& input) {
  constexpr auto pool = N == 2 ? ops::fractional_max_pool2d : ops::fractional_max_pool3d;
  return pool(input, kernel_size.shape(), windows());
}

template <int N>
std::pair<Tensor, Tensor> FractionalMaxPoolImpl<N>::forward_with_indices(const Tensor& input) {
  constexpr auto pool = N == 2 ? ops::fractional_max_pool2d_with_indices : ops::fractional_max_pool3d_with_indices;
  return pool(input, kernel_size.shape(), windows());
}

template <int N>
const Declaration& FractionalMaxPoolImpl<N>::declared() {
  using L = FractionalMaxPoolImpl<N>;
  using O = FractionalMaxPoolOptions<N>;
  static const Declaration d = Declare<L, O>{
      .name = str("FractionalMaxPool", N, "d"),
      .formula =
          "y = the largest value of windows that start ⌊(i + u)·α⌋ − ⌊u·α⌋ from the border, u uniform in [0, 1) for "
          "each channel and dimension, α = (in − kernel_size) / (out − 1); the last window ends with the input",
      .shape = kShape<N>,
      .source = str("arXiv:1412.6071; torch.nn.FractionalMaxPool", N, "d"),
      .notes = "u is drawn from the default generator in every call, in train and eval mode alike.",
      .required = {{"kernel_size", &L::kernel_size, "size of the window", Show::Never}},
      .options = {{"output_size", &O::output_size, "size of the output", Show::Never},
                  {"output_ratio", &O::output_ratio, "the output's size as a part of the input's, between 0 and 1",
                   Show::Never},
                  {"return_indices", &O::return_indices, "return where the values were, too", Show::Never},
                  {"_random_samples", &O::random_samples,
                   "u of every image and channel (N, C, dimensions), instead of drawing it", Show::Never}},
      .construct = [](const Arguments& a, const O& o) { return new L(a.get<Extent<N>>(0), o); }};
  return d;
}

template class AdaptiveMaxPoolImpl<1>;
template class AdaptiveMaxPoolImpl<2>;
template class AdaptiveMaxPoolImpl<3>;
template class FractionalMaxPoolImpl<2>;
template class FractionalMaxPoolImpl<3>;

}  // namespace lamina::nn

#include "lamina/nn/pool_average.h"

namespace lamina::nn {

template <int N>
AvgPoolImpl<N>::AvgPoolImpl(AvgExtent<N> kernel_size, AvgPoolOptions<N> options)
    : kernel_size(kernel_size), options(options) {
  if (!this->options.stride) this->options.stride = kernel_size;
}

template <int N>
Tensor AvgPoolImpl<N>::forward(const Tensor& input) {
  constexpr auto pool = N == 1 ? ops::avg_pool1d : N == 2 ? ops::avg_pool2d : ops::avg_pool3d;
  return pool(input, kernel_size.shape(),
              {.stride = options.stride ? options.stride->shape() : kernel_size.shape(),
               .padding = options.padding.shape(),
               .ceil_mode = options.ceil_mode,
               .count_include_pad = options.count_include_pad,
               .divisor_override = options.divisor_override});
}

template <int N>
Tensor AdaptiveAvgPoolImpl<N>::forward(const Tensor& input) {
  constexpr auto pool = N == 1   ? ops::adaptive_avg_pool1d
                        : N == 2 ? ops::adaptive_avg_pool2d
                                 : ops::adaptive_avg_pool3d;
  return pool(input, output_size.sizes);
}

namespace {

template <int N>
constexpr const char* kShape = N == 1   ? "(N, C, L) → (N, C, L'), or without N"
                               : N == 2 ? "(N, C, H, W) → (N, C, H', W'), or without N"
                                        : "(N, C, D, H, W) → (N, C, D', H', W'), or without N";

}  // namespace

template <int N>
const Declaration& AvgPoolImpl<N>::declared() {
  using L = AvgPoolImpl<N>;
  using O = AvgPoolOptions<N>;
  static constexpr const char* name = N == 1 ? "AvgPool1d" : N == 2 ? "AvgPool2d" : "AvgPool3d";
  static const Declaration d = [] {
    Declare<L, O> declare{
        .name = name,
        .formula = "y = the sum of each window / the size of the window",
        .shape = kShape<N>,
        .source = str("torch.nn.", name),
        .notes =
            "Each size of space becomes ⌊(size + 2·padding − kernel_size) / stride⌋ + 1, rounded up with ceil_mode. "
            "Padding is zeros, at most half of kernel_size.",
        .required = {{"kernel_size", &L::kernel_size, "size of the window"}},
        .options = {{"stride", &O::stride, "step of the window; kernel_size when left out"},
                    {"padding", &O::padding, "how far the input is extended on both sides"},
                    {"ceil_mode", &O::ceil_mode, "keep the last window that only partly fits", Show::Never},
                    {"count_include_pad", &O::count_include_pad, "divide by what lies in the padding too",
                     Show::Never}},
        .construct = [](const Arguments& a, const O& o) { return new L(a.get<AvgExtent<N>>(0), o); }};
    if constexpr (N > 1)
      declare.options.push_back({"divisor_override", &O::divisor_override, "divide by this instead", Show::Never});
    return Declaration(declare);
  }();
  return d;
}

template <int N>
const Declaration& AdaptiveAvgPoolImpl<N>::declared() {
  using L = AdaptiveAvgPoolImpl<N>;
  constexpr const char* name = N == 1 ? "AdaptiveAvgPool1d" : N == 2 ? "AdaptiveAvgPool2d" : "AdaptiveAvgPool3d";
  static const Declaration d =
      Declare<L>{.name = name,
                 .formula = "y[o] = the mean of x[i] over ⌊o·in/out⌋ ≤ i < ⌈(o + 1)·in/out⌉",
                 .shape = kShape<N>,
                 .source = str("torch.nn.", name),
                 .notes = "Neighbouring windows overlap where the sizes do not divide.",
                 .required = {{"output_size", &L::output_size, "sizes of the output; None keeps the input's"}},
                 .options = {},
                 .construct = [](const Arguments& a, const NoOptions&) { return new L(a.get<OutputSize<N>>(0)); }};
  return d;
}

template class AvgPoolImpl<1>;
template class AvgPoolImpl<2>;
template class AvgPoolImpl<3>;
template class AdaptiveAvgPoolImpl<1>;
template class AdaptiveAvgPoolImpl<2>;
template class AdaptiveAvgPoolImpl<3>;

}  // namespace lamina::nn

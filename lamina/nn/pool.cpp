#include "lamina/nn/pool.h"

namespace lamina::nn {

template <int N>
MaxPoolImpl<N>::MaxPoolImpl(GivenExtent<N> kernel_size, MaxPoolOptions<N> options)
    : kernel_size(kernel_size), options(options) {
  if (!this->options.stride) this->options.stride = kernel_size;
}

template <int N>
ops::MaxPoolOptions MaxPoolImpl<N>::windows() const {
  return {.stride = options.stride ? options.stride->shape() : kernel_size.shape(),
          .padding = options.padding.shape(),
          .dilation = options.dilation.shape(),
          .ceil_mode = options.ceil_mode};
}

template <int N>
Tensor MaxPoolImpl<N>::forward(const Tensor& input) {
  constexpr auto pool = N == 1 ? ops::max_pool1d : N == 2 ? ops::max_pool2d : ops::max_pool3d;
  return pool(input, kernel_size.shape(), windows());
}

template <int N>
std::pair<Tensor, Tensor> MaxPoolImpl<N>::forward_with_indices(const Tensor& input) {
  constexpr auto pool = N == 1   ? ops::max_pool1d_with_indices
                        : N == 2 ? ops::max_pool2d_with_indices
                                 : ops::max_pool3d_with_indices;
  return pool(input, kernel_size.shape(), windows());
}

template <int N>
const Declaration& MaxPoolImpl<N>::declared() {
  using L = MaxPoolImpl<N>;
  using O = MaxPoolOptions<N>;
  constexpr const char* name = N == 1 ? "MaxPool1d" : N == 2 ? "MaxPool2d" : "MaxPool3d";
  constexpr const char* shape = N == 1   ? "(N, C, L) → (N, C, L'), or without N"
                                : N == 2 ? "(N, C, H, W) → (N, C, H', W'), or without N"
                                         : "(N, C, D, H, W) → (N, C, D', H', W'), or without N";
  static const Declaration d = Declare<L, O>{
      .name = name,
      .formula = "y = the largest value of each window",
      .shape = shape,
      .source = str("torch.nn.", name),
      .notes =
          "Each size of space becomes ⌊(size + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1, rounded up "
          "with ceil_mode. "
          "Padding counts as −∞ and is at most half of kernel_size; the first of equal values wins, and a NaN always "
          "does.",
      .required = {{"kernel_size", &L::kernel_size, "size of the window"}},
      .options = {{"stride", &O::stride, "step of the window; kernel_size when left out"},
                  {"padding", &O::padding, "how far the input is extended on both sides"},
                  {"dilation", &O::dilation, "distance between the window's elements"},
                  {"return_indices", &O::return_indices, "return where the values were, too", Show::Never},
                  {"ceil_mode", &O::ceil_mode, "keep the last window that only partly fits"}},
      .construct = [](const Arguments& a, const O& o) { return new L(a.get<GivenExtent<N>>(0), o); }};
  return d;
}

template class MaxPoolImpl<1>;
template class MaxPoolImpl<2>;
template class MaxPoolImpl<3>;

}  // namespace lamina::nn

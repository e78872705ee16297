#include "lamina/nn/pool_lp.h"

namespace lamina::nn {

template <int N>
Tensor LPPoolImpl<N>::forward(const Tensor& input) {
  constexpr auto pool = N == 1 ? ops::lp_pool1d : N == 2 ? ops::lp_pool2d : ops::lp_pool3d;
  return pool(
      input, norm_type.to_double(), kernel_size.shape(),
      {.stride = options.stride ? options.stride->shape() : kernel_size.shape(), .ceil_mode = options.ceil_mode});
}

template <int N>
const Declaration& LPPoolImpl<N>::declared() {
  using L = LPPoolImpl<N>;
  using O = LPPoolOptions<N>;
  constexpr const char* shape = N == 1   ? "(N, C, L) → (N, C, L'), or without N"
                                : N == 2 ? "(N, C, H, W) → (N, C, H', W'), or without N"
                                         : "(N, C, D, H, W) → (N, C, D', H', W'), or without N";
  static const Declaration d = Declare<L, O>{
      .name = str("LPPool", N, "d"),
      .formula = "y = (Σ x^norm_type)^(1 / norm_type) over each window",
      .shape = shape,
      .source = str("torch.nn.LPPool", N, "d"),
      .notes =
          "Each size of space becomes ⌊(size − kernel_size) / stride⌋ + 1, rounded up with ceil_mode; a window that "
          "only "
          "partly fits then counts as if its mean filled it. norm_type=inf gives the largest size. The gradient is 0 "
          "where "
          "the sum is 0.",
      .required = {{"norm_type", &L::norm_type, "the exponent: 1 sums, 2 gives the Euclidean norm"},
                   {"kernel_size", &L::kernel_size, "size of the window"}},
      .options = {{"stride", &O::stride, "step of the window; kernel_size when left out"},
                  {"ceil_mode", &O::ceil_mode, "keep the last window that only partly fits"}},
      .construct = [](const Arguments& a, const O& o) { return new L(a.get<Scalar>(0), a.get<GivenExtent<N>>(1), o); }};
  return d;
}

template class LPPoolImpl<1>;
template class LPPoolImpl<2>;
template class LPPoolImpl<3>;

}  // namespace lamina::nn

#include "lamina/nn/unpool.h"

namespace lamina::nn {

template <int N>
MaxUnpoolImpl<N>::MaxUnpoolImpl(Extent<N> kernel_size, MaxUnpoolOptions<N> options)
    : kernel_size(kernel_size), options(options) {
  if (!this->options.stride) this->options.stride = kernel_size;
}

template <int N>
Tensor MaxUnpoolImpl<N>::forward(const Tensor& input, const Tensor& indices, const std::optional<Shape>& output_size) {
  constexpr auto unpool = N == 1 ? ops::max_unpool1d : N == 2 ? ops::max_unpool2d : ops::max_unpool3d;
  return unpool(input, indices, kernel_size.shape(),
                {.stride = options.stride ? options.stride->shape() : kernel_size.shape(),
                 .padding = options.padding.shape(),
                 .output_size = output_size});
}

template <int N>
Tensor MaxUnpoolImpl<N>::operator()(const Tensor& input, const Tensor& indices,
                                    const std::optional<Shape>& output_size) {
  try {
    return forward(input, indices, output_size);
  } catch (Error& e) {
    note_failure(e);
    throw;
  }
}

template <int N>
const Declaration& MaxUnpoolImpl<N>::declared() {
  using L = MaxUnpoolImpl<N>;
  using O = MaxUnpoolOptions<N>;
  constexpr const char* shape = N == 1   ? "(N, C, L) → (N, C, L'), or without N"
                                : N == 2 ? "(N, C, H, W) → (N, C, H', W'), or without N"
                                         : "(N, C, D, H, W) → (N, C, D', H', W'), or without N";
  static const Declaration d =
      Declare<L, O>{.name = str("MaxUnpool", N, "d"),
                    .formula = "y[indices[i]] = x[i], 0 elsewhere",
                    .shape = shape,
                    .source = str("torch.nn.MaxUnpool", N, "d"),
                    .notes =
                        "Each size of space becomes (size − 1)·stride − 2·padding + kernel_size, or what the call's "
                        "output_size says.",
                    .required = {{"kernel_size", &L::kernel_size, "size of the window of the pooling"}},
                    .options = {{"stride", &O::stride, "step of the window; kernel_size when left out"},
                                {"padding", &O::padding, "padding of the pooling"}},
                    .construct = [](const Arguments& a, const O& o) { return new L(a.get<Extent<N>>(0), o); }};
  return d;
}

template class MaxUnpoolImpl<1>;
template class MaxUnpoolImpl<2>;
template class MaxUnpoolImpl<3>;

}  // namespace lamina::nn

#include "lamina/nn/fold.h"

namespace lamina::nn {

namespace {

ops::FoldOptions windows(const FoldOptions& o) {
  return {.dilation = o.dilation.shape(), .padding = o.padding.shape(), .stride = o.stride.shape()};
}

template <class L>
std::vector<Option<L, FoldOptions>> window_options() {
  using O = FoldOptions;
  return {{"dilation", &O::dilation, "distance between the elements of a block"},
          {"padding", &O::padding, "how far the image is extended with zeros on both sides"},
          {"stride", &O::stride, "step between blocks"}};
}

}  // namespace

Tensor UnfoldImpl::forward(const Tensor& input) { return ops::unfold(input, kernel_size.shape(), windows(options)); }

const Declaration& UnfoldImpl::declared() {
  using L = UnfoldImpl;
  static const Declaration d = Declare<L, FoldOptions>{
      .name = "Unfold",
      .formula = "y[c·taps + t, p] = x[c, p·stride − padding + t·dilation], taps = product of kernel_size",
      .shape = "(N, C, H, W) → (N, C · taps, L), or without N, L the number of blocks",
      .source = "torch.nn.Unfold",
      .notes =
          "L = Π ⌊(size + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1. Zeros stand outside the image.",
      .required = {{"kernel_size", &L::kernel_size, "size of a block"}},
      .options = window_options<L>(),
      .construct = [](const Arguments& a, const FoldOptions& o) { return new L(a.get<GivenExtent<2>>(0), o); }};
  return d;
}

Tensor FoldImpl::forward(const Tensor& input) {
  return ops::fold(input, output_size.shape(), kernel_size.shape(), windows(options));
}

const Declaration& FoldImpl::declared() {
  using L = FoldImpl;
  static const Declaration d = Declare<L, FoldOptions>{
      .name = "Fold",
      .formula =
          "y[c, i] = Σ x[c·taps + t, p] over all p·stride − padding + t·dilation = i, taps = product of kernel_size",
      .shape = "(N, C · taps, L) → (N, C, *output_size), or without N, L the number of blocks",
      .source = "torch.nn.Fold",
      .notes = "The gradient of Unfold: blocks that overlap add up.",
      .required = {{"output_size", &L::output_size, "size of the image"},
                   {"kernel_size", &L::kernel_size, "size of a block"}},
      .options = window_options<L>(),
      .construct = [](const Arguments& a, const FoldOptions& o) {
        return new L(a.get<GivenExtent<2>>(0), a.get<GivenExtent<2>>(1), o);
      }};
  return d;
}

}  // namespace lamina::nn

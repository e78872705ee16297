// Unfold and Fold: sliding blocks of images as columns, and back.
//   nn::Unfold blocks(3, {.padding = 1});  Tensor columns = blocks(x);  // (8, 3, 32, 32) → (8, 27, 1024)
#pragma once
#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"
#include "lamina/nn/pool.h"
#include "lamina/ops/fold.h"

namespace lamina::nn {

/// What Unfold and Fold take by name. Defaults and order are PyTorch's.
struct FoldOptions {
  GivenExtent<2> dilation = 1;
  GivenExtent<2> padding = 0;
  GivenExtent<2> stride = 1;
};
using UnfoldOptions = FoldOptions;

/// Every block of kernel_size as a column.
/// Shape: (N, C, H, W) → (N, C · product of kernel_size, L), or without N,
///   L = Π ⌊(size + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1.
/// Throws on the call OptionError, ShapeError, DTypeError. Source: torch.nn.Unfold.
class UnfoldImpl : public Module {
 public:
  explicit UnfoldImpl(GivenExtent<2> kernel_size, UnfoldOptions options = {})
      : kernel_size(kernel_size), options(options) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override;

  GivenExtent<2> kernel_size;
  UnfoldOptions options;
};

/// Columns added up in the places that Unfold takes them from.
/// Shape: (N, C · product of kernel_size, L) → (N, C, *output_size), or without N. Throws on the call OptionError,
/// ShapeError, DTypeError. Source: torch.nn.Fold.
class FoldImpl : public Module {
 public:
  FoldImpl(GivenExtent<2> output_size, GivenExtent<2> kernel_size, FoldOptions options = {})
      : output_size(output_size), kernel_size(kernel_size), options(options) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override;

  GivenExtent<2> output_size, kernel_size;
  FoldOptions options;
};

class Unfold : public ModuleHolder<UnfoldImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  Unfold(GivenExtent<2> kernel_size, UnfoldOptions options = {}) : ModuleHolder(std::in_place, kernel_size, options) {}
};

class Fold : public ModuleHolder<FoldImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  Fold(GivenExtent<2> output_size, GivenExtent<2> kernel_size, FoldOptions options = {})
      : ModuleHolder(std::in_place, output_size, kernel_size, options) {}
};

namespace functional {
using ops::fold;
inline Tensor unfold(const Tensor& input, const Shape& kernel_size, const ops::FoldOptions& options = {}) {
  return ops::unfold(input, kernel_size, options);
}
}  // namespace functional

}  // namespace lamina::nn

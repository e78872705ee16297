// Sliding blocks of images as columns, and back.
//   Tensor columns = unfold(x, {3, 3}, {.padding = 1});             // (N, C, H, W) → (N, C·9, H·W)
//   Tensor sums = fold(columns, {H, W}, {3, 3}, {.padding = 1});    // every pixel as often as blocks hold it
#pragma once
#include "lamina/core/tensor.h"

namespace lamina::ops {

/// What unfold and fold take by name, in PyTorch's order. One number stands for both dimensions.
struct FoldOptions { Shape dilation{1}, padding{0}, stride{1}; };

/// Every block of kernel_size as a column, zeros outside the input.
///   input (N, C, H, W) or (C, H, W) → (N, C · product of kernel_size, L) or without N,
///   L the number of blocks, Π ⌊(size + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1; floating point or bool
/// Throws ShapeError, OptionError, DTypeError. Source: torch.nn.functional.unfold.
Tensor unfold(const Tensor& input, const Shape& kernel_size, const FoldOptions& options = {});

/// Columns added up in the places that unfold took them from: its gradient.
///   input (N, C · product of kernel_size, L) or without N → (N, C, *output_size) or without N
/// Throws ShapeError, OptionError, DTypeError. Source: torch.nn.functional.fold.
Tensor fold(const Tensor& input, const Shape& output_size, const Shape& kernel_size, const FoldOptions& options = {});

}  // namespace lamina::ops

// Channels moved into space and back, and among one another.
#pragma once
#include "lamina/core/tensor.h"

namespace lamina::ops {

/// Each group of r² channels as a square of r×r pixels.
///   input (*, C·r², H, W) → (*, C, H·r, W·r)
/// Throws ShapeError, OptionError. Source: Shi et al. 2016 (arXiv:1609.05158); torch.nn.functional.pixel_shuffle.
Tensor pixel_shuffle(const Tensor& input, int64_t upscale_factor);
/// The way back: (*, C, H·r, W·r) → (*, C·r², H, W). Source: torch.nn.functional.pixel_unshuffle.
Tensor pixel_unshuffle(const Tensor& input, int64_t downscale_factor);
/// The first channel of each group, then the second of each, and so on.
///   input (N, C, *) with one or more dimensions of space → same
/// Throws ShapeError, OptionError. Source: Zhang et al. 2018 (arXiv:1707.01083); torch.nn.functional.channel_shuffle.
Tensor channel_shuffle(const Tensor& input, int64_t groups);

}  // namespace lamina::ops

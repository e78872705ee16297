// PixelShuffle, PixelUnshuffle and ChannelShuffle: channels moved into space and back, and among one another.
//   nn::PixelShuffle up(2);  Tensor y = up(x);  // (8, 12, 16, 16) → (8, 3, 32, 32)
#pragma once
#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"
#include "lamina/ops/shuffle.h"

namespace lamina::nn {

/// Each group of r² channels as a square of r×r pixels. Shape: (*, C·r², H, W) → (*, C, H·r, W·r).
/// Throws on the call ShapeError, OptionError. Source: arXiv:1609.05158; torch.nn.PixelShuffle.
class PixelShuffleImpl : public Module {
 public:
  explicit PixelShuffleImpl(int64_t upscale_factor) : upscale_factor(upscale_factor) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override { return ops::pixel_shuffle(input, upscale_factor); }

  int64_t upscale_factor;
};

/// The way back. Shape: (*, C, H·r, W·r) → (*, C·r², H, W). Throws on the call ShapeError, OptionError.
/// Source: torch.nn.PixelUnshuffle.
class PixelUnshuffleImpl : public Module {
 public:
  explicit PixelUnshuffleImpl(int64_t downscale_factor) : downscale_factor(downscale_factor) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override { return ops::pixel_unshuffle(input, downscale_factor); }

  int64_t downscale_factor;
};

/// The first channel of each group, then the second of each, and so on. Shape: (N, C, *) → same.
/// Throws on the call ShapeError, OptionError. Source: arXiv:1707.01083; torch.nn.ChannelShuffle.
class ChannelShuffleImpl : public Module {
 public:
  explicit ChannelShuffleImpl(int64_t groups) : groups(groups) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override { return ops::channel_shuffle(input, groups); }

  int64_t groups;
};

class PixelShuffle : public ModuleHolder<PixelShuffleImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit PixelShuffle(int64_t upscale_factor) : ModuleHolder(std::in_place, upscale_factor) {}
};
class PixelUnshuffle : public ModuleHolder<PixelUnshuffleImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit PixelUnshuffle(int64_t downscale_factor) : ModuleHolder(std::in_place, downscale_factor) {}
};
class ChannelShuffle : public ModuleHolder<ChannelShuffleImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit ChannelShuffle(int64_t groups) : ModuleHolder(std::in_place, groups) {}
};

namespace functional {
using ops::channel_shuffle;
using ops::pixel_shuffle;
using ops::pixel_unshuffle;
}  // namespace functional

}  // namespace lamina::nn

#include "lamina/nn/shuffle.h"

namespace lamina::nn {

const Declaration& PixelShuffleImpl::declared() {
  using L = PixelShuffleImpl;
  static const Declaration d =
      Declare<L>{.name = "PixelShuffle",
                 .formula = "y[c, h·r + i, w·r + j] = x[c·r² + i·r + j, h, w], r = upscale_factor",
                 .shape = "(*, C·r², H, W) → (*, C, H·r, W·r)",
                 .source = "arXiv:1609.05158; torch.nn.PixelShuffle",
                 .notes = "",
                 .required = {{"upscale_factor", &L::upscale_factor, "how many times larger the image becomes"}},
                 .options = {},
                 .construct = [](const Arguments& a, const NoOptions&) { return new L(a.get<int64_t>(0)); }};
  return d;
}

const Declaration& PixelUnshuffleImpl::declared() {
  using L = PixelUnshuffleImpl;
  static const Declaration d =
      Declare<L>{.name = "PixelUnshuffle",
                 .formula = "y[c·r² + i·r + j, h, w] = x[c, h·r + i, w·r + j], r = downscale_factor",
                 .shape = "(*, C, H·r, W·r) → (*, C·r², H, W)",
                 .source = "torch.nn.PixelUnshuffle",
                 .notes = "",
                 .required = {{"downscale_factor", &L::downscale_factor, "how many times smaller the image becomes"}},
                 .options = {},
                 .construct = [](const Arguments& a, const NoOptions&) { return new L(a.get<int64_t>(0)); }};
  return d;
}

const Declaration& ChannelShuffleImpl::declared() {
  using L = ChannelShuffleImpl;
  static const Declaration d =
      Declare<L>{.name = "ChannelShuffle",
                 .formula = "y[k·groups + g] = x[g·C/groups + k] over channels",
                 .shape = "(N, C, *) → same",
                 .source = "arXiv:1707.01083; torch.nn.ChannelShuffle",
                 .notes = "",
                 .required = {{"groups", &L::groups, "groups of channels, which must divide their number"}},
                 .options = {},
                 .construct = [](const Arguments& a, const NoOptions&) { return new L(a.get<int64_t>(0)); }};
  return d;
}

}  // namespace lamina::nn

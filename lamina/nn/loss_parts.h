// What the losses' layers share: the older options, and words for their declarations.
#pragma once
#include <optional>
#include <string>

#include "lamina/core/error.h"
#include "lamina/ops/loss.h"

namespace lamina::nn {

/// The older options decide once, as in PyTorch: afterwards `reduction` says it all.
template <class O>
O settled(O options) {
  if constexpr (requires { options.reduce; }) {
    const ops::Reduction r = ops::reduction_of(options.reduction, options.size_average, options.reduce);
    if (options.size_average || options.reduce)
      options.reduction = r == ops::Reduction::None ? "none" : r == ops::Reduction::Sum ? "sum" : "mean";
    options.size_average = options.reduce = std::nullopt;
  } else {
    ops::reduction_of(options.reduction);
  }
  return options;
}

inline constexpr const char* kReduction = "\"mean\", \"sum\", or \"none\" for the losses of single elements";
inline constexpr const char* kOlder = "older form of reduction";
inline constexpr const char* kSameShapes =
    "input (*), target (*) of the same shape → () or, with reduction=\"none\", (*)";
inline constexpr const char* kClassShapes =
    "input (N, C), (N, C, d1, …) or (C), target (N), (N, d1, …) or () → () or, with reduction=\"none\", the target's "
    "shape";

}  // namespace lamina::nn

// Padding of the last dimensions.
#pragma once
#include <optional>
#include <string>

#include "lamina/core/tensor.h"

namespace lamina::ops {

/// `pad` = (left, right) of the last dimension, then of the one before it, and so on; a negative number crops.
///   "constant": any number of dimensions, filled with `value` (0 when left out); any dtype
///   "reflect" (…cb|abc|ba…), "replicate" (…aa|abc|cc…), "circular" (…bc|abc|ab…): the last n dimensions of an input with
///   one or two more (n ≤ 3); no value. Reflected padding must be smaller than the dimension, circular at most as
///   large as what cropping leaves of it.
/// Throws ShapeError, OptionError. Source: torch.nn.functional.pad.
Tensor pad(const Tensor& input, const Shape& pad, const std::string& mode = "constant",
           std::optional<Scalar> value = {});

/// The output's shape, or the exception that tells why there is none.
Shape pad_shape(const Shape& input, const Shape& pad, const std::string& mode);

}  // namespace lamina::ops

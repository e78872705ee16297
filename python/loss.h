// What PyTorch warns of beside a loss; the C++ library, being silent, leaves it to the bindings.
#pragma once
#include <optional>
#include <string>
#include <utility>

#include "lamina/ops/loss.h"

namespace lamina::python {

using MaybeBool = std::optional<bool>;  // size_average and reduce, the older forms of reduction

/// PyErr_WarnEx(UserWarning): throws where warnings are errors.
void warn(const std::string& text);

/// The reduction that the arguments ask for, with a warning when the older ones do.
ops::Reduction reduction_from(const std::string& reduction, MaybeBool size_average, MaybeBool reduce);

/// That kl_div's "mean" is not the divergence of a batch.
void warn_of_mean_divergence();

/// Which shapes of two operands deserve a warning: any two that differ, or those that together make a larger one.
enum class Warns : uint8_t { OfAnyDifference, OfGrowth };

/// Both over the shape that they broadcast to, where that deserves a warning; the C++ functions refuse such shapes.
std::pair<Tensor, Tensor> broadcast_operands(const Tensor& input, const Tensor& target, Warns warns);

}  // namespace lamina::python

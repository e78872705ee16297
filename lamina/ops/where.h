// Choosing elementwise: by a mask, or by bounds. Every name and every rule is PyTorch's.
#pragma once
#include <optional>

#include "lamina/core/tensor.h"

namespace lamina::ops {

/// a where condition holds, b elsewhere; all three broadcast. condition is bool.
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);
Tensor where(const Tensor& condition, Scalar a, const Tensor& b);
Tensor where(const Tensor& condition, const Tensor& a, Scalar b);
Tensor where(const Tensor& condition, Scalar a, Scalar b);

/// x with `value` where mask holds, in x's type; mask is bool and broadcasts.
Tensor masked_fill(const Tensor& x, const Tensor& mask, Scalar value);
Tensor masked_fill(const Tensor& x, const Tensor& mask, const Tensor& value);  // of no dimensions
const Tensor& masked_fill_(const Tensor& self, const Tensor& mask, Scalar value);
const Tensor& masked_fill_(const Tensor& self, const Tensor& mask, const Tensor& value);

/// x cut to [min, max], either of which may be missing but not both; max wins where min > max, NaN stays NaN. The
/// gradient passes where min ≤ x ≤ max.
Tensor clamp(const Tensor& x, std::optional<Scalar> min, std::optional<Scalar> max = {});
Tensor clamp_min(const Tensor& x, Scalar min);
Tensor clamp_max(const Tensor& x, Scalar max);
const Tensor& clamp_(const Tensor& self, std::optional<Scalar> min, std::optional<Scalar> max = {});
/// The same with bounds that are tensors and broadcast; an undefined one is missing.
Tensor clamp(const Tensor& x, const Tensor& min, const Tensor& max);
const Tensor& clamp_(const Tensor& self, const Tensor& min, const Tensor& max);

/// NaN, +∞ and −∞ replaced; the infinities by the type's largest and smallest finite number where nothing is given.
Tensor nan_to_num(const Tensor& x, double nan = 0, std::optional<double> posinf = {},
                  std::optional<double> neginf = {});

}  // namespace lamina::ops

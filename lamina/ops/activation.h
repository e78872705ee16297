// Activations: elementwise ones (sigmoid and tanh are in ops/unary.h), and softmax over a dimension.
#pragma once
#include <optional>
#include <string_view>

#include "lamina/core/generator.h"
#include "lamina/core/tensor.h"

namespace lamina::ops {

/// max(x, 0); keeps integers; a NaN stays. DTypeError for bools. Source: torch.nn.functional.relu.
Tensor relu(const Tensor& input);
const Tensor& relu_(const Tensor& self);

/// x·Φ(x), Φ the normal distribution function; or with approximate = "tanh":
/// ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))). Source: Hendrycks, Gimpel 2016 (arXiv:1606.08415); torch.nn.functional.gelu.
Tensor gelu(const Tensor& input, std::string_view approximate = "none");

/// x·sigmoid(x). Source: torch.nn.functional.silu.
Tensor silu(const Tensor& input);
const Tensor& silu_(const Tensor& self);

/// exp(x) / Σ exp(x) over dimension dim, stable for large x; in `dtype` if given. Without dim PyTorch's old choice holds:
/// 0 for a rank of 0, 1 or 3, else 1. Errors: IndexError, DTypeError for types without fractions.
/// Source: torch.nn.functional.softmax.
Tensor softmax(const Tensor& input, std::optional<int64_t> dim, std::optional<DType> dtype = {});
/// Its logarithm. Source: torch.nn.functional.log_softmax.
Tensor log_softmax(const Tensor& input, std::optional<int64_t> dim, std::optional<DType> dtype = {});
/// softmax(−x). Source: torch.nn.functional.softmin.
Tensor softmin(const Tensor& input, std::optional<int64_t> dim, std::optional<DType> dtype = {});

/// a·sigmoid(b), a and b the halves of input along dim, whose size must be even.
/// Errors: ShapeError, IndexError, DTypeError. Source: arXiv:1612.08083; torch.nn.functional.glu.
Tensor glu(const Tensor& input, int64_t dim = -1);

/// A sample of the Gumbel-softmax distribution: softmax((logits + g) / tau) over dim with g = −log E, E exponential, drawn from
/// the generator as PyTorch draws it. With `hard` the largest becomes 1 and the others 0, with the gradient of the soft sample.
/// The largest is subtracted before the division, so that the smallest tau > 0 gives a sample too, where PyTorch's overflows.
/// Errors: OptionError for tau that is not above 0, IndexError, DTypeError. Source: arXiv:1611.00712.
Tensor gumbel_softmax(const Tensor& logits, double tau = 1, bool hard = false, int64_t dim = -1,
                      const GeneratorRef& generator = {});

}  // namespace lamina::ops

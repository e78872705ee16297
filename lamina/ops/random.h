// Random tensors and in-place filling: PyTorch's numbers for the same seed, to the bit, in the same order of draws.
//   manual_seed(0); Tensor x = ops::randn({2, 3});  ops::uniform_(weight, -0.1, 0.1);
// `generator` is the default one when left out; each call holds its mutex. A tensor that is not contiguous is filled in the
// order of its memory, as PyTorch does. Filling a tensor in place ends its history: its gradient is zero.
#pragma once
#include <optional>

#include "lamina/core/generator.h"
#include "lamina/core/tensor.h"
#include "lamina/ops/creation.h"

namespace lamina::ops {

// ---- new tensors -------------------------------------------------------------------------------------------------
/// Unset; t's shape, dense, the dimensions in t's order in memory; t's type when none is given. What the functions named
/// _like fill has this layout, because the order of draws depends on it.
Tensor empty_in_layout_of(const Tensor& t, std::optional<DType> dtype = {});
/// Uniform in [0, 1). Source: torch.rand.
Tensor rand(const Shape& shape, DType dtype = default_dtype(), const GeneratorRef& generator = {});
Tensor rand_like(const Tensor& t, std::optional<DType> dtype = {}, const GeneratorRef& generator = {});
/// Standard normal. Source: torch.randn.
Tensor randn(const Shape& shape, DType dtype = default_dtype(), const GeneratorRef& generator = {});
Tensor randn_like(const Tensor& t, std::optional<DType> dtype = {}, const GeneratorRef& generator = {});
/// Normal with this mean and standard deviation (≥ 0). Source: torch.normal.
Tensor normal(double mean, double std, const Shape& shape, DType dtype = default_dtype(),
              const GeneratorRef& generator = {});
/// Integers of [low, high). Source: torch.randint.
Tensor randint(int64_t low, int64_t high, const Shape& shape, DType dtype = kInt64, const GeneratorRef& generator = {});
Tensor randint(int64_t high, const Shape& shape, DType dtype = kInt64, const GeneratorRef& generator = {});
Tensor randint_like(const Tensor& t, int64_t low, int64_t high, std::optional<DType> dtype = {},
                    const GeneratorRef& generator = {});
/// 0, …, n − 1 in random order → (n). Source: torch.randperm.
Tensor randperm(int64_t n, DType dtype = kInt64, const GeneratorRef& generator = {});
/// 1 where a number drawn for each element is below p[i], else 0; of p's shape and dtype. Source: torch.bernoulli.
Tensor bernoulli(const Tensor& p, const GeneratorRef& generator = {});

// ---- in place ----------------------------------------------------------------------------------------------------
/// Uniform in [from, to). OptionError when from > to.
const Tensor& uniform_(const Tensor& self, double from = 0, double to = 1, const GeneratorRef& generator = {});
/// Normal; OptionError when std < 0.
const Tensor& normal_(const Tensor& self, double mean = 0, double std = 1, const GeneratorRef& generator = {});
/// 1 with probability p, else 0, in any type. OptionError when p is outside [0, 1].
const Tensor& bernoulli_(const Tensor& self, double p = 0.5, const GeneratorRef& generator = {});
/// The same with a probability for each element, broadcast to self's shape.
const Tensor& bernoulli_(const Tensor& self, const Tensor& p, const GeneratorRef& generator = {});
/// Exponential with rate lambda > 0.
const Tensor& exponential_(const Tensor& self, double lambda = 1, const GeneratorRef& generator = {});
/// Integers of [0, the type's largest value], for floating types of [0, 2^digits].
const Tensor& random_(const Tensor& self, const GeneratorRef& generator = {});
/// Integers of [from, to); up to the type's largest value without `to`.
const Tensor& random_(const Tensor& self, int64_t from, std::optional<int64_t> to, const GeneratorRef& generator = {});

/// Cauchy's distribution: median + sigma·tan(π·(u − ½)). OptionError unless sigma > 0.
const Tensor& cauchy_(const Tensor& self, double median = 0, double sigma = 1, const GeneratorRef& generator = {});
/// exp of normal numbers. OptionError unless std > 0.
const Tensor& log_normal_(const Tensor& self, double mean = 1, double std = 2, const GeneratorRef& generator = {});
/// How many trials of probability p until the first success: 1, 2, …. OptionError unless 0 < p < 1.
const Tensor& geometric_(const Tensor& self, double p, const GeneratorRef& generator = {});

/// For each row of weights (…, n) of at most two dimensions, `count` numbers of [0, n) with probabilities in proportion →
/// (…, count) int64. Without replacement no number comes twice. Source: torch.multinomial.
Tensor multinomial(const Tensor& weights, int64_t count, bool replacement = false, const GeneratorRef& generator = {});
/// A Poisson number for each rate; of its shape and type. Source: Hörmann, "The transformed rejection method", 1993.
Tensor poisson(const Tensor& rates, const GeneratorRef& generator = {});

/// One 64-bit key for a counter-based stream (kernels/philox.h), drawn from the generator.
uint64_t draw_key(const GeneratorRef& generator = {});

}  // namespace lamina::ops

// Dropout: random zeros while training.
#pragma once
#include "lamina/core/generator.h"
#include "lamina/core/tensor.h"

namespace lamina::ops {

/// OptionError unless p is a probability.
void check_dropout_probability(double p);

/// Zeroes each element with probability p and scales the others by 1/(1 − p); the input itself when not training or p = 0.
///   input (any shape) → same
/// The mask comes from one key that is drawn from the generator (nothing is drawn for p = 0, p = 1 or in eval mode) and
/// depends on the position of an element alone, so that it is the same for any number of threads and needs no memory.
/// With `inplace` the input is overwritten and returned. Errors: OptionError, DTypeError for types without fractions.
/// Source: Srivastava et al. 2014 (jmlr.org/papers/v15/srivastava14a.html); torch.nn.functional.dropout.
Tensor dropout(const Tensor& input, double p = 0.5, bool training = true, bool inplace = false,
               const GeneratorRef& generator = {});

/// Zeroes whole channels with probability p and scales the others by 1/(1 − p).
///   input (N, C, …) → same; at least two dimensions
/// Errors, mask and `inplace` as in dropout. Source: arXiv:1411.4280; torch.feature_dropout.
Tensor feature_dropout(const Tensor& input, double p = 0.5, bool training = true, bool inplace = false,
                       const GeneratorRef& generator = {});
/// The same for inputs of one, two and three dimensions of space, where the batch may be missing: (C, L), (C, D, H, W).
/// dropout2d takes (N, C, L) and (C, H, W) alike as (N, C, L), as PyTorch does.
Tensor dropout1d(const Tensor& input, double p = 0.5, bool training = true, bool inplace = false);
Tensor dropout2d(const Tensor& input, double p = 0.5, bool training = true, bool inplace = false);
Tensor dropout3d(const Tensor& input, double p = 0.5, bool training = true, bool inplace = false);

/// Elements (whole channels) that do not stay become −scale·alpha of selu, and an affine map keeps mean 0 and variance 1.
/// Source: Klambauer et al. 2017 (arXiv:1706.02515); torch.nn.functional.alpha_dropout, feature_alpha_dropout.
Tensor alpha_dropout(const Tensor& input, double p = 0.5, bool training = false, bool inplace = false);
Tensor feature_alpha_dropout(const Tensor& input, double p = 0.5, bool training = false, bool inplace = false);

/// What dropout does in training with the mask of a key that was drawn before: the same key gives the same mask.
///   input (any shape, a type with fractions) → same;  0 < p < 1
Tensor dropout_with_key(const Tensor& input, double p, uint64_t key);

/// Whether dropout draws its masks as PyTorch does, two numbers an element: slow, for comparing with it step by step.
/// For all threads; off at the start.
void set_match_torch(bool on);
bool match_torch();

}  // namespace lamina::ops

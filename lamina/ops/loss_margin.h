// Losses with a margin: what is right must be better than what is wrong by that much.
// Operands that broadcast must broadcast to the shape of one of them: ShapeError otherwise.
#pragma once
#include <functional>

#include "lamina/ops/loss.h"

namespace lamina::ops {

// ---- element by element: targets are 1 and −1 ------------------------------------------------------------------------

/// log(1 + exp(−t·x)), stable for large x. Source: torch.nn.functional.soft_margin_loss.
Tensor soft_margin_loss(const Tensor& input, const Tensor& target, Reduction reduction = Reduction::Mean);
/// x where t = 1, max(0, margin − x) where t = −1, the sum of both elsewhere.
/// Source: torch.nn.functional.hinge_embedding_loss.
Tensor hinge_embedding_loss(const Tensor& input, const Tensor& target, double margin = 1,
                            Reduction reduction = Reduction::Mean);
/// max(0, −t·(x1 − x2) + margin): t = 1 wants x1 to be the larger. All three have one rank and broadcast.
/// Source: torch.nn.functional.margin_ranking_loss.
Tensor margin_ranking_loss(const Tensor& input1, const Tensor& input2, const Tensor& target, double margin = 0,
                           Reduction reduction = Reduction::Mean);

// ---- classes: input (N, C), or (C) for one sample ---------------------------------------------------------------------

/// Σ_{i ≠ t} max(0, margin − x_t + x_i)^p·weight_t / C, p 1 or 2
///   target of class indices (N), or () or (1) for one sample, int64;  weight (C) or undefined → (N) or ()
/// Errors: IndexError for a target outside the classes, ShapeError, DTypeError, OptionError.
/// Source: torch.nn.functional.multi_margin_loss.
Tensor multi_margin_loss(const Tensor& input, const Tensor& target, int64_t p = 1, double margin = 1,
                         const Tensor& weight = {}, Reduction reduction = Reduction::Mean);
/// Σ over the target's classes j and all other classes i of max(0, 1 − (x_j − x_i)) / C
///   target int64 of input's shape: the classes of each sample in front, −1 behind the last of them → (N) or ()
/// Errors: IndexError for a target outside the classes, ShapeError, DTypeError.
/// Source: torch.nn.functional.multilabel_margin_loss.
Tensor multilabel_margin_loss(const Tensor& input, const Tensor& target, Reduction reduction = Reduction::Mean);
/// −Σ_c weight_c·(t_c·log σ(x_c) + (1 − t_c)·log(1 − σ(x_c))) / C over the last dimension, σ the sigmoid
///   target of input's shape, probabilities;  weight broadcasts, or undefined → input's shape without its last dimension
/// Source: torch.nn.functional.multilabel_soft_margin_loss.
Tensor multilabel_soft_margin_loss(const Tensor& input, const Tensor& target, const Tensor& weight = {},
                                   Reduction reduction = Reduction::Mean);

// ---- vectors: (N, D), or (D) for one ------------------------------------------------------------------------------------

/// 1 − cos(x1, x2) where t = 1, max(0, cos(x1, x2) − margin) where t = −1, 0 elsewhere
///   input1, input2 (N, D) and target (N), or (D) and () → target's shape. The cosine's denominator is the root of
///   (|x1|² + 1e-12)·(|x2|² + 1e-12).
/// Source: torch.nn.functional.cosine_embedding_loss.
Tensor cosine_embedding_loss(const Tensor& input1, const Tensor& input2, const Tensor& target, double margin = 0,
                             Reduction reduction = Reduction::Mean);

/// The distance between two vectors of a batch: (N, D), (N, D) → (N).
using DistanceFunction = std::function<Tensor(const Tensor&, const Tensor&)>;

/// OptionError unless margin > 0.
void check_triplet_margin(double margin);

/// max(0, d(anchor, positive) − d(anchor, negative) + margin), d the p-norm of the difference plus eps; with `swap`
/// the smaller of d(anchor, negative) and d(positive, negative) counts.
/// Source: Balntas et al. 2016; torch.nn.functional.triplet_margin_loss.
Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative, double margin = 1,
                           double p = 2, double eps = 1e-6, bool swap = false, Reduction reduction = Reduction::Mean);
/// The same for any distance; an empty function is the Euclidean one, with 1e-6 added to the difference.
/// Source: torch.nn.functional.triplet_margin_with_distance_loss.
Tensor triplet_margin_with_distance_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                                         const DistanceFunction& distance_function = {}, double margin = 1,
                                         bool swap = false, Reduction reduction = Reduction::Mean);

}  // namespace lamina::ops

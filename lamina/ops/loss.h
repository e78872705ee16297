// Losses: between logits and classes (cross_entropy, nll_loss), and element by element.
#pragma once
#include <optional>
#include <string>

#include "lamina/core/tensor.h"

namespace lamina::ops {

/// What becomes of the losses of single elements: "none" keeps them, "mean" and "sum" make one number.
enum class Reduction : uint8_t { None, Mean, Sum };
/// By name; OptionError for any other. size_average and reduce are PyTorch's older options: given, they decide instead
/// (reduce false: none; size_average false: sum; else mean).
Reduction reduction_of(const std::string& name, std::optional<bool> size_average = {}, std::optional<bool> reduce = {});

// ---- classes -------------------------------------------------------------------------------------------------------

/// OptionError unless smoothing lies in [0, 1].
void check_label_smoothing(double label_smoothing);

/// −Σ_c t_c·log softmax(x)_c, t the target's distribution over the C classes
///   input (N, C), (N, C, d1, …) or (C), logits
///   target of class indices (N), (N, d1, …) or (), int64 (int32 and uint8 too): t has 1 − label_smoothing at the index
///   and label_smoothing/C everywhere, times weight;  or of probabilities, of input's shape and type: mixed with the same
///   label_smoothing, times weight
///   weight (C) or undefined → the target's shape ("none") or ()
/// Indices equal to ignore_index count nothing. The mean is over the weights of the indices that count, or over N·d1·…
/// for probabilities; NaN when nothing counts.
/// Errors: IndexError "Target 10 is out of bounds.", ShapeError, DTypeError, OptionError.
/// Source: torch.nn.functional.cross_entropy.
Tensor cross_entropy(const Tensor& input, const Tensor& target, const Tensor& weight = {}, int64_t ignore_index = -100,
                     Reduction reduction = Reduction::Mean, double label_smoothing = 0);

/// −weight[t]·x[t], x the logarithms of probabilities; shapes, mean and errors as in cross_entropy with class indices.
/// Source: torch.nn.functional.nll_loss.
Tensor nll_loss(const Tensor& input, const Tensor& target, const Tensor& weight = {}, int64_t ignore_index = -100,
                Reduction reduction = Reduction::Mean);

// ---- element by element: input and target of one shape --------------------------------------------------------------
// Other than in PyTorch, shapes that would only fit by broadcasting are a ShapeError: (N, 1) against (N) would compare
// every pair. A weight has input's shape.

/// (x − t)²; with a weight the mean is over the weights. Source: torch.nn.functional.mse_loss.
Tensor mse_loss(const Tensor& input, const Tensor& target, Reduction reduction = Reduction::Mean,
                const Tensor& weight = {});
/// |x − t|; with a weight the mean is over the weights. Source: torch.nn.functional.l1_loss.
Tensor l1_loss(const Tensor& input, const Tensor& target, Reduction reduction = Reduction::Mean,
               const Tensor& weight = {});
/// ½·(x − t)²/beta where |x − t| < beta, else |x − t| − ½·beta; |x − t| for beta 0. OptionError for a negative beta.
/// Source: torch.nn.functional.smooth_l1_loss.
Tensor smooth_l1_loss(const Tensor& input, const Tensor& target, Reduction reduction = Reduction::Mean,
                      double beta = 1);
/// ½·(x − t)² where |x − t| ≤ delta, else delta·(|x − t| − ½·delta); times the weight. OptionError unless delta > 0.
/// Source: Huber 1964; torch.nn.functional.huber_loss.
Tensor huber_loss(const Tensor& input, const Tensor& target, Reduction reduction = Reduction::Mean, double delta = 1,
                  const Tensor& weight = {});
/// −weight·(t·log x + (1 − t)·log(1 − x)), x a probability; a logarithm is at least −100, so that a wrong certainty costs 100.
/// The weight broadcasts to input's shape. Error for x outside [0, 1]. Source: torch.nn.functional.binary_cross_entropy.
Tensor binary_cross_entropy(const Tensor& input, const Tensor& target, const Tensor& weight = {},
                            Reduction reduction = Reduction::Mean);
/// −weight·(pos_weight·t·log σ(x) + (1 − t)·log(1 − σ(x))), σ the sigmoid, stable for large x; weight and pos_weight
/// broadcast to input's shape, and the mean is over all elements.
/// Source: torch.nn.functional.binary_cross_entropy_with_logits.
Tensor binary_cross_entropy_with_logits(const Tensor& input, const Tensor& target, const Tensor& weight = {},
                                        Reduction reduction = Reduction::Mean, const Tensor& pos_weight = {});

}  // namespace lamina::ops

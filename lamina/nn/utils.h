// Gradients kept within bounds, and parameters as one vector: torch.nn.utils.
//   nn::utils::clip_grad_norm_(net->parameters(), 1.0);
#pragma once
#include <vector>

#include "lamina/core/tensor.h"

namespace lamina::nn::utils {

using ParameterList = std::vector<Tensor>;

/// The norm_type-norm of all tensors seen as one vector; 0 for none. ∞ is the largest magnitude. With error_if_nonfinite an
/// Error when it is NaN or infinite.
Tensor get_total_norm(const ParameterList& tensors, double norm_type = 2, bool error_if_nonfinite = false);

/// Multiplies all gradients by min(1, max_norm / (total_norm + 1e-6)).
void clip_grads_with_norm_(const ParameterList& parameters, double max_norm, const Tensor& total_norm);

/// Scales the gradients down to a norm of max_norm where it is larger; returns the norm before.
/// Source: torch.nn.utils.clip_grad_norm_.
Tensor clip_grad_norm_(const ParameterList& parameters, double max_norm, double norm_type = 2,
                       bool error_if_nonfinite = false);

/// Clamps every element of the gradients to [−clip_value, clip_value]. Source: torch.nn.utils.clip_grad_value_.
void clip_grad_value_(const ParameterList& parameters, double clip_value);

/// All values in one vector (their number), in order, with history. Source: torch.nn.utils.parameters_to_vector.
Tensor parameters_to_vector(const ParameterList& parameters);

/// Gives each parameter its part of the vector, in order; ShapeError when the vector is shorter.
/// Source: torch.nn.utils.vector_to_parameters.
void vector_to_parameters(const Tensor& vector, const ParameterList& parameters);

}  // namespace lamina::nn::utils

// One step of an optimizer over contiguous buffers, in one pass. Every intermediate value is rounded to T as PyTorch's
// single-tensor form on the CPU does, and its fused multiply-adds are ours, so that a trajectory is the same to the bit
// (PyTorch's own square root apart, which is off by one unit in a hundredth of its results).
#pragma once
#include <cstdint>

#include "lamina/core/types.h"

namespace lamina::kernels {

struct SgdStep {
  double lr, momentum, dampening, weight_decay;
  bool nesterov, maximize;
};

// g = ±grad + weight_decay·p;  b = first ? g : momentum·b + (1 − dampening)·g;  g = nesterov ? g + momentum·b : b;  p −= lr·g
//   param, grad, buffer (n); buffer is null without momentum, and only written when it is the first step
template <class T>
void sgd_step(T* param, const T* grad, T* buffer, bool first, int64_t n, const SgdStep& step);

struct AdamStep {
  double lr, beta1, beta2, eps, weight_decay;
  bool decoupled, maximize;
};

// p *= 1 − lr·weight_decay where decoupled, else g += weight_decay·p;  m += (1 − β₁)(g − m);  v = β₂·v + (1 − β₂)·g²;
// p −= lr/(1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + eps);  with v_max, its running maximum stands for v in the last line
//   param, grad, m, v, v_max (n); v_max is null without amsgrad; t ≥ 1 counts this step
template <class T>
void adam_step(T* param, const T* grad, T* m, T* v, T* v_max, int64_t n, double t, const AdamStep& step);

}  // namespace lamina::kernels

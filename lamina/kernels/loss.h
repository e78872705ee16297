// Losses over classes for float and double: logits x (n, c, s) of n samples with c classes at s positions each.
// A target index that is `ignored` counts nothing; the caller has checked the others.
#pragma once
#include <cstdint>

#include "lamina/kernels/activation.h"

namespace lamina::kernels {

/// The gradient of the loss of each position: dy[i·step]·scale, step 0 where one number serves all.
template <class T>
struct LossGradient {
  const T* dy;
  int64_t step;
  T scale;
  T operator()(int64_t i) const { return dy[i * step] * scale; }
};

/// Class indices (n, s) with weights (c) or null. The target's distribution has 1 − smoothing at the index and
/// smoothing/c at every class, each times its weight.
template <class T>
struct ClassTargets {
  const int64_t* index;
  const T* weight;
  int64_t ignored;
  T smoothing;
};

// loss[i] = −Σ_k t[k]·log softmax(x)[k] with the distribution t of position i;  max, log_sum as log_sum_exp gives them
//   x (outer, n, inner);  loss, max, log_sum (outer, inner)
template <class T>
void cross_entropy(const T* x, Groups shape, ClassTargets<T> target, const T* max, const T* log_sum, T* loss);
// dx[k] = g·(softmax(x)[k]·Σ t − t[k])
template <class T>
void cross_entropy_backward(LossGradient<T> g, const T* x, Groups shape, ClassTargets<T> target, const T* max,
                            const T* log_sum, T* dx);

// The same for probabilities p (outer, n, inner): t[k] = weight[k]·(p[k]·(1 − smoothing) + smoothing/n)
template <class T>
void soft_cross_entropy(const T* x, Groups shape, const T* p, const T* weight, T smoothing, const T* max,
                        const T* log_sum, T* loss);
// dx as above;  dp[k] = −g·(1 − smoothing)·weight[k]·log softmax(x)[k];  either may be null
template <class T>
void soft_cross_entropy_backward(LossGradient<T> g, const T* x, Groups shape, const T* p, const T* weight, T smoothing,
                                 const T* max, const T* log_sum, T* dx, T* dp);

// loss[i] = −weight[index[i]]·x[index[i]]
template <class T>
void nll(const T* x, Groups shape, ClassTargets<T> target, T* loss);
// dx[k] = −g·weight[k] where k is the index, else 0
template <class T>
void nll_backward(LossGradient<T> g, Groups shape, ClassTargets<T> target, T* dx);

/// Σ weight[index[i]] over the positions that are not ignored.
template <class T>
double total_weight(int64_t positions, ClassTargets<T> target);

}  // namespace lamina::kernels

// Gradients of a function of float64 tensors against central differences: a random cotangent, random directions, one input
// at a time. For what the cases cannot reach: second derivatives, functions without a name in F.
//   expect_gradients([](const Tensors& in) { return mul(in[0], in[1]); }, {noise({2, 3}), noise({3})});
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "lamina/autograd/backward.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"

namespace lamina::testing {

/// Numbers in [-√3, √3) that depend on position and seed alone.
inline Tensor noise(const Shape& shape, uint64_t seed = 1, DType dtype = kFloat64) {
  Tensor t = empty(shape, kFloat64);
  for (int64_t i = 0; i < t.numel(); ++i) {
    uint64_t x = (uint64_t(i) * 2654435761u + (seed * 40503u + 12345u)) & 0xffffffffu;
    x ^= x >> 15;
    x = (x * 2246822519u) & 0xffffffffu;
    x ^= x >> 13;
    t.data<double>()[i] = (double(x) / 2147483648.0 - 1) * std::sqrt(3.0);
  }
  return ops::to(t, dtype);
}

inline double dot(const Tensor& a, const Tensor& b) {
  const Tensor x = ops::contiguous(a.detach()), y = ops::contiguous(b.detach());
  double sum = 0;
  for (int64_t i = 0; i < x.numel(); ++i) sum += x.data<double>()[i] * y.data<double>()[i];
  return sum;
}

/// Largest difference over the largest value of `want`; infinite when shapes or places of NaN differ.
inline double error(const Tensor& got, const Tensor& want) {
  if (got.shape() != want.shape() || got.dtype() != want.dtype()) return INFINITY;
  const Tensor a = ops::contiguous(ops::to(got.detach(), kFloat64)),
               b = ops::contiguous(ops::to(want.detach(), kFloat64));
  double most = 0, scale = 1e-30;
  for (int64_t i = 0; i < a.numel(); ++i) {
    const double x = a.data<double>()[i], y = b.data<double>()[i];
    if (x == y || (std::isnan(x) && std::isnan(y))) continue;
    if (!std::isfinite(x) || !std::isfinite(y)) return INFINITY;
    most = std::max(most, std::abs(x - y));
    scale = std::max(scale, std::abs(y));
  }
  return most / scale;
}

inline bool same_bits(const Tensor& a, const Tensor& b) {
  const Tensor x = ops::contiguous(a.detach()), y = ops::contiguous(b.detach());
  return a.shape() == b.shape() && a.dtype() == b.dtype() &&
         std::equal(x.bytes(), x.bytes() + x.numel() * element_size(x.dtype()), y.bytes());
}

using Function = std::function<Tensor(const Tensors&)>;

inline void expect_gradients(const Function& f, const Tensors& inputs, double tolerance = 1e-7) {
  Tensors leaves;
  for (const Tensor& t : inputs) leaves.push_back(ops::clone(t.detach()).requires_grad_());
  const Tensor y = f(leaves), cotangent = noise(y.shape(), 999);
  const Tensors gradients = grad({y}, leaves, {cotangent}, {.allow_unused = true});
  for (size_t k = 0; k < inputs.size(); ++k) {
    const Tensor direction = noise(inputs[k].shape(), 55 + k);
    const auto moved = [&](double step) {
      Tensors at;
      for (const Tensor& t : leaves) at.push_back(ops::clone(t.detach()));
      for (int64_t i = 0; i < direction.numel(); ++i) at[k].data<double>()[i] += step * direction.data<double>()[i];
      // an input of a gradient function must ask for one itself
      for (Tensor& t : at) t.requires_grad_();
      return dot(f(at), cotangent);
    };
    const double step = 1e-5, slope = (moved(step) - moved(-step)) / (2 * step);
    const double expected = gradients[k].defined() ? dot(gradients[k], direction) : 0;
    EXPECT_LE(std::abs(slope - expected), tolerance * std::max({1.0, std::abs(slope), std::abs(expected)}))
        << "input " << k << ": gradient gives " << expected << ", differences " << slope;
  }
}

/// The gradients of f's gradients, with respect to the inputs and to the cotangent.
inline void expect_second_gradients(const Function& f, const Tensors& inputs, double tolerance = 1e-6) {
  Tensors all = inputs;
  all.push_back(noise(f(inputs).shape(), 777));
  for (size_t k = 0; k < inputs.size(); ++k)
    expect_gradients(
        [&](const Tensors& in) {
          const Tensors own(in.begin(), in.end() - 1);
          const Tensor d = grad({f(own)}, {own[k]}, {in.back()}, {.create_graph = true, .allow_unused = true})[0];
          return d.defined() ? d : ops::zeros(own[k].shape(), kFloat64);
        },
        all, tolerance);
}

}  // namespace lamina::testing

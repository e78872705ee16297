// What the random fillings share: the order of draws, the lock of the generator, the end of the history.
#pragma once
#include "lamina/core/error.h"
#include "lamina/core/generator.h"
#include "lamina/graph/node.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/iterate.h"

namespace lamina::ops {

// A view of t whose dimensions stand in this order, the innermost last.
inline Tensor reordered(const Tensor& t, const PooledVector<int>& order) {
  Shape shape, strides;
  for (auto dim = order.rbegin(); dim != order.rend(); ++dim) {
    shape.push_back(t.shape()[*dim]);
    strides.push_back(t.strides()[*dim]);
  }
  return alias(t, std::move(shape), std::move(strides));
}

// Calls fill(pointer, n) for contiguous runs that cover t, in PyTorch's order.
template <class T, class Fill>
void each_run(const Tensor& t, Fill fill) {
  if (t.is_contiguous()) return fill(t.data<T>(), t.numel());
  const Tensor ordered = reordered(t, loop_order(t.shape(), {&t}));
  kernels::each_row(strided<1>(ordered.shape(), {&ordered}), 0, t.numel(),
                    [&](const auto& p, const auto& step, int64_t n) {
                      if (step[0] == int64_t(sizeof(T))) return fill(reinterpret_cast<T*>(p[0]), n);
                      for (int64_t i = 0; i < n; ++i) fill(reinterpret_cast<T*>(p[0] + i * step[0]), 1);
                    });
}

// t[i] = draw() for every element, in PyTorch's order.
template <class T, class Draw>
void fill_with(const Tensor& t, Draw draw) {
  each_run<T>(t, [&](T* x, int64_t n) {
    for (int64_t i = 0; i < n; ++i) x[i] = draw();
  });
}

inline GeneratorRef or_default(const GeneratorRef& generator) { return generator ? generator : default_generator(); }

// What every in-place filling shares: the checks before, and afterwards the new version and the end of the history.
template <class Fill>
const Tensor& fill_in_place(const Tensor& self, const char* operation, const char* node, const GeneratorRef& generator,
                            Fill fill) {
  check_inplace(self, operation);
  if (self.numel() > 0) {
    const GeneratorRef source = or_default(generator);
    const auto lock = source->lock();
    fill(*source);
  }
  self.bump_version();
  if (needs_grad(self)) record(node, self, {&self}, [](const Backward& g) -> Tensors { return {zeros_like(g.dy())}; });
  return self;
}

inline void check_random_floating(const Tensor& self, const char* operation) {
  if (!self.is_floating_point()) throw_unsupported(operation, self.dtype());
}

}  // namespace lamina::ops

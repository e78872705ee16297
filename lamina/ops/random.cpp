#include "lamina/ops/random.h"

#include <array>
#include <cmath>
#include <limits>
#include <mutex>
#include <utility>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/kernels/random.h"
#include "lamina/ops/iterate.h"

namespace lamina::ops {

namespace {
// Significant bits of a floating type.
template <class T>
constexpr int kDigits = std::numeric_limits<T>::digits;
template <>
constexpr int kDigits<bfloat16> = 8;
template <>
constexpr int kDigits<float16> = 11;

double largest(DType dtype) {
  switch (dtype) {
    case DType::Float16: return 65504;
    case DType::BFloat16: return double(std::bit_cast<float>(0x7f7f0000u));
    case DType::Float32: return std::numeric_limits<float>::max();
    default: return std::numeric_limits<double>::max();
  }
}

// The same elements with their dimensions in the order in which PyTorch's loops walk a single operand: larger strides
// outside. A dimension without a stride keeps its place; of two with the same stride the longer one goes outside.
Tensor in_memory_order(const Tensor& t) {
  const int rank = t.rank();
  std::vector<int> order(size_t(rank), 0);  // innermost first
  for (int i = 0; i < rank; ++i) order[size_t(i)] = rank - 1 - i;
  const auto compare = [&](int a, int b) {
    const int64_t x = t.strides()[a], y = t.strides()[b];
    if (x == 0 || y == 0) return 0;
    if (x != y) return x < y ? -1 : 1;
    return t.shape()[a] > t.shape()[b] ? 1 : 0;
  };
  for (int i = 1; i < rank; ++i)
    for (int at = i, before = i - 1; before >= 0; --before) {
      const int c = compare(order[size_t(before)], order[size_t(at)]);
      if (c < 0) break;
      if (c > 0) std::swap(order[size_t(before)], order[size_t(at)]), at = before;
    }
  Shape shape, strides;
  for (int i = rank - 1; i >= 0; --i) {
    shape.push_back(t.shape()[order[size_t(i)]]);
    strides.push_back(t.strides()[order[size_t(i)]]);
  }
  return alias(t, std::move(shape), std::move(strides));
}

// Calls fill(pointer, n) for contiguous runs that cover t, in PyTorch's order.
template <class T, class Fill>
void each_run(const Tensor& t, Fill fill) {
  if (t.is_contiguous()) return fill(t.data<T>(), t.numel());
  const Tensor ordered = in_memory_order(t);
  kernels::each_row(strided<1>(ordered.shape(), {&ordered}), 0, t.numel(), [&](const auto& p, const auto& step, int64_t n) {
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

GeneratorRef or_default(const GeneratorRef& generator) { return generator ? generator : default_generator(); }

// What every in-place filling shares: the checks before, and afterwards the new version and the end of the history.
template <class Fill>
const Tensor& fill_in_place(const Tensor& self, const char* operation, const char* node, const GeneratorRef& generator, Fill fill) {
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

void check_floating(const Tensor& self, const char* operation) {
  if (!self.is_floating_point()) throw_unsupported(operation, self.dtype());
}
}  // namespace

const Tensor& uniform_(const Tensor& self, double from, double to, const GeneratorRef& generator) {
  check_floating(self, "uniform_");
  if (!(from <= to))
    throw OptionError(str("uniform_ expects to return a [from, to) range, but found from=", from, " > to=", to));
  const double limit = largest(self.dtype());
  if (!(to - from <= limit))
    throw OptionError(str("uniform_ expects to - from <= ", limit, ", the largest ", name(self.dtype()), ", but found to=", to,
                          " and from=", from));
  return fill_in_place(self, "uniform_", "UniformBackward0", generator, [&](Generator& source) {
    dispatch_floating(self.dtype(), "uniform_", [&]<class T>() {
      each_run<T>(self, [&](T* x, int64_t n) { kernels::fill_uniform(source, x, n, from, to); });
    });
  });
}

const Tensor& normal_(const Tensor& self, double mean, double std, const GeneratorRef& generator) {
  check_floating(self, "normal_");
  if (!(std >= 0)) throw OptionError(str("normal expects std >= 0.0, but found std ", std));
  return fill_in_place(self, "normal_", "NormalBackward0", generator, [&](Generator& source) {
    dispatch_floating(self.dtype(), "normal_", [&]<class T>() {
      if (self.numel() >= 16 && self.is_contiguous()) kernels::fill_normal(source, self.data<T>(), self.numel(), mean, std);
      else fill_with<T>(self, [&] { return T(compute_t<T>(std::fma(source.normal(), std, mean))); });
    });
  });
}

Tensor rand(const Shape& shape, DType dtype, const GeneratorRef& generator) {
  return uniform_(empty(shape, dtype), 0, 1, generator);
}
Tensor rand_like(const Tensor& t, const GeneratorRef& generator) { return uniform_(empty_like(t), 0, 1, generator); }
Tensor randn(const Shape& shape, DType dtype, const GeneratorRef& generator) {
  return normal_(empty(shape, dtype), 0, 1, generator);
}
Tensor randn_like(const Tensor& t, const GeneratorRef& generator) { return normal_(empty_like(t), 0, 1, generator); }
Tensor normal(double mean, double std, const Shape& shape, DType dtype, const GeneratorRef& generator) {
  return normal_(empty(shape, dtype), mean, std, generator);
}

uint64_t draw_key(const GeneratorRef& generator) {
  const GeneratorRef source = or_default(generator);
  const auto lock = source->lock();
  return source->random64();
}

}  // namespace lamina::ops

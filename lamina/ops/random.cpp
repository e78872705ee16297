#include "lamina/ops/random.h"

#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/kernels/random.h"
#include "lamina/ops/random_fill.h"

namespace lamina::ops {

namespace {
// Significant bits of a floating type.
template <class T>
constexpr int kDigits = std::numeric_limits<T>::digits;
template <>
constexpr int kDigits<bfloat16> = 8;
template <>
constexpr int kDigits<float16> = 11;

// The first whole number ≥ from, and the last limit ≤ to, such that what lies between does not leave the range when it
// is rounded to T: float16 cannot hold 65503, which would become 65504. PyTorch's rule, which decides what is drawn.
int highest_bit(int64_t v) { return v == 0 ? 0 : 63 - std::countl_zero(v < 0 ? 0 - uint64_t(v) : uint64_t(v)); }
template <class T>
int64_t rounded_to(int64_t v) {  // what T cannot hold, or int64 not take back, counts as the lowest: x86's conversion
  const auto rounded = double(compute_t<T>(T(compute_t<T>(v))));
  return std::abs(rounded) < 0x1p63 ? int64_t(rounded) : std::numeric_limits<int64_t>::lowest();
}
template <class T>
int64_t first_in(int64_t from) {
  if (from == std::numeric_limits<int64_t>::max()) return from;
  const int64_t rounded = rounded_to<T>(from + 1);
  return rounded < from ? rounded + (int64_t{1} << (highest_bit(from + 1) - kDigits<T> + 1)) : from;
}
template <class T>
int64_t end_in(int64_t to) {
  const int64_t rounded = rounded_to<T>(to - 1);
  return rounded >= to ? rounded - (int64_t{1} << (highest_bit(to - 1) - kDigits<T> + 1)) : to;
}

double largest(DType dtype) {
  switch (dtype) {
    case DType::Float16: return 65504;
    case DType::BFloat16: return double(std::bit_cast<float>(0x7f7f0000u));
    case DType::Float32: return std::numeric_limits<float>::max();
    default: return std::numeric_limits<double>::max();
  }
}

void check_range(int64_t from, int64_t last, DType dtype) {
  bool fits = true;
  dispatch_all(dtype, [&]<class T>() {
    if constexpr (std::is_integral_v<T>)
      fits = from >= int64_t(std::numeric_limits<T>::lowest()) && last <= int64_t(std::numeric_limits<T>::max());
    else fits = std::abs(double(from)) <= largest(dtype) && std::abs(double(last)) <= largest(dtype);
  });
  if (!fits)
    throw OptionError(str("the range of random_ from ", from, " to ", last, " is out of bounds for ", name(dtype)));
}

// A view of t in a larger shape that it broadcasts to.
Tensor expanded(const Tensor& t, const Shape& shape) {
  Strides strides = Shape::filled(shape.rank(), 0);
  for (int d = shape.rank() - t.rank(), own = 0; d < shape.rank(); ++d, ++own)
    strides[d] = t.shape()[own] == 1 && shape[d] != 1 ? 0 : t.strides()[own];
  return alias(t, shape, std::move(strides));
}

}  // namespace

const Tensor& uniform_(const Tensor& self, double from, double to, const GeneratorRef& generator) {
  check_random_floating(self, "uniform_");
  if (!(from <= to))
    throw OptionError(str("uniform_ expects to return a [from, to) range, but found from=", from, " > to=", to));
  const double limit = largest(self.dtype());
  if (!(to - from <= limit))
    throw OptionError(str("uniform_ expects to - from <= ", limit, ", the largest ", name(self.dtype()),
                          ", but found to=", to, " and from=", from));
  return fill_in_place(self, "uniform_", "UniformBackward0", generator, [&](Generator& source) {
    dispatch_floating(self.dtype(), "uniform_", [&]<class T>() {
      each_run<T>(self, [&](T* x, int64_t n) { kernels::fill_uniform(source, x, n, from, to); });
    });
  });
}

const Tensor& normal_(const Tensor& self, double mean, double std, const GeneratorRef& generator) {
  check_random_floating(self, "normal_");
  if (!(std >= 0)) throw OptionError(str("normal expects std >= 0.0, but found std ", std));
  return fill_in_place(self, "normal_", "NormalBackward0", generator, [&](Generator& source) {
    dispatch_floating(self.dtype(), "normal_", [&]<class T>() {
      if (self.numel() >= 16 && self.is_contiguous())
        kernels::fill_normal(source, self.data<T>(), self.numel(), mean, std);
      else fill_with<T>(self, [&] { return T(compute_t<T>(std::fma(source.normal(), std, mean))); });
    });
  });
}

const Tensor& bernoulli_(const Tensor& self, double p, const GeneratorRef& generator) {
  if (!(p >= 0 && p <= 1)) throw OptionError(str("bernoulli_ expects p to be in [0, 1], but got p=", p));
  return fill_in_place(self, "bernoulli_", "BernoulliBackward2", generator, [&](Generator& source) {
    dispatch_all(self.dtype(), [&]<class T>() { fill_with<T>(self, [&] { return T(source.uniform<double>() < p); }); });
  });
}

const Tensor& bernoulli_(const Tensor& self, const Tensor& p, const GeneratorRef& generator) {
  check_random_floating(p, "the probability of bernoulli_");
  if (broadcast(self.shape(), p.shape()) != self.shape())
    throw ShapeError(str("probabilities of shape ", p.shape(), " do not broadcast to shape ", self.shape()));
  // PyTorch draws 53 bits for a probability of type float64 and 24 for any other
  dispatch_floating(p.dtype(), "bernoulli_", [&]<class P>() {
    map<bool, P>(
        empty(self.shape(), DType::Bool),
        [](P value) {
          if (!(compute_t<P>(value) >= 0 && compute_t<P>(value) <= 1))
            throw OptionError(
                str("bernoulli_ expects probabilities in [0, 1], but one is ", double(compute_t<P>(value))));
          return true;
        },
        p);
  });
  return fill_in_place(self, "bernoulli_", "BernoulliBackward1", generator, [&](Generator& source) {
    const Tensor wide = expanded(p, self.shape());
    const auto order = loop_order(self.shape(), {&self, &wide});
    const Tensor out = reordered(self, order), probability = reordered(wide, order);
    dispatch_floating(p.dtype(), "bernoulli_", [&]<class P>() {
      dispatch_all(self.dtype(), [&]<class T>() {
        kernels::each_row(strided<2>(out.shape(), {&out, &probability}), 0, out.numel(),
                          [&](const auto& at, const auto& step, int64_t n) {
                            for (int64_t i = 0; i < n; ++i) {
                              const auto limit = compute_t<P>(*reinterpret_cast<const P*>(at[1] + i * step[1]));
                              *reinterpret_cast<T*>(at[0] + i * step[0]) = T(source.uniform<compute_t<P>>() < limit);
                            }
                          });
      });
    });
  });
}

const Tensor& exponential_(const Tensor& self, double lambda, const GeneratorRef& generator) {
  check_random_floating(self, "exponential_");
  if (!(lambda > 0)) throw OptionError(str("exponential_ expects lambda > 0.0, but found lambda=", lambda));
  return fill_in_place(self, "exponential_", "ExponentialBackward0", generator, [&](Generator& source) {
    dispatch_floating(self.dtype(), "exponential_", [&]<class T>() {
      fill_with<T>(self, [&] { return T(compute_t<T>(-1.0 / lambda * std::log1p(-source.uniform<double>()))); });
    });
  });
}

const Tensor& random_(const Tensor& self, const GeneratorRef& generator) {
  return fill_in_place(self, "random_", "RandomBackward2", generator, [&](Generator& source) {
    dispatch_all(self.dtype(), [&]<class T>() {
      constexpr bool wide = std::is_same_v<T, int64_t> || std::is_same_v<T, double>;
      fill_with<T>(self, [&] {
        const uint64_t bits = wide ? source.random64() : source.random32();
        if constexpr (std::is_same_v<T, bool>) return bool(bits & 1);
        else if constexpr (std::is_integral_v<T>) return T(bits % (uint64_t(std::numeric_limits<T>::max()) + 1));
        else return T(compute_t<T>(bits % ((uint64_t{1} << kDigits<T>)+1)));
      });
    });
  });
}

const Tensor& random_(const Tensor& self, int64_t from, std::optional<int64_t> to, const GeneratorRef& generator) {
  constexpr int64_t lowest = std::numeric_limits<int64_t>::lowest();
  const bool all_bits = !to && from == lowest;
  uint64_t range = 0;
  if (to) {
    if (from >= *to)
      throw OptionError(str("random_ expects 'from' to be less than 'to', but got from=", from, " >= to=", *to));
    int64_t end = *to;
    if (self.is_floating_point()) {
      dispatch_floating(self.dtype(), "random_", [&]<class T>() { from = first_in<T>(from), end = end_in<T>(end); });
      if (from >= end)
        throw OptionError(str("no whole number that ", name(self.dtype()),
                              " can hold lies in the range of random_: from=", from, " >= to=", end));
    }
    check_range(from, end - 1, self.dtype());
    range = uint64_t(end) - uint64_t(from);
  } else if (!all_bits) {
    int64_t last = 0;
    dispatch_all(self.dtype(), [&]<class T>() {
      if constexpr (std::is_integral_v<T>) last = int64_t(std::numeric_limits<T>::max());
      else from = first_in<T>(from), last = int64_t{1} << kDigits<T>;
    });
    if (from > last)
      throw OptionError(
          str("random_ expects 'from' to be at most ", last, " for ", name(self.dtype()), ", but got ", from));
    check_range(from, last, self.dtype());
    range = uint64_t(last) - uint64_t(from) + 1;
  } else if (self.dtype() != DType::Int64 && !self.is_floating_point()) {
    throw_unsupported("random_ over all 64 bits", self.dtype());
  }
  return fill_in_place(self, "random_", "RandomBackward0", generator, [&](Generator& source) {
    dispatch_all(self.dtype(), [&]<class T>() {
      fill_with<T>(self, [&] {
        if (all_bits) return T(compute_t<T>(int64_t(source.random64())));
        const uint64_t bits = range >= uint64_t{1} << 28 ? source.random64() : source.random32();
        return T(compute_t<T>(int64_t(bits % range + uint64_t(from))));
      });
    });
  });
}

Tensor randint(int64_t low, int64_t high, const Shape& shape, DType dtype, const GeneratorRef& generator) {
  return random_(empty(shape, dtype), low, high, generator);
}
Tensor randint(int64_t high, const Shape& shape, DType dtype, const GeneratorRef& generator) {
  return randint(0, high, shape, dtype, generator);
}

Tensor randint_like(const Tensor& t, int64_t low, int64_t high, std::optional<DType> dtype,
                    const GeneratorRef& generator) {
  return random_(empty_in_layout_of(t, dtype), low, high, generator);
}

Tensor randperm(int64_t n, DType dtype, const GeneratorRef& generator) {
  if (n < 0) throw OptionError(str("n must be non-negative, got ", n));
  if (dtype == DType::Bool) throw_unsupported("randperm", dtype);
  int64_t limit = 0;
  dispatch_all(dtype, [&]<class T>() {
    if constexpr (std::is_integral_v<T>) limit = int64_t(std::numeric_limits<T>::max());
    else limit = int64_t{1} << kDigits<T>;
  });
  if (n > limit)
    throw OptionError(str("n cannot be greater than ", limit, " for type ", name(dtype), ", but got ", n),
                      "Use dtype int64");
  Tensor result = empty({n}, dtype);
  const GeneratorRef source = or_default(generator);
  const auto lock = source->lock();
  dispatch_all(dtype, [&]<class T>() {
    T* x = result.data<T>();
    constexpr int64_t small = std::numeric_limits<uint32_t>::max() / 20;
    if (n < small) {
      for (int64_t i = 0; i < n; ++i) x[i] = T(compute_t<T>(i));
      for (int64_t i = 0; i < n - 1; ++i) std::swap(x[i], x[i + int64_t(source->random32() % uint64_t(n - i))]);
    } else {  // 32 bits would favour some positions: the same shuffle from the inside out, with 64
      for (int64_t i = 0; i < n; ++i) {
        const int64_t other = int64_t(source->random64() % uint64_t(i + 1));
        x[i] = T(compute_t<T>(i));
        x[i] = x[other];
        x[other] = T(compute_t<T>(i));
      }
    }
  });
  return result;
}

Tensor bernoulli(const Tensor& p, const GeneratorRef& generator) {
  Tensor result = empty_like(p);
  bernoulli_(result, p.detach(), generator);
  if (needs_grad(p))
    record("BernoulliBackward0", result, {&p}, [](const Backward& g) -> Tensors { return {zeros_like(g.dy())}; });
  return result;
}

Tensor empty_in_layout_of(const Tensor& t, std::optional<DType> dtype) {
  const Tensor dense = empty(t.shape(), dtype.value_or(t.dtype()));
  if (t.is_contiguous()) return dense;
  Strides strides = Shape::filled(t.rank(), 0);
  int64_t step = 1;
  for (const int dim : loop_order(t.shape(), {&t})) {
    strides[dim] = step;
    step *= t.shape()[dim];
  }
  return alias(dense, t.shape(), std::move(strides));
}

Tensor rand(const Shape& shape, DType dtype, const GeneratorRef& generator) {
  return uniform_(empty(shape, dtype), 0, 1, generator);
}
Tensor rand_like(const Tensor& t, std::optional<DType> dtype, const GeneratorRef& generator) {
  return uniform_(empty_in_layout_of(t, dtype), 0, 1, generator);
}
Tensor randn(const Shape& shape, DType dtype, const GeneratorRef& generator) {
  return normal_(empty(shape, dtype), 0, 1, generator);
}
Tensor randn_like(const Tensor& t, std::optional<DType> dtype, const GeneratorRef& generator) {
  return normal_(empty_in_layout_of(t, dtype), 0, 1, generator);
}
Tensor normal(double mean, double std, const Shape& shape, DType dtype, const GeneratorRef& generator) {
  return normal_(empty(shape, dtype), mean, std, generator);
}

uint64_t draw_key(const GeneratorRef& generator) {
  const GeneratorRef source = or_default(generator);
  const auto lock = source->lock();
  return source->random64();
}

}  // namespace lamina::ops

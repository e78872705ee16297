// The mechanism of activations: functions f(x; a, b, c) of one number and up to three that belong to the layer. A curve is one
// constant that says its loop, its gradient's loop, and the gradient once more in operations; recording, the in-place form,
// second derivatives and 16-bit floats are dealt with here once.
//   constexpr Curve kLeakyRelu{.name = "leaky_relu", .node = "LeakyReluBackward0",
//                              .run = curve_loop<decltype([](auto x, auto n) { return x > 0 ? x : x * n.a; })>,
//                              .run_backward = slope_loop<decltype([](auto dy, auto x, auto n) { return x > 0 ? dy : dy * n.a; })>,
//                              .plain = [](const Tensor& dy, const Tensor& x, const Numbers& n) { … }};
//   Tensor leaky_relu(const Tensor& x, double slope) { return curve(kLeakyRelu, x, {slope}); }
#pragma once
#include <cmath>
#include <limits>
#include <type_traits>

#include "lamina/core/tensor.h"
#include "lamina/ops/elementwise.h"

namespace lamina::ops {

/// The numbers that belong to a curve, in the type that it is computed in.
template <class T>
struct CurveNumbers {
  T a{}, b{}, c{};
};
using Numbers = CurveNumbers<double>;

struct Curve {
  const char* name;  // PyTorch's, for messages
  const char* node;  // the name of the graph's node
  void (*run)(const Tensor& y, const Tensor& x, const Numbers& numbers);
  void (*run_backward)(const Tensor& dx, const Tensor& dy, const Tensor& x, const Numbers& numbers);
  /// dy·f′(x) in operations, for second derivatives.
  Tensor (*plain)(const Tensor& dy, const Tensor& x, const Numbers& numbers);
  bool takes_integers = false;
  /// Whether f′ at f(x) is f′ at x, so that the in-place form need not keep x. Null: never.
  bool (*kept_by_output)(const Numbers& numbers) = nullptr;
};

/// f of every element. DTypeError for types without fractions (for bool, where the curve takes integers).
Tensor curve(const Curve& c, const Tensor& x, const Numbers& numbers = {});
const Tensor& curve_(const Curve& c, const Tensor& self, const Numbers& numbers = {});

/// OptionError for a NaN, which no option of an activation may be.
void check_option(const char* name, double value);

/// A number in type T; integers are cut to what T holds.
template <class T>
T number_in(double v) {
  if constexpr (std::is_integral_v<T>) {
    if (!(v >= double(std::numeric_limits<T>::lowest()))) return std::numeric_limits<T>::lowest();
    if (v >= double(std::numeric_limits<T>::max())) return std::numeric_limits<T>::max();
  }
  return T(v);
}
template <class T>
CurveNumbers<T> numbers_in(const Numbers& n) {
  return {number_in<T>(n.a), number_in<T>(n.b), number_in<T>(n.c)};
}

/// Loops for Curve: in the tensor's own type; exact_ ones for integers too; wide_ ones in float64 whatever the type, for
/// functions whose steps would each add an error to float32.
template <class F>
void curve_loop(const Tensor& y, const Tensor& x, const Numbers& numbers) {
  dispatch_real(x.dtype(), "this activation",
                [&]<class T>() { map<T, T>(y, [n = numbers_in<T>(numbers)](T v) { return F{}(v, n); }, x); });
}
template <class F>
void exact_curve_loop(const Tensor& y, const Tensor& x, const Numbers& numbers) {
  dispatch_arithmetic(x.dtype(), "this activation",
                      [&]<class T>() { map<T, T>(y, [n = numbers_in<T>(numbers)](T v) { return F{}(v, n); }, x); });
}
template <class F>
void wide_curve_loop(const Tensor& y, const Tensor& x, const Numbers& numbers) {
  dispatch_real(x.dtype(), "this activation",
                [&]<class T>() { map<T, T>(y, [numbers](T v) { return T(F{}(double(v), numbers)); }, x); });
}
template <class F>
void slope_loop(const Tensor& dx, const Tensor& dy, const Tensor& x, const Numbers& numbers) {
  dispatch_real(x.dtype(), "this activation", [&]<class T>() {
    map<T, T, T>(dx, [n = numbers_in<T>(numbers)](T d, T v) { return F{}(d, v, n); }, dy, x);
  });
}
/// F is f′ itself.
template <class F>
void wide_slope_loop(const Tensor& dx, const Tensor& dy, const Tensor& x, const Numbers& numbers) {
  dispatch_real(x.dtype(), "this activation", [&]<class T>() {
    map<T, T, T>(dx, [numbers](T d, T v) { return T(double(d) * F{}(double(v), numbers)); }, dy, x);
  });
}

}  // namespace lamina::ops

// The incomplete gamma functions, ζ, and orthogonal polynomials, declared in special.h.
#include <cmath>
#include <numbers>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/kernels/special.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/promote.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/special.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/view.h"
#include "lamina/ops/where.h"

namespace lamina::ops {

namespace {

namespace special = kernels::special;

template <double (*f)(double, double)>
void in_double(const Tensor& out, const Tensor& a, const Tensor& b, Scalar) {
  dispatch_real(a.dtype(), "this operation",
                [&]<class T>() { map<T, T, T>(out, [](T x, T y) { return T(f(x, y)); }, a, b); });
}

double xlog1py_of(double a, double b) { return std::isnan(b) ? b : a == 0 ? 0 : a * std::log1p(b); }

Tensor not_there(const Operands&) {
  throw NotImplementedError("the derivative of this function with respect to its first argument is not implemented");
}
// x^(a − 1)·e^(−x) / Γ(a)
Tensor gamma_density(const Operands& o) {
  return mul(o.dy, exp(sub(sub(mul(sub(o.a, Scalar(1)), log(o.b)), o.b), lgamma(o.a))));
}

constexpr BinaryOp kIgamma{.name = "igamma",
                           .node = "IgammaBackward0",
                           .run = in_double<special::igamma>,
                           .result = Result::Floating,
                           .uses = kBUsesA | kBUsesB,
                           .gradient_a = not_there,
                           .gradient_b = gamma_density};
constexpr BinaryOp kIgammac{.name = "igammac",
                            .node = "IgammacBackward0",
                            .run = in_double<special::igammac>,
                            .result = Result::Floating,
                            .uses = kBUsesA | kBUsesB,
                            .gradient_a = not_there,
                            .gradient_b = [](const Operands& o) { return neg(gamma_density(o)); }};
constexpr BinaryOp kZeta{
    .name = "zeta",
    .node = "SpecialZetaBackward0",
    .run = in_double<special::zeta>,
    .result = Result::Floating,
    .uses = kBUsesA | kBUsesB,
    .gradient_a = not_there,
    .gradient_b = [](const Operands& o) { return neg(mul(mul(o.dy, o.a), zeta(add(o.a, Scalar(1)), o.b))); }};
constexpr BinaryOp kXlog1py{.name = "xlog1py",
                            .node = "SpecialXlog1PyBackward0",
                            .run = in_double<xlog1py_of>,
                            .result = Result::Floating,
                            .uses = kAUsesA | kAUsesB | kBUsesA | kBUsesB,
                            .gradient_a =
                                [](const Operands& o) {
                                  const Tensor none = logical_and(eq(o.a, 0), le(o.b, -1));
                                  return mul(o.dy, where(none, Scalar(0), log1p(o.b)));
                                },
                            .gradient_b = [](const Operands& o) { return div(mul(o.dy, o.a), add(o.b, Scalar(1))); }};

// f(x, n), or f(2x − 1, n); n is cut to an integer.
template <double (*f)(double, int64_t), bool shifted>
double polynomial_of(double x, double n) {
  if (std::isnan(x) || std::isnan(n)) return std::nan("");
  return f(shifted ? 2 * x - 1 : x, int64_t(n));
}
template <double (*f)(double, int64_t), bool shifted = false>
constexpr BinaryOp polynomial(const char* name) {
  return {.name = name, .node = "", .run = in_double<polynomial_of<f, shifted>>, .result = Result::Floating};
}
constexpr BinaryOp kT = polynomial<special::chebyshev_t>("chebyshev_polynomial_t"),
                   kU = polynomial<special::chebyshev_u>("chebyshev_polynomial_u"),
                   kV = polynomial<special::chebyshev_v>("chebyshev_polynomial_v"),
                   kW = polynomial<special::chebyshev_w>("chebyshev_polynomial_w"),
                   kShiftedT = polynomial<special::chebyshev_t, true>("shifted_chebyshev_polynomial_t"),
                   kShiftedU = polynomial<special::chebyshev_u, true>("shifted_chebyshev_polynomial_u"),
                   kShiftedV = polynomial<special::chebyshev_v, true>("shifted_chebyshev_polynomial_v"),
                   kShiftedW = polynomial<special::chebyshev_w, true>("shifted_chebyshev_polynomial_w"),
                   kHermiteH = polynomial<special::hermite_h>("hermite_polynomial_h"),
                   kHermiteHe = polynomial<special::hermite_he>("hermite_polynomial_he"),
                   kLaguerre = polynomial<special::laguerre_l>("laguerre_polynomial_l"),
                   kLegendre = polynomial<special::legendre_p>("legendre_polynomial_p");

}  // namespace

Tensor igamma(const Tensor& a, const Tensor& x) { return binary(kIgamma, a, x); }
Tensor igammac(const Tensor& a, const Tensor& x) { return binary(kIgammac, a, x); }
Tensor zeta(const Tensor& s, const Tensor& q) { return binary(kZeta, s, q); }
Tensor xlog1py(const Tensor& a, const Tensor& b) { return binary(kXlog1py, a, b); }

Tensor mvlgamma(const Tensor& input, int64_t p) {
  if (p < 1) throw OptionError("p has to be greater than or equal to 1");
  const Tensor x = to(input, floating_result(input.dtype()));
  const Tensor shifts = arange(Scalar(-p + 1), Scalar(1), Scalar(1), DType::Float64);
  const Tensor terms = add(unsqueeze(x, -1), to(mul(shifts, 0.5), x.dtype()));
  return add(sum(lgamma(terms), {-1}), Scalar(double(p) * double(p - 1) / 4 * std::log(std::numbers::pi)));
}

Tensor chebyshev_polynomial_t(const Tensor& x, const Tensor& n) { return binary(kT, x, n); }
Tensor chebyshev_polynomial_u(const Tensor& x, const Tensor& n) { return binary(kU, x, n); }
Tensor chebyshev_polynomial_v(const Tensor& x, const Tensor& n) { return binary(kV, x, n); }
Tensor chebyshev_polynomial_w(const Tensor& x, const Tensor& n) { return binary(kW, x, n); }
Tensor shifted_chebyshev_polynomial_t(const Tensor& x, const Tensor& n) { return binary(kShiftedT, x, n); }
Tensor shifted_chebyshev_polynomial_u(const Tensor& x, const Tensor& n) { return binary(kShiftedU, x, n); }
Tensor shifted_chebyshev_polynomial_v(const Tensor& x, const Tensor& n) { return binary(kShiftedV, x, n); }
Tensor shifted_chebyshev_polynomial_w(const Tensor& x, const Tensor& n) { return binary(kShiftedW, x, n); }
Tensor hermite_polynomial_h(const Tensor& x, const Tensor& n) { return binary(kHermiteH, x, n); }
Tensor hermite_polynomial_he(const Tensor& x, const Tensor& n) { return binary(kHermiteHe, x, n); }
Tensor laguerre_polynomial_l(const Tensor& x, const Tensor& n) { return binary(kLaguerre, x, n); }
Tensor legendre_polynomial_p(const Tensor& x, const Tensor& n) { return binary(kLegendre, x, n); }

}  // namespace lamina::ops

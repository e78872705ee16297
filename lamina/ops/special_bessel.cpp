// Bessel's functions and those of the normal distribution, declared in special.h.
#include <cmath>
#include <limits>
#include <numbers>

#include "lamina/kernels/special.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/special.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/where.h"

namespace lamina::ops {

namespace {

namespace special = kernels::special;

template <double (*f)(double)>
void in_double(const Tensor& out, const Tensor& x) {
  dispatch_real(x.dtype(), "this operation", [&]<class T>() { map<T, T>(out, [](T v) { return T(f(v)); }, x); });
}

double entr_of(double x) {
  if (std::isnan(x)) return x;
  return x > 0 ? -x * std::log(x) : x == 0 ? 0 : -std::numeric_limits<double>::infinity();
}

// i1(x) / x, ½ at 0.
Tensor over_x(const Tensor& y, const Tensor& x) {
  const Tensor zero = eq(x, 0);
  return where(zero, Scalar(0.5), div(y, where(zero, Scalar(1), x)));
}

constexpr double kTwoOverRootPi = 2 * std::numbers::inv_sqrtpi;

constexpr UnaryOp kI0{
    "i0", "I0Backward0", in_double<special::i0>, Result::Floating, Keeps::Input, [](const Tensor& dy, const Tensor& x) {
      return mul(dy, i1(x));
    }};
constexpr UnaryOp kI0e{"i0e",
                       "SpecialI0EBackward0",
                       in_double<special::i0e>,
                       Result::Floating,
                       Keeps::Input,
                       [](const Tensor& dy, const Tensor& x) { return mul(dy, sub(i1e(x), mul(sign(x), i0e(x)))); }};
constexpr UnaryOp kI1{"i1",
                      "SpecialI1Backward0",
                      in_double<special::i1>,
                      Result::Floating,
                      Keeps::Input,
                      [](const Tensor& dy, const Tensor& x) { return mul(dy, sub(i0(x), over_x(i1(x), x))); }};
constexpr UnaryOp kI1e{"i1e",
                       "SpecialI1EBackward0",
                       in_double<special::i1e>,
                       Result::Floating,
                       Keeps::Input,
                       [](const Tensor& dy, const Tensor& x) {
                         const Tensor y = i1e(x);
                         return mul(dy, sub(sub(i0e(x), mul(sign(x), y)), over_x(y, x)));
                       }};
constexpr UnaryOp kErfcx{
    "erfcx",
    "SpecialErfcxBackward0",
    in_double<special::erfcx>,
    Result::Floating,
    Keeps::Input,
    [](const Tensor& dy, const Tensor& x) { return mul(dy, sub(mul(mul(x, 2), erfcx(x)), Scalar(kTwoOverRootPi))); }};
// Its derivative is the density exp(−x²/2) / √(2π).
constexpr UnaryOp kNdtr{"ndtr",
                        "SpecialNdtrBackward0",
                        in_double<special::ndtr>,
                        Result::Floating,
                        Keeps::Input,
                        [](const Tensor& dy, const Tensor& x) {
                          const double peak = kTwoOverRootPi / (2 * std::numbers::sqrt2);
                          return mul(dy, mul(exp(mul(square(x), -0.5)), peak));
                        }};
constexpr UnaryOp kLogNdtr{"log_ndtr",
                           "SpecialLogNdtrBackward0",
                           in_double<special::log_ndtr>,
                           Result::Floating,
                           Keeps::Input,
                           [](const Tensor& dy, const Tensor& x) {
                             const Tensor ratio = erfcx(mul(x, -1 / std::numbers::sqrt2));  // of ndtr to the density
                             return mul(dy, rdiv(ratio, kTwoOverRootPi / std::numbers::sqrt2));
                           }};
constexpr UnaryOp kNdtri{"ndtri",
                         "SpecialNdtriBackward0",
                         in_double<special::ndtri>,
                         Result::Floating,
                         Keeps::Output,
                         [](const Tensor& dy, const Tensor& y) {
                           return mul(dy, mul(exp(mul(square(y), 0.5)), std::sqrt(2 * std::numbers::pi)));
                         }};
constexpr UnaryOp kEntr{"entr",
                        "SpecialEntrBackward0",
                        in_double<entr_of>,
                        Result::Floating,
                        Keeps::Input,
                        [](const Tensor& dy, const Tensor& x) { return mul(dy, sub(neg(log(x)), Scalar(1))); }};

template <double (*f)(double)>
constexpr UnaryOp plain(const char* name) {
  return {name, "", in_double<f>, Result::Floating, Keeps::Nothing, nullptr};
}
double j0_of(double x) { return ::j0(x); }
double j1_of(double x) { return ::j1(x); }
double y0_of(double x) { return ::y0(x); }
double y1_of(double x) { return ::y1(x); }
constexpr UnaryOp kJ0 = plain<j0_of>("bessel_j0"), kJ1 = plain<j1_of>("bessel_j1"), kY0 = plain<y0_of>("bessel_y0"),
                  kY1 = plain<y1_of>("bessel_y1"), kK0 = plain<special::k0>("modified_bessel_k0"),
                  kK1 = plain<special::k1>("modified_bessel_k1"),
                  kK0e = plain<special::k0e>("scaled_modified_bessel_k0"),
                  kK1e = plain<special::k1e>("scaled_modified_bessel_k1"),
                  kSpherical = plain<special::spherical_j0>("spherical_bessel_j0"),
                  kAiry = plain<special::airy_ai>("airy_ai");

}  // namespace

Tensor i0(const Tensor& x) { return unary(kI0, x); }
Tensor i0e(const Tensor& x) { return unary(kI0e, x); }
Tensor i1(const Tensor& x) { return unary(kI1, x); }
Tensor i1e(const Tensor& x) { return unary(kI1e, x); }
Tensor erfcx(const Tensor& x) { return unary(kErfcx, x); }
Tensor ndtr(const Tensor& x) { return unary(kNdtr, x); }
Tensor log_ndtr(const Tensor& x) { return unary(kLogNdtr, x); }
Tensor ndtri(const Tensor& p) { return unary(kNdtri, p); }
Tensor entr(const Tensor& x) { return unary(kEntr, x); }
Tensor bessel_j0(const Tensor& x) { return unary(kJ0, x); }
Tensor bessel_j1(const Tensor& x) { return unary(kJ1, x); }
Tensor bessel_y0(const Tensor& x) { return unary(kY0, x); }
Tensor bessel_y1(const Tensor& x) { return unary(kY1, x); }
Tensor modified_bessel_i0(const Tensor& x) { return i0(x.detach()); }
Tensor modified_bessel_i1(const Tensor& x) { return i1(x.detach()); }
Tensor modified_bessel_k0(const Tensor& x) { return unary(kK0, x); }
Tensor modified_bessel_k1(const Tensor& x) { return unary(kK1, x); }
Tensor scaled_modified_bessel_k0(const Tensor& x) { return unary(kK0e, x); }
Tensor scaled_modified_bessel_k1(const Tensor& x) { return unary(kK1e, x); }
Tensor spherical_bessel_j0(const Tensor& x) { return unary(kSpherical, x); }
Tensor airy_ai(const Tensor& x) { return unary(kAiry, x); }

}  // namespace lamina::ops

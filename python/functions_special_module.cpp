// torch.special as the submodule lamina._C._special. Names that stand in lamina itself are added by the package.
#include "lamina/core/error.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/promote.h"
#include "lamina/ops/special.h"
#include "python/bind.h"
#include "python/binding.h"
#include "python/creation.h"

namespace lamina::python {

namespace {

using OfOne = Tensor (*)(const Tensor&);
using OfTwo = Tensor (*)(const Tensor&, const Tensor&);
struct One {
  const char* name;
  OfOne f;
  const char* doc;
};
struct Two {
  const char* name;
  OfTwo f;
  const char* doc;
};

constexpr One kOne[] = {
    {"i0", ops::i0, "Bessel's modified function of the first kind, order 0."},
    {"i0e", ops::i0e, "i0(input)·exp(−|input|)"},
    {"i1", ops::i1, "Bessel's modified function of the first kind, order 1."},
    {"i1e", ops::i1e, "i1(input)·exp(−|input|)"},
    {"erfcx", ops::erfcx, "exp(input²)·erfc(input)"},
    {"ndtr", ops::ndtr, "The share of a standard normal below input."},
    {"log_ndtr", ops::log_ndtr, "The logarithm of ndtr."},
    {"ndtri", ops::ndtri, "The inverse of ndtr."},
    {"entr", ops::entr, "−input·log(input), 0 at 0."},
    {"bessel_j0", ops::bessel_j0, "Bessel's function of the first kind, order 0."},
    {"bessel_j1", ops::bessel_j1, "Bessel's function of the first kind, order 1."},
    {"bessel_y0", ops::bessel_y0, "Bessel's function of the second kind, order 0."},
    {"bessel_y1", ops::bessel_y1, "Bessel's function of the second kind, order 1."},
    {"modified_bessel_i0", ops::modified_bessel_i0, "i0 without a gradient."},
    {"modified_bessel_i1", ops::modified_bessel_i1, "i1 without a gradient."},
    {"modified_bessel_k0", ops::modified_bessel_k0, "Bessel's modified function of the second kind, order 0."},
    {"modified_bessel_k1", ops::modified_bessel_k1, "Bessel's modified function of the second kind, order 1."},
    {"scaled_modified_bessel_k0", ops::scaled_modified_bessel_k0, "modified_bessel_k0 times exp(x)."},
    {"scaled_modified_bessel_k1", ops::scaled_modified_bessel_k1, "modified_bessel_k1 times exp(x)."},
    {"spherical_bessel_j0", ops::spherical_bessel_j0, "sin(x) / x"},
    {"airy_ai", ops::airy_ai, "Airy's function Ai."},
};

constexpr Two kTwo[] = {
    {"zeta", ops::zeta, "Hurwitz' zeta function."},
    {"xlog1py", ops::xlog1py, "input·log1p(other), 0 where input is 0."},
    {"chebyshev_polynomial_t", ops::chebyshev_polynomial_t, "Chebyshev's polynomial of the first kind and degree n."},
    {"chebyshev_polynomial_u", ops::chebyshev_polynomial_u, "Chebyshev's polynomial of the second kind and degree n."},
    {"chebyshev_polynomial_v", ops::chebyshev_polynomial_v, "Chebyshev's polynomial of the third kind and degree n."},
    {"chebyshev_polynomial_w", ops::chebyshev_polynomial_w, "Chebyshev's polynomial of the fourth kind and degree n."},
    {"shifted_chebyshev_polynomial_t", ops::shifted_chebyshev_polynomial_t, "The same of 2·input − 1."},
    {"shifted_chebyshev_polynomial_u", ops::shifted_chebyshev_polynomial_u, "The same of 2·input − 1."},
    {"shifted_chebyshev_polynomial_v", ops::shifted_chebyshev_polynomial_v, "The same of 2·input − 1."},
    {"shifted_chebyshev_polynomial_w", ops::shifted_chebyshev_polynomial_w, "The same of 2·input − 1."},
    {"hermite_polynomial_h", ops::hermite_polynomial_h, "The physicists' Hermite polynomial of degree n."},
    {"hermite_polynomial_he", ops::hermite_polynomial_he, "The probabilists' Hermite polynomial of degree n."},
    {"laguerre_polynomial_l", ops::laguerre_polynomial_l, "Laguerre's polynomial of degree n."},
    {"legendre_polynomial_p", ops::legendre_polynomial_p, "Legendre's polynomial of degree n."},
};

// Two operands of which one may be a number.
Tensor of_operands(const char* name, OfTwo f, const Operand& a, const Operand& b) {
  if (!a.tensor && !b.tensor) throw DTypeError(std::string(name) + ": one of the operands must be a Tensor");
  const auto as_tensor = [](const Operand& o, const Operand& beside) {
    return o.tensor ? *o.tensor : ops::full({}, o.scalar, ops::result_type(*beside.tensor, o.scalar));
  };
  return f(as_tensor(a, b), as_tensor(b, a));
}

// In place, as a method.
template <class F>
void in_place(const Op& op, const char* name, F f) {
  op.method(
      name,
      [name, f](const Tensor& self, const Tensor& other) -> Tensor {
        return ops::inplace(self, name, [&](const Tensor& before) { return f(before, other); });
      },
      "The same in place.", "other"_a);
}

void bind_in_lamina(const Op& op) {
  op("i0", &ops::i0, "Bessel's modified function of the first kind, order 0.", "input"_a);
  op(
      "i0_",
      [](const Tensor& input) -> Tensor {
        return ops::inplace(input, "i0_", [](const Tensor& before) { return ops::i0(before); });
      },
      "The same in place.", "input"_a);
  op("igamma", &ops::igamma, "The lower incomplete gamma function over Γ(input).", "input"_a, "other"_a);
  op("igammac", &ops::igammac, "The upper incomplete gamma function over Γ(input).", "input"_a, "other"_a);
  in_place(op, "igamma_", ops::igamma);
  in_place(op, "igammac_", ops::igammac);
  op("mvlgamma", &ops::mvlgamma, "The logarithm of the multivariate gamma function.", "input"_a, "p"_a);
  op.method(
      "mvlgamma_",
      [](const Tensor& self, int64_t p) -> Tensor {
        return ops::inplace(self, "mvlgamma_", [&](const Tensor& before) { return ops::mvlgamma(before, p); });
      },
      "The same in place.", "p"_a);
  op.method(
      "polygamma_",
      [](const Tensor& self, int64_t n) -> Tensor {
        return ops::inplace(self, "polygamma_", [&](const Tensor& before) { return ops::polygamma(n, before); });
      },
      "The same in place.", "n"_a);
}

}  // namespace

void bind_special_module(nb::module_& m, nb::module_& special) {
  const Op op{special};
  for (const One& one : kOne)
    op.function(
        one.name, [f = one.f](const Tensor& input, const nb::object& out) { return finish(f(input), out, false); },
        one.doc, "input"_a, nb::kw_only(), "out"_a = nb::none());
  for (const Two& two : kTwo) {
    const bool polynomial = std::string_view(two.name).find("polynomial") != std::string_view::npos;
    op.function(
        two.name,
        [name = two.name, f = two.f](const Operand& input, const Operand& other, const nb::object& out) {
          return finish(of_operands(name, f, input, other), out, false);
        },
        two.doc, "input"_a, nb::arg(polynomial ? "n" : "other"), nb::kw_only(), "out"_a = nb::none());
  }
  bind_in_lamina(Op{m});
}

}  // namespace lamina::python

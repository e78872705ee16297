#include "lamina/nn/norm_response.h"

#include "lamina/core/text.h"

namespace lamina::nn {

namespace {

template <class L>
std::string shown(const L& m) {
  return str(m.size, ", alpha=", m.options.alpha, ", beta=", m.options.beta, ", k=", m.options.k);
}

template <class L, class O>
Declaration response_declaration(const char* name, const char* formula, const char* shape, const char* source,
                                 const char* notes) {
  return Declare<L, O>{.name = name,
                       .formula = formula,
                       .shape = shape,
                       .source = source,
                       .notes = notes,
                       .required = {{"size", &L::size, "how many neighbouring channels count", Show::Positional}},
                       .options = {{"alpha", &O::alpha, "factor of their mean square"},
                                   {"beta", &O::beta, "exponent"},
                                   {"k", &O::k, "what is added"}},
                       .construct = [](const Arguments& a, const O& o) { return new L(a.get<int64_t>(0), o); }};
}

}  // namespace

std::string LocalResponseNormImpl::extra_repr() const { return shown(*this); }
Tensor LocalResponseNormImpl::forward(const Tensor& input) {
  return ops::local_response_norm(input, size, options.alpha.to_double(), options.beta.to_double(),
                                  options.k.to_double());
}
const Declaration& LocalResponseNormImpl::declared() {
  static const Declaration d = response_declaration<LocalResponseNormImpl, LocalResponseNormOptions>(
      "LocalResponseNorm", "y[c] = x[c] / (k + alpha·avg x[j]²)^beta, j over size channels around c",
      "(N, C, …) → same, three dimensions or more", "Krizhevsky et al. 2012; torch.nn.LocalResponseNorm",
      "Channels beyond the ends count as zeros.");
  return d;
}

std::string CrossMapLRN2dImpl::extra_repr() const { return shown(*this); }
Tensor CrossMapLRN2dImpl::forward(const Tensor& input) {
  return ops::cross_map_lrn2d(input, size, options.alpha.to_double(), options.beta.to_double(), options.k.to_double());
}
const Declaration& CrossMapLRN2dImpl::declared() {
  static const Declaration d = response_declaration<CrossMapLRN2dImpl, CrossMapLRN2dOptions>(
      "CrossMapLRN2d", "y[c] = x[c] / (k + alpha/size·Σ x[j]²)^beta, j within (size − 1)/2 of c", "(N, C, H, W) → same",
      "torch.nn.CrossMapLRN2d", "As in PyTorch the first channel stays in every later window.");
  return d;
}

}  // namespace lamina::nn

#include "lamina/nn/dropout.h"

#include "lamina/ops/dropout.h"

namespace lamina::nn {

DropoutImpl::DropoutImpl(DropoutOptions options) : options(options) {
  ops::check_dropout_probability(options.p.to_double());
}

Tensor DropoutImpl::forward(const Tensor& input) {
  return ops::dropout(input, options.p.to_double(), training, options.inplace);
}

const Declaration& DropoutImpl::declared() {
  using L = DropoutImpl;
  using O = DropoutOptions;
  static const Declaration d = Declare<L, O>{
      .name = "Dropout",
      .formula = "y = x·m / (1 − p), m = 0 with probability p, else 1",
      .shape = "(*) → same, any shape",
      .source = "Srivastava et al. 2014 (jmlr.org/papers/v15/srivastava14a.html); torch.nn.Dropout",
      .notes =
          "In training only; in eval mode, and for p = 0, it returns its input. The mask comes from one number that is "
          "drawn from "
          "the generator, and is another one than PyTorch's unless lamina.random.match_torch(True) is set.",
      .required = {},
      .options = {{"p", &O::p, "probability of an element to become zero"},
                  {"inplace", &O::inplace, "overwrite the input"}},
      .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

namespace {

template <class L>
Declaration kind(const char* name, const char* formula, const char* shape, const char* source, const char* notes) {
  using O = DropoutOptions;
  return Declare<L, O>{.name = name,
                       .formula = formula,
                       .shape = shape,
                       .source = source,
                       .notes = notes,
                       .required = {},
                       .options = {{"p", &O::p, "probability of an element or channel to be dropped"},
                                   {"inplace", &O::inplace, "overwrite the input"}},
                       .construct = [](const Arguments&, const O& o) { return new L(o); }};
}
const char* const kChannelFormula = "y = x·m / (1 − p), m = 0 with probability p for a whole channel, else 1";
const char* const kTrainingOnly = "In training only; in eval mode, and for p = 0, it returns its input.";

}  // namespace

const Declaration& Dropout1dImpl::declared() {
  static const Declaration d = kind<Dropout1dImpl>("Dropout1d", kChannelFormula, "(N, C, L) or (C, L) → same",
                                                   "arXiv:1411.4280; torch.nn.Dropout1d", kTrainingOnly);
  return d;
}

const Declaration& Dropout2dImpl::declared() {
  static const Declaration d = kind<Dropout2dImpl>("Dropout2d", kChannelFormula, "(N, C, H, W) or (N, C, L) → same",
                                                   "arXiv:1411.4280; torch.nn.Dropout2d", kTrainingOnly);
  return d;
}

const Declaration& Dropout3dImpl::declared() {
  static const Declaration d =
      kind<Dropout3dImpl>("Dropout3d", kChannelFormula, "(N, C, D, H, W) or (C, D, H, W) → same",
                          "arXiv:1411.4280; torch.nn.Dropout3d", kTrainingOnly);
  return d;
}

const Declaration& AlphaDropoutImpl::declared() {
  static const Declaration d = kind<AlphaDropoutImpl>(
      "AlphaDropout", "y = a·(x·m + α·(m − 1)) + a·α·p, α = 1.7581, a = 1 / √((α²·p + 1)·(1 − p))",
      "(*) → same, any shape", "Klambauer et al. 2017 (arXiv:1706.02515); torch.nn.AlphaDropout", kTrainingOnly);
  return d;
}

const Declaration& FeatureAlphaDropoutImpl::declared() {
  static const Declaration d = kind<FeatureAlphaDropoutImpl>(
      "FeatureAlphaDropout", "y = a·(x·m + α·(m − 1)) + a·α·p, with one m for a whole channel", "(N, C, …) → same",
      "Klambauer et al. 2017 (arXiv:1706.02515); torch.nn.FeatureAlphaDropout", kTrainingOnly);
  return d;
}

}  // namespace lamina::nn

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

}  // namespace lamina::nn

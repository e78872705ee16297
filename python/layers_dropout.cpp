// The Python classes of the kinds of dropout, and their functions in lamina.nn.functional.
#include "lamina/nn/dropout.h"
#include "python/bind.h"
#include "python/binding.h"
#include "python/layer.h"

namespace lamina::python {

namespace {

template <Tensor (*f)(const Tensor&, double, bool, bool)>
void dropout(const Op& op, const char* name, const char* doc, bool training) {
  op.function(name, f, doc, "input"_a, "p"_a = 0.5, "training"_a = training, "inplace"_a = false);
}

// torch's own form: p and training always given, the in-place form under a name of its own
template <Tensor (*f)(const Tensor&, double, bool, bool)>
void with_underscore(const Op& op, const char* name) {
  op.function(
      name, [](const Tensor& input, double p, bool train) { return f(input, p, train, true); }, "The same in place.",
      "input"_a, "p"_a, "train"_a);
}

Tensor feature_dropout(const Tensor& input, double p, bool training, bool inplace) {
  return ops::feature_dropout(input, p, training, inplace);
}
Tensor plain_dropout(const Tensor& input, double p, bool training, bool inplace) {
  return ops::dropout(input, p, training, inplace);
}

}  // namespace

void bind_dropouts(nb::module_& m) {
  bind_layer<nn::Dropout1dImpl>(m);
  bind_layer<nn::Dropout2dImpl>(m);
  bind_layer<nn::Dropout3dImpl>(m);
  bind_layer<nn::AlphaDropoutImpl>(m);
  bind_layer<nn::FeatureAlphaDropoutImpl>(m);
}

void bind_functional_dropout(nb::module_& m) {
  nb::module_ functional = m.def_submodule("_functional");
  const Op op{functional}, torch{m};
  const char* channels = "Zeroes whole channels with probability p and scales the others by 1/(1 − p).";
  dropout<ops::dropout1d>(op, "dropout1d", channels, true);
  dropout<ops::dropout2d>(op, "dropout2d", channels, true);
  dropout<ops::dropout3d>(op, "dropout3d", channels, true);
  dropout<ops::alpha_dropout>(op, "alpha_dropout", "Dropout that keeps the moments of selu.", false);
  dropout<ops::feature_alpha_dropout>(op, "feature_alpha_dropout", "The same for whole channels.", false);
  torch.function(
      "feature_dropout",
      [](const Tensor& input, double p, bool train) { return feature_dropout(input, p, train, false); }, channels,
      "input"_a, "p"_a, "train"_a);
  with_underscore<plain_dropout>(torch, "dropout_");
  with_underscore<feature_dropout>(torch, "feature_dropout_");
  with_underscore<ops::alpha_dropout>(torch, "alpha_dropout_");
  with_underscore<ops::feature_alpha_dropout>(torch, "feature_alpha_dropout_");
}

}  // namespace lamina::python

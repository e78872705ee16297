// lamina.nn.functional: losses, with PyTorch's arguments in PyTorch's order.
#include "lamina/ops/loss.h"
#include "python/bind.h"
#include "python/binding.h"

namespace lamina::python {

namespace {

using MaybeBool = std::optional<bool>;  // size_average and reduce, the older forms of reduction

Tensor cross_entropy(const Tensor& input, const Tensor& target, const Tensor& weight, MaybeBool size_average,
                     int64_t ignore_index, MaybeBool reduce, const std::string& reduction, double label_smoothing) {
  return ops::cross_entropy(input, target, weight, ignore_index, ops::reduction_of(reduction, size_average, reduce),
                            label_smoothing);
}

Tensor nll_loss(const Tensor& input, const Tensor& target, const Tensor& weight, MaybeBool size_average,
                int64_t ignore_index, MaybeBool reduce, const std::string& reduction) {
  return ops::nll_loss(input, target, weight, ignore_index, ops::reduction_of(reduction, size_average, reduce));
}

template <Tensor (*f)(const Tensor&, const Tensor&, ops::Reduction, const Tensor&)>
Tensor elementwise(const Tensor& input, const Tensor& target, MaybeBool size_average, MaybeBool reduce,
                   const std::string& reduction, const Tensor& weight) {
  return f(input, target, ops::reduction_of(reduction, size_average, reduce), weight);
}

Tensor binary_cross_entropy_with_logits(const Tensor& input, const Tensor& target, const Tensor& weight,
                                        MaybeBool size_average, MaybeBool reduce, const std::string& reduction,
                                        const Tensor& pos_weight) {
  return ops::binary_cross_entropy_with_logits(input, target, weight,
                                               ops::reduction_of(reduction, size_average, reduce), pos_weight);
}

}  // namespace

void bind_functional_loss(nb::module_& m) {
  nb::module_ functional = m.def_submodule("_functional");
  const Op op{functional};
  op.function("cross_entropy", &cross_entropy,
              "−Σ_c t_c·log softmax(input)_c, t given as class indices or as probabilities.", "input"_a, "target"_a,
              "weight"_a.none() = nb::none(), "size_average"_a = nb::none(), "ignore_index"_a = -100,
              "reduce"_a = nb::none(), "reduction"_a = "mean", "label_smoothing"_a = 0.0);
  op.function("nll_loss", &nll_loss, "−weight[target]·input[target], input the logarithms of probabilities.", "input"_a,
              "target"_a, "weight"_a.none() = nb::none(), "size_average"_a = nb::none(), "ignore_index"_a = -100,
              "reduce"_a = nb::none(), "reduction"_a = "mean");
  op.function("mse_loss", &elementwise<&ops::mse_loss>, "(input − target)².", "input"_a, "target"_a,
              "size_average"_a = nb::none(), "reduce"_a = nb::none(), "reduction"_a = "mean",
              "weight"_a.none() = nb::none());
  op.function("l1_loss", &elementwise<&ops::l1_loss>, "|input − target|.", "input"_a, "target"_a,
              "size_average"_a = nb::none(), "reduce"_a = nb::none(), "reduction"_a = "mean",
              "weight"_a.none() = nb::none());
  op.function("binary_cross_entropy_with_logits", &binary_cross_entropy_with_logits,
              "Sigmoid and binary cross entropy in one.", "input"_a, "target"_a, "weight"_a.none() = nb::none(),
              "size_average"_a = nb::none(), "reduce"_a = nb::none(), "reduction"_a = "mean",
              "pos_weight"_a.none() = nb::none());
}

}  // namespace lamina::python

// lamina.nn.functional: losses between scores and classes and those of single elements, with PyTorch's arguments in
// PyTorch's order.
#include "lamina/ops/loss.h"

#include "python/bind.h"
#include "python/binding.h"
#include "python/loss.h"

namespace lamina::python {

namespace {

Tensor cross_entropy(const Tensor& input, const Tensor& target, const Tensor& weight, MaybeBool size_average,
                     int64_t ignore_index, MaybeBool reduce, const std::string& reduction, double label_smoothing) {
  return ops::cross_entropy(input, target, weight, ignore_index, reduction_from(reduction, size_average, reduce),
                            label_smoothing);
}

Tensor nll_loss(const Tensor& input, const Tensor& target, const Tensor& weight, MaybeBool size_average,
                int64_t ignore_index, MaybeBool reduce, const std::string& reduction) {
  return ops::nll_loss(input, target, weight, ignore_index, reduction_from(reduction, size_average, reduce));
}

// A weight is checked against the input as it was given.
void check_weight(const Tensor& input, const Tensor& weight) {
  if (weight.defined() && weight.shape() != input.shape())
    throw ShapeError(str("weight ", weight.shape(), " must have the input's shape ", input.shape()));
}
Tensor like(const Tensor& weight, const Tensor& x) { return weight.defined() ? weight.expand(x.shape()) : weight; }

template <Tensor (*f)(const Tensor&, const Tensor&, ops::Reduction, const Tensor&)>
Tensor difference(const Tensor& input, const Tensor& target, MaybeBool size_average, MaybeBool reduce,
                  const std::string& reduction, const Tensor& weight) {
  check_weight(input, weight);
  const auto [x, t] = broadcast_operands(input, target, Warns::OfAnyDifference);
  return f(x, t, reduction_from(reduction, size_average, reduce), like(weight, x));
}

Tensor smooth_l1_loss(const Tensor& input, const Tensor& target, MaybeBool size_average, MaybeBool reduce,
                      const std::string& reduction, double beta) {
  const auto [x, t] = broadcast_operands(input, target, Warns::OfAnyDifference);
  return ops::smooth_l1_loss(x, t, reduction_from(reduction, size_average, reduce), beta);
}

Tensor huber_loss(const Tensor& input, const Tensor& target, const std::string& reduction, double delta,
                  const Tensor& weight) {
  check_weight(input, weight);
  const auto [x, t] = broadcast_operands(input, target, Warns::OfAnyDifference);
  return ops::huber_loss(x, t, ops::reduction_of(reduction), delta, like(weight, x));
}

Tensor binary_cross_entropy(const Tensor& input, const Tensor& target, const Tensor& weight, MaybeBool size_average,
                            MaybeBool reduce, const std::string& reduction) {
  return ops::binary_cross_entropy(input, target, weight, reduction_from(reduction, size_average, reduce));
}

Tensor binary_cross_entropy_with_logits(const Tensor& input, const Tensor& target, const Tensor& weight,
                                        MaybeBool size_average, MaybeBool reduce, const std::string& reduction,
                                        const Tensor& pos_weight) {
  return ops::binary_cross_entropy_with_logits(input, target, weight, reduction_from(reduction, size_average, reduce),
                                               pos_weight);
}

}  // namespace

void bind_functional_loss(nb::module_& m) {
  nb::module_ functional = m.def_submodule("_functional");
  const Op op{functional};
  const auto older = [](const char* name) { return nb::arg(name) = nb::none(); };
  op.function("cross_entropy", &cross_entropy,
              "−Σ_c t_c·log softmax(input)_c, t given as class indices or as probabilities.", "input"_a, "target"_a,
              "weight"_a.none() = nb::none(), older("size_average"), "ignore_index"_a = -100, older("reduce"),
              "reduction"_a = "mean", "label_smoothing"_a = 0.0);
  op.function("nll_loss", &nll_loss, "−weight[target]·input[target], input the logarithms of probabilities.", "input"_a,
              "target"_a, "weight"_a.none() = nb::none(), older("size_average"), "ignore_index"_a = -100,
              older("reduce"), "reduction"_a = "mean");
  op.function("mse_loss", &difference<&ops::mse_loss>, "(input − target)².", "input"_a, "target"_a,
              older("size_average"), older("reduce"), "reduction"_a = "mean", "weight"_a.none() = nb::none());
  op.function("l1_loss", &difference<&ops::l1_loss>, "|input − target|.", "input"_a, "target"_a, older("size_average"),
              older("reduce"), "reduction"_a = "mean", "weight"_a.none() = nb::none());
  op.function("smooth_l1_loss", &smooth_l1_loss,
              "½·(input − target)²/beta where they are nearer than beta, else |input − target| − ½·beta.", "input"_a,
              "target"_a, older("size_average"), older("reduce"), "reduction"_a = "mean", "beta"_a = 1.0);
  op.function("huber_loss", &huber_loss,
              "½·(input − target)² where they are no farther than delta, else delta·(|input − target| − ½·delta).",
              "input"_a, "target"_a, "reduction"_a = "mean", "delta"_a = 1.0, "weight"_a.none() = nb::none());
  op.function("binary_cross_entropy", &binary_cross_entropy,
              "−weight·(target·log input + (1 − target)·log(1 − input)), input a probability.", "input"_a, "target"_a,
              "weight"_a.none() = nb::none(), older("size_average"), older("reduce"), "reduction"_a = "mean");
  op.function("binary_cross_entropy_with_logits", &binary_cross_entropy_with_logits,
              "Sigmoid and binary cross entropy in one.", "input"_a, "target"_a, "weight"_a.none() = nb::none(),
              older("size_average"), older("reduce"), "reduction"_a = "mean", "pos_weight"_a.none() = nb::none());
}

}  // namespace lamina::python

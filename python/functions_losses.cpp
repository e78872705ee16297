// The losses of lamina.nn.functional, with PyTorch's arguments, its older ones size_average and reduce among them.
#include "lamina/ops/loss.h"

#include "python/bind.h"
#include "python/binding.h"

namespace lamina::python {

namespace {

using Name = std::string;
using Flag = std::optional<bool>;

Tensor cross_entropy(const Tensor& input, const Tensor& target, const Tensor& weight, Flag size_average,
                     int64_t ignore_index, Flag reduce, const Name& reduction, double label_smoothing) {
  return ops::cross_entropy(input, target, weight, ignore_index, ops::reduction_of(reduction, size_average, reduce),
                            label_smoothing);
}
Tensor nll_loss(const Tensor& input, const Tensor& target, const Tensor& weight, Flag size_average,
                int64_t ignore_index, Flag reduce, const Name& reduction) {
  return ops::nll_loss(input, target, weight, ignore_index, ops::reduction_of(reduction, size_average, reduce));
}
Tensor mse_loss(const Tensor& input, const Tensor& target, Flag size_average, Flag reduce, const Name& reduction,
                const Tensor& weight) {
  return ops::mse_loss(input, target, ops::reduction_of(reduction, size_average, reduce), weight);
}
Tensor l1_loss(const Tensor& input, const Tensor& target, Flag size_average, Flag reduce, const Name& reduction,
               const Tensor& weight) {
  return ops::l1_loss(input, target, ops::reduction_of(reduction, size_average, reduce), weight);
}
Tensor binary_cross_entropy_with_logits(const Tensor& input, const Tensor& target, const Tensor& weight,
                                        Flag size_average, Flag reduce, const Name& reduction,
                                        const Tensor& pos_weight) {
  return ops::binary_cross_entropy_with_logits(input, target, weight,
                                               ops::reduction_of(reduction, size_average, reduce), pos_weight);
}

}  // namespace

void bind_losses(nb::module_& m) {
  nb::module_ functional = nb::borrow<nb::module_>(m.attr("_functional"));
  const Op op{functional};
  const auto weight = "weight"_a.none() = nb::none();
  const auto size_average = "size_average"_a.none() = nb::none(), reduce = "reduce"_a.none() = nb::none();
  const auto ignore_index = "ignore_index"_a = -100;
  const auto reduction = "reduction"_a = "mean";
  op.function("cross_entropy", &cross_entropy,
              "−Σ_c t_c·log softmax(x)_c between logits (N, C, …) and class indices or probabilities", "input"_a,
              "target"_a, weight, size_average, ignore_index, reduce, reduction, "label_smoothing"_a = 0.0);
  op.function("nll_loss", &nll_loss, "−weight[t]·x[t] between logarithms of probabilities (N, C, …) and class indices",
              "input"_a, "target"_a, weight, size_average, ignore_index, reduce, reduction);
  op.function("mse_loss", &mse_loss, "(x − t)²", "input"_a, "target"_a, size_average, reduce, reduction, weight);
  op.function("l1_loss", &l1_loss, "|x − t|", "input"_a, "target"_a, size_average, reduce, reduction, weight);
  op.function("binary_cross_entropy_with_logits", &binary_cross_entropy_with_logits,
              "−weight·(pos_weight·t·log σ(x) + (1 − t)·log(1 − σ(x))), σ the sigmoid", "input"_a, "target"_a, weight,
              size_average, reduce, reduction, "pos_weight"_a.none() = nb::none());
}

}  // namespace lamina::python

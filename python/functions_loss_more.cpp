// lamina.nn.functional: losses with a margin and those of likelihoods, with PyTorch's arguments in PyTorch's order.
#include "lamina/ops/loss_likelihood.h"
#include "lamina/ops/loss_margin.h"
#include "python/bind.h"
#include "python/binding.h"
#include "python/loss.h"
#include "python/loss_distance.h"

namespace lamina::python {

namespace {

Tensor kl_div(const Tensor& input, const Tensor& target, MaybeBool size_average, MaybeBool reduce,
              const std::string& reduction, bool log_target) {
  const auto [x, t] = broadcast_operands(input, target, Warns::OfGrowth);
  if (size_average || reduce) return ops::kl_div(x, t, reduction_from(reduction, size_average, reduce), log_target);
  if (reduction == "mean") warn_of_mean_divergence();
  return ops::kl_div(x, t, reduction, log_target);
}

Tensor poisson_nll_loss(const Tensor& input, const Tensor& target, bool log_input, bool full, MaybeBool size_average,
                        double eps, MaybeBool reduce, const std::string& reduction) {
  const auto [x, t] = broadcast_operands(input, target, Warns::OfGrowth);
  return ops::poisson_nll_loss(x, t, log_input, full, eps, reduction_from(reduction, size_average, reduce));
}

Tensor gaussian_nll_loss(const Tensor& input, const Tensor& target, const Operand& var, bool full, double eps,
                         const std::string& reduction) {
  const auto [x, t] = broadcast_operands(input, target, Warns::OfGrowth);
  const ops::Reduction r = ops::reduction_of(reduction);
  return var.tensor ? ops::gaussian_nll_loss(x, t, *var.tensor, full, eps, r)
                    : ops::gaussian_nll_loss(x, t, var.scalar.to_double(), full, eps, r);
}

Tensor soft_margin_loss(const Tensor& input, const Tensor& target, MaybeBool size_average, MaybeBool reduce,
                        const std::string& reduction) {
  const auto [x, t] = broadcast_operands(input, target, Warns::OfGrowth);
  return ops::soft_margin_loss(x, t, reduction_from(reduction, size_average, reduce));
}

Tensor hinge_embedding_loss(const Tensor& input, const Tensor& target, double margin, MaybeBool size_average,
                            MaybeBool reduce, const std::string& reduction) {
  const auto [x, t] = broadcast_operands(input, target, Warns::OfGrowth);
  return ops::hinge_embedding_loss(x, t, margin, reduction_from(reduction, size_average, reduce));
}

Tensor margin_ranking_loss(const Tensor& input1, const Tensor& input2, const Tensor& target, double margin,
                           MaybeBool size_average, MaybeBool reduce, const std::string& reduction) {
  return ops::margin_ranking_loss(input1, input2, target, margin, reduction_from(reduction, size_average, reduce));
}

Tensor cosine_embedding_loss(const Tensor& input1, const Tensor& input2, const Tensor& target, double margin,
                             MaybeBool size_average, MaybeBool reduce, const std::string& reduction) {
  return ops::cosine_embedding_loss(input1, input2, target, margin, reduction_from(reduction, size_average, reduce));
}

Tensor multi_margin_loss(const Tensor& input, const Tensor& target, int64_t p, double margin, const Tensor& weight,
                         MaybeBool size_average, MaybeBool reduce, const std::string& reduction) {
  return ops::multi_margin_loss(input, target, p, margin, weight, reduction_from(reduction, size_average, reduce));
}

Tensor multilabel_margin_loss(const Tensor& input, const Tensor& target, MaybeBool size_average, MaybeBool reduce,
                              const std::string& reduction) {
  return ops::multilabel_margin_loss(input, target, reduction_from(reduction, size_average, reduce));
}

Tensor multilabel_soft_margin_loss(const Tensor& input, const Tensor& target, const Tensor& weight,
                                   MaybeBool size_average, MaybeBool reduce, const std::string& reduction) {
  const auto [x, t] = broadcast_operands(input, target, Warns::OfGrowth);
  return ops::multilabel_soft_margin_loss(x, t, weight, reduction_from(reduction, size_average, reduce));
}

Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative, double margin,
                           double p, double eps, bool swap, MaybeBool size_average, MaybeBool reduce,
                           const std::string& reduction) {
  return ops::triplet_margin_loss(anchor, positive, negative, margin, p, eps, swap,
                                  reduction_from(reduction, size_average, reduce));
}

Tensor triplet_margin_with_distance_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                                         nb::object distance_function, double margin, bool swap,
                                         const std::string& reduction) {
  return ops::triplet_margin_with_distance_loss(anchor, positive, negative, distance_from(distance_function), margin,
                                                swap, ops::reduction_of(reduction));
}

}  // namespace

void bind_functional_loss_more(nb::module_& m) {
  nb::module_ functional = nb::borrow<nb::module_>(m.attr("_functional"));
  const Op op{functional};
  const auto older = [](const char* name) { return nb::arg(name) = nb::none(); };
  op.function("kl_div", &kl_div, "target·(log target − input), input the logarithm of a probability.", "input"_a,
              "target"_a, older("size_average"), older("reduce"), "reduction"_a = "mean", "log_target"_a = false);
  op.function("poisson_nll_loss", &poisson_nll_loss,
              "exp(input) − target·input, input the logarithm of a Poisson distribution's mean.", "input"_a, "target"_a,
              "log_input"_a = true, "full"_a = false, older("size_average"), "eps"_a = 1e-8, older("reduce"),
              "reduction"_a = "mean");
  op.function("gaussian_nll_loss", &gaussian_nll_loss, "½·(log var + (input − target)²/var).", "input"_a, "target"_a,
              "var"_a, "full"_a = false, "eps"_a = 1e-6, "reduction"_a = "mean");
  op.function("soft_margin_loss", &soft_margin_loss, "log(1 + exp(−target·input)).", "input"_a, "target"_a,
              older("size_average"), older("reduce"), "reduction"_a = "mean");
  op.function("hinge_embedding_loss", &hinge_embedding_loss,
              "input where target is 1, max(0, margin − input) where it is −1.", "input"_a, "target"_a,
              "margin"_a = 1.0, older("size_average"), older("reduce"), "reduction"_a = "mean");
  op.function("margin_ranking_loss", &margin_ranking_loss, "max(0, −target·(input1 − input2) + margin).", "input1"_a,
              "input2"_a, "target"_a, "margin"_a = 0.0, older("size_average"), older("reduce"), "reduction"_a = "mean");
  op.function("cosine_embedding_loss", &cosine_embedding_loss,
              "1 − cos(input1, input2) where target is 1, max(0, cos(input1, input2) − margin) where it is −1.",
              "input1"_a, "input2"_a, "target"_a, "margin"_a = 0.0, older("size_average"), older("reduce"),
              "reduction"_a = "mean");
  op.function("multi_margin_loss", &multi_margin_loss,
              "The other classes' scores beyond input[target] − margin, to the power of p, over the classes.",
              "input"_a, "target"_a, "p"_a = 1, "margin"_a = 1.0, "weight"_a.none() = nb::none(), older("size_average"),
              older("reduce"), "reduction"_a = "mean");
  op.function("multilabel_margin_loss", &multilabel_margin_loss,
              "The other classes' scores beyond those of the target's classes less 1, over the classes.", "input"_a,
              "target"_a, older("size_average"), older("reduce"), "reduction"_a = "mean");
  op.function("multilabel_soft_margin_loss", &multilabel_soft_margin_loss,
              "Binary cross entropy with logits, averaged over the classes.", "input"_a, "target"_a,
              "weight"_a.none() = nb::none(), older("size_average"), older("reduce"), "reduction"_a = "mean");
  op.function("triplet_margin_loss", &triplet_margin_loss,
              "max(0, |anchor − positive| − |anchor − negative| + margin).", "anchor"_a, "positive"_a, "negative"_a,
              "margin"_a = 1.0, "p"_a = 2.0, "eps"_a = 1e-6, "swap"_a = false, older("size_average"), older("reduce"),
              "reduction"_a = "mean");
  op.function("triplet_margin_with_distance_loss", &triplet_margin_with_distance_loss,
              "max(0, d(anchor, positive) − d(anchor, negative) + margin) for any distance d.", "anchor"_a,
              "positive"_a, "negative"_a, nb::kw_only(), "distance_function"_a = nb::none(), "margin"_a = 1.0,
              "swap"_a = false, "reduction"_a = "mean");
}

}  // namespace lamina::python

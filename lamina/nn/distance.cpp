#include "lamina/nn/distance.h"

namespace lamina::nn {

Tensor CosineSimilarityImpl::forward(const Tensor& x1, const Tensor& x2) {
  return ops::cosine_similarity(x1, x2, options.dim, options.eps.to_double());
}
const Declaration& CosineSimilarityImpl::declared() {
  using L = CosineSimilarityImpl;
  using O = CosineSimilarityOptions;
  static const Declaration d =
      Declare<L, O>{.name = "CosineSimilarity",
                    .formula = "y = Σ x1·x2 / (max(‖x1‖, eps)·max(‖x2‖, eps))",
                    .shape = "x1 and x2 that broadcast → the same without dimension dim",
                    .source = "torch.nn.CosineSimilarity",
                    .notes = "",
                    .required = {},
                    .options = {{"dim", &O::dim, "the dimension of the vectors", Show::Never},
                                {"eps", &O::eps, "the least norm that a vector is divided by", Show::Never}},
                    .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

Tensor PairwiseDistanceImpl::forward(const Tensor& x1, const Tensor& x2) {
  return ops::pairwise_distance(x1, x2, options.p.to_double(), options.eps.to_double(), options.keepdim);
}
const Declaration& PairwiseDistanceImpl::declared() {
  using L = PairwiseDistanceImpl;
  using O = PairwiseDistanceOptions;
  static const Declaration d =
      Declare<L, O>{.name = "PairwiseDistance",
                    .formula = "y = ‖x1 − x2 + eps‖ of order p over the last dimension",
                    .shape = "x1 and x2 (…, D) that broadcast → (…), or (…, 1) with keepdim",
                    .source = "torch.nn.PairwiseDistance",
                    .notes = "",
                    .required = {},
                    .options = {{"p", &O::p, "order of the norm", Show::Never},
                                {"eps", &O::eps, "added to every difference", Show::Never},
                                {"keepdim", &O::keepdim, "keep the last dimension with size 1", Show::Never}},
                    .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

}  // namespace lamina::nn

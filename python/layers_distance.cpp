// The Python classes of what takes two inputs: CosineSimilarity, PairwiseDistance, Bilinear; and their functions.
#include "lamina/nn/bilinear.h"
#include "lamina/nn/distance.h"
#include "lamina/ops/bilinear.h"
#include "lamina/ops/distance.h"
#include "lamina/ops/pointwise.h"
#include "python/bind.h"
#include "python/binding.h"
#include "python/layer.h"

namespace lamina::python {

namespace {

template <class L>
void bind_pair(nb::module_& m, const char* first, const char* second) {
  bind_layer<L>(
      m, [](L& self, const Tensor& a, const Tensor& b) { return self.forward(a, b); }, nb::arg(first), nb::arg(second));
}

Tensor normalize(const Tensor& input, double p, const Shape& dim, double eps, const Tensor& out) {
  const Tensor y = ops::normalize(input, p, dim, eps);
  if (!out.defined()) return y;
  if (out.shape() == y.shape()) return ops::copy_(out, y);
  out.assign_values(y.detach());
  return out;
}

}  // namespace

void bind_distances(nb::module_& m) {
  bind_pair<nn::CosineSimilarityImpl>(m, "x1", "x2");
  bind_pair<nn::PairwiseDistanceImpl>(m, "x1", "x2");
  bind_pair<nn::BilinearImpl>(m, "input1", "input2");
}

void bind_functional_distance(nb::module_& m) {
  nb::module_ functional = m.def_submodule("_functional");
  const Op op{functional}, torch{m};
  op.function("cosine_similarity", &ops::cosine_similarity, "The cosine of the angle between x1 and x2 along dim.",
              "x1"_a, "x2"_a, "dim"_a = 1, "eps"_a = 1e-8);
  op.function("pairwise_distance", &ops::pairwise_distance, "‖x1 − x2 + eps‖ of order p over the last dimension.",
              "x1"_a, "x2"_a, "p"_a = 2.0, "eps"_a = 1e-6, "keepdim"_a = false);
  op.function("pdist", &ops::pdist, "The distances between the rows of a matrix, each pair once.", "input"_a,
              "p"_a = 2.0);
  op.function("normalize", normalize, "x / max(‖x‖, eps), the norm of order p over dim.", "input"_a, "p"_a = 2.0,
              "dim"_a = 1, "eps"_a = 1e-12, "out"_a.none() = nb::none());
  op.function("bilinear", &ops::bilinear, "x1ᵀ·W[o]·x2 + b[o]", "input1"_a, "input2"_a, "weight"_a,
              "bias"_a.none() = nb::none());
  torch.function(
      "cdist",
      [](const Tensor& x1, const Tensor& x2, double p, std::optional<std::string> compute_mode) {
        return ops::cdist(x1, x2, p, compute_mode.value_or("use_mm_for_euclid_dist_if_necessary"));
      },
      "The distance of order p between every row of x1 and every row of x2.", "x1"_a, "x2"_a, "p"_a = 2.0,
      "compute_mode"_a = "use_mm_for_euclid_dist_if_necessary");
}

}  // namespace lamina::python

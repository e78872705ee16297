#include "lamina/nn/embedding.h"

#include "lamina/nn/init.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/embedding.h"

namespace lamina::nn {

namespace {
std::optional<double> number(const std::optional<Scalar>& s) {
  return s ? std::optional(s->to_double()) : std::nullopt;
}
}  // namespace

EmbeddingImpl::EmbeddingImpl(int64_t num_embeddings, int64_t embedding_dim, EmbeddingOptions given)
    : num_embeddings(num_embeddings), embedding_dim(embedding_dim), options(std::move(given)) {
  const Shape shape{num_embeddings, embedding_dim};
  checked_numel(shape);
  if (options.padding_idx) options.padding_idx = ops::wrapped_padding_idx(*options.padding_idx, num_embeddings);
  const Tensor rows = std::exchange(options._weight, {});
  if (rows.defined() && rows.shape() != shape)
    throw ShapeError(str("_weight ", rows.shape(), " must be (num_embeddings, embedding_dim) = ", shape));
  if (rows.defined() && !rows.is_floating_point()) throw_unsupported("a parameter", rows.dtype());
  bind_parameter("weight", weight,
                 rows.defined() ? rows.detach() : empty(shape, options.dtype.value_or(default_dtype())));
  if (options._freeze) weight.requires_grad_(false);
  if (!rows.defined()) initialize();
}

void EmbeddingImpl::reset_parameters() {
  init::normal_(weight);
  if (!options.padding_idx) return;
  ops::fill_values(alias(weight, {weight.size(1)}, {weight.strides()[1]}, *options.padding_idx * weight.strides()[0]),
                   0);
  weight.bump_version();
}

Tensor EmbeddingImpl::forward(const Tensor& input) {
  return ops::embedding(input, weight, options.padding_idx, number(options.max_norm), options.norm_type.to_double(),
                        options.scale_grad_by_freq, options.sparse);
}

Embedding Embedding::from_pretrained(const Tensor& embeddings, const PretrainedOptions& o) {
  if (embeddings.rank() != 2)
    throw ShapeError(str("embeddings ", embeddings.shape(), " must be (num_embeddings, embedding_dim)"));
  return Embedding(embeddings.size(0), embeddings.size(1),
                   {.padding_idx = o.padding_idx,
                    .max_norm = o.max_norm,
                    .norm_type = o.norm_type,
                    .scale_grad_by_freq = o.scale_grad_by_freq,
                    .sparse = o.sparse,
                    ._weight = embeddings,
                    ._freeze = o.freeze,
                    .device = {},
                    .dtype = {}});
}

const Declaration& EmbeddingImpl::declared() {
  using L = EmbeddingImpl;
  using O = EmbeddingOptions;
  static const Declaration d = Declare<L, O>{
      .name = "Embedding",
      .formula = "y = weight[x]",
      .shape = "(*) of int64 or int32 → (*, embedding_dim)",
      .source = "torch.nn.Embedding",
      .notes =
          "weight (num_embeddings, embedding_dim) starts standard normal, its row padding_idx zero. The gradient is "
          "dense: "
          "With sparse=True the gradient knows its rows, and SGD touches no others. An index outside [0, "
          "num_embeddings) is an IndexError.",
      .required = {{"num_embeddings", &L::num_embeddings, "number of rows", Show::Positional},
                   {"embedding_dim", &L::embedding_dim, "size of each row", Show::Positional}},
      .options = {{"padding_idx", &O::padding_idx,
                   "a row that starts zero and gets no gradient; negative: from the end", Show::IfNotDefault},
                  {"max_norm", &O::max_norm, "rows longer than this are scaled down to it, in place, when looked up",
                   Show::IfNotDefault},
                  {"norm_type", &O::norm_type, "the p of the norm that max_norm bounds", Show::IfNotDefault},
                  {"scale_grad_by_freq", &O::scale_grad_by_freq,
                   "divide a row's gradient by its number of uses in the batch", Show::IfNotDefault},
                  {"sparse", &O::sparse, "weight's gradient is sparse: for large tables", Show::IfNotDefault},
                  {"_weight", &O::_weight, "rows to start from, shared with the layer", Show::Never},
                  {"_freeze", &O::_freeze, "do not learn the rows", Show::Never},
                  {"device", &O::device, "where the rows live", Show::Never},
                  {"dtype", &O::dtype, "type of the rows", Show::Never}},
      .construct = [](const Arguments& a, const O& o) { return new L(a.get<int64_t>(0), a.get<int64_t>(1), o); }};
  return d;
}

}  // namespace lamina::nn

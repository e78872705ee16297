#include "lamina/nn/embedding_bag.h"

#include "lamina/core/text.h"
#include "lamina/nn/init.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/embedding.h"

namespace lamina::nn {

EmbeddingBagImpl::EmbeddingBagImpl(int64_t num_embeddings, int64_t embedding_dim, EmbeddingBagOptions given)
    : num_embeddings(num_embeddings), embedding_dim(embedding_dim), options(std::move(given)) {
  const Shape shape{num_embeddings, embedding_dim};
  checked_numel(shape);
  ops::bag_mode_of(options.mode);
  if (options.padding_idx) options.padding_idx = ops::wrapped_padding_idx(*options.padding_idx, num_embeddings);
  const Tensor rows = std::exchange(options._weight, {});
  if (rows.defined() && rows.shape() != shape)
    throw ShapeError(str("_weight ", rows.shape(), " must be (num_embeddings, embedding_dim) = ", shape));
  if (rows.defined() && !rows.is_floating_point()) throw_unsupported("a parameter", rows.dtype());
  bind_parameter("weight", weight,
                 rows.defined() ? rows.detach() : empty(shape, options.dtype.value_or(default_dtype())));
  if (!rows.defined()) initialize();
}

void EmbeddingBagImpl::reset_parameters() {
  init::normal_(weight);
  if (!options.padding_idx) return;
  ops::fill_values(alias(weight, {weight.size(1)}, {weight.strides()[1]}, *options.padding_idx * weight.strides()[0]),
                   0);
  weight.bump_version();
}

Tensor EmbeddingBagImpl::forward(const Tensor& input, const Tensor& offsets, const Tensor& per_sample_weights) {
  const auto max_norm = options.max_norm ? std::optional(options.max_norm->to_double()) : std::nullopt;
  return ops::embedding_bag(input, weight,
                            {.offsets = offsets,
                             .max_norm = max_norm,
                             .norm_type = options.norm_type.to_double(),
                             .scale_grad_by_freq = options.scale_grad_by_freq,
                             .mode = options.mode,
                             .sparse = options.sparse,
                             .per_sample_weights = per_sample_weights,
                             .include_last_offset = options.include_last_offset,
                             .padding_idx = options.padding_idx});
}

Tensor EmbeddingBagImpl::operator()(const Tensor& input, const Tensor& offsets, const Tensor& per_sample_weights) {
  try {
    return forward(input, offsets, per_sample_weights);
  } catch (Error& e) {
    note_failure(e);
    throw;
  }
}

std::string EmbeddingBagImpl::extra_repr() const {
  std::string text = Module::extra_repr();
  const std::string plain = "mode=" + options.mode;  // PyTorch shows this one as Python writes it
  return text.replace(text.find(plain), plain.size(), "mode='" + options.mode + "'");
}

EmbeddingBag EmbeddingBag::from_pretrained(const Tensor& embeddings, bool freeze, EmbeddingBagOptions options) {
  if (embeddings.rank() != 2)
    throw ShapeError(str("embeddings ", embeddings.shape(), " must be (num_embeddings, embedding_dim)"));
  options._weight = embeddings;
  EmbeddingBag bag(embeddings.size(0), embeddings.size(1), std::move(options));
  if (freeze) bag->weight.requires_grad_(false);
  return bag;
}

const Declaration& EmbeddingBagImpl::declared() {
  using L = EmbeddingBagImpl;
  using O = EmbeddingBagOptions;
  static const Declaration d = Declare<L, O>{
      .name = "EmbeddingBag",
      .formula = "y[b] = the sum, mean or largest of weight[x[i]] over bag b",
      .shape =
          "input (bags, size) of int64 or int32, or (n) with offsets (bags), per_sample_weights of input's shape → "
          "(bags, embedding_dim)",
      .source = "torch.nn.EmbeddingBag",
      .notes =
          "weight (num_embeddings, embedding_dim) starts standard normal, its row padding_idx zero. An empty bag gives "
          "zeros. forward(input, offsets=None, per_sample_weights=None): the weights are for mode \"sum\". The "
          "gradient "
          "is dense: sparse=True is refused where a gradient is asked. An index outside [0, num_embeddings) is an "
          "IndexError.",
      .required = {{"num_embeddings", &L::num_embeddings, "number of rows", Show::Positional},
                   {"embedding_dim", &L::embedding_dim, "size of each row", Show::Positional}},
      .options = {{"max_norm", &O::max_norm, "rows longer than this are scaled down to it, in place, when looked up",
                   Show::IfNotDefault},
                  {"norm_type", &O::norm_type, "the p of the norm that max_norm bounds", Show::IfNotDefault},
                  {"scale_grad_by_freq", &O::scale_grad_by_freq,
                   "divide a row's gradient by its number of uses in the batch", Show::IfNotDefault},
                  {"mode", &O::mode, "\"sum\", \"mean\" or \"max\""},
                  {"sparse", &O::sparse, "ask for sparse gradients, which Lamina does not have", Show::Never},
                  {"_weight", &O::_weight, "rows to start from, shared with the layer", Show::Never},
                  {"include_last_offset", &O::include_last_offset, "the last offset is where the last bag ends",
                   Show::Never},
                  {"padding_idx", &O::padding_idx,
                   "a row that counts nothing, starts zero and gets no gradient; negative: from the end",
                   Show::IfNotDefault},
                  {"device", &O::device, "where the rows live", Show::Never},
                  {"dtype", &O::dtype, "type of the rows", Show::Never}},
      .construct = [](const Arguments& a, const O& o) { return new L(a.get<int64_t>(0), a.get<int64_t>(1), o); }};
  return d;
}

}  // namespace lamina::nn

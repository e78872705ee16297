// The Python class of EmbeddingBag, and its function in lamina.nn.functional.
#include "lamina/nn/embedding_bag.h"

#include "lamina/core/text.h"
#include "python/bind.h"
#include "python/binding.h"
#include "python/layer.h"

namespace lamina::python {

namespace {

// A classmethod, so that a class derived from EmbeddingBag makes one of its own.
nb::object from_pretrained(nb::object cls, const Tensor& embeddings, bool freeze, nb::object max_norm,
                           nb::object norm_type, bool scale_grad_by_freq, const std::string& mode, bool sparse,
                           bool include_last_offset, nb::object padding_idx) {
  if (embeddings.rank() != 2)
    throw ShapeError(
        str("from_pretrained: embeddings ", embeddings.shape(), " must be (num_embeddings, embedding_dim)"));
  const nb::object layer = cls("num_embeddings"_a = embeddings.size(0), "embedding_dim"_a = embeddings.size(1),
                               "_weight"_a = embeddings, "max_norm"_a = max_norm, "norm_type"_a = norm_type,
                               "scale_grad_by_freq"_a = scale_grad_by_freq, "mode"_a = mode, "sparse"_a = sparse,
                               "include_last_offset"_a = include_last_offset, "padding_idx"_a = padding_idx);
  if (freeze) layer.attr("weight").attr("requires_grad_")(false);
  return layer;
}

Tensor embedding_bag(const Tensor& input, const Tensor& weight, const Tensor& offsets, std::optional<double> max_norm,
                     double norm_type, bool scale_grad_by_freq, const std::string& mode, bool sparse,
                     const Tensor& per_sample_weights, bool include_last_offset, std::optional<int64_t> padding_idx) {
  return ops::embedding_bag(input, weight,
                            {.offsets = offsets,
                             .max_norm = max_norm,
                             .norm_type = norm_type,
                             .scale_grad_by_freq = scale_grad_by_freq,
                             .mode = mode,
                             .sparse = sparse,
                             .per_sample_weights = per_sample_weights,
                             .include_last_offset = include_last_offset,
                             .padding_idx = padding_idx});
}

}  // namespace

void bind_embedding_bag(nb::module_& m) {
  using L = nn::EmbeddingBagImpl;
  PyTypeObject* type = bind_layer<L>(
      m,
      [](L& self, const Tensor& input, const Tensor& offsets, const Tensor& per_sample_weights) {
        return self.forward(input, offsets, per_sample_weights);
      },
      "input"_a, "offsets"_a.none() = nb::none(), "per_sample_weights"_a.none() = nb::none());
  const nb::handle cls(reinterpret_cast<PyObject*>(type));
  const nb::object function = nb::cpp_function(
      from_pretrained, nb::name("from_pretrained"), nb::scope(cls),
      "A layer on these rows (num_embeddings, embedding_dim), which it shares; frozen unless asked otherwise.", "cls"_a,
      "embeddings"_a, "freeze"_a = true, "max_norm"_a = nb::none(), "norm_type"_a = 2.0, "scale_grad_by_freq"_a = false,
      "mode"_a = "mean", "sparse"_a = false, "include_last_offset"_a = false, "padding_idx"_a = nb::none());
  nb::setattr(cls, "from_pretrained", checked(PyClassMethod_New(function.ptr())));
}

void bind_functional_embedding_bag(nb::module_& m) {
  nb::module_ functional = nb::borrow<nb::module_>(m.attr("_functional"));
  Op{functional}.function("embedding_bag", embedding_bag, "Rows of weight by index, reduced bag by bag.", "input"_a,
                          "weight"_a, "offsets"_a.none() = nb::none(), "max_norm"_a = nb::none(), "norm_type"_a = 2.0,
                          "scale_grad_by_freq"_a = false, "mode"_a = "mean", "sparse"_a = false,
                          "per_sample_weights"_a.none() = nb::none(), "include_last_offset"_a = false,
                          "padding_idx"_a = nb::none());
}

}  // namespace lamina::python

// Every layer's Python class.
#include "lamina/nn/activation.h"
#include "lamina/nn/conv.h"
#include "lamina/nn/dropout.h"
#include "lamina/nn/embedding.h"
#include "lamina/nn/flatten.h"
#include "lamina/nn/linear.h"
#include "lamina/nn/norm.h"
#include "lamina/nn/pool.h"
#include "lamina/nn/pool_average.h"
#include "python/bind.h"
#include "python/layer.h"

namespace lamina::python {

namespace {

// With return_indices the result is a pair.
template <class L>
nb::object max_pool(L& self, const Tensor& input) {
  if (!self.options.return_indices) return checked(wrap(self.forward(input)));
  const auto [values, indices] = self.forward_with_indices(input);
  return nb::make_tuple(values, indices);
}

// What state_dict's metadata says of the layout of the layer's state; 1 unless set.
void set_version(PyTypeObject* type, int version) {
  nb::setattr(nb::handle(reinterpret_cast<PyObject*>(type)), "_version", nb::int_(version));
}

// A classmethod, so that a class derived from Embedding makes one of its own.
nb::object from_pretrained(nb::object cls, const Tensor& embeddings, bool freeze, nb::object padding_idx,
                           nb::object max_norm, nb::object norm_type, bool scale_grad_by_freq, bool sparse) {
  if (embeddings.rank() != 2)
    throw ShapeError(
        str("from_pretrained: embeddings ", embeddings.shape(), " must be (num_embeddings, embedding_dim)"));
  return cls("num_embeddings"_a = embeddings.size(0), "embedding_dim"_a = embeddings.size(1), "_weight"_a = embeddings,
             "_freeze"_a = freeze, "padding_idx"_a = padding_idx, "max_norm"_a = max_norm, "norm_type"_a = norm_type,
             "scale_grad_by_freq"_a = scale_grad_by_freq, "sparse"_a = sparse);
}

void bind_from_pretrained(PyTypeObject* type) {
  const nb::handle cls(reinterpret_cast<PyObject*>(type));
  const nb::object function = nb::cpp_function(
      from_pretrained, nb::name("from_pretrained"), nb::scope(cls),
      "A layer on these rows (num_embeddings, embedding_dim), which it shares; frozen unless asked otherwise.", "cls"_a,
      "embeddings"_a, "freeze"_a = true, "padding_idx"_a = nb::none(), "max_norm"_a = nb::none(), "norm_type"_a = 2.0,
      "scale_grad_by_freq"_a = false, "sparse"_a = false);
  nb::setattr(cls, "from_pretrained", checked(PyClassMethod_New(function.ptr())));
}

// Identity takes any arguments, so that it can stand where another layer stood.
int initialize_identity(PyObject* self, PyObject*, PyObject*) {
  return guarded_int([&] { install(self, std::make_unique<nn::IdentityImpl>()); });
}

}  // namespace

void bind_layers(nb::module_& m) {
  bind_layer<nn::LinearImpl>(m);
  bind_layer<nn::FlattenImpl>(m);
  PyTypeObject* identity =
      new_layer_type(m, "Identity", "Identity(*args, **kwargs)\n--\n\nReturns its input.\n\nSource: torch.nn.Identity",
                     initialize_identity, &nn::IdentityImpl::declared(), nullptr);
  bind_forward<nn::IdentityImpl>(identity);

  bind_layer<nn::Conv1dImpl>(m);
  bind_layer<nn::Conv2dImpl>(m);
  bind_layer<nn::Conv3dImpl>(m);
  bind_layer<nn::MaxPool1dImpl>(m, max_pool<nn::MaxPool1dImpl>, "input"_a);
  bind_layer<nn::MaxPool2dImpl>(m, max_pool<nn::MaxPool2dImpl>, "input"_a);
  bind_layer<nn::MaxPool3dImpl>(m, max_pool<nn::MaxPool3dImpl>, "input"_a);
  bind_layer<nn::AvgPool1dImpl>(m);
  bind_layer<nn::AvgPool2dImpl>(m);
  bind_layer<nn::AvgPool3dImpl>(m);
  bind_layer<nn::AdaptiveAvgPool1dImpl>(m);
  bind_layer<nn::AdaptiveAvgPool2dImpl>(m);
  bind_layer<nn::AdaptiveAvgPool3dImpl>(m);

  bind_layer<nn::LayerNormImpl>(m);
  set_version(bind_layer<nn::BatchNorm1dImpl>(m), 2);
  set_version(bind_layer<nn::BatchNorm2dImpl>(m), 2);
  bind_layer<nn::DropoutImpl>(m);
  bind_from_pretrained(bind_layer<nn::EmbeddingImpl>(m));

  bind_layer<nn::ReLUImpl>(m);
  bind_layer<nn::GELUImpl>(m);
  bind_layer<nn::SiLUImpl>(m);
  bind_layer<nn::SigmoidImpl>(m);
  bind_layer<nn::TanhImpl>(m);
  bind_layer<nn::SoftmaxImpl>(m);
  bind_layer<nn::LogSoftmaxImpl>(m);
}

}  // namespace lamina::python

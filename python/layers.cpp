// Every layer's Python class.
#include "lamina/nn/activation.h"
#include "lamina/nn/conv.h"
#include "lamina/nn/dropout.h"
#include "lamina/nn/embedding.h"
#include "lamina/nn/flatten.h"
#include "lamina/nn/linear.h"
#include "lamina/nn/loss.h"
#include "lamina/nn/norm.h"
#include "lamina/nn/pool.h"
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

// Identity takes any arguments, so that it can stand where another layer stood.
int initialize_identity(PyObject* self, PyObject*, PyObject*) {
  return guarded_int([&] { install(self, std::make_unique<nn::IdentityImpl>()); });
}

template <class L>
void bind_loss(nb::module_& m) {
  bind_layer<L>(
      m, [](L& self, const Tensor& input, const Tensor& target) { return self.forward(input, target); }, "input"_a,
      "target"_a);
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

  bind_layer<nn::LayerNormImpl>(m);
  set_version(bind_layer<nn::BatchNorm1dImpl>(m), 2);
  set_version(bind_layer<nn::BatchNorm2dImpl>(m), 2);
  bind_layer<nn::DropoutImpl>(m);
  bind_layer<nn::EmbeddingImpl>(m);

  bind_layer<nn::ReLUImpl>(m);
  bind_layer<nn::GELUImpl>(m);
  bind_layer<nn::SiLUImpl>(m);
  bind_layer<nn::SigmoidImpl>(m);
  bind_layer<nn::TanhImpl>(m);
  bind_layer<nn::SoftmaxImpl>(m);
  bind_layer<nn::LogSoftmaxImpl>(m);

  bind_loss<nn::CrossEntropyLossImpl>(m);
  bind_loss<nn::NLLLossImpl>(m);
  bind_loss<nn::MSELossImpl>(m);
  bind_loss<nn::L1LossImpl>(m);
  bind_loss<nn::BCEWithLogitsLossImpl>(m);
}

}  // namespace lamina::python

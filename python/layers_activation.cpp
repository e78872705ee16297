// The Python classes of the activations made of straight pieces and of exponentials.
#include "lamina/nn/activation_piecewise.h"
#include "lamina/nn/activation_smooth.h"
#include "python/bind.h"
#include "python/layer.h"

namespace lamina::python {

void bind_activations(nb::module_& m) {
  bind_layer<nn::SoftminImpl>(m);
  bind_layer<nn::Softmax2dImpl>(m);
  bind_layer<nn::GLUImpl>(m);

  bind_layer<nn::LeakyReLUImpl>(m);
  bind_layer<nn::PReLUImpl>(m);
  bind_layer<nn::RReLUImpl>(m);
  PyTypeObject* hardtanh = bind_layer<nn::HardtanhImpl>(m);
  PyTypeObject* relu6 = new_layer_type<nn::ReLU6Impl>(m, hardtanh);
  bind_forward<nn::ReLU6Impl>(relu6);
  const nb::handle relu6_class(reinterpret_cast<PyObject*>(relu6));
  nb::setattr(relu6_class, "min_val", nb::float_(0.0));
  nb::setattr(relu6_class, "max_val", nb::float_(6.0));
  bind_layer<nn::HardsigmoidImpl>(m);
  bind_layer<nn::HardswishImpl>(m);
  bind_layer<nn::HardshrinkImpl>(m);
  bind_layer<nn::SoftshrinkImpl>(m);
  bind_layer<nn::ThresholdImpl>(m);

  bind_layer<nn::ELUImpl>(m);
  bind_layer<nn::CELUImpl>(m);
  bind_layer<nn::SELUImpl>(m);
  bind_layer<nn::SoftplusImpl>(m);
  bind_layer<nn::LogSigmoidImpl>(m);
  bind_layer<nn::MishImpl>(m);
  bind_layer<nn::SoftsignImpl>(m);
  bind_layer<nn::TanhshrinkImpl>(m);
}

}  // namespace lamina::python

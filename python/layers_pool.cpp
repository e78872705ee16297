// The Python classes of pooling layers beyond those of layers.cpp: adaptive, fractional and power-average pools, unpooling.
#include "lamina/nn/pool_lp.h"
#include "lamina/nn/pool_spans.h"
#include "lamina/nn/unpool.h"
#include "python/bind.h"
#include "python/layer.h"

namespace lamina::python {

namespace {

// With return_indices the result is a pair.
template <class L>
nb::object pool(L& self, const Tensor& input) {
  if (!self.options.return_indices) return checked(wrap(self.forward(input)));
  const auto [values, indices] = self.forward_with_indices(input);
  return nb::make_tuple(values, indices);
}

template <class L>
Tensor unpool(L& self, const Tensor& input, const Tensor& indices, const std::optional<Shape>& output_size) {
  return self.forward(input, indices, output_size);
}

template <class L>
void bind_unpool(nb::module_& m) {
  bind_layer<L>(m, unpool<L>, "input"_a, "indices"_a, "output_size"_a = nb::none());
}

}  // namespace

void bind_layers_pool(nb::module_& m) {
  bind_layer<nn::AdaptiveMaxPool1dImpl>(m, pool<nn::AdaptiveMaxPool1dImpl>, "input"_a);
  bind_layer<nn::AdaptiveMaxPool2dImpl>(m, pool<nn::AdaptiveMaxPool2dImpl>, "input"_a);
  bind_layer<nn::AdaptiveMaxPool3dImpl>(m, pool<nn::AdaptiveMaxPool3dImpl>, "input"_a);
  bind_layer<nn::FractionalMaxPool2dImpl>(m, pool<nn::FractionalMaxPool2dImpl>, "input"_a);
  bind_layer<nn::FractionalMaxPool3dImpl>(m, pool<nn::FractionalMaxPool3dImpl>, "input"_a);
  bind_layer<nn::LPPool1dImpl>(m);
  bind_layer<nn::LPPool2dImpl>(m);
  bind_layer<nn::LPPool3dImpl>(m);
  bind_unpool<nn::MaxUnpool1dImpl>(m);
  bind_unpool<nn::MaxUnpool2dImpl>(m);
  bind_unpool<nn::MaxUnpool3dImpl>(m);
}

}  // namespace lamina::python

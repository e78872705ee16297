// Every layer's Python class.
#include "python/bind.h"
#include "python/layer.h"

#include "lamina/nn/linear.h"

namespace lamina::python {

void bind_layers(nb::module_& m) { bind_layer<nn::LinearImpl>(m); }

}  // namespace lamina::python

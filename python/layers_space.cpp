// The Python classes of layers over space: transposed convolutions and padding.
#include "lamina/nn/conv_transpose.h"
#include "lamina/nn/pad.h"
#include "python/bind.h"
#include "python/layer.h"

namespace lamina::python {

namespace {

template <class L>
Tensor transposed(L& self, const Tensor& input, const std::optional<Shape>& output_size) {
  return output_size ? self.forward(input, *output_size) : self.forward(input);
}

template <class L>
void bind_transposed(nb::module_& m) {
  bind_layer<L>(m, transposed<L>, "input"_a, "output_size"_a = nb::none());
}

// A ZeroPad is a ConstantPad, whose value it has too.
template <class L, class Base>
void bind_zeros(nb::module_& m) {
  bind_layer<Base>(m);
  const auto base = reinterpret_cast<PyTypeObject*>(nb::object(m.attr(Base::declared().name.c_str())).ptr());
  PyTypeObject* type = new_layer_type<L>(m, base);
  bind_forward<L>(type);
  nb::setattr(nb::handle(reinterpret_cast<PyObject*>(type)), "value",
              nb::module_::import_("builtins").attr("property")(nb::cpp_function([](Self self) {
                return dynamic_cast<const Base&>(*self).value;
              })));
}

}  // namespace

void bind_layers_space(nb::module_& m) {
  bind_transposed<nn::ConvTranspose1dImpl>(m);
  bind_transposed<nn::ConvTranspose2dImpl>(m);
  bind_transposed<nn::ConvTranspose3dImpl>(m);

  bind_layer<nn::ReflectionPad1dImpl>(m);
  bind_layer<nn::ReflectionPad2dImpl>(m);
  bind_layer<nn::ReflectionPad3dImpl>(m);
  bind_layer<nn::ReplicationPad1dImpl>(m);
  bind_layer<nn::ReplicationPad2dImpl>(m);
  bind_layer<nn::ReplicationPad3dImpl>(m);
  bind_layer<nn::CircularPad1dImpl>(m);
  bind_layer<nn::CircularPad2dImpl>(m);
  bind_layer<nn::CircularPad3dImpl>(m);
  bind_zeros<nn::ZeroPad1dImpl, nn::ConstantPad1dImpl>(m);
  bind_zeros<nn::ZeroPad2dImpl, nn::ConstantPad2dImpl>(m);
  bind_zeros<nn::ZeroPad3dImpl, nn::ConstantPad3dImpl>(m);
}

}  // namespace lamina::python

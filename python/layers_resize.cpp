// The Python classes of Unfold, Fold, the shuffles, Upsample and its two kin, and Unflatten.
#include "lamina/nn/flatten.h"
#include "lamina/nn/fold.h"
#include "lamina/nn/shuffle.h"
#include "lamina/nn/upsample.h"
#include "python/bind.h"
#include "python/layer.h"

namespace lamina::python {

namespace {

template <class F>
void property(PyTypeObject* type, const char* name, F getter) {
  nb::setattr(nb::handle(reinterpret_cast<PyObject*>(type)), name,
              nb::module_::import_("builtins").attr("property")(nb::cpp_function(getter)));
}

const nn::UpsampleImpl& upsample(const Self& self) { return dynamic_cast<const nn::UpsampleImpl&>(*self); }

// What the constructors of these do not take, and Upsample has.
template <class L>
void bind_upsampling(nb::module_& m, PyTypeObject* base) {
  PyTypeObject* type = new_layer_type<L>(m, base);
  bind_forward<L>(type);
  property(type, "mode", [](Self self) { return upsample(self).options.mode; });
  property(type, "align_corners", [](Self self) { return upsample(self).options.align_corners; });
  property(type, "recompute_scale_factor", [](Self self) { return upsample(self).options.recompute_scale_factor; });
}

}  // namespace

void bind_layers_resize(nb::module_& m) {
  bind_layer<nn::UnfoldImpl>(m);
  bind_layer<nn::FoldImpl>(m);
  bind_layer<nn::PixelShuffleImpl>(m);
  bind_layer<nn::PixelUnshuffleImpl>(m);
  bind_layer<nn::ChannelShuffleImpl>(m);
  bind_layer<nn::UnflattenImpl>(m);
  PyTypeObject* base = bind_layer<nn::UpsampleImpl>(m);
  bind_upsampling<nn::UpsamplingNearest2dImpl>(m, base);
  bind_upsampling<nn::UpsamplingBilinear2dImpl>(m, base);
}

}  // namespace lamina::python

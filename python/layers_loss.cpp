// The Python classes of the losses.
#include "lamina/nn/loss.h"

#include "lamina/core/text.h"
#include "lamina/nn/loss_likelihood.h"
#include "lamina/nn/loss_margin.h"
#include "python/bind.h"
#include "python/layer.h"
#include "python/loss.h"
#include "python/loss_distance.h"
#include "python/module_parts.h"

namespace lamina::python {

ops::DistanceFunction distance_from(nb::handle callable) {
  if (callable.is_none()) return {};
  if (!PyCallable_Check(callable.ptr()))
    throw DTypeError(str("distance_function must be callable, got ", Py_TYPE(callable.ptr())->tp_name));
  return [callable = nb::borrow(callable)](const Tensor& a, const Tensor& b) {
    const nb::object result = callable(a, b);
    if (!is_tensor(result.ptr()))
      throw DTypeError(str("distance_function returned ", Py_TYPE(result.ptr())->tp_name, " where a Tensor is needed"));
    return tensor_of(result.ptr());
  };
}

namespace {

// Whether an argument was given and is not None, by name or by position.
bool given(PyObject* args, PyObject* keywords, const nn::Declaration& declaration, const char* name) {
  if (keywords)
    if (PyObject* value = PyDict_GetItemString(keywords, name)) return value != Py_None;
  const nn::Field* field = declaration.find(name);
  const auto at = field ? field - declaration.fields.data() : PyTuple_GET_SIZE(args);
  return at < PyTuple_GET_SIZE(args) && PyTuple_GET_ITEM(args, at) != Py_None;
}

// The __init__ of a loss, which warns of the older options.
template <class L>
int initialize_loss(PyObject* self, PyObject* args, PyObject* keywords) {
  const nn::Declaration& d = L::declared();
  if (const int failed = initialize_layer(self, args, keywords, d)) return failed;
  if (!given(args, keywords, d, "size_average") && !given(args, keywords, d, "reduce")) return 0;
  return guarded_int([&] {
    warn(str("size_average and reduce args will be deprecated, please use reduction='",
             nb::cast<std::string>(nb::handle(self).attr("reduction")), "' instead."));
  });
}

template <class L, class F, class... Arguments>
PyTypeObject* bind(nb::module_& m, PyTypeObject* base, F forward, const Arguments&... arguments) {
  PyTypeObject* type = new_layer_type(m, L::declared(), initialize_loss<L>, base);
  set_forward(type,
              nb::cpp_function(forward, nb::name("forward"), nb::scope(nb::handle(reinterpret_cast<PyObject*>(type))),
                               nb::is_method(), L::declared().shape.c_str(), arguments...),
              false);
  return type;
}

/// A loss of input and target as they are.
template <class L>
PyTypeObject* bind_loss(nb::module_& m, const char* input = "input") {
  return bind<L>(
      m, nullptr, [](L& self, const Tensor& x, const Tensor& t) { return self.forward(x, t); }, nb::arg(input),
      "target"_a);
}

/// A loss whose operands broadcast with a warning.
template <class L, Warns warns>
PyTypeObject* bind_pair_loss(nb::module_& m, const char* input = "input") {
  return bind<L>(
      m, nullptr,
      [](L& self, const Tensor& x, const Tensor& t) {
        const auto [a, b] = broadcast_operands(x, t, warns);
        return self.forward(a, b);
      },
      nb::arg(input), "target"_a);
}

template <class L>
PyTypeObject* bind_triple_loss(nb::module_& m, const char* first, const char* second, const char* third) {
  return bind<L>(
      m, nullptr, [](L& self, const Tensor& a, const Tensor& b, const Tensor& c) { return self.forward(a, b, c); },
      nb::arg(first), nb::arg(second), nb::arg(third));
}

int initialize_nll_loss2d(PyObject* self, PyObject* args, PyObject* keywords) {
  constexpr const char* text =
      "`NLLLoss2d` has been deprecated. Please use `NLLLoss` instead as a drop-in replacement and see "
      "https://pytorch.org/docs/main/nn.html#torch.nn.NLLLoss for more details.";
  if (PyErr_WarnEx(PyExc_FutureWarning, text, 1) < 0) return -1;
  return initialize_loss<nn::NLLLoss2dImpl>(self, args, keywords);
}

Tensor kl_div(nn::KLDivLossImpl& self, const Tensor& input, const Tensor& target) {
  if (self.options.reduction == "mean") warn_of_mean_divergence();
  const auto [x, t] = broadcast_operands(input, target, Warns::OfGrowth);
  return self.forward(x, t);
}

Tensor gaussian_nll_loss(nn::GaussianNLLLossImpl& self, const Tensor& input, const Tensor& target, const Operand& var) {
  const auto [x, t] = broadcast_operands(input, target, Warns::OfGrowth);
  return var.tensor ? self.forward(x, t, *var.tensor) : self.forward(x, t, var.scalar.to_double());
}

}  // namespace

void bind_losses(nb::module_& m) {
  bind_loss<nn::CrossEntropyLossImpl>(m);
  PyTypeObject* nll = bind_loss<nn::NLLLossImpl>(m);
  new_layer_type(m, nn::NLLLoss2dImpl::declared(), initialize_nll_loss2d, nll);
  bind_pair_loss<nn::MSELossImpl, Warns::OfAnyDifference>(m);
  bind_pair_loss<nn::L1LossImpl, Warns::OfAnyDifference>(m);
  bind_pair_loss<nn::SmoothL1LossImpl, Warns::OfAnyDifference>(m);
  bind_pair_loss<nn::HuberLossImpl, Warns::OfAnyDifference>(m);
  bind_loss<nn::BCELossImpl>(m);
  bind_loss<nn::BCEWithLogitsLossImpl>(m);

  bind<nn::KLDivLossImpl>(m, nullptr, kl_div, "input"_a, "target"_a);
  bind_pair_loss<nn::PoissonNLLLossImpl, Warns::OfGrowth>(m, "log_input");
  bind<nn::GaussianNLLLossImpl>(m, nullptr, gaussian_nll_loss, "input"_a, "target"_a, "var"_a);

  bind_pair_loss<nn::SoftMarginLossImpl, Warns::OfGrowth>(m);
  bind_pair_loss<nn::HingeEmbeddingLossImpl, Warns::OfGrowth>(m);
  bind_loss<nn::MultiMarginLossImpl>(m);
  bind_loss<nn::MultiLabelMarginLossImpl>(m);
  bind_pair_loss<nn::MultiLabelSoftMarginLossImpl, Warns::OfGrowth>(m);
  bind_triple_loss<nn::MarginRankingLossImpl>(m, "input1", "input2", "target");
  bind_triple_loss<nn::CosineEmbeddingLossImpl>(m, "input1", "input2", "target");
  bind_triple_loss<nn::TripletMarginLossImpl>(m, "anchor", "positive", "negative");
}

}  // namespace lamina::python

// The Python classes of LSTM, GRU, RNN and their cells: forward(input, hx=None), where input may be a PackedSequence.
#include "lamina/core/text.h"
#include "lamina/nn/recurrent.h"
#include "lamina/nn/recurrent_cells.h"
#include "python/bind.h"
#include "python/layer.h"
#include "python/packed_sequence.h"

namespace lamina::python {

namespace {

[[noreturn]] void refuse_state(const char* expected, nb::handle got) {
  throw DTypeError(str("hx must be ", expected, ", got ", Py_TYPE(got.ptr())->tp_name));
}

// None, or (h, c): a tuple or list of two tensors.
nn::LSTMState lstm_state(nb::handle hx) {
  if (hx.is_none()) return {};
  if (!PyTuple_Check(hx.ptr()) && !PyList_Check(hx.ptr())) refuse_state("a pair of tensors (h_0, c_0)", hx);
  if (const Py_ssize_t n = PySequence_Fast_GET_SIZE(hx.ptr()); n != 2)
    throw DTypeError(str("hx must be a pair of tensors (h_0, c_0), got ", n));
  PyObject** items = PySequence_Fast_ITEMS(hx.ptr());
  for (int i = 0; i < 2; ++i)
    if (!is_tensor(items[i])) refuse_state("a pair of tensors (h_0, c_0), one of them is no tensor", items[i]);
  return {tensor_of(items[0]), tensor_of(items[1])};
}
nb::object state_object(const nn::LSTMState& state) { return nb::make_tuple(state.h, state.c); }

Tensor one_state(nb::handle hx) {
  if (hx.is_none()) return {};
  if (!is_tensor(hx.ptr())) refuse_state("a tensor", hx);
  return tensor_of(hx.ptr());
}
nb::object state_object(const Tensor& state) { return checked(wrap(state)); }

template <class L>
auto state_from(nb::handle hx) {
  if constexpr (std::is_same_v<L, nn::LSTMImpl> || std::is_same_v<L, nn::LSTMCellImpl>) return lstm_state(hx);
  else return one_state(hx);
}

const Tensor& input_tensor(nb::handle input, const char* expected) {
  if (!is_tensor(input.ptr()))
    throw DTypeError(str("input must be ", expected, ", got ", Py_TYPE(input.ptr())->tp_name));
  return tensor_of(input.ptr());
}

template <class L>
nb::object network(L& self, nb::handle input, nb::handle hx) {
  if (is_packed_sequence(input)) {
    const auto r = self.forward(packed_sequence_from(input), state_from<L>(hx));
    return nb::make_tuple(packed_sequence_like(input, r.output), state_object(r.state));
  }
  const auto r = self.forward(input_tensor(input, "a Tensor or a PackedSequence"), state_from<L>(hx));
  return nb::make_tuple(r.output, state_object(r.state));
}

template <class L>
nb::object cell(L& self, nb::handle input, nb::handle hx) {
  return state_object(self.forward(input_tensor(input, "a Tensor"), state_from<L>(hx)));
}

// PyTorch's warning, which the C++ library, being silent, leaves to us.
void warn_of_dropout(const nn::RecurrentImpl& module) {
  const ops::RecurrentOptions plan = module.plan();
  if (plan.dropout == 0 || plan.num_layers != 1) return;
  const std::string text =
      str("dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers "
          "greater than 1, but got dropout=",
          plan.dropout, " and num_layers=", plan.num_layers);
  if (PyErr_WarnEx(PyExc_UserWarning, text.c_str(), 1) < 0) throw nb::python_error();
}

template <class L>
int initialize(PyObject* self, PyObject* args, PyObject* keywords) {
  if (const int failed = initialize_layer(self, args, keywords, L::declared())) return failed;
  return guarded_int([&] { warn_of_dropout(static_cast<const nn::RecurrentImpl&>(*module_of(self))); });
}

void property(PyTypeObject* type, const char* name, nb::object getter) {
  nb::setattr(nb::handle(reinterpret_cast<PyObject*>(type)), name,
              nb::module_::import_("builtins").attr("property")(getter));
}

// Lists of the parameters of each layer and direction, as the attributes of those names are now.
nb::object all_weights(Self self) {
  nb::list out;
  for (const auto& names : dynamic_cast<const nn::RecurrentImpl&>(*self).weight_names()) {
    nb::list each;
    for (const std::string& name : names) each.append(nb::handle(self.object).attr(name.c_str()));
    out.append(each);
  }
  return out;
}

nb::object mode(Self self) {
  switch (dynamic_cast<const nn::RecurrentImpl&>(*self).plan().kind) {
    case ops::Recurrence::Lstm: return nb::str("LSTM");
    case ops::Recurrence::Gru: return nb::str("GRU");
    case ops::Recurrence::Relu: return nb::str("RNN_RELU");
    default: return nb::str("RNN_TANH");
  }
}

template <class L, class F>
PyTypeObject* bind_with_state(PyTypeObject* type, F forward) {
  const nb::handle cls(reinterpret_cast<PyObject*>(type));
  set_forward(type,
              nb::cpp_function(forward, nb::name("forward"), nb::scope(cls), nb::is_method(),
                               L::declared().shape.c_str(), "input"_a.none(), "hx"_a = nb::none()),
              false);
  method(
      type, "reset_parameters", [](L& self) { self.reset_parameters(); },
      "Draws the parameters anew, as the constructor does.");
  return type;
}

template <class L>
void bind_network(nb::module_& m) {
  PyTypeObject* type = bind_with_state<L>(new_layer_type(m, L::declared(), initialize<L>), network<L>);
  method(
      type, "flatten_parameters", [](L& self) { self.flatten_parameters(); },
      "Does nothing: the weights need no common memory here.");
  property(type, "all_weights", nb::cpp_function(all_weights));
  property(type, "mode", nb::cpp_function(mode));
}

}  // namespace

void bind_recurrent(nb::module_& m) {
  bind_network<nn::LSTMImpl>(m);
  bind_network<nn::GRUImpl>(m);
  bind_network<nn::RNNImpl>(m);
  bind_layer<nn::LSTMCellImpl>(m, cell<nn::LSTMCellImpl>, "input"_a.none(), "hx"_a = nb::none());
  bind_layer<nn::GRUCellImpl>(m, cell<nn::GRUCellImpl>, "input"_a.none(), "hx"_a = nb::none());
  bind_layer<nn::RNNCellImpl>(m, cell<nn::RNNCellImpl>, "input"_a.none(), "hx"_a = nb::none());
}

}  // namespace lamina::python

// Gradients and the modes of recording: lamina.autograd.grad, backward, gradcheck; what no_grad and its like switch.
#include "lamina/autograd/backward.h"
#include "lamina/autograd/gradcheck.h"
#include "lamina/core/error.h"
#include "lamina/graph/grad_mode.h"
#include "python/bind.h"
#include "python/binding.h"

namespace lamina::python {

namespace {

// A tensor, or a sequence of them and None.
Tensors tensors_of(nb::handle o, const char* what) {
  if (o.is_none()) return {};
  if (is_tensor(o.ptr())) return {tensor_of(o.ptr())};
  Tensors tensors;
  for (nb::handle item : nb::list(nb::borrow(o))) {
    if (!item.is_none() && !is_tensor(item.ptr())) {
      PyErr_Format(PyExc_TypeError, "%s must be tensors, got %.200s", what, Py_TYPE(item.ptr())->tp_name);
      throw nb::python_error();
    }
    tensors.push_back(item.is_none() ? Tensor() : tensor_of(item.ptr()));
  }
  return tensors;
}

Tensors grad_of(nb::handle outputs, nb::handle inputs, nb::handle grad_outputs, std::optional<bool> retain_graph,
                bool create_graph, std::optional<bool> allow_unused, bool materialize_grads) {
  if (materialize_grads && allow_unused == false)
    throw OptionError(
        "Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False.");
  return grad(tensors_of(outputs, "outputs"), tensors_of(inputs, "inputs"), tensors_of(grad_outputs, "grad_outputs"),
              {.retain_graph = retain_graph.value_or(create_graph),
               .create_graph = create_graph,
               .allow_unused = allow_unused.value_or(materialize_grads),
               .materialize_grads = materialize_grads});
}

void backward_of(nb::handle tensors, nb::handle grad_tensors, std::optional<bool> retain_graph, bool create_graph) {
  backward(tensors_of(tensors, "tensors"), tensors_of(grad_tensors, "grad_tensors"),
           {.retain_graph = retain_graph.value_or(create_graph), .create_graph = create_graph});
}

// A Python function of tensors. Its inputs that are no tensors are passed on as they are.
TensorsFunction function_of(nb::handle function, const nb::list& given) {
  return [function, given](const Tensors& inputs) {
    nb::list arguments;
    size_t next = 0;
    for (nb::handle o : given) arguments.append(is_tensor(o.ptr()) ? checked(wrap(inputs[next++])) : nb::borrow(o));
    return tensors_of(function(*nb::tuple(arguments)), "what the function returns");
  };
}

template <bool (*check)(const TensorsFunction&, const Tensors&, GradcheckOptions)>
bool checked_gradients(nb::handle function, nb::handle inputs, double eps, double atol, double rtol,
                       bool raise_exception) {
  const nb::list given = is_tensor(inputs.ptr()) ? nb::list(nb::make_tuple(inputs)) : nb::list(nb::borrow(inputs));
  Tensors tensors;
  for (nb::handle o : given)
    if (is_tensor(o.ptr())) tensors.push_back(tensor_of(o.ptr()));
  return check(function_of(function, given), tensors,
               {.eps = eps, .atol = atol, .rtol = rtol, .raise_exception = raise_exception});
}

void bind_gradients(const Op& op) {
  op.function("grad", grad_of, "The gradients of outputs with respect to inputs.", "outputs"_a, "inputs"_a,
              "grad_outputs"_a = nb::none(), "retain_graph"_a = nb::none(), "create_graph"_a = false,
              "allow_unused"_a = nb::none(), "materialize_grads"_a = false);
  op.function("backward", backward_of, "Adds the gradients of tensors to .grad of every leaf.", "tensors"_a,
              "grad_tensors"_a = nb::none(), "retain_graph"_a = nb::none(), "create_graph"_a = false);
  op.function("gradcheck", checked_gradients<gradcheck>, "Gradients against finite differences.", "func"_a, "inputs"_a,
              "eps"_a = 1e-6, "atol"_a = 1e-5, "rtol"_a = 1e-3, "raise_exception"_a = true);
  op.function("gradgradcheck", checked_gradients<gradgradcheck>, "Second derivatives against finite differences.",
              "func"_a, "inputs"_a, "eps"_a = 1e-6, "atol"_a = 1e-5, "rtol"_a = 1e-3, "raise_exception"_a = true);
}

void bind_modes(const Op& op) {
  op.function("is_grad_enabled", &is_grad_enabled, "Whether this thread records operations.");
  op.function("is_inference_mode_enabled", &is_inference_mode_enabled, "Whether this thread is in inference mode.");
  op.function("_set_grad_enabled", &set_grad_enabled, "Records operations of this thread from now on, or not.",
              "mode"_a);
  op.function(
      "_set_inference_mode", [](bool mode) { detail::inference_mode = mode; }, "Enters or leaves inference mode.",
      "mode"_a);
}

}  // namespace

void bind_autograd(nb::module_& m) {
  nb::module_ autograd = m.def_submodule("_autograd", "Gradients; lamina.autograd has them.");
  bind_gradients(Op{autograd});
  bind_function(autograd);
  bind_modes(Op{m});
}

}  // namespace lamina::python

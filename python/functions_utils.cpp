// lamina.nn.utils: gradients kept within bounds, parameters as one vector.
#include "lamina/nn/utils.h"

#include "python/bind.h"
#include "python/binding.h"

namespace lamina::python {

namespace {

namespace utils = nn::utils;

// One tensor, or an iterable of tensors (a generator too).
utils::ParameterList list_of(nb::handle tensors) {
  if (is_tensor(tensors.ptr())) return {tensor_of(tensors.ptr())};
  utils::ParameterList out;
  for (nb::handle t : tensors) {
    if (!is_tensor(t.ptr())) {
      PyErr_Format(PyExc_TypeError, "expected Tensors, got %s", Py_TYPE(t.ptr())->tp_name);
      throw nb::python_error();
    }
    out.push_back(tensor_of(t.ptr()));
  }
  return out;
}

}  // namespace

void bind_utils(nb::module_& m) {
  nb::module_ module = m.def_submodule("_utils", "Gradients kept within bounds, parameters as one vector.");
  const Op op{module};
  const auto foreach = "foreach"_a.none() = nb::none();  // PyTorch's choice of implementation: there is one here
  op.function(
      "get_total_norm",
      [](nb::handle tensors, double norm_type, bool error_if_nonfinite, nb::handle) {
        return utils::get_total_norm(list_of(tensors), norm_type, error_if_nonfinite);
      },
      "The norm of all tensors seen as one vector.", "tensors"_a, "norm_type"_a = 2.0, "error_if_nonfinite"_a = false,
      foreach);
  op.function(
      "clip_grads_with_norm_",
      [](nb::handle parameters, double max_norm, const Tensor& total_norm, nb::handle) {
        utils::clip_grads_with_norm_(list_of(parameters), max_norm, total_norm);
      },
      "Multiplies all gradients by min(1, max_norm / (total_norm + 1e-6)).", "parameters"_a, "max_norm"_a,
      "total_norm"_a, foreach);
  op.function(
      "clip_grad_norm_",
      [](nb::handle parameters, double max_norm, double norm_type, bool error_if_nonfinite, nb::handle) {
        return utils::clip_grad_norm_(list_of(parameters), max_norm, norm_type, error_if_nonfinite);
      },
      "Scales the gradients down to a norm of max_norm where it is larger; returns the norm before.", "parameters"_a,
      "max_norm"_a, "norm_type"_a = 2.0, "error_if_nonfinite"_a = false, foreach);
  op.function(
      "clip_grad_value_",
      [](nb::handle parameters, double clip_value, nb::handle) {
        utils::clip_grad_value_(list_of(parameters), clip_value);
      },
      "Clamps every element of the gradients to [−clip_value, clip_value].", "parameters"_a, "clip_value"_a, foreach);
  op.function(
      "parameters_to_vector", [](nb::handle parameters) { return utils::parameters_to_vector(list_of(parameters)); },
      "All values in one vector, in order.", "parameters"_a);
  op.function(
      "vector_to_parameters",
      [](const Tensor& vec, nb::handle parameters) { utils::vector_to_parameters(vec, list_of(parameters)); },
      "Gives each parameter its part of the vector, in order.", "vec"_a, "parameters"_a);
}

}  // namespace lamina::python

// The methods of a tensor that are no operations: size(), item(), tolist(), backward(), …
#include "lamina/autograd/backward.h"
#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/grad_mode.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/pointwise.h"
#include "python/binding.h"
#include "python/data.h"
#include "python/formats.h"
#include "python/numpy.h"
#include "python/tensor_parts.h"

namespace lamina::python {

namespace {

nb::object size_of(const Tensor& self, std::optional<int64_t> dim) {
  if (!dim) return checked(new_size(self.shape()));
  return nb::int_(self.size(*dim));
}

nb::object stride_of(const Tensor& self, std::optional<int64_t> dim) {
  if (!dim) return checked(new_int_tuple(self.strides()));
  return nb::int_(self.rank() == 0 ? 0 : self.strides()[wrap_dim(*dim, self.rank())]);
}

Scalar item(const Tensor& self) {
  if (self.numel() != 1) throw Error(str("a Tensor with ", self.numel(), " elements cannot be converted to Scalar"));
  return read_element(self.bytes(), self.dtype());
}

PyObject* list_of(const Tensor& t, int dim, const std::byte* at) {
  if (dim == t.rank()) return new_number(read_element(at, t.dtype()));
  nb::object list = checked(PyList_New(t.shape()[dim]));
  const int64_t step = t.strides()[dim] * element_size(t.dtype());
  for (int64_t i = 0; i < t.shape()[dim]; ++i, at += step)
    PyList_SET_ITEM(list.ptr(), i, checked(list_of(t, dim + 1, at)).release().ptr());
  return list.release().ptr();
}

nb::object tolist(const Tensor& self) { return checked(list_of(self, 0, self.bytes())); }

// f"{loss:.4f}": a tensor without dimensions formats as its number.
nb::object format(nb::handle self, nb::str spec) {
  const Tensor& t = tensor_of(self.ptr());
  const nb::object shown =
      t.rank() == 0 && !is_parameter(self.ptr()) ? checked(new_number(item(t))) : nb::object(nb::str(self));
  return checked(PyObject_Format(shown.ptr(), spec.ptr()));
}

nb::object numpy(nb::handle self, bool force) {
  const Tensor& t = tensor_of(self.ptr());
  if (!force || !t.requires_grad()) return checked(to_array(t, self.ptr()));
  const nb::object detached = checked(wrap(t.detach()));
  return checked(to_array(tensor_of(detached.ptr()), detached.ptr()));
}

nb::object array(nb::handle self, nb::object dtype, nb::object copy) {
  nb::object result = checked(to_array(tensor_of(self.ptr()), self.ptr()));
  if (!dtype.is_none()) result = result.attr("astype")(dtype, nb::arg("copy") = false);
  if (copy.ptr() == Py_True) result = result.attr("copy")();
  return result;
}

// A step of NumPy that a tensor takes part in gives a tensor.
nb::object array_wrap(nb::handle, nb::object array, nb::args) {
  if (!is_array(array.ptr())) return array;
  return checked(wrap(from_array(array.ptr())));
}

void backward_of(const Tensor& self, const Tensor& gradient, std::optional<bool> retain_graph, bool create_graph,
                 nb::object inputs) {
  if (inputs.is_none()) return self.backward(gradient, retain_graph.value_or(create_graph), create_graph);
  const Tensors leaves = is_tensor(inputs.ptr()) ? Tensors{tensor_of(inputs.ptr())} : nb::cast<Tensors>(inputs);
  if (leaves.empty()) throw Error("'inputs' argument to 'backward' cannot be empty.");
  const Tensors grads =
      grad({self}, leaves, gradient.defined() ? Tensors{gradient} : Tensors{},
           {.retain_graph = retain_graph.value_or(create_graph), .create_graph = create_graph, .allow_unused = true});
  const AutoGradMode mode(create_graph);
  for (size_t i = 0; i < leaves.size(); ++i) {
    if (!grads[i].defined()) continue;
    const Tensor& before = leaves[i].grad();
    if (!before.defined()) leaves[i].set_grad(create_graph ? grads[i] : ops::clone(grads[i]));
    else if (create_graph) leaves[i].set_grad(ops::add(before, grads[i]));
    else ops::add_(before, grads[i]);
  }
}

const Tensor& detach_inplace(const Tensor& self) {
  self->node = {};
  self->requires_grad = false;
  self->output_index = 0;
  return self;
}

void bind_sizes(const Op& op) {
  op.method("dim", [](const Tensor& self) { return self.dim(); }, "The number of dimensions.");
  op.method("ndimension", [](const Tensor& self) { return self.dim(); }, "The number of dimensions.");
  op("numel", [](const Tensor& input) { return input.numel(); }, "The number of elements.", "input"_a);
  op.method("nelement", [](const Tensor& self) { return self.numel(); }, "The number of elements.");
  op.method("size", size_of, "The sizes of all dimensions, or of one.", "dim"_a = nb::none());
  op.method("stride", stride_of, "How many elements apart neighbours along each dimension lie.", "dim"_a = nb::none());
  op.method(
      "storage_offset", [](const Tensor& self) { return self.storage_offset(); },
      "Elements before the first one in the storage.");
  op.method("element_size", [](const Tensor& self) { return element_size(self.dtype()); }, "Bytes of one element.");
  op.method(
      "data_ptr", [](const Tensor& self) { return reinterpret_cast<uintptr_t>(self.bytes()); },
      "The address of the first element.");
  op.method(
      "is_contiguous",
      [](const Tensor& self, nb::object memory_format) {
        check_memory_format(memory_format.ptr());
        return self.is_contiguous();
      },
      "Whether the elements lie in row-major order without gaps.", "memory_format"_a = nb::none());
  op(
      "is_floating_point", [](const Tensor& input) { return input.is_floating_point(); },
      "Whether the dtype has fractions.", "input"_a);
  op("is_complex", [](const Tensor&) { return false; }, "Always False.", "input"_a);
  op(
      "is_inference", [](const Tensor& input) { return input->is_inference; }, "Whether it was made in inference mode.",
      "input"_a);
  op.method(
      "is_signed", [](const Tensor& self) { return self.dtype() != kUInt8 && self.dtype() != kBool; },
      "Whether the dtype has negative numbers.");
  op.method(
      "is_set_to",
      [](const Tensor& self, const Tensor& tensor) {
        return self->storage == tensor->storage && self.bytes() == tensor.bytes() && self.shape() == tensor.shape() &&
               self.strides() == tensor.strides();
      },
      "Whether both are the same view of the same memory.", "tensor"_a);
  op.method("is_shared", [](const Tensor&) { return false; }, "Always False.");
  op.method("is_pinned", [](const Tensor&) { return false; }, "Always False.");
}

void bind_numbers(const Op& op) {
  op.method("item", item, "The only element as a Python number.");
  op.method("tolist", tolist, "The elements as nested lists of Python numbers.");
  op.method("__format__", format, "The number of a tensor without dimensions, formatted.", "format_spec"_a);
  op.method("numpy", numpy, "A NumPy array over the same memory; with force, of a tensor that requires grad too.",
            nb::kw_only(), "force"_a = false);
  op.method("__array__", array, "A NumPy array of the elements.", "dtype"_a = nb::none(), "copy"_a = nb::none());
  op.method("__array_wrap__", array_wrap, "A tensor over an array.");
}

void bind_autograd(const Op& op) {
  op.method("backward", backward_of, "Adds the gradient of this tensor to .grad of every leaf it came from.",
            "gradient"_a.none() = nb::none(), "retain_graph"_a = nb::none(), "create_graph"_a = false,
            "inputs"_a = nb::none());
  op(
      "detach", [](const Tensor& input) { return input.detach(); },
      "The same values without history; shares the memory.", "input"_a);
  op.method("detach_", detach_inplace, "Forgets this tensor's own history.");
  op.method(
      "requires_grad_",
      [](const Tensor& self, bool requires_grad) {
        Tensor(self).requires_grad_(requires_grad);
        return self;
      },
      "Whether operations on this tensor are to be recorded from now on.", "requires_grad"_a = true);
}

}  // namespace

void add_methods(nb::module_& m) {
  const Op op{m};
  bind_sizes(op);
  bind_numbers(op);
  bind_autograd(op);
}

}  // namespace lamina::python

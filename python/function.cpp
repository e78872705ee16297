// The half of lamina.autograd.Function that records: Function.apply runs forward in Python and hands its results here.
#include "lamina/autograd/function.h"

#include <unordered_map>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "python/bind.h"
#include "python/binding.h"

namespace lamina::python {

namespace {

// A node's name outlives the node: one for each class, kept for good.
const char* node_name(nb::handle type) {
  static std::unordered_map<std::string, const char*> names;
  const std::string name = std::string(nb::str(nb::object(type.attr("__name__"))).c_str()) + "Backward";
  const char*& found = names[name];
  if (!found) found = kept(name);
  return found;
}

class PythonNode final : public CustomNode {
 public:
  PythonNode(nb::handle type, nb::object ctx, nb::object backward, const Tensors& inputs, const Tensors& outputs)
      : CustomNode(node_name(type), inputs, outputs),
        context_(nb::cast<FunctionContext&>(ctx)),
        ctx_(ctx.release().ptr()),
        backward_(backward.release().ptr()) {}
  ~PythonNode() override {
    foreign.dec(backward_);
    foreign.dec(ctx_);
  }

  FunctionContext& context() override { return context_; }

  Tensors run(const Tensors& grads) override {
    const nb::gil_scoped_acquire lock;
    nb::list arguments;
    arguments.append(nb::handle(ctx_));
    for (const Tensor& g : grads) arguments.append(checked(wrap(g)));
    const nb::object result = nb::handle(backward_)(*nb::tuple(arguments));
    Tensors gradients;
    if (PyTuple_Check(result.ptr()) || PyList_Check(result.ptr()))
      for (nb::handle g : result) gradients.push_back(gradient_of(g));
    else gradients.push_back(gradient_of(result));
    return gradients;
  }

 private:
  Tensor gradient_of(nb::handle g) const {
    if (g.is_none()) return {};
    if (is_tensor(g.ptr())) return tensor_of(g.ptr());
    throw DTypeError(str(name(), ": expected Variable or None (got ", Py_TYPE(g.ptr())->tp_name, ")"));
  }

  FunctionContext& context_;
  PyObject *ctx_, *backward_;
};

Tensors tensors_among(nb::handle objects) {
  Tensors found;
  for (nb::handle o : objects) found.push_back(is_tensor(o.ptr()) ? tensor_of(o.ptr()) : Tensor());
  return found;
}

// The results of forward, one or several, with their history. Whatever is no tensor is passed on.
nb::object finished(nb::handle type, nb::object ctx, nb::object backward, nb::tuple arguments, nb::object result) {
  const bool several = PyTuple_Check(result.ptr()) || PyList_Check(result.ptr());
  const nb::tuple given = several ? nb::tuple(result) : nb::make_tuple(result);
  const Tensors inputs = tensors_among(arguments);
  Tensors outputs = tensors_among(given);
  if (needs_grad(inputs)) {
    auto* node = new PythonNode(type, ctx, std::move(backward), inputs, outputs);
    outputs = with_history(NodeRef(node), node->context(), inputs, std::move(outputs));
  } else {
    outputs = without_history(inputs, std::move(outputs));
  }
  nb::list results;
  for (size_t i = 0; i < outputs.size(); ++i)
    results.append(outputs[i].defined() ? checked(wrap(outputs[i])) : nb::borrow(given[i]));
  return several ? nb::object(nb::tuple(results)) : nb::object(results[0]);
}

void set_needs(FunctionContext& ctx, nb::tuple arguments) {
  std::vector<bool> needs;
  for (const Tensor& t : tensors_among(arguments)) needs.push_back(t.defined() && t.requires_grad());
  ctx.set_needs(std::move(needs));
}

Tensors only_tensors(nb::args given, const char* what) {
  for (nb::handle o : given)
    if (!o.is_none() && !is_tensor(o.ptr())) {
      PyErr_Format(PyExc_TypeError, "%s can only take Tensors and None, got %.200s", what, Py_TYPE(o.ptr())->tp_name);
      throw nb::python_error();
    }
  return tensors_among(given);
}

}  // namespace

void bind_function(nb::module_& m) {
  nb::class_<FunctionContext>(m, "FunctionContext", nb::dynamic_attr(), nb::is_weak_referenceable(),
                              "What forward leaves for backward.")
      .def(nb::init<>())
      .def(
          "save_for_backward",
          [](FunctionContext& ctx, nb::args tensors) {
            ctx.save_for_backward(only_tensors(tensors, "save_for_backward"));
          },
          "Keeps inputs and results for backward, which reads them as saved_tensors.")
      .def(
          "save_for_forward", [](FunctionContext&, nb::args) {}, "Does nothing: there is no forward mode.")
      .def(
          "mark_dirty",
          [](FunctionContext& ctx, nb::args tensors) { ctx.mark_dirty(only_tensors(tensors, "mark_dirty")); },
          "Says that these arguments were changed in place.")
      .def(
          "mark_non_differentiable",
          [](FunctionContext& ctx, nb::args tensors) {
            ctx.mark_non_differentiable(only_tensors(tensors, "mark_non_differentiable"));
          },
          "Says that these results have no gradient.")
      .def("set_materialize_grads", &FunctionContext::set_materialize_grads, "value"_a,
           "Whether backward gets zeros, instead of None, where no gradient came.")
      .def_prop_ro(
          "saved_tensors", [](const FunctionContext& ctx) { return ctx.saved(); }, "What was saved for backward.")
      .def_prop_ro(
          "needs_input_grad",
          [](const FunctionContext& ctx) {
            nb::list needs;
            for (const bool need : ctx.needs()) needs.append(need);
            return nb::tuple(needs);
          },
          "For each argument of forward, whether it needs a gradient.")
      .def("_set_needs", set_needs, "arguments"_a);
  m.def("finished", finished, "type"_a, "ctx"_a, "backward"_a, "arguments"_a, "result"_a.none(),
        "The results of forward with their history.");
}

}  // namespace lamina::python

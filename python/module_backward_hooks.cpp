#include "python/module_backward_hooks.h"

#include "lamina/graph/pass_through.h"
#include "python/errors.h"
#include "python/module_global_hooks.h"
#include "python/tensor_type.h"

namespace lamina::python {

// Shared by the two nodes of a call. grad_output arrives at the output's node first, since it is the newer one.
struct BackwardHooks::State {
  nb::object module;
  nb::list hooks, pre_hooks;
  std::vector<size_t> input_positions;  // of the arguments that are tensors
  size_t inputs = 0;
  bool inputs_want_gradient = false;
  nb::object grad_output;

  ~State() {  // the graph may die on a thread without the lock
    if (!Py_IsInitialized()) {
      module.release(), hooks.release(), pre_hooks.release(), grad_output.release();
      return;
    }
    const nb::gil_scoped_acquire lock;
    module.reset(), hooks.reset(), pre_hooks.reset(), grad_output.reset();
  }

  // The hooks' grad_input, after all hooks; None stands where an argument was no tensor.
  nb::object run(nb::object grad_input) const {
    for (nb::handle hook : hooks) {
      nb::object changed = hook(module, grad_input, grad_output);
      if (changed.is_none()) continue;
      if (!PyTuple_Check(changed.ptr())) changed = nb::make_tuple(changed);
      if (nb::len(changed) != nb::len(grad_input)) {
        PyErr_Format(PyExc_RuntimeError,
                     "Backward hook returned an invalid number of grad_input, got %zu, but expected %zu",
                     nb::len(changed), nb::len(grad_input));
        throw nb::python_error();
      }
      grad_input = changed;
    }
    return grad_input;
  }
};

namespace {

nb::list functions_of(PyObject* self, HookTable table) {
  nb::list out;
  for (nb::handle entry : hook_entries(self, table)) out.append(nb::object(entry[1]));
  return out;
}

nb::tuple tuple_of(const nb::list& list) { return nb::tuple(list); }

Tensor tensor_or_undefined(nb::handle o) { return is_tensor(o.ptr()) ? tensor_of(o.ptr()) : Tensor(); }

// The tensors of a tuple and where they stand.
Tensors tensors_of(const nb::tuple& tuple, std::vector<size_t>& positions) {
  Tensors out;
  for (size_t i = 0; i < nb::len(tuple); ++i) {
    const nb::object item = tuple[i];
    if (!is_tensor(item.ptr())) continue;
    positions.push_back(i);
    out.push_back(tensor_of(item.ptr()));
  }
  return out;
}

nb::tuple with_tensors(const nb::tuple& tuple, const std::vector<size_t>& positions, const Tensors& tensors) {
  nb::list items(tuple);
  for (size_t i = 0; i < positions.size(); ++i) items[positions[i]] = checked(wrap(tensors[i]));
  return tuple_of(items);
}

// A tuple of `size` that has the gradients at `positions` and None elsewhere.
nb::tuple spread(const Tensors& grads, const std::vector<size_t>& positions, size_t size) {
  nb::list items;
  for (size_t i = 0; i < size; ++i) items.append(nb::none());
  for (size_t i = 0; i < positions.size(); ++i)
    if (i < grads.size() && grads[i].defined()) items[positions[i]] = checked(wrap(grads[i]));
  return tuple_of(items);
}

}  // namespace

bool BackwardHooks::wanted(PyObject* self) {
  return nb::len(hook_entries(self, HookTable::Backward)) || nb::len(hook_entries(self, HookTable::BackwardPre));
}

BackwardHooks::BackwardHooks(PyObject* self) : state_(std::make_shared<State>()) {
  state_->module = nb::borrow(self);
  state_->hooks = functions_of(self, HookTable::Backward);
  state_->pre_hooks = functions_of(self, HookTable::BackwardPre);
}

nb::object BackwardHooks::input(nb::object args) {
  const nb::tuple tuple(args);
  state_->inputs = nb::len(tuple);
  const Tensors tensors = tensors_of(tuple, state_->input_positions);
  if (!needs_grad(tensors)) return args;
  state_->inputs_want_gradient = true;
  return with_tensors(tuple, state_->input_positions,
                      pass_through("BackwardHookFunctionBackward", tensors, [state = state_](const Backward& g) {
                        const nb::gil_scoped_acquire lock;
                        const nb::object grads = state->run(spread(g.grads, state->input_positions, state->inputs));
                        state->grad_output.reset();
                        Tensors out;
                        for (const size_t position : state->input_positions)
                          out.push_back(tensor_or_undefined(nb::object(grads[position])));
                        return out;
                      }));
}

nb::object BackwardHooks::output(nb::object result) {
  const bool single = !PyTuple_Check(result.ptr());
  if (single && !is_tensor(result.ptr())) {
    PyErr_WarnFormat(
        PyExc_UserWarning, 2,
        "For backward hooks to be called, module output should be a Tensor or a tuple of Tensors but received %R",
        Py_TYPE(result.ptr()));
    return result;
  }
  const nb::tuple tuple = single ? nb::make_tuple(result) : nb::tuple(result);
  std::vector<size_t> positions;
  const Tensors tensors = tensors_of(tuple, positions);
  if (!needs_grad(tensors)) return result;
  const size_t size = nb::len(tuple);
  const nb::tuple passed = with_tensors(
      tuple, positions,
      pass_through("BackwardHookFunctionBackward", tensors, [state = state_, positions, size](const Backward& g) {
        const nb::gil_scoped_acquire lock;
        nb::object grads = spread(g.grads, positions, size);
        for (nb::handle hook : state->pre_hooks) {
          const nb::object changed = hook(state->module, grads);
          if (!changed.is_none()) grads = PyTuple_Check(changed.ptr()) ? changed : nb::make_tuple(changed);
        }
        state->grad_output = grads;
        if (!state->inputs_want_gradient) {  // nothing will come to the other node
          nb::list none;
          for (size_t i = 0; i < state->inputs; ++i) none.append(nb::none());
          state->run(tuple_of(none));
        }
        Tensors out;
        for (const size_t position : positions) out.push_back(tensor_or_undefined(nb::object(grads[position])));
        return out;
      }));
  return single ? nb::object(passed[0]) : nb::object(passed);
}

}  // namespace lamina::python

// state_dict and load_state_dict with the parts that Python classes may take in them: overridden methods, hooks, extra state.
#include "lamina/nn/state.h"

#include "lamina/core/text.h"
#include "python/casters.h"
#include "python/errors.h"
#include "python/module_hooks.h"
#include "python/module_parts.h"

namespace lamina::python {

namespace {

using Kind = nn::TensorSlot::Kind;
const char kExtraState[] = "_extra_state";

// Whether the class has a method of its own in the place of Module's.
bool overrides(PyObject* self, const char* name) {
  const nb::object key = checked(PyUnicode_InternFromString(name));
  return _PyType_Lookup(Py_TYPE(self), key.ptr()) != _PyType_Lookup(ModuleType, key.ptr());
}

std::vector<nb::object> hooks(PyObject* self, HookTable table) {
  std::vector<nb::object> out;
  if (PyObject* entries = hooks_or_null(self, table))
    for (nb::handle hook : nb::steal<nb::list>(PyMapping_Values(entries))) out.push_back(nb::borrow(hook));
  return out;
}

// ---- state_dict ----------------------------------------------------------------------------------------------------

void save_own(Self self, nb::object destination, const std::string& prefix, bool keep_vars) {
  for (const Kind kind : {Kind::Parameter, Kind::Buffer}) {
    nn::NamedTensors tensors;
    for (const nn::TensorSlot& slot : self->tensor_slots())
      if (slot.kind == kind && slot.persistent && slot.value->defined()) tensors.emplace_back(slot.name, *slot.value);
    for (const auto& [name, tensor] : tensors)
      destination[(prefix + name).c_str()] = checked(wrap(keep_vars ? tensor : tensor.detach()));
  }
  if (overrides(self.object, "get_extra_state"))
    destination[(prefix + kExtraState).c_str()] = self.borrowed().attr("get_extra_state")();
}

nb::object save(Self self, nb::object destination, const std::string& prefix, bool keep_vars) {
  nb::dict local_metadata;
  local_metadata["version"] = self.borrowed().attr("_version");
  const std::string path = prefix.substr(0, prefix.empty() ? 0 : prefix.size() - 1);
  if (nb::hasattr(destination, "_metadata")) destination.attr("_metadata")[path.c_str()] = local_metadata;
  for (const nb::object& hook : hooks(self.object, HookTable::StateDictPre)) hook(self.borrowed(), prefix, keep_vars);
  if (overrides(self.object, "_save_to_state_dict"))
    self.borrowed().attr("_save_to_state_dict")(destination, prefix, keep_vars);
  else save_own(self, destination, prefix, keep_vars);
  nn::NamedModules children;
  for (const nn::ChildSlot& slot : self->child_slots())
    if (slot.module) children.emplace_back(slot.name, slot.module);
  for (const auto& [name, module] : children) {
    const nb::object child = checked(wrap(module));
    const std::string below = prefix + name + ".";
    if (overrides(child.ptr(), "state_dict"))
      child.attr("state_dict")(nb::arg("destination") = destination, nb::arg("prefix") = below,
                               nb::arg("keep_vars") = keep_vars);
    else save({child.ptr()}, destination, below, keep_vars);
  }
  for (const nb::object& hook : hooks(self.object, HookTable::StateDict)) {
    const nb::object changed = hook(self.borrowed(), destination, prefix, local_metadata);
    if (!changed.is_none()) destination = changed;
  }
  return destination;
}

nb::object state_dict(Self self, nb::args args, nb::object destination, nb::object prefix, bool keep_vars) {
  initialized(self.object);
  const size_t given = nb::len(args);  // positional arguments are PyTorch's old form
  if (given > 0 && destination.is_none()) destination = args[0];
  if (given > 1) prefix = args[1];
  if (given > 2) keep_vars = nb::cast<bool>(args[2]);
  if (destination.is_none()) {
    const nb::object ordered_dict = nb::module_::import_("collections").attr("OrderedDict");
    destination = ordered_dict();
    destination.attr("_metadata") = ordered_dict();
  }
  return save(self, destination, nb::cast<std::string>(prefix), keep_vars);
}

// ---- load_state_dict -----------------------------------------------------------------------------------------------

// Puts the given tensor itself in the place of the old one, whose requires_grad it takes.
Tensor to_assign(const Tensor& own, Kind kind, const Tensor& from) {
  if (kind != Kind::Parameter) return from;
  Tensor parameter = from->is_parameter ? from : from.detach();
  parameter->is_parameter = true;
  parameter.requires_grad_(own.requires_grad());
  return parameter;
}

struct Loading {
  nb::dict state;
  std::string prefix;
  bool assign;
  nb::list missing, unexpected, problems;
};

void load_tensors(Self self, Loading& loading) {
  for (size_t i = 0; i < self->tensor_slots().size(); ++i) {
    nn::TensorSlot& slot = self->tensor_slots()[i];
    if ((slot.kind != Kind::Parameter && slot.kind != Kind::Buffer) || !slot.persistent || !slot.value->defined())
      continue;
    const std::string key = loading.prefix + slot.name;
    if (!loading.state.contains(key.c_str())) {
      if (!nn::may_be_missing(slot)) loading.missing.append(key);
      continue;
    }
    const nb::object value = loading.state[key.c_str()];
    if (!is_tensor(value.ptr())) {
      loading.problems.append(str("While copying the parameter named \"", key,
                                  "\", expected torch.Tensor or Tensor-like object from checkpoint but received ",
                                  nb::cast<std::string>(nb::str(value.type()))));
      continue;
    }
    const Tensor& from = tensor_of(value.ptr());
    const std::string problem = nn::misfit(key, *slot.value, from);
    if (!problem.empty() && nb::hasattr(value, "materialize"))  // of a lazy layer
      loading.problems.append(str(key, " has no shape in this state: call the lazy module once before state_dict()"));
    else if (!problem.empty()) loading.problems.append(problem);
    else if (loading.assign) *slot.value = to_assign(*slot.value, slot.kind, from);
    else nn::load_values(*slot.value, from);
  }
}

// Keys below the prefix that name neither a tensor nor a child.
void find_unexpected(Self self, Loading& loading) {
  const std::string extra = loading.prefix + kExtraState;
  for (auto [key_object, value] : loading.state) {
    const std::string key = nb::cast<std::string>(key_object);
    if (!key.starts_with(loading.prefix) || key == extra) continue;
    const std::string rest = key.substr(loading.prefix.size());
    const size_t dot = rest.find('.');
    bool known;
    if (dot != std::string::npos) {
      known = self->find_child(rest.substr(0, dot)) != nullptr;
    } else {
      const nn::TensorSlot* slot = self->find_tensor(rest);
      known = slot && (slot->kind == Kind::Parameter || slot->kind == Kind::Buffer) && slot->persistent &&
              slot->value->defined();
    }
    if (!known) loading.unexpected.append(key_object);
  }
}

void load_own(Self self, nb::dict state, const std::string& prefix, nb::dict local_metadata, bool strict,
              nb::list missing, nb::list unexpected, nb::list problems) {
  for (const nb::object& hook : hooks(self.object, HookTable::LoadStateDictPre))
    hook(state, prefix, local_metadata, strict, missing, unexpected, problems);
  const bool assign =
      local_metadata.contains("assign_to_params_buffers") && nb::cast<bool>(local_metadata["assign_to_params_buffers"]);
  Loading loading{state, prefix, assign, strict ? missing : nb::list(), strict ? unexpected : nb::list(), problems};
  load_tensors(self, loading);
  const std::string extra = prefix + kExtraState;
  if (overrides(self.object, "set_extra_state")) {
    if (state.contains(extra.c_str())) self.borrowed().attr("set_extra_state")(nb::object(state[extra.c_str()]));
    else loading.missing.append(extra);
  } else if (state.contains(extra.c_str())) {
    loading.unexpected.append(extra);
  }
  find_unexpected(self, loading);
}

nb::handle incompatible_keys() {
  static PyObject* const type =
      nb::object(nb::module_::import_("lamina.nn._state").attr("IncompatibleKeys")).release().ptr();
  return type;
}

struct Root {
  nb::object metadata;
  bool assign;
  nb::list missing, unexpected, problems;
};

void load(Self self, nb::dict state, const std::string& prefix, Root& root) {
  nb::dict local_metadata;
  const std::string path = prefix.substr(0, prefix.empty() ? 0 : prefix.size() - 1);
  if (!root.metadata.is_none()) local_metadata.update(nb::object(root.metadata.attr("get")(path, nb::dict())));
  if (root.assign) local_metadata["assign_to_params_buffers"] = true;
  if (overrides(self.object, "_load_from_state_dict"))
    self.borrowed().attr("_load_from_state_dict")(state, prefix, local_metadata, true, root.missing, root.unexpected,
                                                  root.problems);
  else load_own(self, state, prefix, local_metadata, true, root.missing, root.unexpected, root.problems);
  nn::NamedModules children;
  for (const nn::ChildSlot& slot : self->child_slots())
    if (slot.module) children.emplace_back(slot.name, slot.module);
  for (const auto& [name, module] : children) {
    const std::string below = prefix + name + ".";
    nb::dict part;  // the child sees only what is its own
    for (auto [key, value] : state)
      if (nb::cast<std::string>(key).starts_with(below)) part[key] = value;
    const nb::object child = checked(wrap(module));
    load({child.ptr()}, part, below, root);
  }
  for (const nb::object& hook : hooks(self.object, HookTable::LoadStateDictPost)) {
    if (!hook(self.borrowed(), incompatible_keys()(root.missing, root.unexpected)).is_none()) {
      PyErr_SetString(PyExc_AssertionError,
                      "Hooks registered with ``register_load_state_dict_post_hook`` are not expected to return new "
                      "values, if incompatible_keys need to be modified, it should be done inplace.");
      throw nb::python_error();
    }
  }
}

std::vector<std::string> texts(const nb::list& list) {
  std::vector<std::string> out;
  for (nb::handle text : list) out.push_back(nb::cast<std::string>(nb::str(text)));
  return out;
}

nb::object load_state_dict(Self self, nb::object given, bool strict, bool assign) {
  initialized(self.object);
  if (!PyMapping_Check(given.ptr()) || !nb::hasattr(given, "keys"))
    throw nb::type_error(
        str("Expected state_dict to be dict-like, got ", nb::cast<std::string>(nb::str(given.type())), ".").c_str());
  nb::object state =
      nb::module_::import_("collections").attr("OrderedDict")(given);  // a copy: overrides and hooks may change it
  Root root{nb::getattr(given, "_metadata", nb::none()), assign, {}, {}, {}};
  if (!root.metadata.is_none()) state.attr("_metadata") = root.metadata;
  load(self, nb::borrow<nb::dict>(state), "", root);
  const nn::IncompatibleKeys keys{texts(root.missing), texts(root.unexpected)};
  const std::string message = nn::load_problems(short_name(Py_TYPE(self.object)), keys, texts(root.problems), strict);
  if (!message.empty()) throw LoadError(message);
  return incompatible_keys()(root.missing, root.unexpected);
}

}  // namespace

void bind_state(nb::module_&) {
  using nb::arg;
  method(ModuleType, "state_dict", state_dict,
         "Parameters and persistent buffers by name, in an OrderedDict; the tensors share memory with the module and "
         "are detached unless "
         "`keep_vars`.",
         arg("args"), arg("destination") = nb::none(), arg("prefix") = "", arg("keep_vars") = false);
  method(ModuleType, "load_state_dict", load_state_dict,
         "Copies the values of a state_dict in (`assign`: takes its tensors themselves). With `strict`, a LoadError "
         "lists every key that is "
         "missing, unexpected or of another shape. Returns the missing and the unexpected keys.",
         arg("state_dict"), arg("strict") = true, arg("assign") = false);
  method(ModuleType, "_save_to_state_dict", save_own, arg("destination"), arg("prefix"), arg("keep_vars"));
  method(ModuleType, "_load_from_state_dict", load_own, arg("state_dict"), arg("prefix"), arg("local_metadata"),
         arg("strict"), arg("missing_keys"), arg("unexpected_keys"), arg("error_msgs"));
  const auto extra = [](const char* name) {
    return [name](Self, nb::args) -> nb::object {
      throw Error(str("Module.", name, " was called, which state_dict never does"),
                  "Define get_extra_state and set_extra_state together in your class");
    };
  };
  method(ModuleType, "get_extra_state", extra("get_extra_state"),
         "Whatever else belongs into state_dict; override it in your own class.");
  method(ModuleType, "set_extra_state", extra("set_extra_state"),
         "Takes what get_extra_state gave; override it in your own class.");
}

}  // namespace lamina::python

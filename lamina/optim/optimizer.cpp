#include "lamina/optim/optimizer.h"

#include <cstdlib>
#include <unordered_set>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/grad_mode.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"

namespace lamina::optim {

Tensor Optimizer::step(const std::function<Tensor()>& closure) {
  const AutoGradMode recording(true);
  Tensor loss = closure();
  step();
  return loss;
}

void Optimizer::zero_grad(bool set_to_none) {
  for (const Tensor& p : parameters()) {
    if (!p.grad().defined()) continue;
    if (set_to_none) {
      p.set_grad({});
      continue;
    }
    const Tensor zeroed = p.grad().detach();
    ops::fill_values(zeroed, 0);
    zeroed.bump_version();
    p.set_grad(zeroed);
  }
}

std::vector<Tensor>& Optimizer::state_of(const Tensor& parameter) {
  std::vector<Tensor>& state = state_[parameter.impl()];
  if (state.empty()) state.resize(state_names().size());
  return state;
}

void Optimizer::check_params(const std::vector<Tensor>& params) const {
  if (params.empty()) throw OptionError("optimizer got an empty parameter list");
  std::unordered_set<const TensorImpl*> known;
  for (const Tensor& p : parameters()) known.insert(p.impl());
  for (const Tensor& p : params) {
    if (!p.defined()) throw OptionError("optimizer can only optimize Tensors, but one of the params is undefined");
    if (!p.is_leaf()) throw OptionError("can't optimize a non-leaf Tensor");
    if (!known.insert(p.impl()).second) throw OptionError("some parameters appear in more than one parameter group");
  }
}

NamedTensors Optimizer::state_dict() const {
  const NoGradGuard guard;
  NamedTensors out;
  const std::vector<std::string> names = state_names();
  int64_t index = 0;
  for (const Tensor& p : parameters()) {
    const auto at = state_.find(p.impl());
    for (size_t i = 0; at != state_.end() && i < names.size(); ++i)
      if (at->second[i].defined()) out.emplace_back(str("state.", index, ".", names[i]), ops::clone(at->second[i]));
    ++index;
  }
  for (size_t g = 0; g < group_count(); ++g)
    for (auto& [name, value] : group_values(g)) out.emplace_back(str("param_groups.", g, ".", name), std::move(value));
  return out;
}

namespace {
// "state.12.exp_avg" → 12 and "exp_avg"; false for any other form.
bool split(const std::string& key, const std::string& prefix, size_t& index, std::string& name) {
  if (!key.starts_with(prefix)) return false;
  char* end = nullptr;
  const std::string rest = key.substr(prefix.size());
  if (rest.empty() || rest[0] < '0' || rest[0] > '9') return false;
  index = std::strtoull(rest.c_str(), &end, 10);
  if (*end != '.') return false;
  name = end + 1;
  return true;
}
}  // namespace

void Optimizer::load_state_dict(const NamedTensors& state) {
  const NoGradGuard guard;
  const std::vector<Tensor> params = parameters();
  const std::vector<std::string> names = state_names();
  std::unordered_map<const TensorImpl*, std::vector<Tensor>> loaded;
  std::vector<std::pair<size_t, std::pair<std::string, Tensor>>> values;
  for (const auto& [key, value] : state) {
    size_t index;
    std::string name;
    if (split(key, "state.", index, name)) {
      if (index >= params.size())
        throw LoadError(
            str("\"", key, "\" belongs to a parameter that is not there: the optimizer has ", params.size()));
      const Tensor& p = params[index];
      for (size_t i = 0; i < names.size(); ++i) {
        if (names[i] != name) continue;
        if (name != "step" && value.shape() != p.shape())
          throw LoadError(
              str("size mismatch for ", key, ": expected the parameter's ", p.shape(), ", got ", value.shape()));
        auto& kept = loaded[p.impl()];
        kept.resize(names.size());
        kept[i] = ops::clone(name == "step" ? value : ops::to(value, p.dtype())).detach();
      }
    } else if (split(key, "param_groups.", index, name)) {
      if (index >= group_count()) throw LoadError("loaded state dict has a different number of parameter groups");
      detail::scalar_value(key, value);
      values.push_back({index, {name, value}});
    } else {
      throw LoadError(str("unexpected key \"", key, "\" in an optimizer's state"));
    }
  }
  for (const auto& [group, value] : values) set_group_value(group, value.first, value.second);
  for (size_t g = 0; g < group_count(); ++g) check_group(g);
  state_ = std::move(loaded);
}

namespace detail {

Tensor scalar_tensor(double value) { return ops::full({}, value, kFloat64); }
Tensor scalar_tensor(bool value) { return ops::full({}, value, kBool); }
double scalar_value(const std::string& name, const Tensor& value) {
  if (value.numel() != 1) throw LoadError(str(name, " must have one element, got ", value.shape()));
  const Tensor one = ops::to(value, kFloat64);
  return *one.data<double>();
}

Contiguous::Contiguous(const Tensor& t) : target_(t) {
  if (t.defined()) values_ = ops::contiguous(t.detach());
}
Contiguous::~Contiguous() {
  if (values_.defined() && values_.bytes() != target_.bytes()) ops::copy_values(target_, values_);
}

void check_fits(const char* what, const Tensor& value, const Tensor& param) {
  if (value.shape() != param.shape())
    throw ShapeError(str(what, " ", value.shape(), " does not have the shape of its parameter ", param.shape()));
  if (value.dtype() != param.dtype())
    throw DTypeError(str(what, " of ", name(value.dtype()), " for a parameter of ", name(param.dtype())));
}

void check_not_negative(const char* what, double value) {
  if (!(value >= 0)) throw OptionError(str("Invalid ", what, ": ", value));
}

}  // namespace detail

}  // namespace lamina::optim

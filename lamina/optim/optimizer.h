// Optimizers: parameters in groups, each group with options of its own, and a state for each parameter.
//   optim::AdamW optimizer(model->parameters(), {.lr = 1e-3});
//   for (auto [x, y] : loader) {
//     optimizer.zero_grad();
//     cross_entropy(model(x), y).backward();
//     optimizer.step();
//   }
//   optimizer.param_groups[0].options.lr *= 0.1;
// Source: torch.optim.
#pragma once
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "lamina/core/tensor.h"

namespace lamina::optim {

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

template <class Options>
struct ParamGroup {
  std::vector<Tensor> params;
  Options options = {};
};

/// An option of a group under PyTorch's name.
template <class Options>
struct OptionField {
  const char* name;
  std::variant<double* (*)(Options&), bool* (*)(Options&)> member;
};

class Optimizer {
 public:
  virtual ~Optimizer() = default;

  /// Takes one step from the gradients that the parameters hold; those without one stay as they are.
  virtual void step() = 0;
  /// Runs `closure` (which clears the gradients, computes the loss and calls backward), then takes a step. Returns the loss.
  Tensor step(const std::function<Tensor()>& closure);
  /// Forgets the gradients of all parameters, or fills them with zero.
  void zero_grad(bool set_to_none = true);

  /// All parameters, group by group.
  virtual std::vector<Tensor> parameters() const = 0;

  /// A copy of everything that a restart needs: "state.<index of the parameter>.<name>" and "param_groups.<index>.<option>"
  /// (without dimensions), for save_safetensors.
  NamedTensors state_dict() const;
  /// Takes over copies of those values. LoadError when they belong to other parameters or groups.
  void load_state_dict(const NamedTensors& state);

 protected:
  /// The names of what is kept for each parameter; undefined tensors stand for what is not there yet.
  virtual std::vector<std::string> state_names() const = 0;
  virtual size_t group_count() const = 0;
  virtual NamedTensors group_values(size_t group) const = 0;
  virtual void set_group_value(size_t group, const std::string& name, const Tensor& value) = 0;
  virtual void check_group(size_t group) const = 0;

  std::vector<Tensor>& state_of(const Tensor& parameter);
  /// OptionError for an empty list, an undefined tensor, one that is no leaf, or one that is there already.
  void check_params(const std::vector<Tensor>& params) const;

 private:
  std::unordered_map<const TensorImpl*, std::vector<Tensor>> state_;
};

/// What every optimizer shares that depends on its options. `Options` offers `static fields()`, every option by name, and
/// `check()`, which throws OptionError.
template <class Options>
class GroupedOptimizer : public Optimizer {
 public:
  std::vector<ParamGroup<Options>> param_groups;

  /// Parameters that join later, with options of their own.
  void add_param_group(ParamGroup<Options> group) {
    check_params(group.params);
    group.options.check();
    param_groups.push_back(std::move(group));
  }
  std::vector<Tensor> parameters() const override {
    std::vector<Tensor> all;
    for (const auto& group : param_groups) all.insert(all.end(), group.params.begin(), group.params.end());
    return all;
  }

 protected:
  size_t group_count() const override { return param_groups.size(); }
  NamedTensors group_values(size_t group) const override;
  void set_group_value(size_t group, const std::string& name, const Tensor& value) override;
  void check_group(size_t group) const override { param_groups[group].options.check(); }
};

namespace detail {
Tensor scalar_tensor(double value);
Tensor scalar_tensor(bool value);
double scalar_value(const std::string& name, const Tensor& value);  // LoadError unless it has one element

/// A contiguous buffer of t's values, written back to t at the end of the block where that is another one.
class Contiguous {
 public:
  explicit Contiguous(const Tensor& t);
  ~Contiguous();
  Contiguous(const Contiguous&) = delete;
  Contiguous& operator=(const Contiguous&) = delete;
  template <class T>
  T* data() const {
    return values_.data_or_null<T>();
  }

 private:
  Tensor target_, values_;
};

/// ShapeError or DTypeError when a gradient or a part of the state does not fit its parameter.
void check_fits(const char* what, const Tensor& value, const Tensor& param);
/// "Invalid learning rate: -1" when the value is not in [0, ∞).
void check_not_negative(const char* what, double value);
}  // namespace detail

template <class Options>
NamedTensors GroupedOptimizer<Options>::group_values(size_t group) const {
  NamedTensors values;
  Options options = param_groups[group].options;
  for (const OptionField<Options>& field : Options::fields())
    std::visit([&](auto member) { values.emplace_back(field.name, detail::scalar_tensor(*member(options))); },
               field.member);
  return values;
}

template <class Options>
void GroupedOptimizer<Options>::set_group_value(size_t group, const std::string& name, const Tensor& value) {
  for (const OptionField<Options>& field : Options::fields())
    if (field.name == name)
      std::visit(
          [&](auto member) {
            auto* option = member(param_groups[group].options);
            *option = std::remove_pointer_t<decltype(option)>(detail::scalar_value(name, value));
          },
          field.member);
}

}  // namespace lamina::optim

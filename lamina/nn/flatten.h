// Flatten, Unflatten and Identity: layers that compute nothing.
//   nn::Sequential net{nn::Flatten(), nn::Linear(784, 10)};
#pragma once
#include <utility>

#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"

namespace lamina::nn {

/// What Flatten takes by name. Defaults and order are PyTorch's.
struct FlattenOptions {
  int64_t start_dim = 1;
  int64_t end_dim = -1;
};

/// Dimensions start_dim to end_dim, both included, as one: a view where possible. Throws IndexError, ShapeError.
/// Shape: (N, *) → (N, product of *) by default. Source: torch.nn.Flatten.
class FlattenImpl : public Module {
 public:
  explicit FlattenImpl(FlattenOptions options = {}) : options(options) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override;

  FlattenOptions options;
};

class Flatten : public ModuleHolder<FlattenImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit Flatten(FlattenOptions options = {}) : ModuleHolder(std::in_place, options) {}
};

/// Sizes, always a list: one number is no shape here.
struct SizeList {
  Shape sizes;
  SizeList(Shape sizes) : sizes(std::move(sizes)) {}
  SizeList(std::initializer_list<int64_t> sizes) : sizes(sizes) {}
};

template <>
struct FieldType<SizeList> {
  static std::string type() { return "Sequence[int]"; }
  static SizeList from(const Value& v) {
    if (const auto* shape = std::get_if<Shape>(&v)) return *shape;
    wrong_type("a tuple of ints", v);
  }
  static Value to(const SizeList& v) { return v.sizes; }
};

/// One dimension as several: a view where possible. One of the sizes may be −1: what the others leave.
/// Shape: (*, S_dim, *) → (*, U_1, …, U_n, *), the product of U equal to S_dim. Throws on the call IndexError, ShapeError.
/// Source: torch.nn.Unflatten.
class UnflattenImpl : public Module {
 public:
  UnflattenImpl(int64_t dim, SizeList unflattened_size) : dim(dim), unflattened_size(std::move(unflattened_size)) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override;

  int64_t dim;
  SizeList unflattened_size;
};

class Unflatten : public ModuleHolder<UnflattenImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  Unflatten(int64_t dim, SizeList unflattened_size) : ModuleHolder(std::in_place, dim, std::move(unflattened_size)) {}
};

/// Returns its input. Source: torch.nn.Identity.
class IdentityImpl : public Module {
 public:
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override { return input; }
};

class Identity : public ModuleHolder<IdentityImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  Identity() : ModuleHolder(std::in_place) {}
};

}  // namespace lamina::nn

// Upsample, UpsamplingNearest2d and UpsamplingBilinear2d: resizing of images, signals and volumes.
//   nn::Upsample up({.scale_factor = 2.0, .mode = "bilinear"});  Tensor y = up(x);  // (8, 3, 32, 32) → (8, 3, 64, 64)
#pragma once
#include <optional>
#include <string>
#include <utility>

#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"
#include "lamina/ops/grid_sample.h"
#include "lamina/ops/interpolate.h"

namespace lamina::nn {

/// Sizes of an output: one number for all of space, or one for each dimension. Shown as it was given.
struct UpsampleSize {
  Shape values;
  bool single;
  UpsampleSize(int64_t all) : values{all}, single(true) {}
  UpsampleSize(Shape each) : values(std::move(each)), single(false) {}
  UpsampleSize(std::initializer_list<int64_t> each) : values(each), single(false) {}
};

/// How many times larger an output is: one number for all of space, or one for each dimension. Shown as it was given.
struct UpsampleFactor {
  Factors values;
  bool single;
  UpsampleFactor(double all) : values{all}, single(true) {}
  UpsampleFactor(Factors each) : values(std::move(each)), single(false) {}
  UpsampleFactor(std::initializer_list<double> each) : values(each), single(false) {}
};

template <>
struct FieldType<UpsampleSize> {
  static std::string type() { return "int | Sequence[int]"; }
  static UpsampleSize from(const Value& v) {
    if (const auto* shape = std::get_if<Shape>(&v)) return UpsampleSize(*shape);
    return FieldType<int64_t>::from(v);
  }
  static Value to(const UpsampleSize& v) { return v.single ? Value(v.values[0]) : Value(v.values); }
};

template <>
struct FieldType<UpsampleFactor> {
  static std::string type() { return "float | Sequence[float]"; }
  static UpsampleFactor from(const Value& v) {
    if (std::holds_alternative<Factors>(v) || std::holds_alternative<Shape>(v))
      return UpsampleFactor(FieldType<Factors>::from(v));
    return FieldType<double>::from(v);
  }
  static Value to(const UpsampleFactor& v) { return v.single ? Value(v.values[0]) : Value(v.values); }
};

/// What Upsample takes by name: one of size and scale_factor. Defaults and order are PyTorch's.
struct UpsampleOptions {
  std::optional<UpsampleSize> size = {};
  std::optional<UpsampleFactor> scale_factor = {};
  std::string mode = "nearest";  // "nearest-exact", "linear", "bilinear", "bicubic", "trilinear", "area"
  std::optional<bool> align_corners = {};
  std::optional<bool> recompute_scale_factor = {};
};

/// The input at the output's positions. Shape: (N, C, *space) → (N, C, *size), size = ⌊space · scale_factor⌋ without size.
/// Throws on the call OptionError, ShapeError, DTypeError, NotImplementedError (mode and dimensions).
/// Same in train and eval mode. Source: torch.nn.Upsample.
class UpsampleImpl : public Module {
 public:
  explicit UpsampleImpl(UpsampleOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  std::string extra_repr() const override;
  Tensor forward(const Tensor& input) override;

  UpsampleOptions options;
};

/// What UpsamplingNearest2d and UpsamplingBilinear2d take by name: one of the two.
struct UpsamplingOptions {
  std::optional<UpsampleSize> size = {};
  std::optional<UpsampleFactor> scale_factor = {};
};

/// Upsample with mode "nearest". Source: torch.nn.UpsamplingNearest2d.
class UpsamplingNearest2dImpl : public UpsampleImpl {
 public:
  explicit UpsamplingNearest2dImpl(UpsamplingOptions options = {})
      : UpsampleImpl({.size = options.size, .scale_factor = options.scale_factor}) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
};

/// Upsample with mode "bilinear" and align_corners. Source: torch.nn.UpsamplingBilinear2d.
class UpsamplingBilinear2dImpl : public UpsampleImpl {
 public:
  explicit UpsamplingBilinear2dImpl(UpsamplingOptions options = {})
      : UpsampleImpl(
            {.size = options.size, .scale_factor = options.scale_factor, .mode = "bilinear", .align_corners = true}) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
};

class Upsample : public ModuleHolder<UpsampleImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit Upsample(UpsampleOptions options = {}) : ModuleHolder(std::in_place, std::move(options)) {}
};
class UpsamplingNearest2d : public ModuleHolder<UpsamplingNearest2dImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit UpsamplingNearest2d(UpsamplingOptions options = {}) : ModuleHolder(std::in_place, std::move(options)) {}
};
class UpsamplingBilinear2d : public ModuleHolder<UpsamplingBilinear2dImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit UpsamplingBilinear2d(UpsamplingOptions options = {}) : ModuleHolder(std::in_place, std::move(options)) {}
};

namespace functional {
using ops::affine_grid;
using ops::grid_sample;
using ops::interpolate;
}  // namespace functional

}  // namespace lamina::nn

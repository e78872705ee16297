// Layers of max pooling to a given output size.
//   nn::AdaptiveMaxPool2d to_one(1);                                  // (8, 3, 32, 32) → (8, 3, 1, 1)
//   nn::FractionalMaxPool2d pool(3, {.output_ratio = 0.7});           // (8, 3, 32, 32) → (8, 3, 22, 22)
#pragma once
#include <optional>
#include <utility>

#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"
#include "lamina/nn/pool_average.h"
#include "lamina/ops/pool_spans.h"

namespace lamina::nn {

struct AdaptiveMaxPoolOptions { bool return_indices = false; };

/// The largest value of windows so chosen that the output has this size, over N spatial dimensions.
/// Shape: (N, C, *space) → (N, C, *output_size), or without N. Throws OptionError, ShapeError, DTypeError.
/// Source: torch.nn.AdaptiveMaxPool2d.
template <int N>
class AdaptiveMaxPoolImpl : public Module {
 public:
  explicit AdaptiveMaxPoolImpl(OutputSize<N> output_size, AdaptiveMaxPoolOptions options = {})
      : output_size(std::move(output_size)), options(options) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  /// The values; with return_indices, bindings call forward_with_indices instead.
  Tensor forward(const Tensor& input) override;
  /// The values and their int64 places in the input's planes.
  std::pair<Tensor, Tensor> forward_with_indices(const Tensor& input);

  OutputSize<N> output_size;
  AdaptiveMaxPoolOptions options;
};

/// Parts of a size, one for all dimensions or one for each.
template <int N>
struct Ratio {
  Factors values;
  Ratio(double all) : values(N, all) {}
  template <class... T>
    requires(sizeof...(T) == N && N > 1)
  Ratio(T... each) : values{double(each)...} {}
  explicit Ratio(Factors values) : values(std::move(values)) {}
};

template <int N>
struct FieldType<Ratio<N>> {
  static std::string type() { return "float | Sequence[float]"; }
  static Ratio<N> from(const Value& v) {
    if (std::holds_alternative<Factors>(v) || std::holds_alternative<Shape>(v)) {
      Factors factors = FieldType<Factors>::from(v);
      if (factors.size() != size_t(N)) throw OptionError(str("expected one number or ", N, ", got ", text(v)));
      return Ratio<N>(std::move(factors));
    }
    return Ratio<N>(FieldType<double>::from(v));
  }
  static Value to(const Ratio<N>& v) { return v.values; }
};

/// What fractional max pooling takes by name: one of output_size and output_ratio. Defaults and order are PyTorch's.
template <int N>
struct FractionalMaxPoolOptions {
  std::optional<Extent<N>> output_size = {};
  std::optional<Ratio<N>> output_ratio = {};  // of the input's size, in (0, 1)
  bool return_indices = false;
  Tensor random_samples = {};  // _random_samples in Python: (N, C, dimensions) in [0, 1) instead of drawing
};

/// The largest value of windows whose starts lie in random steps, so that the output has this size or part of the input's.
/// Draws from the default generator in every call, in train and eval mode alike, the numbers that PyTorch draws.
/// Shape: (N, C, *space) → (N, C, *output_size), or without N. Throws OptionError; on the call ShapeError, DTypeError.
/// Source: Graham 2014 (arXiv:1412.6071); torch.nn.FractionalMaxPool2d.
template <int N>
class FractionalMaxPoolImpl : public Module {
 public:
  explicit FractionalMaxPoolImpl(Extent<N> kernel_size, FractionalMaxPoolOptions<N> options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  /// The values; with return_indices, bindings call forward_with_indices instead.
  Tensor forward(const Tensor& input) override;
  /// The values and their int64 places in the input's planes.
  std::pair<Tensor, Tensor> forward_with_indices(const Tensor& input);

  Extent<N> kernel_size;
  FractionalMaxPoolOptions<N> options;
  Tensor random_samples;  // the buffer _random_samples; undefined: drawn

 private:
  ops::FractionalPoolOptions windows() const;
};

template <int N>
class AdaptiveMaxPool : public ModuleHolder<AdaptiveMaxPoolImpl<N>> {
 public:
  using ModuleHolder<AdaptiveMaxPoolImpl<N>>::ModuleHolder;
  AdaptiveMaxPool(OutputSize<N> output_size, AdaptiveMaxPoolOptions options = {})
      : ModuleHolder<AdaptiveMaxPoolImpl<N>>(std::in_place, std::move(output_size), options) {}
};

template <int N>
class FractionalMaxPool : public ModuleHolder<FractionalMaxPoolImpl<N>> {
 public:
  using ModuleHolder<FractionalMaxPoolImpl<N>>::ModuleHolder;
  FractionalMaxPool(Extent<N> kernel_size, FractionalMaxPoolOptions<N> options = {})
      : ModuleHolder<FractionalMaxPoolImpl<N>>(std::in_place, kernel_size, std::move(options)) {}
};

using AdaptiveMaxPool1dImpl = AdaptiveMaxPoolImpl<1>;
using AdaptiveMaxPool2dImpl = AdaptiveMaxPoolImpl<2>;
using AdaptiveMaxPool3dImpl = AdaptiveMaxPoolImpl<3>;
using AdaptiveMaxPool1d = AdaptiveMaxPool<1>;
using AdaptiveMaxPool2d = AdaptiveMaxPool<2>;
using AdaptiveMaxPool3d = AdaptiveMaxPool<3>;
using FractionalMaxPool2dOptions = FractionalMaxPoolOptions<2>;
using FractionalMaxPool3dOptions = FractionalMaxPoolOptions<3>;
using FractionalMaxPool2dImpl = FractionalMaxPoolImpl<2>;
using FractionalMaxPool3dImpl = FractionalMaxPoolImpl<3>;
using FractionalMaxPool2d = FractionalMaxPool<2>;
using FractionalMaxPool3d = FractionalMaxPool<3>;

extern template class AdaptiveMaxPoolImpl<1>;
extern template class AdaptiveMaxPoolImpl<2>;
extern template class AdaptiveMaxPoolImpl<3>;
extern template class FractionalMaxPoolImpl<2>;
extern template class FractionalMaxPoolImpl<3>;

namespace functional {
using ops::adaptive_max_pool1d;
using ops::adaptive_max_pool1d_with_indices;
using ops::adaptive_max_pool2d;
using ops::adaptive_max_pool2d_with_indices;
using ops::adaptive_max_pool3d;
using ops::adaptive_max_pool3d_with_indices;
using ops::fractional_max_pool2d;
using ops::fractional_max_pool2d_with_indices;
using ops::fractional_max_pool3d;
using ops::fractional_max_pool3d_with_indices;
}  // namespace functional

}  // namespace lamina::nn

// Layers that learn the size of their input from the first one that they see.
//   nn::LazyLinear fc(10);  fc(x);  fc->in_features == x.size(-1)
// Until then their parameters are empty tensors. The first call, or load_state_dict, gives them their shape and the first
// call draws their values; the tensors stay the same, so an optimizer may already hold them. Source: torch.nn.LazyLinear.
#pragma once
#include <functional>
#include <memory>

#include "lamina/nn/conv.h"
#include "lamina/nn/conv_transpose.h"
#include "lamina/nn/linear.h"
#include "lamina/nn/norm.h"
#include "lamina/nn/norm_group.h"

namespace lamina::nn {

/// The channels of an input with N dimensions of space, with or without a batch. ShapeError for another rank.
inline int64_t channels_of(const Tensor& input, int space) {
  if (input.rank() != space + 1 && input.rank() != space + 2)
    throw ShapeError(
        str("expected ", space + 1, "D (unbatched) or ", space + 2, "D (batched) input, but got ", input.shape()));
  return input.size(input.rank() - space - 1);
}

/// Where a layer keeps the size that is learned, and where an input has it.
template <class L>
struct InputSize;
template <>
struct InputSize<LinearImpl> {
  static constexpr auto member = &LinearImpl::in_features;
  static int64_t of(const Tensor& input) { return input.size(-1); }
};
template <int N>
struct InputSize<ConvImpl<N>> {
  static constexpr auto member = &ConvImpl<N>::in_channels;
  static int64_t of(const Tensor& input) { return channels_of(input, N); }
};
template <int N>
struct InputSize<ConvTransposeImpl<N>> {
  static constexpr auto member = &ConvTransposeImpl<N>::in_channels;
  static int64_t of(const Tensor& input) { return channels_of(input, N); }
};
template <std::derived_from<BatchNormImpl> L>
struct InputSize<L> {
  static constexpr auto member = &BatchNormImpl::num_features;
  static int64_t of(const Tensor& input) { return input.size(1); }
};

template <std::derived_from<InstanceNormImpl> L>
struct InputSize<L> {
  static constexpr auto member = &InstanceNormImpl::num_features;
  static int64_t of(const Tensor& input) { return channels_of(input, L::kSpace); }
};

/// A layer L without its first argument, the size of the input.
template <class L>
class LazyImpl : public L {
 public:
  template <class... Rest>
  explicit LazyImpl(Rest... rest)
      : L(unknown(SkipInitialization()), rest...),
        shaped_like_([rest...](int64_t size) { return std::make_unique<L>(size, rest...); }) {}

  std::string name() const override { return size() == 0 ? "Lazy" + L::name() : L::name(); }
  Tensor forward(const Tensor& input) override {
    if (size() == 0) initialize_parameters(input);
    return L::forward(input);
  }
  bool has_uninitialized_params() const override {
    for (const TensorSlot& slot : this->tensor_slots())
      if (slot.value->defined() && slot.value->rank() > 0 && slot.value->numel() == 0) return true;
    return false;
  }
  /// Takes the size from an input; draws the parameters unless load_state_dict has given them values.
  void initialize_parameters(const Tensor& input) {
    const int64_t size = InputSize<L>::of(input);
    const bool draw = has_uninitialized_params();
    std::unique_ptr<L> shaped;
    {
      const SkipInitialization skip;
      shaped = shaped_like_(size);
    }
    for (const TensorSlot& slot : this->tensor_slots()) {
      const Tensor& like = *shaped->find_tensor(slot.name)->value;
      if (!slot.value->defined() || slot.value->shape() == like.shape()) continue;
      if (!draw || slot.value->numel() != 0)
        throw ShapeError(str(name(), ": the loaded ", slot.name, " ", slot.value->shape(), " does not fit an input of ",
                             size, ", which needs ", like.shape()));
      slot.value->assign_values(empty(like.shape(), slot.value->dtype()));
    }
    this->*InputSize<L>::member = size;
    if (draw) L::reset_parameters();
  }

 private:
  int64_t size() const { return this->*InputSize<L>::member; }
  static int64_t unknown(const SkipInitialization&) { return 0; }
  std::function<std::unique_ptr<L>(int64_t)> shaped_like_;
};

class LazyLinear : public ModuleHolder<LazyImpl<LinearImpl>> {
 public:
  using ModuleHolder::ModuleHolder;
  explicit LazyLinear(int64_t out_features, LinearOptions options = {})
      : ModuleHolder(std::in_place, out_features, options) {}
};

template <int N>
class LazyConv : public ModuleHolder<LazyImpl<ConvImpl<N>>> {
 public:
  using ModuleHolder<LazyImpl<ConvImpl<N>>>::ModuleHolder;
  LazyConv(int64_t out_channels, Extent<N> kernel_size, ConvOptions<N> options = {})
      : ModuleHolder<LazyImpl<ConvImpl<N>>>(std::in_place, out_channels, kernel_size, options) {}
};
using LazyConv1d = LazyConv<1>;
using LazyConv2d = LazyConv<2>;
using LazyConv3d = LazyConv<3>;

template <int N>
class LazyConvTranspose : public ModuleHolder<LazyImpl<ConvTransposeImpl<N>>> {
 public:
  using ModuleHolder<LazyImpl<ConvTransposeImpl<N>>>::ModuleHolder;
  LazyConvTranspose(int64_t out_channels, Extent<N> kernel_size, ConvTransposeOptions<N> options = {})
      : ModuleHolder<LazyImpl<ConvTransposeImpl<N>>>(std::in_place, out_channels, kernel_size, options) {}
};
using LazyConvTranspose1d = LazyConvTranspose<1>;
using LazyConvTranspose2d = LazyConvTranspose<2>;
using LazyConvTranspose3d = LazyConvTranspose<3>;

template <class L>
class LazyBatchNorm : public ModuleHolder<LazyImpl<L>> {
 public:
  using ModuleHolder<LazyImpl<L>>::ModuleHolder;
  explicit LazyBatchNorm(BatchNormOptions options = {}) : ModuleHolder<LazyImpl<L>>(std::in_place, options) {}
};
using LazyBatchNorm1d = LazyBatchNorm<BatchNorm1dImpl>;
using LazyBatchNorm2d = LazyBatchNorm<BatchNorm2dImpl>;
using LazyBatchNorm3d = LazyBatchNorm<BatchNorm3dImpl>;

template <class L>
class LazyInstanceNorm : public ModuleHolder<LazyImpl<L>> {
 public:
  using ModuleHolder<LazyImpl<L>>::ModuleHolder;
  explicit LazyInstanceNorm(InstanceNormOptions options = {.affine = true, .track_running_stats = true})
      : ModuleHolder<LazyImpl<L>>(std::in_place, options) {}
};
using LazyInstanceNorm1d = LazyInstanceNorm<InstanceNorm1dImpl>;
using LazyInstanceNorm2d = LazyInstanceNorm<InstanceNorm2dImpl>;
using LazyInstanceNorm3d = LazyInstanceNorm<InstanceNorm3dImpl>;

}  // namespace lamina::nn

// Padding layers: reflection, replication, circular, zeros and constant, over the last one to three dimensions.
//   nn::ReflectionPad2d pad(1);  Tensor y = pad(x);  // (8, 3, 32, 32) → (8, 3, 34, 34)
//   nn::ZeroPad2d side({0, 1, 0, 0});                // one column on the right
#pragma once
#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"
#include "lamina/ops/pad.h"

namespace lamina::nn {

/// How much is added on both sides of each of N dimensions: one number, or left and right of the last dimension, then of the
/// one before it, and so on. A negative number crops.
template <int N>
struct Sides : Extent<2 * N> {
  using Extent<2 * N>::Extent;
  Sides(int64_t all) : Extent<2 * N>(all) {}
  Sides(Extent<2 * N> each) : Extent<2 * N>(each) {}
};

template <int N>
struct FieldType<Sides<N>> {
  static std::string type() { return "int | Sequence[int]"; }
  static Sides<N> from(const Value& v) { return FieldType<Extent<2 * N>>::from(v); }
  static Value to(const Sides<N>& v) { return v.shape(); }
};

/// What stands beside the input.
enum class PadKind : uint8_t { Reflection, Replication, Circular };

/// The last N dimensions of an input with one or two more, extended by what the input holds: mirrored at its border
/// (Reflection: …cb|abc|ba…, smaller than the dimension), its border (Replication: …aa|abc|cc…), or its other end (Circular:
/// …bc|abc|ab…, at most the dimension).
/// Shape: (N, C, *space) → (N, C, *padded), or without N. Throws on the call ShapeError. Same in train and eval mode.
/// Source: torch.nn.ReflectionPad2d, ReplicationPad2d, CircularPad2d.
template <PadKind K, int N>
class PadImpl : public Module {
 public:
  explicit PadImpl(Sides<N> padding) : padding(padding) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override;

  Sides<N> padding;
};

/// The last N dimensions of any input extended by `value`.
/// Shape: (*, *space) → (*, *padded). Throws on the call ShapeError. Source: torch.nn.ConstantPad2d.
template <int N>
class ConstantPadImpl : public Module {
 public:
  ConstantPadImpl(Sides<N> padding, Scalar value) : padding(padding), value(value) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override;

  Sides<N> padding;
  Scalar value;
};

/// The last N dimensions of any input extended by zeros. Source: torch.nn.ZeroPad2d.
template <int N>
class ZeroPadImpl : public ConstantPadImpl<N> {
 public:
  explicit ZeroPadImpl(Sides<N> padding) : ConstantPadImpl<N>(padding, 0.0) {}
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
};

template <class Impl, int N>
class PadHolder : public ModuleHolder<Impl> {
 public:
  using ModuleHolder<Impl>::ModuleHolder;
  PadHolder(Sides<N> padding) : ModuleHolder<Impl>(std::in_place, padding) {}
};

template <int N>
class ConstantPad : public ModuleHolder<ConstantPadImpl<N>> {
 public:
  using ModuleHolder<ConstantPadImpl<N>>::ModuleHolder;
  ConstantPad(Sides<N> padding, Scalar value) : ModuleHolder<ConstantPadImpl<N>>(std::in_place, padding, value) {}
};

using ReflectionPad1dImpl = PadImpl<PadKind::Reflection, 1>;
using ReflectionPad2dImpl = PadImpl<PadKind::Reflection, 2>;
using ReflectionPad3dImpl = PadImpl<PadKind::Reflection, 3>;
using ReplicationPad1dImpl = PadImpl<PadKind::Replication, 1>;
using ReplicationPad2dImpl = PadImpl<PadKind::Replication, 2>;
using ReplicationPad3dImpl = PadImpl<PadKind::Replication, 3>;
using CircularPad1dImpl = PadImpl<PadKind::Circular, 1>;
using CircularPad2dImpl = PadImpl<PadKind::Circular, 2>;
using CircularPad3dImpl = PadImpl<PadKind::Circular, 3>;
using ConstantPad1dImpl = ConstantPadImpl<1>;
using ConstantPad2dImpl = ConstantPadImpl<2>;
using ConstantPad3dImpl = ConstantPadImpl<3>;
using ZeroPad1dImpl = ZeroPadImpl<1>;
using ZeroPad2dImpl = ZeroPadImpl<2>;
using ZeroPad3dImpl = ZeroPadImpl<3>;

using ReflectionPad1d = PadHolder<ReflectionPad1dImpl, 1>;
using ReflectionPad2d = PadHolder<ReflectionPad2dImpl, 2>;
using ReflectionPad3d = PadHolder<ReflectionPad3dImpl, 3>;
using ReplicationPad1d = PadHolder<ReplicationPad1dImpl, 1>;
using ReplicationPad2d = PadHolder<ReplicationPad2dImpl, 2>;
using ReplicationPad3d = PadHolder<ReplicationPad3dImpl, 3>;
using CircularPad1d = PadHolder<CircularPad1dImpl, 1>;
using CircularPad2d = PadHolder<CircularPad2dImpl, 2>;
using CircularPad3d = PadHolder<CircularPad3dImpl, 3>;
using ConstantPad1d = ConstantPad<1>;
using ConstantPad2d = ConstantPad<2>;
using ConstantPad3d = ConstantPad<3>;
using ZeroPad1d = PadHolder<ZeroPad1dImpl, 1>;
using ZeroPad2d = PadHolder<ZeroPad2dImpl, 2>;
using ZeroPad3d = PadHolder<ZeroPad3dImpl, 3>;

extern template class PadImpl<PadKind::Reflection, 1>;
extern template class PadImpl<PadKind::Reflection, 2>;
extern template class PadImpl<PadKind::Reflection, 3>;
extern template class PadImpl<PadKind::Replication, 1>;
extern template class PadImpl<PadKind::Replication, 2>;
extern template class PadImpl<PadKind::Replication, 3>;
extern template class PadImpl<PadKind::Circular, 1>;
extern template class PadImpl<PadKind::Circular, 2>;
extern template class PadImpl<PadKind::Circular, 3>;
extern template class ConstantPadImpl<1>;
extern template class ConstantPadImpl<2>;
extern template class ConstantPadImpl<3>;
extern template class ZeroPadImpl<1>;
extern template class ZeroPadImpl<2>;
extern template class ZeroPadImpl<3>;

namespace functional {
using ops::pad;
}  // namespace functional

}  // namespace lamina::nn

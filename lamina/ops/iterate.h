// From tensors to kernels::Strided: broadcasting and merging of dimensions. With map() below, an elementwise operation is
//   Tensor y = empty(x.shape(), x.dtype());
//   dispatch_floating(x.dtype(), "exp", [&]<class T>() { map<T, T>(y, [](compute_t<T> v) { return std::exp(v); }, x); });
#pragma once
#include "lamina/core/tensor.h"
#include "lamina/kernels/strided.h"

namespace lamina::ops {

/// Operands broadcast to `shape`; dimensions of size 1 dropped, neighbours merged where every operand allows it.
void prepare_loop(const Shape& shape, const Tensor* const* operands, int count, int& rank, int64_t& numel,
                  int64_t* sizes, int64_t* const* strides, std::byte** data);

/// The order in which PyTorch's loops walk the dimensions of operands of one shape, innermost first: larger strides outside,
/// the first operand deciding. A dimension without a stride keeps its place; of two with the same stride the longer one goes
/// outside. Random numbers are drawn, and layouts kept, in this order.
PooledVector<int> loop_order(const Shape& shape, std::initializer_list<const Tensor*> operands);

template <int N>
kernels::Strided<N> strided(const Shape& shape, const std::array<const Tensor*, N>& operands) {
  kernels::Strided<N> s;
  std::array<int64_t*, N> strides;
  for (int k = 0; k < N; ++k) strides[k] = s.strides[k].data();
  prepare_loop(shape, operands.data(), N, s.rank, s.numel, s.sizes.data(), strides.data(), s.data.data());
  return s;
}

/// out[i] = f(in[i]…), the inputs broadcast to out's shape; element types as given.
template <class Out, class... In, class F, class... Ts>
void map(const Tensor& out, F f, const Ts&... in) {
  static_assert(sizeof...(In) == sizeof...(Ts));
  kernels::map<Out, In...>(strided<1 + sizeof...(In)>(out.shape(), {&out, &in...}), f);
}

}  // namespace lamina::ops

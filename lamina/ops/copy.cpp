#include "lamina/ops/copy.h"

#include <cstring>
#include <limits>

#include "lamina/ops/iterate.h"

namespace lamina::ops {

namespace {
template <class To, class From>
struct Convert {
  To operator()(From v) const {
    if constexpr (std::is_same_v<To, bool>) return compute_t<From>(v) != compute_t<From>(0);
    else if constexpr (std::is_integral_v<To> && !std::is_integral_v<From>) {
      // a float beyond the integer's range is undefined in C++; by way of int64 it is only unspecified
      const auto f = compute_t<From>(v);
      constexpr double limit = 9223372036854775808.0;
      return f >= -limit && f < limit ? To(int64_t(f)) : To(std::numeric_limits<int64_t>::min());
    } else if constexpr (std::is_same_v<To, From>) return v;
    else return To(compute_t<To>(compute_t<From>(v)));
  }
};
}  // namespace

void copy_values(const Tensor& to, const Tensor& from) {
  if (to.numel() == 0) return;
  if (to.dtype() == from.dtype() && to.is_contiguous() && from.is_contiguous() && to.numel() == from.numel()) {
    const int64_t size = element_size(to.dtype());
    if (to.bytes() == from.bytes()) return;
    return parallel_for(to.numel(), kernels::kPointwiseGrain * 4, [&](int64_t a, int64_t b) {
      std::memmove(to.bytes() + a * size, from.bytes() + a * size, size_t((b - a) * size));
    });
  }
  dispatch_all(to.dtype(), [&]<class To>() {
    dispatch_all(from.dtype(), [&]<class From>() { map<To, From>(to, Convert<To, From>{}, from); });
  });
}

void fill_values(const Tensor& t, Scalar value) {
  if (t.numel() == 0) return;
  dispatch_all(t.dtype(), [&]<class T>() {
    const T v = T(value.to<compute_t<T>>());
    map<T>(t, [v] { return v; });
  });
}

}  // namespace lamina::ops

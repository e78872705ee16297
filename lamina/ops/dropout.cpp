#include "lamina/ops/dropout.h"

#include <atomic>
#include <numeric>
#include <vector>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/kernels/dropout.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/random.h"
#include "lamina/ops/same_dtype.h"

namespace lamina::ops {

namespace {

std::atomic<bool> matching_torch{false};

struct Mask {
  uint64_t key;
  double p;
};

// to = from·mask; both contiguous, of one 32- or 64-bit type
void multiply(const Tensor& from, Mask mask, const Tensor& to) {
  dispatch_real(from.dtype(), "dropout", [&]<class T>() {
    kernels::dropout(from.data<T>(), from.numel(), mask.key, mask.p, T(1) / T(1 - mask.p), to.data<T>());
  });
}

Tensor masked(const Tensor& input, Mask mask) {
  if (is_half(input.dtype())) return to(masked(to(input, kFloat32), mask), input.dtype());
  const Tensor x = contiguous(input.detach());
  Tensor y = empty(x.shape(), x.dtype());
  multiply(x, mask, y);
  if (needs_grad(input))
    record("MulBackward0", y, {&input}, [mask](const Backward& g) -> Tensors { return {masked(g.dy(), mask)}; });
  return y;
}

const Tensor& masked_(const Tensor& self, Mask mask) {
  check_inplace(self, "dropout_");
  if (self.is_contiguous() && !is_half(self.dtype())) multiply(self, mask, self);
  else copy_values(self, masked(self.detach(), mask));
  self.bump_version();
  if (needs_grad(self))
    record("MulBackward0", self, {&self}, [mask](const Backward& g) -> Tensors { return {masked(g.dy(), mask)}; });
  return self;
}

// The dimensions of t from the innermost outwards, as PyTorch orders those of a tensor that is like t: by stride, equal ones
// by size; a stride of 0 leaves a dimension where it is.
std::vector<int> inner_to_outer(const Tensor& t) {
  std::vector<int> order(size_t(t.rank()));
  std::iota(order.rbegin(), order.rend(), 0);
  const auto outside = [&](int a, int b) {  // 1: a lies outside b; −1: inside; 0: cannot tell
    const int64_t x = t.strides()[a], y = t.strides()[b];
    if (x == 0 || y == 0) return 0;
    if (x != y) return x > y ? 1 : -1;
    return t.shape()[a] > t.shape()[b] ? 1 : 0;
  };
  for (size_t i = 1; i < order.size(); ++i)
    for (size_t at = i, k = i; k-- > 0;) {
      const int side = outside(order[k], order[at]);
      if (side < 0) break;
      if (side > 0) std::swap(order[k], order[at]), at = k;
    }
  return order;
}

// Unset values in the order that t has in memory, in which PyTorch draws.
Tensor empty_in_order(const Tensor& t) {
  if (t.is_contiguous()) return empty(t.shape(), t.dtype());
  Strides strides = t.strides();
  int64_t step = 1;
  for (const int d : inner_to_outer(t)) {
    strides[d] = step;
    step *= t.shape()[d];
  }
  return alias(empty({t.numel()}, t.dtype()), t.shape(), strides);
}

}  // namespace

void check_dropout_probability(double p) {
  if (!(p >= 0 && p <= 1)) throw OptionError(str("dropout probability has to be between 0 and 1, but got ", p));
}

Tensor dropout(const Tensor& input, double p, bool training, bool inplace, const GeneratorRef& generator) {
  check_dropout_probability(p);
  if (!training || p == 0 || input.numel() == 0) return input;
  if (!input.is_floating_point()) throw_unsupported("dropout", input.dtype());
  if (p == 1 || match_torch()) {
    Tensor mask = p == 1 ? zeros({}, input.dtype()) : empty_in_order(input);
    if (p != 1) mask = div(bernoulli_(mask, 1 - p, generator), 1 - p);
    return inplace ? mul_(input, mask) : mul(input, mask);
  }
  const Mask mask{draw_key(generator), p};
  return inplace ? masked_(input, mask) : masked(input, mask);
}

Tensor dropout_with_key(const Tensor& input, double p, uint64_t key) { return masked(input, {key, p}); }

void set_match_torch(bool on) { matching_torch = on; }
bool match_torch() { return matching_torch; }

}  // namespace lamina::ops

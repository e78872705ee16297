// Quantiles, declared in sort.h.
#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/indexing.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/sort.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/view.h"
#include "lamina/ops/where.h"

namespace lamina::ops {

namespace {

void check_quantile(const std::string& name, const Tensor& x, const Tensor& q) {
  if (x.dtype() != DType::Float32 && x.dtype() != DType::Float64)
    throw DTypeError(str(name, "() input tensor must be either float or double dtype, got ", lamina::name(x.dtype())));
  if (q.rank() > 1) throw ShapeError(str(name, "() q must be a scalar or 1D tensor, got ", q.shape()));
  if (q.dtype() != x.dtype()) throw DTypeError(name + "() q tensor must be same dtype as the input tensor");
  if (x.numel() == 0) throw Error(name + "() input tensor must be non-empty");
  if (!all(logical_and(ge(q, 0), le(q, 1))).data<bool>()[0])
    throw OptionError(name + "() q values must be in the range [0, 1]");
}

// The share of the upper neighbour of a place between two elements.
Tensor upper_share(const std::string& name, const Tensor& rank, const Tensor& below, const std::string& interpolation) {
  const Tensor share = sub(rank, below);
  if (interpolation == "linear") return share;
  if (interpolation == "lower") return zeros_like(rank);
  if (interpolation == "higher") return ceil(share);
  if (interpolation == "nearest") return sub(round(rank), below);
  if (interpolation == "midpoint") return mul(ceil(share), 0.5);
  throw OptionError(name + "() interpolation must be one of linear, lower, higher, midpoint or nearest, but got " +
                    interpolation);
}

Tensor quantile_of(const std::string& name, const Tensor& x, const Tensor& q, std::optional<int64_t> dim, bool keepdim,
                   const std::string& interpolation, bool ignore_nan) {
  check_quantile(name, x, q);
  const int64_t d = dim ? wrap_dim(*dim, x.rank()) : 0;
  const Tensor rows = dim && x.rank() > 0 ? movedim(x, d, -1) : flatten(x);  // (…, n)
  const int64_t n = rows.size(-1);
  const Tensor sorted = sort(rows).values, last = slice(sorted, -1, n - 1);
  Tensor numbers = full({1}, double(n - 1), x.dtype());  // the last place, or (…, 1) of each row
  if (ignore_nan)
    numbers = clamp_min(sub(to(sum(logical_not(isnan(rows.detach())), {-1}, true), x.dtype()), Scalar(1)), 0);
  const Tensor rank = expand(mul(flatten(q), numbers), rows.shape().slice(0, rows.rank() - 1) + Shape{q.numel()});
  const Tensor below = floor(rank.detach());  // (…, m)
  const Tensor low = gather(sorted, -1, to(below, DType::Int64));
  const Tensor high = gather(sorted, -1, to(ceil(rank.detach()), DType::Int64));
  Tensor y = add(low, mul(sub(high, low), upper_share(name, rank, below, interpolation)));  // (…, m)
  if (!ignore_nan) y = where(isnan(last.detach()), last, y);
  y = movedim(y, -1, 0);  // (m, …)
  if (keepdim) {
    if (dim && x.rank() > 0) y = unsqueeze(y, d + 1);
    else y = reshape(y, Shape{y.size(0)} + Shape::filled(x.rank(), 1));
  }
  return q.rank() == 0 ? squeeze(y, 0) : y;
}

}  // namespace

Tensor quantile(const Tensor& x, const Tensor& q, std::optional<int64_t> dim, bool keepdim,
                const std::string& interpolation) {
  return quantile_of("quantile", x, q, dim, keepdim, interpolation, false);
}
Tensor nanquantile(const Tensor& x, const Tensor& q, std::optional<int64_t> dim, bool keepdim,
                   const std::string& interpolation) {
  return quantile_of("nanquantile", x, q, dim, keepdim, interpolation, true);
}

}  // namespace lamina::ops

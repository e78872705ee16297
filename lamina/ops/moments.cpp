// Variances, norms and logsumexp, declared in reduce.h.
#include <cmath>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/kernels/reduce.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/reduction.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/view.h"
#include "lamina/ops/where.h"

namespace lamina::ops {

namespace {

bool is_half(DType d) { return d == DType::BFloat16 || d == DType::Float16; }

void check_floating(const char* name, const Tensor& x) {
  if (!x.is_floating_point())
    throw DTypeError(str(name, ": Expected a floating point tensor as input, got ", lamina::name(x.dtype())),
                     "Convert it with .float() first");
}

Shape reduced_dims(const Reduction& r, int rank) {
  Shape dims;
  for (int d = 0; d < rank; ++d)
    if (r.reduced[size_t(d)]) dims.push_back(d);
  return dims;
}

// Σ(x − mean)² / max(0, n − correction), of shape r.kept: in float64, in two passes
template <class T>
void variance_of_row(const T* x, int64_t n, double divisor, T* y) {
  double mean = 0;
  kernels::reduce<kernels::Sum<double>>(
      x, 1, n, 1, &mean, [](T v) { return double(v); }, [n](double total) { return total / double(n); });
  kernels::reduce<kernels::Sum<double>>(
      x, 1, n, 1, y, [mean](T v) { return (double(v) - mean) * (double(v) - mean); },
      [divisor](double total) { return T(total / divisor); });
}

Tensor variance(const Tensor& x, const Reduction& r, double correction) {
  ReductionRun run;
  Tensor in = single_run(x, r, run);
  if (run.inner > 1) {  // columns become rows
    in = contiguous(transpose(alias(in, {run.outer, run.n, run.inner}, {run.n * run.inner, run.inner, 1}), 1, 2));
    run = {run.outer * run.inner, run.n, 1, run.left};
  }
  const double divisor = std::max(0.0, double(run.n) - correction);
  Tensor y = empty(r.kept, x.dtype());
  dispatch_real(x.dtype(), "var", [&]<class T>() {
    const auto rows = [&](int64_t from, int64_t to) {
      for (int64_t o = from; o < to; ++o) variance_of_row(in.data<T>() + o * run.n, run.n, divisor, y.data<T>() + o);
    };
    if (run.outer > 8) parallel_for(run.outer, grain_for(run.n), rows);
    else rows(0, run.outer);  // few rows: each is cut by itself
  });
  return y;
}

// dvar·2·(x − mean) / (n − correction)
Tensor variance_gradient(const Tensor& dvar, const Tensor& x, const Reduction& r, double correction) {
  const Tensor centred = sub(x, mean(x, reduced_dims(r, x.rank()), true));
  return mul(reshape(dvar, r.kept), mul(centred, 2 / std::max(0.0, double(r.n) - correction)));
}

}  // namespace

Tensor var(const Tensor& x, const Shape& dims, double correction, bool keepdim) {
  check_floating("var", x);
  if (std::isnan(correction)) throw OptionError("var: correction must be a number, got nan");
  if (is_half(x.dtype())) return to(var(to(x, DType::Float32), dims, correction, keepdim), x.dtype());
  const Reduction r(x.shape(), dims);
  const Tensor y = shaped(variance(x, r, correction), r, keepdim);
  if (needs_grad(x))
    record("VarBackward0", y, {&x}, [x = Saved(x), r, correction](const Backward& g) -> Tensors {
      return {variance_gradient(g.dy(), x.get(), r, correction)};
    });
  return y;
}

Tensor std(const Tensor& x, const Shape& dims, double correction, bool keepdim) {
  check_floating("std", x);
  if (std::isnan(correction)) throw OptionError("std: correction must be a number, got nan");
  if (is_half(x.dtype())) return to(std(to(x, DType::Float32), dims, correction, keepdim), x.dtype());
  const Reduction r(x.shape(), dims);
  const Tensor y = sqrt(shaped(variance(x, r, correction), r, keepdim));
  if (needs_grad(x))
    record("StdBackward0", y, {&x}, [x = Saved(x), y = Saved::output(y), r, correction](const Backward& g) -> Tensors {
      const Tensor deviation = y.get(g);
      const Tensor dvar = where(eq(deviation, 0), 0, div(g.dy(), mul(deviation, 2)));
      return {variance_gradient(dvar, x.get(), r, correction)};
    });
  return y;
}

namespace {

template <class T, class F, class Finish>
void add_up(const Tensor& in, const ReductionRun& run, const Tensor& out, F f, Finish finish) {
  kernels::reduce<kernels::Sum<double>>(
      in.data<T>(), run.outer, run.n, run.inner, out.data<T>(), [f](T v) { return f(std::fabs(double(v))); },
      [finish](double total) { return T(finish(total)); });
}

Tensor norm_values(const Tensor& x, double p, const Reduction& r) {
  ReductionRun run;
  const Tensor in = single_run(x, r, run);
  Tensor y = empty(r.kept, x.dtype());
  dispatch_real(x.dtype(), "norm", [&]<class T>() {
    const auto magnitude = [](T v) { return std::fabs(v); };
    const auto as_is = [](T total) { return total; };
    if (p == 2) add_up<T>(in, run, y, [](double v) { return v * v; }, [](double total) { return std::sqrt(total); });
    else if (p == 1) add_up<T>(in, run, y, [](double v) { return v; }, [](double total) { return total; });
    else if (p == 0)
      add_up<T>(in, run, y, [](double v) { return v != 0 ? 1.0 : 0.0; }, [](double total) { return total; });
    else if (p == std::numeric_limits<double>::infinity())
      kernels::reduce<kernels::Largest<T>>(in.data<T>(), run.outer, run.n, run.inner, y.data<T>(), magnitude, as_is);
    else if (p == -std::numeric_limits<double>::infinity())
      kernels::reduce<kernels::Smallest<T>>(in.data<T>(), run.outer, run.n, run.inner, y.data<T>(), magnitude, as_is);
    else
      add_up<T>(
          in, run, y, [p](double v) { return std::pow(v, p); }, [p](double total) { return std::pow(total, 1 / p); });
  });
  return y;
}

// Whether a sum of p-th powers may have left the range in which double holds every digit.
bool lost_digits(const Tensor& y, double p) {
  const double least = std::pow(1e-280, 1 / p), most = std::pow(1e300, 1 / p);
  bool lost = false;
  dispatch_real(y.dtype(), "norm", [&]<class T>() {
    for (int64_t i = 0; i < y.numel(); ++i) lost |= double(y.data<T>()[i]) < least || double(y.data<T>()[i]) > most;
  });
  return lost;
}

// m·‖x / m‖, m the largest |x|
Tensor scaled_norm_values(const Tensor& x, double p, const Reduction& r) {
  const Tensor largest = reshape(amax(abs(x), reduced_dims(r, x.rank()), true), r.kept);
  const Tensor usable = logical_and(gt(largest, 0), isfinite(largest));
  const Tensor size = where(usable, largest, 1);
  return mul(norm_values(div(x, size), p, r), size);
}

// Where the norm is zero no direction is better than another: the gradient is 0 there, as PyTorch has it.
Tensor norm_gradient(const Tensor& dnorm, const Tensor& x, const Tensor& result, double p, const Reduction& r) {
  const Tensor dy = reshape(dnorm, r.kept), y = reshape(result, r.kept);
  const Shape dims = reduced_dims(r, x.rank());
  if (p == 0) return zeros_like(x);
  if (p == 1) return mul(sign(x), dy);
  if (p == 2) return mul(dy, masked_fill(div(x, y), eq(y, 0), 0));
  if (std::isinf(p)) {
    const Tensor size = abs(x), chosen = logical_or(eq(size, y), logical_and(isnan(size), isnan(y)));
    const Tensor count = to(x.rank() ? sum(chosen, dims, true) : chosen, x.dtype());
    return mul(sign(x), where(chosen, div(dy, count), 0));
  }
  const Tensor slope = p < 1 ? masked_fill(pow(abs(x), p - 1), eq(x, 0), 0) : pow(abs(x), p - 1);
  return mul(mul(sign(x), slope), masked_fill(div(dy, pow(y, p - 1)), eq(y, 0), 0));
}

}  // namespace

Tensor norm(const Tensor& x, double p, const Shape& dims, bool keepdim) {
  check_floating("norm", x);
  if (std::isnan(p)) throw OptionError("norm: p must be a number, got nan");
  if (is_half(x.dtype())) return to(norm(to(x, DType::Float32), p, dims, keepdim), x.dtype());
  const Reduction r(x.shape(), dims);
  if (r.n == 0 && (std::isinf(p) || p < 0))
    throw Error(str("norm: the norm of order ", p, " of no elements is not defined"), "Give a dim of non-zero size");
  Tensor values = norm_values(x, p, r);
  const bool powers = p > 0 && p != 1 && !std::isinf(p) && !(p == 2 && x.dtype() == DType::Float32);
  if (powers && x.numel() > 0 && lost_digits(values, p)) values = scaled_norm_values(x.detach(), p, r);
  const Tensor y = shaped(values, r, keepdim);
  if (needs_grad(x))
    record("NormBackward1", y, {&x}, [x = Saved(x), y = Saved::output(y), p, r](const Backward& g) -> Tensors {
      return {norm_gradient(g.dy(), x.get(), y.get(g), p, r)};
    });
  return y;
}

Tensor logsumexp(const Tensor& input, const Shape& dims, bool keepdim) {
  const DType type = is_floating_point(input.dtype()) ? input.dtype() : default_dtype();
  if (is_half(type)) return to(logsumexp(to(input, DType::Float32), dims, keepdim), type);
  const Tensor x = to(input, type), values = x.detach();
  const Reduction r(x.shape(), dims);
  const Shape over = reduced_dims(r, x.rank());
  Tensor y;
  if (x.numel() == 0) {
    y = log(sum(exp(values), over, true));
  } else {
    const Tensor largest = amax(values, over, true);
    const Tensor shift = masked_fill(largest, isinf(largest), 0);
    y = add(log(sum(exp(sub(values, shift)), over, true)), shift);
  }
  y = shaped(y, r, keepdim);
  if (needs_grad(x))
    record("LogsumexpBackward0", y, {&x},
           [x = Saved(x), y = Saved::output(y), kept = r.kept](const Backward& g) -> Tensors {
             return {mul(reshape(g.dy(), kept), exp(sub(x.get(), reshape(y.get(g), kept))))};
           });
  return y;
}

}  // namespace lamina::ops

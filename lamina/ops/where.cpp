#include "lamina/ops/where.h"

#include "lamina/core/text.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/elementwise.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/promote.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/unary.h"

namespace lamina::ops {

namespace {

void check_mask(const char* name, const Tensor& mask) {
  if (mask.dtype() != DType::Bool)
    throw DTypeError(str(name, " expected condition to be a boolean tensor, but got a tensor with dtype ",
                         scalar_type_name(mask.dtype())));
}

// Values move as plain words of their size, so one loop serves several types.
void choose(const Tensor& out, const Tensor& condition, const Tensor& a, const Tensor& b) {
  if (out.numel() == 0) return;
  const auto run = [&]<class Word>() {
    map<Word, bool, Word, Word>(out, [](bool first, Word x, Word y) { return first ? x : y; }, condition, a, b);
  };
  switch (element_size(out.dtype())) {
    case 1: return run.template operator()<uint8_t>();
    case 2: return run.template operator()<uint16_t>();
    case 4: return run.template operator()<uint32_t>();
    default: return run.template operator()<uint64_t>();
  }
}

Tensor where_in(DType type, const Tensor& condition, const Tensor& a, const Tensor& b) {
  check_mask("where", condition);
  const Shape shape = broadcast(condition.shape(), broadcast(a.shape(), b.shape()));
  Tensor y = empty(shape, type);
  choose(y, condition, to(a.detach(), type), to(b.detach(), type));
  if (needs_grad(a, b))
    record("WhereBackward0", y, {&a, &b},
           [condition = Saved(condition), a_shape = a.shape(), b_shape = b.shape(), a_type = a.dtype(),
            b_type = b.dtype()](const Backward& g) -> Tensors {
             const Tensor& mask = condition.get();
             return {g.needs(0) ? to(sum_to(where(mask, g.dy(), 0), a_shape), a_type) : Tensor(),
                     g.needs(1) ? to(sum_to(where(mask, 0, g.dy()), b_shape), b_type) : Tensor()};
           });
  return y;
}

DType type_beside(const Tensor& t, Scalar number) { return result_type(t, number); }

}  // namespace

Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
  return where_in(result_type(a, b), condition, a, b);
}
Tensor where(const Tensor& condition, Scalar a, const Tensor& b) {
  const DType type = type_beside(b, a);
  return where_in(type, condition, full({}, a, type), b);
}
Tensor where(const Tensor& condition, const Tensor& a, Scalar b) {
  const DType type = type_beside(a, b);
  return where_in(type, condition, a, full({}, b, type));
}
Tensor where(const Tensor& condition, Scalar a, Scalar b) {
  const auto type_of = [](Scalar s) {
    return s.kind() == Scalar::Kind::Float ? default_dtype()
           : s.kind() == Scalar::Kind::Int ? DType::Int64
                                           : DType::Bool;
  };
  const DType type = promote_types(type_of(a), type_of(b));
  return where_in(type, condition, full({}, a, type), full({}, b, type));
}

Tensor masked_fill(const Tensor& x, const Tensor& mask, Scalar value) {
  check_mask("masked_fill", mask);
  return where_in(x.dtype(), mask, full({}, value, x.dtype()), x);
}
Tensor masked_fill(const Tensor& x, const Tensor& mask, const Tensor& value) {
  check_mask("masked_fill", mask);
  if (value.rank() != 0)
    throw ShapeError(str("masked_fill only supports a 0-dimensional value tensor, but got tensor with ", value.rank(),
                         " dimension(s)."));
  return where_in(x.dtype(), mask, value, x);
}
const Tensor& masked_fill_(const Tensor& self, const Tensor& mask, Scalar value) {
  return inplace(self, "masked_fill_", [&](const Tensor& before) { return masked_fill(before, mask, value); });
}
const Tensor& masked_fill_(const Tensor& self, const Tensor& mask, const Tensor& value) {
  return inplace(self, "masked_fill_", [&](const Tensor& before) { return masked_fill(before, mask, value); });
}

Tensor clamp(const Tensor& input, std::optional<Scalar> min, std::optional<Scalar> max) {
  if (!min && !max) throw OptionError("torch.clamp: At least one of 'min' or 'max' must not be None");
  DType type = input.dtype();
  if (min) type = promote_types(type, result_type(input, *min));
  if (max) type = promote_types(type, result_type(input, *max));
  if (type == DType::BFloat16 || type == DType::Float16) return to(clamp(to(input, DType::Float32), min, max), type);
  const Tensor x = to(input, type);
  Tensor y = empty(x.shape(), type);
  if (x.numel() > 0)
    dispatch_arithmetic(type, "clamp", [&]<class T>() {
      const T low = min ? min->to<T>() : T(), high = max ? max->to<T>() : T();
      // a comparison with NaN is false, so NaN passes
      if (min && max)
        map<T, T>(
            y,
            [=](T v) {
              v = v < low ? low : v;
              return v > high ? high : v;
            },
            x);
      else if (min) map<T, T>(y, [=](T v) { return v < low ? low : v; }, x);
      else map<T, T>(y, [=](T v) { return v > high ? high : v; }, x);
    });
  if (needs_grad(x))
    record("ClampBackward1", y, {&x}, [x = Saved(x), min, max](const Backward& g) -> Tensors {
      Tensor inside = min ? ge(x.get(), *min) : le(x.get(), *max);
      if (min && max) inside = logical_and(inside, le(x.get(), *max));
      return {where(inside, g.dy(), 0)};
    });
  return y;
}
Tensor clamp_min(const Tensor& x, Scalar min) { return clamp(x, min, {}); }
Tensor clamp_max(const Tensor& x, Scalar max) { return clamp(x, std::nullopt, max); }
const Tensor& clamp_(const Tensor& self, std::optional<Scalar> min, std::optional<Scalar> max) {
  return inplace(self, "clamp_", [&](const Tensor& before) { return clamp(before, min, max); });
}

Tensor clamp(const Tensor& x, const Tensor& min, const Tensor& max) {
  if (!min.defined() && !max.defined())
    throw OptionError("torch.clamp: At least one of 'min' or 'max' must not be None");
  Tensor y = x;
  if (min.defined()) y = where(lt(y, min), min, y);
  if (max.defined()) y = where(gt(y, max), max, y);
  return y;
}
const Tensor& clamp_(const Tensor& self, const Tensor& min, const Tensor& max) {
  return inplace(self, "clamp_", [&](const Tensor& before) { return clamp(before, min, max); });
}

Tensor nan_to_num(const Tensor& x, double nan, std::optional<double> posinf, std::optional<double> neginf) {
  if (!x.is_floating_point()) return clone(x);
  double largest = std::numeric_limits<double>::max();
  if (x.dtype() == DType::Float32) largest = std::numeric_limits<float>::max();
  else if (x.dtype() == DType::Float16) largest = 65504;
  else if (x.dtype() == DType::BFloat16) largest = 3.3895313892515355e38;
  Tensor y = where(isnan(x), nan, x);
  y = where(gt(y, largest), posinf.value_or(largest), y);
  return where(lt(y, -largest), neginf.value_or(-largest), y);
}

}  // namespace lamina::ops

#include "lamina/ops/curve.h"

#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/same_dtype.h"

namespace lamina::ops {

namespace {

DType computed_in(DType d) { return is_half(d) ? kFloat32 : d; }

Tensor converted(const Tensor& t, DType dtype) {
  if (t.dtype() == dtype) return t;
  Tensor y = empty(t.shape(), dtype);
  copy_values(y, t);
  return y;
}

void check_type(const Curve& c, DType dtype) {
  const bool fine = c.takes_integers ? dtype != kBool : is_floating_point(dtype);
  if (!fine) throw_unsupported(c.name, dtype);
}

void run_into(const Curve& c, const Tensor& y, const Tensor& x, const Numbers& numbers) {
  if (y.numel() == 0) return;
  const DType in = computed_in(x.dtype());
  if (in == x.dtype()) return c.run(y, x, numbers);
  const Tensor wide = empty(y.shape(), in);
  c.run(wide, converted(x, in), numbers);
  copy_values(y, wide);
}

void record_curve(const Curve& c, const Tensor& y, const Tensor& x, const Saved& kept, bool is_output,
                  const Numbers& numbers) {
  record(c.node, y, {&x}, [&c, kept, is_output, numbers, type = x.dtype()](const Backward& g) -> Tensors {
    const Tensor at = is_output ? kept.get(g) : kept.get();
    const DType in = computed_in(type);
    if (g.create_graph) return {to(c.plain(to(g.dy(), in), to(at, in), numbers), type)};
    const Tensor dx = empty(at.shape(), in);
    if (dx.numel() > 0) c.run_backward(dx, converted(g.dy(), in), converted(at, in), numbers);
    return {converted(dx, type)};
  });
}

}  // namespace

Tensor curve(const Curve& c, const Tensor& x, const Numbers& numbers) {
  check_type(c, x.dtype());
  const Tensor y = empty(x.shape(), x.dtype());
  run_into(c, y, x, numbers);
  if (needs_grad(x)) record_curve(c, y, x, Saved(x), false, numbers);
  return y;
}

const Tensor& curve_(const Curve& c, const Tensor& self, const Numbers& numbers) {
  check_type(c, self.dtype());
  check_inplace(self, c.name);
  const bool recorded = needs_grad(self);
  const bool by_output = c.kept_by_output && c.kept_by_output(numbers);
  const Tensor before = recorded && !by_output ? copy_with_history(self) : self;
  const Saved input = recorded && !by_output ? Saved(before) : Saved();
  run_into(c, self, before, numbers);
  self.bump_version();
  // an alias: self's own output_index is still that of the node it came from
  if (recorded)
    record_curve(c, self, before, by_output ? Saved::output(alias(self, self.shape(), self.strides())) : input,
                 by_output, numbers);
  return self;
}

void check_option(const char* name, double value) {
  if (std::isnan(value)) throw OptionError(str(name, " must be a number, got nan"));
}

}  // namespace lamina::ops

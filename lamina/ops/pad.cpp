#include "lamina/ops/pad.h"

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/kernels/pad.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/window.h"

namespace lamina::ops {

namespace {

enum class Mode { Constant, Reflect, Replicate, Circular };

Mode mode_of(const std::string& name) {
  if (name == "constant") return Mode::Constant;
  if (name == "reflect") return Mode::Reflect;
  if (name == "replicate") return Mode::Replicate;
  if (name == "circular") return Mode::Circular;
  throw OptionError(
      str("mode must be one of \"constant\", \"reflect\", \"replicate\", \"circular\", got \"", name, "\""));
}

// The padding of dimension d from the end, d = 0 the last.
struct Sides { int64_t left, right; };
Sides sides(const Shape& pad, int d) { return 2 * d < pad.rank() ? Sides{pad[2 * d], pad[2 * d + 1]} : Sides{0, 0}; }

// What cropping leaves of a dimension: circular padding repeats this part.
int64_t kept(int64_t size, Sides s) { return size + std::min<int64_t>(0, s.left) + std::min<int64_t>(0, s.right); }

void check_borders(Mode mode, const Shape& input, const Shape& pad, int64_t size, Sides s) {
  if (mode == Mode::Reflect && std::max(s.left, s.right) >= size)
    throw ShapeError(
        str("padding ", pad, " must be smaller than the dimension it reflects (", size, ") of input ", input));
  if (mode == Mode::Circular && std::max({s.left, s.right, int64_t{0}}) > kept(size, s))
    throw ShapeError(str("padding ", pad, " of input ", input, " wraps around more than once: at most ",
                         std::max<int64_t>(0, kept(size, s)), " for a dimension of ", size,
                         kept(size, s) < size ? " that is cropped" : ""));
}

}  // namespace

Shape pad_shape(const Shape& input, const Shape& pad, const std::string& mode_name) {
  const Mode mode = mode_of(mode_name);
  const int n = pad.rank() / 2;
  if (pad.rank() % 2 != 0)
    throw OptionError(str("pad ", pad, " must hold two numbers, left and right, for each dimension"));
  if (mode == Mode::Constant ? n > input.rank() : n < 1 || n > 3 || (input.rank() != n + 1 && input.rank() != n + 2))
    throw ShapeError(mode == Mode::Constant
                         ? str("pad ", pad, " is for ", n, " dimensions, input ", input, " has only ", input.rank())
                         : str("pad ", pad, " is for the last ", n, " of ", n + 1, " or ", n + 2,
                               " dimensions (1 to 3 of them) in mode \"", mode_name, "\", input is ", input));
  if (pad.rank() > 0) window_sizes("pad", pad, pad.rank());
  Shape out = input;
  for (int d = 0; d < n; ++d) {
    const int64_t size = input[-1 - d];
    const Sides s = sides(pad, d);
    if (mode != Mode::Constant) check_borders(mode, input, pad, size, s);
    out[-1 - d] = size + s.left + s.right;
    if (out[-1 - d] < 0 || (mode == Mode::Constant && kept(size, s) < 0))
      throw ShapeError(
          str("pad ", pad, " crops more than dimension ", input.rank() - 1 - d, " of input ", input, " has"));
    if (mode != Mode::Constant && size == 0 && out[-1 - d] > 0)
      throw ShapeError(str("input ", input, " has nothing to pad dimension ", input.rank() - 1 - d, " with"));
  }
  if (mode == Mode::Reflect || mode == Mode::Replicate) {
    const Shape padded = out.last(n);
    if (std::all_of(padded.begin(), padded.end(), [](int64_t size) { return size == 0; }))
      throw ShapeError(str("pad ", pad, " crops all of input ", input));
    for (int d = input.rank() == n + 1 ? 0 : 1; d < input.rank(); ++d)
      if (input[d] == 0)
        throw ShapeError(str("input ", input, " may be empty in its batch only, mode \"", mode_name, "\""));
  }
  return out;
}

namespace {

// The index of the input that output index i takes; every one lies inside, for check_borders has passed. Circular padding
// crops first: the rest goes round.
int64_t source_index(Mode mode, int64_t i, int64_t size, Sides s) {
  if (mode == Mode::Circular) {
    const int64_t period = kept(size, s), from = i - std::max<int64_t>(0, s.left);
    return std::max<int64_t>(0, -s.left) + (from + period) % period;
  }
  i -= s.left;
  if (mode == Mode::Replicate) return std::clamp<int64_t>(i, 0, size - 1);
  if (i < 0) i = -i;
  return i < size ? i : 2 * (size - 1) - i;
}

// What gather and its gradient, scatter, share.
struct Table {
  Shape in, out;
  int spatial;
  std::array<std::vector<int64_t>, 3> source;

  kernels::PadGeometry geometry() const {
    kernels::PadGeometry g;
    g.planes = in.slice(0, in.rank() - spatial).numel();
    to_three(in.last(spatial), 1, g.in);
    to_three(out.last(spatial), 1, g.out);
    for (int d = 0; d < 3; ++d) g.source[d] = source[size_t(d)].data();
    return g;
  }
};
using TableRef = std::shared_ptr<const Table>;

TableRef make_table(Mode mode, const Shape& in, const Shape& out, const Shape& pad) {
  auto table = std::make_shared<Table>(Table{in, out, pad.rank() / 2, {}});
  for (int d = 0; d < 3; ++d) {
    auto& source = table->source[size_t(2 - d)];
    if (d >= table->spatial) source = {0};
    else
      for (int64_t i = 0; i < out[-1 - d]; ++i) source.push_back(source_index(mode, i, in[-1 - d], sides(pad, d)));
  }
  return table;
}

Tensor scatter(const Tensor& dy, const TableRef& table);

Tensor gather(const Tensor& input, const TableRef& table) {
  const Tensor x = contiguous(input.detach());
  Tensor y = empty(table->out, input.dtype());
  if (y.numel() > 0)
    dispatch_all(x.dtype(), [&]<class T>() { kernels::pad_gather(x.data<T>(), table->geometry(), y.data<T>()); });
  if (needs_grad(input))
    record("PadBackward0", y, {&input}, [table](const Backward& g) -> Tensors { return {scatter(g.dy(), table)}; });
  return y;
}

Tensor scatter(const Tensor& dy, const TableRef& table) {
  if (dy.dtype() != kFloat32 && dy.dtype() != kFloat64) return to(scatter(to(dy, kFloat32), table), dy.dtype());
  const Tensor from = contiguous(dy.detach());
  Tensor dx = empty(table->in, dy.dtype());
  if (dx.numel() > 0)
    dispatch_real(dy.dtype(), "pad",
                  [&]<class T>() { kernels::pad_scatter(from.data<T>(), table->geometry(), dx.data<T>()); });
  if (needs_grad(dy))
    record("PadBackwardBackward0", dx, {&dy},
           [table](const Backward& g) -> Tensors { return {gather(g.dy(), table)}; });
  return dx;
}

// Its gradient is the same with every number negated: what was added is cropped, what was cropped is filled with zeros.
Tensor constant_pad(const Tensor& input, const Shape& pad, Scalar value) {
  Tensor y = full(pad_shape(input.shape(), pad, "constant"), value, input.dtype());
  Shape kept = input.shape();  // the part of the input that y shows
  int64_t from = 0, to = 0;
  for (int d = 0; d < pad.rank() / 2; ++d) {
    const Sides s = sides(pad, d);
    from += std::max<int64_t>(0, -s.left) * input.strides()[-1 - d];
    to += std::max<int64_t>(0, s.left) * y.strides()[-1 - d];
    kept[-1 - d] += std::min<int64_t>(0, s.left) + std::min<int64_t>(0, s.right);
  }
  if (std::all_of(kept.begin(), kept.end(), [](int64_t n) { return n > 0; }))
    copy_values(alias(y, kept, y.strides(), to), alias(input.detach(), kept, input.strides(), from));
  if (needs_grad(input)) {
    Shape back = pad;
    for (int64_t& n : back) n = -n;
    record("ConstantPadNdBackward0", y, {&input},
           [back](const Backward& g) -> Tensors { return {constant_pad(g.dy(), back, 0)}; });
  }
  return y;
}

}  // namespace

Tensor pad(const Tensor& input, const Shape& pad, const std::string& mode_name, std::optional<Scalar> value) {
  const Mode mode = mode_of(mode_name);
  const Shape out = pad_shape(input.shape(), pad, mode_name);
  if (mode == Mode::Constant) return constant_pad(input, pad, value.value_or(0));
  if (value && value->to_double() != 0) throw OptionError(str("mode \"", mode_name, "\" takes no value, got ", *value));
  checked_numel(out, element_size(input.dtype()));  // before the table, which is as long as the output
  return gather(input, make_table(mode, input.shape(), out, pad));
}

}  // namespace lamina::ops

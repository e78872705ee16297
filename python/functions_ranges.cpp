// Tensors of a rule: lamina.arange, linspace, eye, tril, diag, …
#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/view.h"
#include "python/bind.h"
#include "python/binding.h"
#include "python/creation.h"

namespace lamina::python {

namespace {

using MaybeType = std::optional<DType>;

void bind_steps(const Op& op) {
  const auto arange = [](Scalar start, Scalar end, Scalar step, nb::object out, MaybeType dtype, nb::object layout,
                         DeviceArgument device, bool requires_grad) {
    device.check();
    return finish(ops::arange(start, end, step, dtype), out, requires_grad);
  };
  op.function(
      "arange",
      [arange](Scalar end, nb::object out, MaybeType dtype, nb::object layout, DeviceArgument device,
               bool requires_grad) { return arange(0, end, 1, out, dtype, layout, device, requires_grad); },
      "0, 1, … before end.", "end"_a, nb::kw_only(), "out"_a = nb::none(), "dtype"_a = nb::none(),
      "layout"_a = nb::none(), "device"_a = nb::none(), "requires_grad"_a = false);
  op.function("arange", arange, "start, start + step, … before end.", "start"_a, "end"_a, "step"_a = 1, nb::kw_only(),
              "out"_a = nb::none(), "dtype"_a = nb::none(), "layout"_a = nb::none(), "device"_a = nb::none(),
              "requires_grad"_a = false);
  op.function(
      "linspace",
      [](Scalar start, Scalar end, int64_t steps, nb::object out, MaybeType dtype, nb::object layout,
         DeviceArgument device, bool requires_grad) {
        device.check();
        return finish(ops::linspace(start.to_double(), end.to_double(), steps, dtype.value_or(default_dtype())), out,
                      requires_grad);
      },
      "steps numbers at equal distances from start to end.", "start"_a, "end"_a, "steps"_a, nb::kw_only(),
      "out"_a = nb::none(), "dtype"_a = nb::none(), "layout"_a = nb::none(), "device"_a = nb::none(),
      "requires_grad"_a = false);
  op.function(
      "logspace",
      [](Scalar start, Scalar end, int64_t steps, double base, MaybeType dtype, DeviceArgument device,
         bool requires_grad) {
        device.check();
        return finish(ops::logspace(start.to_double(), end.to_double(), steps, base, dtype.value_or(default_dtype())),
                      nb::none(), requires_grad);
      },
      "base to the powers linspace(start, end, steps).", "start"_a, "end"_a, "steps"_a, "base"_a = 10.0, nb::kw_only(),
      "dtype"_a = nb::none(), "device"_a = nb::none(), "requires_grad"_a = false);
}

void bind_matrices(const Op& op) {
  op.function(
      "eye",
      [](int64_t n, std::optional<int64_t> m, nb::object out, MaybeType dtype, nb::object layout, DeviceArgument device,
         bool requires_grad) {
        device.check();
        return finish(ops::eye(n, m.value_or(n), dtype.value_or(default_dtype())), out, requires_grad);
      },
      "Ones on the main diagonal.", "n"_a, "m"_a = nb::none(), nb::kw_only(), "out"_a = nb::none(),
      "dtype"_a = nb::none(), "layout"_a = nb::none(), "device"_a = nb::none(), "requires_grad"_a = false);
  op("tril", &ops::tril, "The lower triangle, zeros elsewhere.", "input"_a, "diagonal"_a = 0);
  op("triu", &ops::triu, "The upper triangle, zeros elsewhere.", "input"_a, "diagonal"_a = 0);
  op("diag", &ops::diag, "A vector on a diagonal, or a matrix's diagonal.", "input"_a, "diagonal"_a = 0);
}

// All combinations of the vectors' elements; indexing "ij" or "xy", in which the first two are exchanged.
Tensors meshgrid(nb::args given, std::string indexing) {
  if (indexing != "ij" && indexing != "xy")
    throw OptionError(str("torch.meshgrid: indexing must be one of \"xy\" or \"ij\", but received: ", indexing));
  Tensors vectors = nb::cast<Tensors>(PyTuple_GET_SIZE(given.ptr()) == 1 && !is_tensor(PyTuple_GET_ITEM(given.ptr(), 0))
                                          ? nb::handle(PyTuple_GET_ITEM(given.ptr(), 0))
                                          : nb::handle(given));
  const bool exchanged = indexing == "xy" && vectors.size() >= 2;
  if (exchanged) std::swap(vectors[0], vectors[1]);
  Shape shape;
  for (const Tensor& v : vectors) {
    if (v.rank() > 1)
      throw ShapeError(str("torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got shape ", v.shape()));
    shape.push_back(v.numel());
  }
  Tensors grids;
  for (size_t i = 0; i < vectors.size(); ++i) {
    Shape one = Shape::filled(shape.rank(), 1);
    one[int64_t(i)] = vectors[i].numel();
    grids.push_back(ops::expand(ops::reshape(vectors[i], one), shape));
  }
  if (exchanged) std::swap(grids[0], grids[1]);
  return grids;
}

}  // namespace

void bind_ranges(nb::module_& m) {
  const Op op{m};
  bind_steps(op);
  bind_matrices(op);
  op.function("meshgrid", meshgrid, "All combinations of the vectors' elements.", "tensors"_a, "indexing"_a = "ij");
}

}  // namespace lamina::python

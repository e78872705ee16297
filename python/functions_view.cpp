// Views and concatenation as functions and methods: x.view, x.permute, lamina.cat, …
#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/concat.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/view.h"
#include "python/bind.h"
#include "python/binding.h"
#include "python/formats.h"

namespace lamina::python {

namespace {

void bind_shapes(const Op& op) {
  op.method_with_sizes("view", ops::view, "The same elements in another shape, without a copy.", "shape");
  op.method(
      "view_as", [](const Tensor& self, const Tensor& other) { return ops::view(self, other.shape()); },
      "view(other.shape)", "other"_a);
  op.with_sizes("reshape", ops::reshape, "The same elements in another shape; copied where they must be.", "shape");
  op.method(
      "reshape_as", [](const Tensor& self, const Tensor& other) { return ops::reshape(self, other.shape()); },
      "reshape(other.shape)", "other"_a);
  op("flatten", &ops::flatten, "The dimensions start_dim to end_dim as one.", "input"_a, "start_dim"_a = 0,
     "end_dim"_a = -1);
  op("ravel", [](const Tensor& input) { return ops::flatten(input); }, "All dimensions as one.", "input"_a);
  op("unflatten", &ops::unflatten, "Dimension dim as several.", "input"_a, "dim"_a, "sizes"_a);
  op(
      "squeeze",
      [](const Tensor& input, std::optional<Shape> dim) {
        return dim ? ops::squeeze(input, *dim) : ops::squeeze(input);
      },
      "Without dimensions of size 1.", "input"_a, "dim"_a = nb::none());
  op("unsqueeze", &ops::unsqueeze, "With a dimension of size 1 before dim.", "input"_a, "dim"_a);
}

void bind_orders(const Op& op) {
  for (const char* name : {"transpose", "swapaxes", "swapdims"})
    op(name, &ops::transpose, "Two dimensions exchanged.", "input"_a, "dim0"_a, "dim1"_a);
  op("t", &ops::t, "A matrix transposed.", "input"_a);
  op("adjoint", &ops::matrix_transpose, "The last two dimensions exchanged.", "input"_a);
  op.with_sizes("permute", ops::permute, "The dimensions in another order.", "dims");
  for (const char* name : {"movedim", "moveaxis"})
    op(
        name,
        [](const Tensor& input, const Shape& source, const Shape& destination) {
          return ops::movedim(input, source, destination);
        },
        "Dimensions moved to other places.", "input"_a, "source"_a, "destination"_a);
}

void bind_repetition(const Op& op) {
  op.method_with_sizes("expand", ops::expand, "Dimensions of size 1 repeated without a copy.", "size");
  op.method("expand_as", &ops::expand_as, "expand(other.shape)", "other"_a);
  op("broadcast_to", &ops::expand, "Dimensions of size 1 repeated without a copy.", "input"_a, "size"_a);
  op.method_with_sizes("repeat", ops::repeat, "The tensor repeated along each dimension.", "repeats");
  op.with_sizes("tile", ops::tile, "The tensor repeated along its last dimensions.", "dims");
  op(
      "repeat_interleave",
      [](const Tensor& input, const Operand& repeats, std::optional<int64_t> dim, std::optional<int64_t> output_size) {
        return repeats.tensor ? ops::repeat_interleave(input, *repeats.tensor, dim)
                              : ops::repeat_interleave(input, repeats.scalar.to<int64_t>(), dim);
      },
      "Each element repeated.", "input"_a, "repeats"_a, "dim"_a = nb::none(), nb::kw_only(),
      "output_size"_a = nb::none());
  op.function(
      "broadcast_tensors",
      [](nb::args tensors) {
        const Tensors given = nb::cast<Tensors>(tensors);
        Shape shape;
        for (const Tensor& t : given) shape = broadcast(shape, t.shape());
        Tensors expanded;
        for (const Tensor& t : given) expanded.push_back(t.shape() == shape ? t : ops::expand(t, shape));
        return expanded;
      },
      "The tensors expanded to their common shape.", "tensors"_a);
  op.function(
      "broadcast_shapes",
      [](nb::args shapes) {
        Shape shape;
        for (nb::handle s : shapes) shape = broadcast(shape, shape_of(s.ptr(), "broadcast_shapes(): shape"));
        return shape;
      },
      "The common shape.", "shapes"_a);
}

// chunk and split give tuples; sections of split may be one size or a list of them.
Tensors split(const Tensor& x, nb::handle sections, int64_t dim) {
  if (PyList_Check(sections.ptr()) || PyTuple_Check(sections.ptr()))
    return ops::split(x, shape_of(sections.ptr(), "split(): split_size_or_sections"), dim);
  return ops::split(x, shape_of(sections.ptr(), "split(): split_size")[0], dim);
}

void bind_parts(const Op& op) {
  op("narrow", &ops::narrow, "Elements [start, start + length) of dim.", "input"_a, "dim"_a, "start"_a, "length"_a);
  op("select", &ops::select, "Element index of dim.", "input"_a, "dim"_a, "index"_a);
  op("unbind", &ops::unbind, "The slices along dim.", "input"_a, "dim"_a = 0);
  op("chunk", &ops::chunk, "At most so many parts along dim.", "input"_a, "chunks"_a, "dim"_a = 0);
  op.function("split", split, "Parts of a size along dim, or of several sizes.", "tensor"_a, "split_size_or_sections"_a,
              "dim"_a = 0);
  op.method("split", split, "Parts of a size along dim, or of several sizes.", "split_size"_a, "dim"_a = 0);
  op(
      "split_with_sizes",
      [](const Tensor& input, const Shape& sizes, int64_t dim) { return ops::split(input, sizes, dim); },
      "Parts of these sizes along dim.", "input"_a, "split_sizes"_a, "dim"_a = 0);
  op("diagonal", &ops::diagonal, "The diagonal of two dimensions.", "input"_a, "offset"_a = 0, "dim1"_a = 0,
     "dim2"_a = 1);
  op.method("unfold", &ops::unfold, "Windows along a dimension, as a new last one.", "dimension"_a, "size"_a, "step"_a);
  op("as_strided", &ops::as_strided, "Any view of the storage.", "input"_a, "size"_a, "stride"_a,
     "storage_offset"_a = nb::none());
}

Tensors at_least(const nb::args& tensors, int64_t rank) {
  Tensors out;
  for (const Tensor& t :
       nb::cast<Tensors>(PyTuple_GET_SIZE(tensors.ptr()) == 1 && !is_tensor(PyTuple_GET_ITEM(tensors.ptr(), 0))
                             ? nb::handle(PyTuple_GET_ITEM(tensors.ptr(), 0))
                             : nb::handle(tensors))) {
    Tensor y = t;
    if (rank == 1 && y.rank() == 0) y = ops::unsqueeze(y, 0);
    if (rank >= 2)
      while (y.rank() < 2) y = ops::unsqueeze(y, 0);
    if (rank == 3 && y.rank() == 2) y = ops::unsqueeze(y, 2);
    out.push_back(y);
  }
  return out;
}

Tensor flipped(const Tensor& input, int64_t dim) {
  if (input.rank() <= dim) throw ShapeError(str("Input must be >= ", dim + 1, "-d, got ", input.shape()));
  return ops::flip(input, {dim});
}

void bind_concatenation(const Op& op) {
  for (const char* name : {"cat", "concat", "concatenate"})
    op.function(name, &ops::cat, "The tensors one after another along dim.", "tensors"_a, "dim"_a = 0);
  op.function("stack", &ops::stack, "The tensors along a new dimension.", "tensors"_a, "dim"_a = 0);
  op.function("hstack", &ops::hstack, "The tensors side by side.", "tensors"_a);
  op.function("vstack", &ops::vstack, "The tensors one below another.", "tensors"_a);
  op.with_sizes("flip", ops::flip, "The order along dims reversed.", "dims");
  op(
      "fliplr", [](const Tensor& input) { return flipped(input, 1); }, "The order along dimension 1 reversed.",
      "input"_a);
  op(
      "flipud", [](const Tensor& input) { return flipped(input, 0); }, "The order along dimension 0 reversed.",
      "input"_a);
  op(
      "roll",
      [](const Tensor& input, const Shape& shifts, std::optional<Shape> dims) {
        return ops::roll(input, shifts, dims.value_or(Shape{}));
      },
      "The elements shifted in a circle.", "input"_a, "shifts"_a, "dims"_a = nb::none());
  for (int64_t rank : {1, 2, 3})
    op.function(
        kept(str("atleast_", rank, "d")),
        [rank](nb::args tensors) -> nb::object {
          const Tensors out = at_least(tensors, rank);
          if (PyTuple_GET_SIZE(tensors.ptr()) == 1 && is_tensor(PyTuple_GET_ITEM(tensors.ptr(), 0)))
            return nb::cast(out[0]);
          return nb::cast(out);
        },
        "The tensors with at least so many dimensions.", "tensors"_a);
}

void bind_copies(const Op& op) {
  op(
      "clone",
      [](const Tensor& input, nb::object memory_format) {
        check_memory_format(memory_format.ptr());
        return ops::clone(input);
      },
      "A copy with history.", "input"_a, nb::kw_only(), "memory_format"_a = nb::none());
  op.method(
      "contiguous",
      [](const Tensor& self, nb::object memory_format) {
        check_memory_format(memory_format.ptr());
        return ops::contiguous(self);
      },
      "The tensor itself where it is contiguous, else a copy.", "memory_format"_a = nb::none());
}

}  // namespace

void bind_view(nb::module_& m) {
  const Op op{m};
  bind_shapes(op);
  bind_orders(op);
  bind_repetition(op);
  bind_parts(op);
  bind_concatenation(op);
  bind_copies(op);
}

}  // namespace lamina::python

// What lamina/nn/utils/rnn.py is made of: packing and padding of sequences.
#include "python/packed_sequence.h"

#include "lamina/core/text.h"
#include "python/bind.h"
#include "python/binding.h"

namespace lamina::python {

namespace {

nb::object packed_sequence_class() { return nb::module_::import_("lamina.nn.utils.rnn").attr("PackedSequence"); }

nb::object or_none(const Tensor& t) { return t.defined() ? checked(wrap(t)) : nb::none(); }
nb::object fields(const ops::PackedSequence& s) {
  return nb::make_tuple(s.data, s.batch_sizes, or_none(s.sorted_indices), or_none(s.unsorted_indices));
}

}  // namespace

bool is_packed_sequence(nb::handle o) {
  if (!PyTuple_Check(o.ptr()) || PyTuple_CheckExact(o.ptr())) return false;
  const int is = PyObject_IsInstance(o.ptr(), packed_sequence_class().ptr());
  if (is < 0) throw nb::python_error();
  return is != 0;
}

ops::PackedSequence packed_sequence_from(nb::handle o) {
  Tensor parts[4];
  for (Py_ssize_t i = 0; i < 4; ++i) {
    PyObject* part = PyTuple_GET_ITEM(o.ptr(), i);
    if (part == Py_None && i >= 2) continue;
    if (!is_tensor(part))
      throw DTypeError(str("a PackedSequence holds tensors, field ", int64_t(i), " is ", Py_TYPE(part)->tp_name));
    parts[i] = tensor_of(part);
  }
  return {parts[0], parts[1], parts[2], parts[3]};
}

nb::object packed_sequence_like(nb::handle like, const ops::PackedSequence& sequence) {
  return like.type()(*nb::borrow<nb::tuple>(fields(sequence)));
}

void bind_packed_sequence(nb::module_& m) {
  nb::module_ module = m.def_submodule("_rnn", "Sequences of different lengths, padded and packed.");
  const Op op{module};
  op.function(
      "_pack_padded_sequence",
      [](const Tensor& input, const Tensor& lengths, bool batch_first, bool enforce_sorted) {
        return fields(ops::pack_padded_sequence(input, lengths, batch_first, enforce_sorted));
      },
      "The fields of a PackedSequence.", "input"_a, "lengths"_a, "batch_first"_a, "enforce_sorted"_a);
  op.function(
      "_pad_packed_sequence",
      [](nb::handle sequence, bool batch_first, double padding_value, std::optional<int64_t> total_length) {
        if (!is_packed_sequence(sequence))
          throw DTypeError(str("expected a PackedSequence, got ", Py_TYPE(sequence.ptr())->tp_name));
        if (total_length && *total_length < 1)
          throw OptionError(
              str("Expected total_length to be at least the length of the longest sequence in input, but "
                  "got total_length=",
                  *total_length));
        const ops::PaddedSequence padded = ops::pad_packed_sequence(packed_sequence_from(sequence), batch_first,
                                                                    padding_value, total_length.value_or(0));
        return nb::make_tuple(padded.output, padded.lengths);
      },
      "A batch of padded sequences and their lengths.", "sequence"_a, "batch_first"_a, "padding_value"_a,
      "total_length"_a.none());
  op.function(
      "_pad_sequence",
      [](const Tensors& sequences, bool batch_first, double padding_value, const std::string& padding_side) {
        return ops::pad_sequence(sequences, batch_first, padding_value, padding_side);
      },
      "Sequences as one padded batch.", "sequences"_a, "batch_first"_a, "padding_value"_a, "padding_side"_a);
  op.function(
      "_unpad_sequence",
      [](const Tensor& padded, const Tensor& lengths, bool batch_first) {
        nb::list out;
        for (const Tensor& t : ops::unpad_sequence(padded, lengths, batch_first)) out.append(checked(wrap(t)));
        return out;
      },
      "The sequences of a padded batch.", "padded_sequences"_a, "lengths"_a, "batch_first"_a);
  op.function("_invert_permutation", &ops::invert_permutation, "The inverse of a permutation.", "permutation"_a);
}

}  // namespace lamina::python

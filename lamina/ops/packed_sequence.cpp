#include "lamina/ops/packed_sequence.h"

#include <algorithm>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/concat.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/defined.h"
#include "lamina/ops/indexing.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/sort.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

namespace {

std::vector<int64_t> numbers_of(const char* what, const Tensor& t) {
  check_defined(what, t);
  if (t.rank() != 1) throw ShapeError(str(what, " ", t.shape(), " must have one dimension"));
  if (t.is_floating_point() || t.dtype() == kBool)
    throw DTypeError(str(what, " is ", name(t.dtype()), ": expected integers"));
  const Tensor all = contiguous(to(t.detach(), kInt64));
  return {all.data<int64_t>(), all.data<int64_t>() + all.numel()};
}

Tensor tensor_of(const std::vector<int64_t>& numbers) { return tensor(numbers); }

// The rows of `flat` (T·B, …) in the order of packing: row t·B + b for every sequence b that is longer than t.
PackedSequence pack_sorted(const Tensor& input, const std::vector<int64_t>& lengths) {
  const int64_t batch = input.size(1), longest = lengths[0];
  std::vector<int64_t> rows, sizes;
  auto left = int64_t(lengths.size());
  for (int64_t t = 0; t < longest; ++t) {
    while (lengths[size_t(left) - 1] <= t) --left;
    sizes.push_back(left);
    for (int64_t b = 0; b < left; ++b) rows.push_back(t * batch + b);
  }
  return {index_select(flatten(input, 0, 1), 0, tensor_of(rows)), tensor_of(sizes), {}, {}};
}

}  // namespace

std::vector<int64_t> checked_batch_sizes(const PackedSequence& sequence) {
  check_defined("data", sequence.data);
  std::vector<int64_t> sizes = numbers_of("batch_sizes", sequence.batch_sizes);
  if (sizes.empty()) throw ShapeError("batch_sizes is empty: expected a sequence of length 1 or more");
  int64_t rows = 0;
  for (size_t t = 0; t < sizes.size(); ++t) {
    if (sizes[t] < 1 || (t > 0 && sizes[t] > sizes[t - 1]))
      throw OptionError(str("batch_sizes[", t, "] is ", sizes[t], ": they must be positive and never rise"),
                        "Make packed sequences with pack_padded_sequence or pack_sequence");
    rows += sizes[t];
    if (rows > (sequence.data.rank() ? sequence.data.size(0) : 0)) break;
  }
  if (sequence.data.rank() == 0 || rows != sequence.data.size(0))
    throw ShapeError(str("batch_sizes do not add up to the rows of data ", sequence.data.shape()));
  for (const auto& [what, order] :
       {std::pair{"sorted_indices", &sequence.sorted_indices}, {"unsorted_indices", &sequence.unsorted_indices}})
    if (order->defined() && order->shape() != Shape{sizes[0]})
      throw ShapeError(str(what, " ", order->shape(), " must be (", sizes[0], ",), one for each sequence"));
  return sizes;
}

Tensor invert_permutation(const Tensor& permutation) {
  if (!permutation.defined()) return {};
  if (permutation.rank() != 1) throw ShapeError(str("permutation ", permutation.shape(), " must have one dimension"));
  return argsort(permutation);
}

PackedSequence pack_padded_sequence(const Tensor& input, const Tensor& lengths, bool batch_first, bool enforce_sorted) {
  if (input.rank() < 2)
    throw ShapeError(str("input ", input.shape(), " must be ", batch_first ? "(B, T, …)" : "(T, B, …)"));
  const Tensor by_time = batch_first ? transpose(input, 0, 1) : input;
  std::vector<int64_t> all = numbers_of("lengths", lengths);
  if (int64_t(all.size()) != by_time.size(1))
    throw ShapeError(str("Expected `len(lengths)` to be equal to batch_size, but got ", all.size(),
                         " (batch_size=", by_time.size(1), ")"));
  if (all.empty()) throw ShapeError("Cannot pack empty tensors.");
  for (const int64_t length : all) {
    if (length <= 0)
      throw OptionError(
          str("Length of all samples has to be greater than 0, but found an element in 'lengths' that is ", length));
    if (length > by_time.size(0))
      throw ShapeError(str("a length of ", length, " is longer than input ", input.shape(), " with ", by_time.size(0),
                           " time steps"));
  }
  if (enforce_sorted) {
    if (!std::is_sorted(all.rbegin(), all.rend()))
      throw OptionError("`lengths` array must be sorted in decreasing order when `enforce_sorted` is True",
                        "You can pass `enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep "
                        "this requirement");
    return pack_sorted(by_time, all);
  }
  const Tensor order = argsort(to(lengths, kInt64), -1, true);
  std::stable_sort(all.begin(), all.end(), std::greater<>());
  PackedSequence packed = pack_sorted(index_select(by_time, 1, order), all);
  packed.sorted_indices = order;
  packed.unsorted_indices = invert_permutation(order);
  return packed;
}

PaddedSequence pad_packed_sequence(const PackedSequence& sequence, bool batch_first, double padding_value,
                                   int64_t total_length) {
  const std::vector<int64_t> sizes = checked_batch_sizes(sequence);
  const auto longest = int64_t(sizes.size());
  if (total_length != 0 && total_length < longest)
    throw OptionError(
        str("Expected total_length to be at least the length of the longest sequence in input, but got "
            "total_length=",
            total_length, " and max sequence length being ", longest));
  const int64_t times = std::max(total_length, longest), batch = sizes[0], rows = sequence.data.size(0);
  // One row of padding behind the data, to which every place without a row of its own leads.
  std::vector<int64_t> places(size_t(times * batch), rows), lengths(size_t(batch), 0);
  int64_t row = 0;
  for (size_t t = 0; t < sizes.size(); ++t)
    for (int64_t b = 0; b < sizes[t]; ++b) places[t * size_t(batch) + size_t(b)] = row++, ++lengths[size_t(b)];
  Shape one = sequence.data.shape();
  one[0] = 1;
  const Tensor with_padding = cat({sequence.data, full(one, padding_value, sequence.data.dtype())}, 0);
  Tensor output = unflatten(index_select(with_padding, 0, tensor_of(places)), 0, {times, batch});
  Tensor found = tensor_of(lengths);
  if (batch_first) output = transpose(output, 0, 1);
  if (sequence.unsorted_indices.defined()) {
    output = index_select(output, batch_first ? 0 : 1, sequence.unsorted_indices);
    found = index_select(found, 0, sequence.unsorted_indices);
  }
  return {output, found};
}

Tensor pad_sequence(const Tensors& sequences, bool batch_first, double padding_value, std::string_view padding_side) {
  if (padding_side != "left" && padding_side != "right")
    throw OptionError(str("Expected padding_side to be one of left or right, but got ", padding_side, "."));
  if (sequences.empty()) throw ShapeError("pad_sequence received an empty list of sequences");
  int64_t longest = 0;
  for (const Tensor& s : sequences) {
    check_defined("a sequence", s);
    if (s.rank() == 0) throw ShapeError("a sequence has no dimensions: expected (L, …)");
    if (s.shape().slice(1) != sequences[0].shape().slice(1))
      throw ShapeError(str("sequence ", s.shape(), " must have the shape of the first, ", sequences[0].shape(),
                           ", after its first dimension"));
    longest = std::max(longest, s.size(0));
  }
  Tensors padded;
  for (const Tensor& s : sequences) {
    Shape missing = s.shape();
    missing[0] = longest - s.size(0);
    const Tensor fill = full(missing, padding_value, sequences[0].dtype());
    padded.push_back(missing[0] == 0 ? s : padding_side == "left" ? cat({fill, s}, 0) : cat({s, fill}, 0));
  }
  return stack(padded, batch_first ? 0 : 1);
}

Tensors unpad_sequence(const Tensor& padded, const Tensor& lengths, bool batch_first) {
  if (padded.rank() < 2)
    throw ShapeError(str("padded_sequences ", padded.shape(), " must be ", batch_first ? "(B, T, …)" : "(T, B, …)"));
  const Tensor by_sequence = batch_first ? padded : transpose(padded, 0, 1);
  const std::vector<int64_t> all = numbers_of("lengths", lengths);
  if (int64_t(all.size()) != by_sequence.size(0))
    throw OptionError(str("got ", all.size(), " lengths for ", by_sequence.size(0), " sequences"));
  Tensors out;
  for (size_t i = 0; i < all.size(); ++i)
    out.push_back(
        narrow(select(by_sequence, 0, int64_t(i)), 0, 0, std::clamp<int64_t>(all[i], 0, by_sequence.size(1))));
  return out;
}

PackedSequence pack_sequence(const Tensors& sequences, bool enforce_sorted) {
  std::vector<int64_t> lengths;
  for (const Tensor& s : sequences) lengths.push_back(s.defined() && s.rank() ? s.size(0) : 0);
  const Tensor padded = pad_sequence(sequences);
  return pack_padded_sequence(padded, tensor_of(lengths), false, enforce_sorted);
}

Tensors unpack_sequence(const PackedSequence& sequence) {
  const PaddedSequence padded = pad_packed_sequence(sequence, true);
  return unpad_sequence(padded.output, padded.lengths, true);
}

}  // namespace lamina::ops

// PackedSequence between Python and C++: in Python the named tuple of lamina.nn.utils.rnn.
#pragma once
#include "lamina/ops/packed_sequence.h"
#include "python/casters.h"

namespace lamina::python {

bool is_packed_sequence(nb::handle o);
/// The caller has checked is_packed_sequence(). TypeError when a field is no tensor.
ops::PackedSequence packed_sequence_from(nb::handle o);
/// One of the same class as `like`.
nb::object packed_sequence_like(nb::handle like, const ops::PackedSequence& sequence);

}  // namespace lamina::python

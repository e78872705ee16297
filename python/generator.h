// lamina.Generator: a stream of random numbers of its own.
#pragma once
#include <Python.h>

#include "lamina/core/generator.h"
#include "lamina/core/tensor.h"

namespace lamina::python {

/// The generator of a Python object, the default one for None. False, without a Python error, when it is neither.
bool generator_from(PyObject* o, GeneratorRef& generator) noexcept;
/// The Python object of a generator, a new reference: one for life.
PyObject* wrap(const GeneratorRef& generator);

/// A seed in [-2**63, 2**64); OptionError outside.
uint64_t seed_of(PyObject* o);
/// The state as a uint8 tensor, and back.
Tensor state_tensor(Generator& generator);
void set_state(Generator& generator, PyObject* state);

}  // namespace lamina::python

// Settings of the library and questions about types: set_default_dtype, set_num_threads, promote_types, …
#include "lamina/core/allocator.h"
#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/core/threads.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/promote.h"
#include "python/bind.h"
#include "python/binding.h"

namespace lamina::python {

namespace {

int category(DType d) { return is_floating_point(d) ? 2 : d == kBool ? 0 : 1; }

DType type_of(const Operand& o) {
  if (o.tensor) return o.tensor->dtype();
  return o.scalar.kind() == Scalar::Kind::Float ? default_dtype()
         : o.scalar.kind() == Scalar::Kind::Int ? kInt64
                                                : kBool;
}

DType result_type(const Operand& a, const Operand& b) {
  if (a.tensor && b.tensor) return ops::result_type(*a.tensor, *b.tensor);
  if (a.tensor) return ops::result_type(*a.tensor, b.scalar);
  if (b.tensor) return ops::result_type(*b.tensor, a.scalar);
  return ops::promote_types(type_of(a), type_of(b));
}

void set_threads(int64_t threads) {
  if (threads < 1 || threads > 1 << 16)
    throw OptionError(str("set_num_threads expects a positive number of threads, got ", threads));
  set_num_threads(int(threads));
}

}  // namespace

void bind_settings(nb::module_& m) {
  const Op op{m};
  op.function("get_default_dtype", &default_dtype, "The type of tensors made of Python floats.");
  op.function("set_default_dtype", &set_default_dtype, "Sets the type of tensors made of Python floats.", "d"_a);
  op.function("get_num_threads", &num_threads, "How many threads an operation may use.");
  op.function("set_num_threads", set_threads, "Sets how many threads an operation may use.", "num"_a);
  op.function("get_num_interop_threads", [] { return 1; }, "Always 1.");
  op.function(
      "set_num_interop_threads", [](int64_t) {}, "Does nothing: operations do not run beside one another.", "num"_a);
  op.function("promote_types", &ops::promote_types, "The smallest type that holds both.", "type1"_a, "type2"_a);
  op.function("result_type", result_type, "The type of an operation's result on these two.", "tensor1"_a, "tensor2"_a);
  op.function(
      "can_cast", [](DType from, DType to) { return category(from) <= category(to); },
      "Whether PyTorch's rules let a value of one type become the other.", "from_"_a, "to"_a);
  op.function(
      "is_tensor", [](nb::handle obj) { return is_tensor(obj.ptr()); }, "Whether obj is a Tensor.", "obj"_a.none());
  op.function(
      "memory_stats",
      [] {
        const MemoryStats s = memory_stats();
        nb::dict d;
        d["in_use"] = s.in_use;
        d["peak"] = s.peak;
        d["cached"] = s.cached;
        d["system_calls"] = s.system_calls;
        return d;
      },
      "Bytes of tensors now, at most, kept for reuse, and calls of the system's allocator.");
  op.function("reset_peak_memory", &reset_peak_memory, "Starts the peak anew.");
  op.function("release_cached_memory", &release_cached_memory,
              "Gives memory that is kept for reuse back to the system.");
}

}  // namespace lamina::python

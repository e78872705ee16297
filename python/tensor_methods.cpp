// The methods of a tensor that are no operations: size(), item(), tolist(), backward(), …
#include "python/binding.h"
#include "python/tensor_parts.h"

namespace lamina::python {

void add_methods(nb::module_& m) {
  const Op op{m};
  op.method("dim", [](const Tensor& self) { return self.dim(); }, "The number of dimensions.");
  op("numel", [](const Tensor& input) { return input.numel(); }, "The number of elements.", "input"_a);
}

}  // namespace lamina::python

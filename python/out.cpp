#include "python/out.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/ops/copy.h"
#include "python/creation.h"

namespace lamina::python {

namespace {
int category(DType d) { return is_floating_point(d) ? 2 : is_integral(d) ? 1 : 0; }
}  // namespace

Tensor write_out(const Tensor& result, const Tensor& out) {
  if (!out.defined()) return result;
  if (is_grad_enabled() && (result.requires_grad() || out.requires_grad()))
    throw Error(
        "functions with out=... arguments don't support automatic differentiation, but one of the arguments requires "
        "grad.");
  if (category(result.dtype()) > category(out.dtype()))
    throw DTypeError(str("result type ", scalar_type_name(result.dtype()), " can't be cast to the desired output type ",
                         scalar_type_name(out.dtype())));
  if (out.shape() != result.shape()) out.assign_values(empty(result.shape(), out.dtype()));
  if (out.bytes() != result.bytes()) ops::copy_values(out, result);
  out.bump_version();
  return out;
}

Tensor finish(Tensor made, const nb::object& out, bool requires_grad) {
  if (!out.is_none()) {
    if (!is_tensor(out.ptr())) throw nb::type_error("out must be a Tensor");
    made = write_out(made, tensor_of(out.ptr()));
  }
  if (requires_grad) made.requires_grad_(true);
  return made;
}

}  // namespace lamina::python

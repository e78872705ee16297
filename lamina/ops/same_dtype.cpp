#include "lamina/ops/same_dtype.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"

namespace lamina::ops {

void check_same_dtype(const Tensor& input, std::initializer_list<std::pair<const char*, const Tensor*>> others,
                      bool float32_beside_half) {
  for (const auto& [what, other] : others) {
    if (!other->defined() || other->dtype() == input.dtype()) continue;
    if (float32_beside_half && is_half(input.dtype()) && other->dtype() == kFloat32) continue;
    throw DTypeError(
        str("input is ", name(input.dtype()), " and ", what, " ", name(other->dtype()),
            ": they must have the same dtype"),
        str("Convert the input with .to(torch.", name(other->dtype()), ")",
            is_floating_point(input.dtype()) ? str(" or the module with .to(torch.", name(input.dtype()), ")") : ""));
  }
}

}  // namespace lamina::ops

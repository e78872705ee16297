// The values of a tensor for a test to compare.
#pragma once
#include <vector>

#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"

namespace lamina {

inline std::vector<double> values(const Tensor& t) {
  const Tensor flat = empty(t.shape(), kFloat64);
  ops::copy_values(flat, t.detach());
  return {flat.data<double>(), flat.data<double>() + flat.numel()};
}

}  // namespace lamina

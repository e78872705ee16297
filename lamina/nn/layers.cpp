#include "lamina/nn/layers.h"

#include "lamina/nn/linear.h"

namespace lamina::nn {

const std::vector<const Declaration*>& layers() {
  static const std::vector<const Declaration*> all = {
      &LinearImpl::declared(),
  };
  return all;
}

}  // namespace lamina::nn

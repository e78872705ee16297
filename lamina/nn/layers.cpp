#include "lamina/nn/layers.h"

#include "lamina/nn/conv.h"
#include "lamina/nn/linear.h"
#include "lamina/nn/pool.h"

namespace lamina::nn {

const std::vector<const Declaration*>& layers() {
  static const std::vector<const Declaration*> all = {
      &LinearImpl::declared(),
      &Conv1dImpl::declared(),
      &Conv2dImpl::declared(),
      &Conv3dImpl::declared(),
      &MaxPool1dImpl::declared(),
      &MaxPool2dImpl::declared(),
      &MaxPool3dImpl::declared(),
  };
  return all;
}

}  // namespace lamina::nn

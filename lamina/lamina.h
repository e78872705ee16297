// All of Lamina: tensors, autograd, layers, optimizers, files.
//   #include <lamina/lamina.h>
//   lamina::nn::Linear fc(128, 64);
//   lamina::Tensor y = lamina::relu(fc(lamina::randn({8, 128})));
#pragma once
#include "lamina/autograd/backward.h"
#include "lamina/core/error.h"
#include "lamina/core/generator.h"
#include "lamina/core/tensor.h"
#include "lamina/core/threads.h"
#include "lamina/data/loader.h"
#include "lamina/graph/grad_mode.h"
#include "lamina/io/safetensors.h"
#include "lamina/nn/container.h"
#include "lamina/nn/conv.h"
#include "lamina/nn/init.h"
#include "lamina/nn/linear.h"
#include "lamina/nn/module.h"
#include "lamina/nn/pool.h"
#include "lamina/ops/conv.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/linear.h"
#include "lamina/ops/matmul.h"
#include "lamina/ops/pad.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/pool.h"
#include "lamina/ops/random.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/view.h"
#include "lamina/optim/adam.h"
#include "lamina/optim/sgd.h"

namespace lamina {
using namespace ops;  // lamina::randn, lamina::matmul
}

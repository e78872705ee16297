// Convolution of integers and its transpose: exact, and wrapping as integers do. Direct loops: nobody trains on integers.
#pragma once
#include <cstdint>

#include "lamina/kernels/conv.h"

namespace lamina::kernels {

/// conv_forward of int64
void conv_integer(const int64_t* x, const int64_t* w, const int64_t* bias, const ConvGeometry& g, int64_t* y);
/// conv_input_gradient of int64
void conv_integer_transposed(const int64_t* dy, const int64_t* w, const int64_t* bias, const ConvGeometry& g,
                             int64_t* dx);

}  // namespace lamina::kernels

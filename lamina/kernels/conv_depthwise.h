// The products of kernels/conv.h for one input channel to a group: no columns, the loops run along rows of the images.
#pragma once
#include "lamina/kernels/conv.h"

namespace lamina::kernels {

template <class T>
void depthwise_forward(const T* x, const T* w, const T* bias, const ConvGeometry& g, T* y);
template <class T>
void depthwise_input_gradient(const T* dy, const T* w, const T* bias, const ConvGeometry& g, T* dx);
template <class T>
void depthwise_weight_gradient(const T* x, const T* dy, const ConvGeometry& g, T* dw);

}  // namespace lamina::kernels

// Convolution over one to three spatial dimensions: contiguous buffers with the channels before space (N, C, D, H, W).
// The three products below are the whole family: each one's gradients are the other two, and the transposed convolution
// is conv_input_gradient. The caller has checked shapes; nothing here knows a Tensor.
#pragma once
#include <cstdint>

namespace lamina::kernels {

/// Sizes of y = x ∗ w. Fewer than three spatial dimensions stand at the end, with kernel, sizes and steps of 1 before them.
struct ConvGeometry {
  int64_t batch, groups;
  int64_t in_channels, out_channels;  // of one group: C and O below
  int64_t in[3], out[3], kernel[3], stride[3], padding[3], dilation[3];

  int64_t in_space() const { return in[0] * in[1] * in[2]; }
  int64_t out_space() const { return out[0] * out[1] * out[2]; }
  int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }
  /// A column of the unfolded input is a column of the input itself.
  bool is_pointwise() const;
  /// One input channel to a group.
  bool is_depthwise() const { return in_channels == 1 && groups > 1; }
};

// For image n, group g, output channel o and output position p, with i(p, t) = p·stride − padding + t·dilation inside x:
//   y[n,g,o,p] = bias[g,o] + Σ_c Σ_t w[g,o,c,t] · x[n,g,c,i(p,t)]
//   x (batch, groups, C, in);  w (groups, O, C, kernel);  bias (groups, O) or null;  y (batch, groups, O, out), written
template <class T>
void conv_forward(const T* x, const T* w, const T* bias, const ConvGeometry& g, T* y);

//   dx[n,g,c,i] = bias[g,c] + Σ_o Σ_{p,t: i(p,t)=i} w[g,o,c,t] · dy[n,g,o,p];  bias (groups, C) or null;  dx is written
template <class T>
void conv_input_gradient(const T* dy, const T* w, const T* bias, const ConvGeometry& g, T* dx);

//   dw[g,o,c,t] = Σ_n Σ_p dy[n,g,o,p] · x[n,g,c,i(p,t)];  dw is written, summed in pieces that depend on the shape only
template <class T>
void conv_weight_gradient(const T* x, const T* dy, const ConvGeometry& g, T* dw);

}  // namespace lamina::kernels

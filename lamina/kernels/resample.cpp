#include "lamina/kernels/resample.h"

#include <algorithm>
#include <vector>

#include "lamina/core/threads.h"
#include "lamina/core/types.h"

// Rows are combined first, a vector loop over contiguous memory; then one pass along the row reads it in any order.
namespace lamina::kernels {

namespace {

// row (in[2]) = Σ wd·wh·x over the rows that output (d, h) is made of. Gives the input's own row where that is all.
template <class T, class W>
const W* combined_row(const T* x, const ResampleGeometry<W>& g, int64_t d, int64_t h, W* row) {
  const ResampleAxis<W>&a = g.axis[0], &b = g.axis[1];
  const int64_t width = g.in[2];
  if constexpr (std::is_same_v<T, W>)
    if (a.copies && b.copies) return x + (a.index[d] * g.in[1] + b.index[h]) * width;
  bool first = true;
  for (int64_t i = a.offset[d]; i < a.offset[d + 1]; ++i)
    for (int64_t j = b.offset[h]; j < b.offset[h + 1]; ++j) {
      const T* source = x + (a.index[i] * g.in[1] + b.index[j]) * width;
      const W weight = a.weight[i] * b.weight[j];
      if (first) {
        for (int64_t w = 0; w < width; ++w) row[w] = weight * W(source[w]);
      } else {
        for (int64_t w = 0; w < width; ++w) row[w] += weight * W(source[w]);
      }
      first = false;
    }
  if (first) std::fill_n(row, width, W(0));  // nothing: a place that no output reads, in a gradient
  return row;
}

template <class T, class W>
void along_row(const W* row, const ResampleAxis<W>& axis, int64_t out, T* y) {
  if (axis.copies) {
    for (int64_t w = 0; w < out; ++w) y[w] = T(row[axis.index[w]]);
    return;
  }
  for (int64_t w = 0; w < out; ++w) {
    W sum = 0;
    for (int64_t k = axis.offset[w]; k < axis.offset[w + 1]; ++k) sum += axis.weight[k] * row[axis.index[k]];
    y[w] = T(sum);
  }
}

uint8_t to_byte(int64_t sum, int precision) {
  return uint8_t(std::clamp<int64_t>((sum + (int64_t{1} << (precision - 1))) >> precision, 0, 255));
}

}  // namespace

template <class T, class W>
void resample(const T* x, const ResampleGeometry<W>& g, T* y) {
  const int64_t rows = g.out[0] * g.out[1], in = g.in_space(), width = g.out[2];
  const int64_t terms = (g.axis[0].offset[g.out[0]] * g.axis[1].offset[g.out[1]]) / std::max<int64_t>(rows, 1) + 1;
  parallel_for(g.planes * rows, grain_for(terms * g.in[2] + 2 * width), [&](int64_t from, int64_t to) {
    std::vector<W> buffer(size_t(g.in[2]));
    for (int64_t r = from; r < to; ++r) {
      const int64_t plane = r / rows, d = r % rows / g.out[1], h = r % g.out[1];
      along_row(combined_row(x + plane * in, g, d, h, buffer.data()), g.axis[2], width, y + r * width);
    }
  });
}

void resample_bytes(const uint8_t* x, const ResampleGeometry<int16_t>& g, const int (&precision)[2], uint8_t* y) {
  const ResampleAxis<int16_t>&vertical = g.axis[1], &horizontal = g.axis[2];
  const int64_t height = g.in[1], width = g.out[2];
  parallel_for(g.planes, grain_for(4 * (height + g.out[1]) * width), [&](int64_t from, int64_t to) {
    std::vector<uint8_t> middle(size_t(height * width));
    for (int64_t plane = from; plane < to; ++plane) {
      for (int64_t h = 0; h < height; ++h) {
        const uint8_t* row = x + (plane * height + h) * g.in[2];
        for (int64_t w = 0; w < width; ++w) {
          int64_t sum = 0;
          for (int64_t k = horizontal.offset[w]; k < horizontal.offset[w + 1]; ++k)
            sum += int64_t(horizontal.weight[k]) * row[horizontal.index[k]];
          middle[size_t(h * width + w)] = to_byte(sum, precision[1]);
        }
      }
      for (int64_t h = 0; h < g.out[1]; ++h) {
        uint8_t* row = y + (plane * g.out[1] + h) * width;
        for (int64_t w = 0; w < width; ++w) {
          int64_t sum = 0;
          for (int64_t k = vertical.offset[h]; k < vertical.offset[h + 1]; ++k)
            sum += int64_t(vertical.weight[k]) * middle[size_t(vertical.index[k] * width + w)];
          row[w] = to_byte(sum, precision[0]);
        }
      }
    }
  });
}

template void resample(const float*, const ResampleGeometry<float>&, float*);
template void resample(const double*, const ResampleGeometry<double>&, double*);
template void resample(const bfloat16*, const ResampleGeometry<float>&, bfloat16*);
template void resample(const float16*, const ResampleGeometry<float>&, float16*);

}  // namespace lamina::kernels

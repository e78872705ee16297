#include "lamina/kernels/loss_margin.h"

#include <algorithm>

#include "lamina/core/threads.h"

namespace lamina::kernels {

template <class T>
void multilabel_margin(const T* x, const int64_t* target, int64_t rows, int64_t classes, T* loss, T* slope,
                       bool* member) {
  parallel_for(rows, grain_for(8 * classes), [=](int64_t from, int64_t to) {
    for (int64_t r = from; r < to; ++r) {
      const T* row = x + r * classes;
      const int64_t* labels = target + r * classes;
      T* d = slope + r * classes;
      bool* in = member + r * classes;
      std::fill_n(d, classes, T(0));
      std::fill_n(in, classes, false);
      int64_t count = 0;
      for (; count < classes && labels[count] >= 0; ++count) in[labels[count]] = true;
      double total = 0;
      for (int64_t k = 0; k < count; ++k) {
        const int64_t j = labels[k];
        for (int64_t i = 0; i < classes; ++i) {
          if (in[i]) continue;
          const T z = 1 - row[j] + row[i];
          if (z <= 0) continue;
          total += double(z);
          d[j] -= 1;
          d[i] += 1;
        }
      }
      for (int64_t i = 0; i < classes; ++i) d[i] /= T(classes);
      loss[r] = T(total / double(classes));
    }
  });
}

template void multilabel_margin(const float*, const int64_t*, int64_t, int64_t, float*, float*, bool*);
template void multilabel_margin(const double*, const int64_t*, int64_t, int64_t, double*, double*, bool*);

}  // namespace lamina::kernels

#include "lamina/kernels/dropout.h"

#include <algorithm>

#include "lamina/core/threads.h"
#include "lamina/kernels/philox.h"

namespace lamina::kernels {

template <class T>
void dropout(const T* x, int64_t n, uint64_t key, double p, T scale, T* y) {
  constexpr int64_t kBlock = 32 * kPhiloxGroup;
  const uint32_t threshold = philox_threshold(p);
  parallel_for(n, 4 * kBlock, [=](int64_t from, int64_t to) {
    uint32_t bits[kBlock];
    for (int64_t i = from; i < to; i += kBlock) {
      const int64_t count = std::min(kBlock, to - i);
      philox_bits(key, i, bits, count);
      for (int64_t k = 0; k < count; ++k) y[i + k] = x[i + k] * (bits[k] >= threshold ? scale : T(0));
    }
  });
}

template void dropout(const float*, int64_t, uint64_t, double, float, float*);
template void dropout(const double*, int64_t, uint64_t, double, double, double*);

}  // namespace lamina::kernels

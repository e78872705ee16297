// The margin loss over sets of classes, for float and double.
#pragma once
#include <cstdint>

namespace lamina::kernels {

// loss[r] = Σ_{j in target} Σ_{i not in target} max(0, 1 − (x[j] − x[i])) / classes;  slope[r, i] = d loss[r] / d x[r, i]
//   x, slope (rows, classes);  target (rows, classes): classes in front, a negative number behind the last;  loss (rows)
//   member (rows, classes) is scratch. The caller has checked the classes.
template <class T>
void multilabel_margin(const T* x, const int64_t* target, int64_t rows, int64_t classes, T* loss, T* slope,
                       bool* member);

}  // namespace lamina::kernels

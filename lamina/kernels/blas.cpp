#include "lamina/kernels/blas.h"

#include <cblas.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

// Of OpenBLAS with run-time dispatch; null in other builds of it.
extern "C" {
__attribute__((weak)) void gotoblas_dynamic_quit();
__attribute__((weak)) void gotoblas_dynamic_init();
}

namespace lamina::kernels {

namespace {

// OpenBLAS picks its kernels by the processor's model. For a model newer than itself it falls back to SSE, which costs a
// factor of four to five; so for such a processor the kernels are named here, by its instruction set.
void choose_kernels() {
  constexpr std::string_view with_avx2[] = {"Haswell", "Zen", "SkylakeX", "Cooperlake", "SapphireRapids", "Excavator"};
  const char* name = gotoblas_dynamic_quit && gotoblas_dynamic_init ? openblas_get_corename() : nullptr;
  if (!name || std::getenv("OPENBLAS_CORETYPE") ||
      std::find(std::begin(with_avx2), std::end(with_avx2), name) != std::end(with_avx2))
    return;
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
  if (!avx512 && !(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))) return;
  setenv("OPENBLAS_CORETYPE", avx512 ? "SkylakeX" : "Haswell", 1);
  gotoblas_dynamic_quit();
  gotoblas_dynamic_init();
  unsetenv("OPENBLAS_CORETYPE");
}

// While the library is loaded: later, other threads might read the environment.
const bool at_load = (prepare_blas(), true);

}  // namespace

void prepare_blas() {
  static const bool done = (choose_kernels(), openblas_set_num_threads(1), true);
  (void)done;
  (void)at_load;
}

}  // namespace lamina::kernels

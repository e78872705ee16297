// Random numbers into contiguous buffers, PyTorch's on the CPU to the bit. The caller holds the generator's mutex.
#pragma once
#include <cstdint>

#include "lamina/core/generator.h"
#include "lamina/core/types.h"

namespace lamina::kernels {

// x[i] = u·(to − from) + from with one rounding, u in [0, 1); a value that rounds up to `to` becomes `from`
template <class T>
void fill_uniform(Generator& generator, T* x, int64_t n, double from, double to);

// x[i] = mean + std·z, z standard normal, n ≥ 16: Box–Muller on blocks of 16 uniforms, u1 = 1 − the first eight and u2 =
// the other eight:  z = √(−2·ln u1)·cos(2π·u2) and √(−2·ln u1)·sin(2π·u2).  When 16 does not divide n, the last 16 values
// are drawn again. In float, ln, cos and sin are the polynomials of the Cephes library in the form that PyTorch's AVX2
// code has them, multiplications and additions fused where its compiler fused them.
template <class T>
void fill_normal(Generator& generator, T* x, int64_t n, double mean, double std);

}  // namespace lamina::kernels

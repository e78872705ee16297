// The one place that knows which BLAS this is.
#pragma once

namespace lamina::kernels {

/// Sets BLAS up for this process, once: one thread a call, for parallel_for cuts the work, and kernels for the instruction
/// set that the processor has. Every caller of BLAS calls this first.
void prepare_blas();

}  // namespace lamina::kernels

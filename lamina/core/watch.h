// Tables that stand beside tensors hear here when a tensor goes, so that a tensor itself carries nothing for them.
#pragma once
#include <atomic>

namespace lamina {

struct TensorImpl;

/// Called with each tensor that is about to be freed while it is set; null as long as no table has an entry.
extern std::atomic<void (*)(TensorImpl*) noexcept> tensor_watcher;

}  // namespace lamina

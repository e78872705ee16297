// Whether operations record themselves, for the calling thread. A new thread starts with recording on, as in PyTorch.
//   { NoGradGuard guard; weight.add_(1); }
#pragma once
#include "lamina/core/tensor.h"

namespace lamina {

namespace detail {
inline thread_local bool grad_enabled = true;
}  // namespace detail

inline bool is_grad_enabled() { return detail::grad_enabled; }
inline bool is_inference_mode_enabled() { return detail::inference_mode; }
inline void set_grad_enabled(bool on) { detail::grad_enabled = on; }

/// Sets recording on or off until the end of the block.
class AutoGradMode {
 public:
  explicit AutoGradMode(bool on) : before_(detail::grad_enabled) { detail::grad_enabled = on; }
  ~AutoGradMode() { detail::grad_enabled = before_; }
  AutoGradMode(const AutoGradMode&) = delete;
  AutoGradMode& operator=(const AutoGradMode&) = delete;

 private:
  bool before_;
};

struct NoGradGuard : AutoGradMode {
  NoGradGuard() : AutoGradMode(false) {}
};

/// No recording, and results that may never enter a graph.
class InferenceMode {
 public:
  explicit InferenceMode(bool on = true) : grad_(on ? false : detail::grad_enabled), before_(detail::inference_mode) {
    detail::inference_mode = on;
  }
  ~InferenceMode() { detail::inference_mode = before_; }
  InferenceMode(const InferenceMode&) = delete;
  InferenceMode& operator=(const InferenceMode&) = delete;

 private:
  AutoGradMode grad_;
  bool before_;
};

}  // namespace lamina

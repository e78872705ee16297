// The parts of load_state_dict, for a binding whose classes take part in it.
#pragma once
#include <string>
#include <vector>

#include "lamina/nn/module.h"

namespace lamina::nn {

/// Why `from` cannot be copied into the parameter or buffer `own`; empty when it can.
std::string misfit(const std::string& key, const Tensor& own, const Tensor& from);

/// Copies the values; the caller has checked misfit().
void load_values(const Tensor& own, const Tensor& from);

/// Whether a buffer may be missing: num_batches_tracked is, in files from before PyTorch 0.4.1.
bool may_be_missing(const TensorSlot& slot);

/// The text of the LoadError: problems of single keys, with `strict` also those that are missing or too much, and the
/// likely fix. Empty when there is nothing to say.
std::string load_problems(const std::string& module, const IncompatibleKeys& keys, std::vector<std::string> problems,
                          bool strict);

}  // namespace lamina::nn

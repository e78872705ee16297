// Rows of a table by index, reduced bag by bag.
#pragma once
#include <optional>
#include <string>

#include "lamina/core/tensor.h"

namespace lamina::ops {

/// How a bag's rows become one.
enum class BagMode : uint8_t { Sum, Mean, Max };
/// By name; OptionError for any other.
BagMode bag_mode_of(const std::string& name);

/// What embedding_bag takes by name. Defaults are PyTorch's.
struct EmbeddingBagCall {
  Tensor offsets = {};  // (bags): where each begins; with include_last_offset (bags + 1): and where the last ends
  std::optional<double> max_norm = {};
  double norm_type = 2;
  bool scale_grad_by_freq = false;
  std::string mode = "mean";
  bool sparse = false;
  Tensor per_sample_weights = {};  // of input's shape; for mode "sum"
  bool include_last_offset = false;
  std::optional<int64_t> padding_idx = {};
};

/// y[b] = the sum, mean or largest of weight[input[i]] over the entries i of bag b; 0 of an empty bag
///   input (bags, size) of int64 or int32, or (n) with offsets; weight (num_embeddings, embedding_dim)
///   → (bags, embedding_dim)
/// per_sample_weights multiply the rows of a sum. Entries equal to padding_idx count nothing, and its row gets no gradient.
/// max_norm: looked-up rows whose norm_type-norm is above it are first scaled down to it in weight itself, without history.
/// scale_grad_by_freq: a row's gradient is divided by how often the row occurs in input. sparse: PyTorch's sparse gradients,
/// which Lamina does not have: NotImplementedError where one is asked.
/// Errors: IndexError that names the index and the table's size, ShapeError, DTypeError, OptionError.
/// Source: torch.nn.functional.embedding_bag.
Tensor embedding_bag(const Tensor& input, const Tensor& weight, const EmbeddingBagCall& call = {});

}  // namespace lamina::ops

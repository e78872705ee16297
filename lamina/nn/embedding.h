// Embedding: a table of learnable rows, looked up by index.
//   nn::Embedding emb(10000, 128, {.padding_idx = 0});  Tensor y = emb(tokens);  // tokens (…) of int64 → (…, 128)
#pragma once
#include <optional>

#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"

namespace lamina::nn {

/// What Embedding takes by name. Defaults and order are PyTorch's.
struct EmbeddingOptions {
  std::optional<int64_t> padding_idx = {};
  std::optional<Scalar> max_norm = {};
  Scalar norm_type = 2.0;
  bool scale_grad_by_freq = false;
  bool sparse = false;
  Tensor _weight = {};
  bool _freeze = false;
  std::optional<Device> device = {};
  std::optional<DType> dtype = {};
};

/// What Embedding::from_pretrained takes by name. Defaults and order are PyTorch's.
struct PretrainedOptions {
  bool freeze = true;
  std::optional<int64_t> padding_idx = {};
  std::optional<Scalar> max_norm = {};
  Scalar norm_type = 2.0;
  bool scale_grad_by_freq = false;
  bool sparse = false;
};

/// y = weight[x].
/// Shape: (*) of int64 or int32 → (*, embedding_dim). Throws IndexError, DTypeError, OptionError, ShapeError.
/// weight (num_embeddings, embedding_dim) starts standard normal, its row padding_idx zero. Same in train and eval mode.
/// Source: torch.nn.Embedding.
class EmbeddingImpl : public Module {
 public:
  EmbeddingImpl(int64_t num_embeddings, int64_t embedding_dim, EmbeddingOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  Tensor forward(const Tensor& input) override;
  void reset_parameters() override;

  int64_t num_embeddings, embedding_dim;
  EmbeddingOptions options;  // padding_idx counted from the start; without _weight, which `weight` is
  Tensor weight;
};

class Embedding : public ModuleHolder<EmbeddingImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  Embedding(int64_t num_embeddings, int64_t embedding_dim, EmbeddingOptions options = {})
      : ModuleHolder(std::in_place, num_embeddings, embedding_dim, std::move(options)) {}
  /// A layer on these rows (num_embeddings, embedding_dim), which it shares; frozen unless asked otherwise.
  static Embedding from_pretrained(const Tensor& embeddings, const PretrainedOptions& options = {});
};

}  // namespace lamina::nn

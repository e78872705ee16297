// EmbeddingBag: rows of a table, looked up by index and reduced bag by bag.
//   nn::EmbeddingBag bag(10000, 128, {.mode = "sum"});
//   Tensor y = bag(tokens);           // tokens (bags, size) → (bags, 128)
//   Tensor z = bag(all, offsets);     // all (n), offsets (bags): where each bag begins
#pragma once
#include <optional>
#include <string>

#include "lamina/nn/declaration.h"
#include "lamina/nn/module.h"
#include "lamina/ops/embedding_bag.h"

namespace lamina::nn {

/// What EmbeddingBag takes by name. Defaults and order are PyTorch's.
struct EmbeddingBagOptions {
  std::optional<Scalar> max_norm = {};
  Scalar norm_type = 2.0;
  bool scale_grad_by_freq = false;
  std::string mode = "mean";  // or "sum", "max"
  bool sparse = false;
  Tensor _weight = {};
  bool include_last_offset = false;
  std::optional<int64_t> padding_idx = {};
  std::optional<Device> device = {};
  std::optional<DType> dtype = {};
};

/// y[b] = the sum, mean or largest of weight[x[i]] over bag b.
/// Shape: (bags, size) of int64 or int32, or (n) with offsets → (bags, embedding_dim). Throws IndexError, DTypeError,
/// OptionError, ShapeError. weight starts standard normal, its row padding_idx zero. Same in train and eval mode.
/// Source: torch.nn.EmbeddingBag.
class EmbeddingBagImpl : public Module {
 public:
  EmbeddingBagImpl(int64_t num_embeddings, int64_t embedding_dim, EmbeddingBagOptions options = {});
  static const Declaration& declared();
  const Declaration* declaration() const override { return &declared(); }
  std::string extra_repr() const override;
  Tensor forward(const Tensor& input) override { return forward(input, {}); }
  Tensor forward(const Tensor& input, const Tensor& offsets, const Tensor& per_sample_weights = {});
  void reset_parameters() override;
  using Module::operator();
  /// forward; an Error that escapes learns this module's name.
  Tensor operator()(const Tensor& input, const Tensor& offsets, const Tensor& per_sample_weights = {});

  int64_t num_embeddings, embedding_dim;
  EmbeddingBagOptions options;  // padding_idx counted from the start; without _weight, which `weight` is
  Tensor weight;
};

class EmbeddingBag : public ModuleHolder<EmbeddingBagImpl> {
 public:
  using ModuleHolder::ModuleHolder;
  EmbeddingBag(int64_t num_embeddings, int64_t embedding_dim, EmbeddingBagOptions options = {})
      : ModuleHolder(std::in_place, num_embeddings, embedding_dim, std::move(options)) {}
  /// A layer on these rows (num_embeddings, embedding_dim), which it shares; frozen unless asked otherwise.
  static EmbeddingBag from_pretrained(const Tensor& embeddings, bool freeze = true, EmbeddingBagOptions options = {});
};

namespace functional {
using ops::embedding_bag;
}  // namespace functional

}  // namespace lamina::nn

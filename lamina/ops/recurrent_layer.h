// One layer of a recurrent network, in one direction or both, as one node of the graph. LSTM, GRU and RNN stack them
// (ops/recurrent.h); the cells are one of a single time.
#pragma once
#include <memory>
#include <vector>

#include "lamina/core/tensor.h"
#include "lamina/kernels/recurrent.h"

namespace lamina::ops {

using kernels::Recurrence;

/// How the rows of a batch of sequences lie: packed by time, see kernels/recurrent.h.
class Times {
 public:
  /// `count` times of `batch` rows each.
  Times(int64_t count, int64_t batch) : count_(count), batch_(batch) {}
  /// One size for each time, which only fall.
  explicit Times(const std::vector<int64_t>& sizes);
  kernels::Steps steps() const { return {count_, batch_, offsets_ ? offsets_->data() : nullptr}; }
  int64_t batch() const { return batch_; }

 private:
  int64_t count_, batch_;
  std::shared_ptr<const std::vector<int64_t>> offsets_;
};

/// The shapes in which the results of a layer come; only their elements count: rows × D·out, D × batch × out,
/// D × batch × hidden.
struct RecurrentShapes {
  bool output = true;  // false: the last states alone
  Shape y, h, c;
};

/// The last states and the output of every row; c is undefined but for LSTM, y where it was not asked for.
struct LayerResult { Tensor h, c, y; };

constexpr size_t kLayerWeights = 5;  // weight_ih, weight_hh, bias_ih, bias_hh, weight_hr

/// What the layer computes stands at ops/recurrent.h. The caller has checked everything.
///   input rows × in, packed by time;  h0 and c0 of the shapes of h and c, or undefined: zeros
///   weights: kLayerWeights for each direction, undefined where there is none
LayerResult recurrent_layer(Recurrence kind, const Times& times, const RecurrentShapes& shapes, const Tensor& input,
                            const Tensor& h0, const Tensor& c0, const Tensors& weights);

/// The same in ordinary operations: second derivatives, tests. `in` is input, h0, c0 and the weights; gives h, c (LSTM), y.
Tensors recurrent_layer_plain(Recurrence kind, const Times& times, const RecurrentShapes& shapes, const Tensors& in);

}  // namespace lamina::ops

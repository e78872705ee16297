// What no case can say about attention: the tiles against the plain formula, dropout's mask, second derivatives, rows that
// see nothing, and bits that do not depend on the threads.
#include "lamina/ops/attention.h"

#include "lamina/core/error.h"
#include "lamina/core/threads.h"
#include "lamina/nn/attention.h"
#include "lamina/ops/activation.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/dropout.h"
#include "lamina/ops/matmul.h"
#include "lamina/ops/multi_head_attention.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/random.h"
#include "lamina/ops/view.h"
#include "lamina/ops/where.h"
#include "tests/reference/attention.h"
#include "tests/support/gradients.h"

namespace lamina {
namespace {

using ops::AttentionOptions;
using testing::error;
using testing::expect_gradients;
using testing::expect_second_gradients;
using testing::noise;
using testing::same_bits;

// Some true, some false, and the first row false throughout.
Tensor some_seen(const Shape& shape) {
  const Tensor mask = ops::gt(noise(shape, 5), 0);
  ops::fill_(ops::select(mask, -2, 0), 0);
  return mask;
}

TEST(Attention, TilesEqualTheNaiveLoops) {
  for (const int64_t l : {1, 63, 64, 65, 130})
    for (const int64_t s : {1, 255, 256, 257, 520})
      for (const bool causal : {false, true}) {
        SCOPED_TRACE(str(l, " ", s, " ", causal));
        const Tensor q = noise({3, l, 5}, 1), k = noise({3, s, 5}, 2), v = noise({3, s, 4}, 3);
        EXPECT_LE(error(ops::scaled_dot_product_attention(q, k, v, {.is_causal = causal}),
                        reference::attention(q, k, v, {}, causal, 1 / std::sqrt(5.0))),
                  1e-13);
        const Tensor mask = causal ? some_seen({3, l, s}) : noise({3, l, s}, 4);
        EXPECT_LE(error(ops::scaled_dot_product_attention(q, k, v, {.attn_mask = mask, .scale = 0.7}),
                        reference::attention(q, k, v, mask, false, 0.7)),
                  1e-13);
      }
}

TEST(Attention, LargeScoresDoNotOverflow) {
  for (const DType dtype : {kFloat32, kFloat64}) {
    const Tensor q = ops::mul(noise({2, 70, 8}, 1, dtype), 1e4), k = noise({2, 300, 8}, 2, dtype),
                 v = noise({2, 300, 4}, 3, dtype);
    const Tensor y = ops::scaled_dot_product_attention(q, k, v);
    EXPECT_LE(error(y, ops::attention_with_weights(q, k, v).output), dtype == kFloat32 ? 1e-3 : 1e-11);
  }
}

TEST(Attention, GradientsOfTilesEqualThoseOfThePlainFormula) {
  for (const int64_t heads : {2, 17})  // below and above what decides how the backward is cut
    for (const int mask : {0, 1, 2, 3}) {
      SCOPED_TRACE(str(heads, " ", mask));
      Tensors in = {noise({heads, 70, 5}, 1), noise({heads, 300, 5}, 2), noise({heads, 300, 4}, 3)};
      AttentionOptions o{.is_causal = mask == 1};
      if (mask == 2) o.attn_mask = some_seen({70, 300});
      if (mask == 3) in.push_back(noise({70, 300}, 4));
      Tensors found[2];
      for (const bool tiled : {false, true}) {
        for (Tensor& t : in) t = ops::clone(t.detach()).requires_grad_();
        if (mask == 3) o.attn_mask = in[3];
        const Tensor y = tiled ? ops::scaled_dot_product_attention(in[0], in[1], in[2], o)
                               : ops::attention_with_weights(in[0], in[1], in[2], o).output;
        found[tiled] = grad({y}, in, {noise(y.shape(), 9)});
      }
      for (size_t i = 0; i < in.size(); ++i) EXPECT_LE(error(found[1][i], found[0][i]), 1e-12) << i;
    }
}

TEST(Attention, GradientsAndTheirGradients) {
  const Tensors in = {noise({2, 3, 4}, 1), noise({2, 5, 4}, 2), noise({2, 5, 3}, 3)};
  for (const bool causal : {false, true}) {
    const auto f = [&](const Tensors& t) {
      return ops::scaled_dot_product_attention(t[0], t[1], t[2], {.is_causal = causal});
    };
    expect_gradients(f, in);
    expect_second_gradients(f, in);
  }
  const auto masked = [](const Tensors& t) {
    return ops::scaled_dot_product_attention(t[0], t[1], t[2], {.attn_mask = t[3]});
  };
  expect_gradients(masked, {in[0], in[1], in[2], noise({3, 5}, 4)});
  expect_second_gradients(masked, {in[0], in[1], in[2], noise({3, 5}, 4)});
  const auto seen = [](const Tensors& t) {
    return ops::scaled_dot_product_attention(t[0], t[1], t[2], {.attn_mask = some_seen({3, 5})});
  };
  expect_gradients(seen, in);
  expect_second_gradients(seen, in);
  const auto weights = [&](const Tensors& t) {
    return ops::attention_with_weights(t[0], t[1], in[2], {.attn_mask = some_seen({3, 5})}).weights;
  };
  expect_gradients(weights, {in[0], in[1]});
  expect_second_gradients(weights, {in[0], in[1]});
}

TEST(Attention, DropoutKeepsOneMaskForwardBackwardAndAgain) {
  const auto f = [](const Tensors& t) {
    manual_seed(4);
    return ops::scaled_dot_product_attention(t[0], t[1], t[2], {.dropout_p = 0.4});
  };
  const Tensors in = {noise({2, 3, 4}, 1), noise({2, 5, 4}, 2), noise({2, 5, 3}, 3)};
  expect_gradients(f, in);
  expect_second_gradients(f, in);

  // in many tiles: the mask is that of a dropout over all weights
  const Tensor q = noise({2, 70, 5}, 1), k = noise({2, 300, 5}, 2), v = noise({2, 300, 4}, 3);
  manual_seed(4);
  const Tensor y = ops::scaled_dot_product_attention(q, k, v, {.dropout_p = 0.4});
  manual_seed(4);
  const Tensor weights = ops::attention_with_weights(q, k, v).weights;
  EXPECT_LE(error(y, ops::matmul(ops::dropout_with_key(weights, 0.4, ops::draw_key()), v)), 1e-13);
}

TEST(Attention, ARowThatSeesNothingIsZeroAndHasNoGradient) {
  for (const bool floats : {false, true}) {
    Tensor mask = some_seen({70, 300});
    if (floats) mask = ops::where(mask, ops::zeros({}, kFloat64), ops::full({}, -INFINITY, kFloat64));
    Tensors in = {noise({2, 70, 5}, 1), noise({2, 300, 5}, 2), noise({2, 300, 4}, 3)};
    for (Tensor& t : in) t.requires_grad_();
    const Tensor y = ops::scaled_dot_product_attention(in[0], in[1], in[2], {.attn_mask = mask});
    const Tensors d = grad({y}, in, {noise(y.shape(), 9)});
    const auto all_zero = [](const Tensor& t) { return t.count_nonzero().item<int64_t>() == 0; };
    EXPECT_TRUE(all_zero(y.detach().select(1, 0)) && all_zero(d[0].select(1, 0)));
    for (const Tensor& t : {y.detach(), d[0], d[1], d[2]}) EXPECT_TRUE(t.isfinite().all().item<bool>());
  }
}

TEST(Attention, ThreadsDoNotChangeABit) {
  const int before = num_threads();
  for (const int64_t heads : {3, 18})
    for (const bool causal : {false, true}) {
      Tensors results[3];
      for (int i = 0; i < 3; ++i) {
        set_num_threads(i == 0 ? 1 : i == 1 ? 2 : 5);
        manual_seed(1);
        Tensors in = {noise({heads, 200, 16}, 1, kFloat32), noise({heads, 600, 16}, 2, kFloat32),
                      noise({heads, 600, 16}, 3, kFloat32)};
        for (Tensor& t : in) t.requires_grad_();
        const Tensor y =
            ops::scaled_dot_product_attention(in[0], in[1], in[2], {.dropout_p = 0.1, .is_causal = causal});
        results[i] = grad({y}, in, {noise(y.shape(), 9, kFloat32)});
        results[i].push_back(y);
      }
      for (size_t i = 0; i < 4; ++i)
        EXPECT_TRUE(same_bits(results[0][i], results[1][i]) && same_bits(results[0][i], results[2][i])) << i;
    }
  set_num_threads(before);
}

TEST(Attention, HalfTypesAreComputedInFloat) {
  for (const DType dtype : {kFloat16, kBFloat16}) {
    const Tensor q = noise({2, 3, 4}, 1, dtype), k = noise({2, 5, 4}, 2, dtype), v = noise({2, 5, 3}, 3, dtype);
    const Tensor single =
        ops::scaled_dot_product_attention(ops::to(q, kFloat32), ops::to(k, kFloat32), ops::to(v, kFloat32));
    EXPECT_TRUE(same_bits(ops::scaled_dot_product_attention(q, k, v), ops::to(single, dtype)));
  }
}

TEST(MultiheadAttention, AQueryThatNoKeyIsLeftForGivesTheBias) {
  nn::MultiheadAttention layer(8, 2, {.batch_first = true, .dtype = kFloat64});
  ops::copy_values(layer->out_proj->bias, noise({8}, 3));
  const Tensor x = noise({2, 4, 8}).requires_grad_(), padding = ops::zeros({2, 4}, kBool);
  ops::fill_(padding.select(0, 1), 1);
  for (const bool need_weights : {false, true}) {
    const auto [output, weights] = layer(x, x, x, {.key_padding_mask = padding, .need_weights = need_weights});
    for (int64_t i = 0; i < 4; ++i) EXPECT_TRUE(same_bits(output[1][i], layer->out_proj->bias));
    const Tensor dx = grad({output}, {x}, {noise(output.shape(), 9)})[0];
    EXPECT_TRUE(dx.isfinite().all().item<bool>());
    EXPECT_EQ(dx[1].count_nonzero().item<int64_t>(), 0);
    if (need_weights) EXPECT_EQ(weights.detach()[1].count_nonzero().item<int64_t>(), 0);
    else EXPECT_FALSE(weights.defined());
  }
}

TEST(MultiheadAttention, CallsNameTheLayerThatFailed) {
  nn::MultiheadAttention layer(8, 2);
  try {
    layer(noise({3, 2, 7}), noise({3, 2, 8}), noise({3, 2, 8}));
    FAIL();
  } catch (const ShapeError& e) {
    EXPECT_NE(std::string(e.what()).find("MultiheadAttention"), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace lamina

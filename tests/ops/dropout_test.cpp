// What no case can say about dropout: the mask and its gradient, what is drawn from the generator, PyTorch's own masks.
#include "lamina/ops/dropout.h"

#include "lamina/core/error.h"
#include "lamina/core/threads.h"
#include "lamina/kernels/dropout.h"
#include "lamina/kernels/philox.h"
#include "lamina/nn/dropout.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/view.h"
#include "tests/support/gradients.h"

namespace lamina {
namespace {

using ops::dropout;
using testing::error;
using testing::noise;
using testing::same_bits;

std::vector<int> mask_of(const Tensor& y) {
  const Tensor flat = ops::contiguous(y);
  std::vector<int> kept;
  for (int64_t i = 0; i < flat.numel(); ++i) kept.push_back(flat.data<float>()[i] != 0);
  return kept;
}

struct MatchTorch {
  MatchTorch() { ops::set_match_torch(true); }
  ~MatchTorch() { ops::set_match_torch(false); }
};

TEST(Dropout, KeepsTheRightShareAndScalesIt) {
  for (const double p : {0.1, 0.5, 0.9}) {
    manual_seed(7);
    const Tensor x = ops::ones({100000}), y = dropout(x, p);
    int64_t kept = 0;
    for (int64_t i = 0; i < y.numel(); ++i) {
      const float v = y.data<float>()[i];
      ASSERT_TRUE(v == 0 || v == 1 / float(1 - p)) << v;
      kept += v != 0;
    }
    const double spread = std::sqrt(p * (1 - p) / 100000);
    EXPECT_NEAR(double(kept) / 100000, 1 - p, 5 * spread);
  }
}

TEST(Dropout, AgreesWithTheNaiveFormula) {  // bits of the mask: one word of the key's stream for each element
  for (const int64_t n : {0, 1, 31, 32, 33, 1023, 1024, 1025, 5000}) {
    const Tensor x = noise({n}), y = empty({n}, kFloat64);
    kernels::dropout(x.data<double>(), n, 0x123456789abcdef, 0.25, 1 / 0.75, y.data<double>());
    for (int64_t i = 0; i < n; ++i) {
      uint32_t word;
      kernels::philox_bits(0x123456789abcdef, i, &word, 1);
      ASSERT_EQ(y.data<double>()[i], x.data<double>()[i] * (double(word) / 4294967296.0 >= 0.25 ? 1 / 0.75 : 0)) << i;
    }
  }
}

TEST(Dropout, TheGradientGoesThroughTheSameMask) {
  for (const bool match : {false, true}) {
    ops::set_match_torch(match);
    manual_seed(5);
    const Tensor x = noise({40, 50}).requires_grad_(), y = dropout(x, 0.3),
                 cotangent = noise({40, 50}, 2).requires_grad_();
    const Tensor dx = grad({y}, {x}, {cotangent}, {.create_graph = true})[0];
    const Tensor again = grad({dx}, {cotangent}, {noise({40, 50}, 3)})[0];
    for (int64_t i = 0; i < x.numel(); ++i) {
      const double factor = y.data<double>()[i] / x.data<double>()[i];
      ASSERT_NEAR(dx.data<double>()[i], factor * cotangent.data<double>()[i], 1e-12);
      ASSERT_NEAR(again.data<double>()[i], factor * noise({40, 50}, 3).data<double>()[i], 1e-12);
    }
  }
  ops::set_match_torch(false);
}

TEST(Dropout, DrawsOneKeyOrNothing) {
  const Tensor x = noise({6});
  const auto drawn = [&](double p, bool training) {
    const auto g = make<Generator>(1), h = make<Generator>(1);
    dropout(x, p, training, false, g);
    int words = 0;
    while (h->state() != g->state() && words < 100) h->random32(), ++words;
    return words;
  };
  EXPECT_EQ(drawn(0.5, true), 2);  // one number of 64 bits
  EXPECT_EQ(drawn(0, true), 0);
  EXPECT_EQ(drawn(1, true), 0);
  EXPECT_EQ(drawn(0.5, false), 0);
  EXPECT_TRUE(dropout(x, 0.5, false).is(x) && dropout(x, 0, true).is(x) && dropout(x, 0.5, false, true).is(x));
}

TEST(Dropout, DrawsPyTorchsMasksWhenAsked) {
  const MatchTorch match;
  const std::vector<int> contiguous = {1, 1, 0, 1, 0, 1, 1, 1, 1, 0, 1, 1},
                         transposed = {1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 1},
                         part = {1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 1};  // torch 2.13, seed 3, p = 0.3
  manual_seed(3);
  EXPECT_EQ(mask_of(dropout(ops::ones({3, 4}), 0.3)), contiguous);
  EXPECT_NEAR(default_generator()->uniform<float>(), 0.1808772087097168, 1e-7);
  manual_seed(3);
  EXPECT_EQ(mask_of(dropout(ops::transpose(ops::ones({4, 3}), 0, 1), 0.3)), transposed);
  manual_seed(3);
  EXPECT_EQ(mask_of(dropout(ops::expand(ops::ones({3, 1}), {3, 4}), 0.3)), contiguous);
  manual_seed(3);
  EXPECT_EQ(mask_of(dropout(ops::expand(ops::ones({1, 4}), {3, 4}), 0.3)), contiguous);
  manual_seed(3);
  EXPECT_EQ(mask_of(dropout(ops::slice(ops::permute(ops::ones({2, 3, 4}), {2, 0, 1}), 0, 0, {}, 2), 0.3)), part);
}

TEST(Dropout, InPlaceIsTheSame) {
  for (const bool match : {false, true}) {
    ops::set_match_torch(match);
    for (const double p : {0.4, 1.0}) {
      const Tensor leaf = noise({3, 4}).requires_grad_(), cotangent = noise({3, 4}, 2);
      manual_seed(9);
      const Tensor want = dropout(ops::mul(leaf, 2), p);
      manual_seed(9);
      const Tensor x = ops::mul(leaf, 2);
      const uint32_t version = x.version();
      const Tensor y = dropout(x, p, true, true);
      EXPECT_TRUE(y.is(x) && x.version() > version && same_bits(y, want));
      EXPECT_TRUE(same_bits(grad({y}, {leaf}, {cotangent})[0], grad({want}, {leaf}, {cotangent})[0]));
      manual_seed(9);
      const Tensor wide = ops::zeros({3, 8}, kFloat64), view = ops::slice(wide, 1, 0, {}, 2);
      ops::copy_values(view, ops::mul(leaf, 2));
      if (!match) {
        dropout(view, p, true, true);
        EXPECT_TRUE(same_bits(view, want));
      }
    }
  }
  ops::set_match_torch(false);
  EXPECT_THROW(dropout(noise({3}).requires_grad_(), 0.5, true, true), Error);
}

TEST(Dropout, TheMaskKnowsNoLayoutAndNoThreads) {
  const Tensor base = noise({70, 80}, 1, kFloat32);
  const auto run = [](const Tensor& x) { return manual_seed(4), dropout(x, 0.5); };
  EXPECT_TRUE(same_bits(run(ops::transpose(base, 0, 1)), run(ops::contiguous(ops::transpose(base, 0, 1)))));
  const int before = num_threads();
  set_num_threads(1);
  const Tensor one = run(base);
  for (const int threads : {2, 5}) {
    set_num_threads(threads);
    EXPECT_TRUE(same_bits(run(base), one));
  }
  set_num_threads(before);
  EXPECT_TRUE(
      same_bits(run(ops::to(base, kBFloat16)), ops::to(run(ops::to(ops::to(base, kBFloat16), kFloat32)), kBFloat16)));
}

TEST(Dropout, RefusesWhatIsNoProbability) {
  for (const double p : {-0.1, 1.1, double(NAN), double(INFINITY)}) {
    EXPECT_THROW(dropout(noise({3}), p), OptionError);
    EXPECT_THROW(dropout(noise({3}), p, false), OptionError);
    EXPECT_THROW(nn::Dropout{p}, OptionError);
  }
  EXPECT_THROW(dropout(ops::ones({3}, kInt64), 0.5), DTypeError);
}

}  // namespace
}  // namespace lamina

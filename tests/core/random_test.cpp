// The generator, the random functions and the initial values: every bit as recorded from PyTorch (random.json, made by
// record_random.py), and the counter-based stream against its published answers.
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "lamina/core/error.h"
#include "lamina/core/threads.h"
#include "lamina/kernels/philox.h"
#include "lamina/nn/init.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/orthogonal.h"
#include "lamina/ops/random.h"

using namespace lamina;
using nlohmann::json;

namespace {

uint32_t crc32(const uint8_t* bytes, size_t n) {
  uint32_t crc = ~0u;
  for (size_t i = 0; i < n; ++i) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0u);
  }
  return ~crc;
}
uint32_t crc_of(const Tensor& t) {
  const Tensor whole = ops::contiguous(t);
  return crc32(reinterpret_cast<const uint8_t*>(whole.bytes()), size_t(whole.numel() * element_size(whole.dtype())));
}
uint32_t crc_of(const Generator& generator) {
  const auto state = generator.state();
  return crc32(state.data(), state.size());
}

DType dtype_named(const std::string& wanted) {
  for (int d = 0; d <= int(DType::Bool); ++d)
    if (name(DType(d)) == wanted) return DType(d);
  throw Error("no such type: " + wanted);
}

const json& recorded() {
  static const json file = json::parse(std::ifstream(LAMINA_SOURCE_DIR "/tests/core/random.json"));
  return file;
}

Tensor zeros_of(const json& draw) {
  const Shape shape(draw["shape"].get<std::vector<int64_t>>());
  const DType dtype = dtype_named(draw["dtype"]);
  if (!draw.contains("strides")) return ops::zeros(shape, dtype);
  const Strides strides(draw["strides"].get<std::vector<int64_t>>());
  int64_t span = 1;
  for (int i = 0; i < shape.rank(); ++i) span += (shape[i] - 1) * strides[i];
  return alias(ops::zeros({span}, dtype), shape, strides);
}

Tensor call(const json& draw, const GeneratorRef& g) {
  const std::string op = draw["op"];
  const Tensor t = zeros_of(draw);
  const json args = draw.value("args", json::array());
  const auto number = [&](size_t i, double otherwise) { return i < args.size() ? args[i].get<double>() : otherwise; };
  using namespace nn;
  if (op == "uniform_") return ops::uniform_(t, number(0, 0), number(1, 1), g);
  if (op == "normal_") return ops::normal_(t, number(0, 0), number(1, 1), g);
  if (op == "exponential_") return ops::exponential_(t, number(0, 1), g);
  if (op == "bernoulli_") return ops::bernoulli_(t, number(0, 0.5), g);
  if (op == "random_" && args.empty()) return ops::random_(t, g);
  if (op == "random_") return ops::random_(t, args[0].get<int64_t>(), args[1].get<int64_t>(), g);
  if (op == "randperm") return ops::randperm(t.numel(), t.dtype(), g);
  if (op == "rand_like") return ops::rand_like(t, {}, g);
  if (op == "randn_like") return ops::randn_like(t, {}, g);
  if (op == "randint_like") return ops::randint_like(t, args[0].get<int64_t>(), args[1].get<int64_t>(), {}, g);
  if (op == "trunc_normal_") return init::trunc_normal_(t, number(0, 0), number(1, 1), number(2, -2), number(3, 2), g);
  if (op == "xavier_uniform_") return init::xavier_uniform_(t, number(0, 1), g);
  if (op == "xavier_normal_") return init::xavier_normal_(t, number(0, 1), g);
  if (op == "kaiming_uniform_") return init::kaiming_uniform_(t, number(0, 0), "fan_in", "leaky_relu", g);
  if (op == "kaiming_normal_")
    return init::kaiming_normal_(t, number(0, 0), args[1].get<std::string>(), args[2].get<std::string>(), g);
  if (op == "sparse_") return init::sparse_(t, number(0, 0), number(1, 0.01), g);
  if (op == "eye_") return init::eye_(t);
  if (op == "dirac_") return init::dirac_(t, args[0].get<int64_t>());
  throw Error("no such operation: " + op);
}

void expect_draw(const json& draw, const GeneratorRef& given, const Generator& used) {
  const Tensor t = call(draw, given);
  const Tensor values = ops::to(ops::contiguous(t), kFloat64);
  for (size_t i = 0; i < draw["first"].size(); ++i)
    EXPECT_EQ(values.data<double>()[i], std::strtod(draw["first"][i].get<std::string>().c_str(), nullptr))
        << draw << " at " << i;
  EXPECT_EQ(crc_of(t), draw["crc"].get<uint32_t>()) << draw;
  EXPECT_EQ(crc_of(used), draw["state"].get<uint32_t>()) << draw;
}

TEST(Random, DrawsWhatPyTorchDraws) {
  for (const json& draw : recorded()["draws"]) {
    manual_seed(draw["seed"].get<uint64_t>());
    expect_draw(draw, {}, *default_generator());
  }
}

TEST(Random, AGeneratorOfItsOwnDrawsTheSame) {
  for (const json& draw : recorded()["draws"]) {
    if (draw["op"] == "sparse_") continue;  // its rows come from the default generator
    const GeneratorRef generator = make<Generator>(draw["seed"].get<uint64_t>());
    expect_draw(draw, generator, *generator);
  }
}

TEST(Random, CallsInSequence) {
  manual_seed(2026);
  for (const json& draw : recorded()["sequence"])
    EXPECT_EQ(crc_of(call(draw, {})), draw["crc"].get<uint32_t>()) << draw;
}

TEST(Random, StatesAreThoseOfPyTorch) {
  for (const json& entry : recorded()["states"]) {
    const uint64_t seed = std::stoull(entry["seed"].get<std::string>());
    const GeneratorRef generator = manual_seed(seed);
    EXPECT_EQ(generator->initial_seed(), seed);
    ops::randn({3}, kFloat64);
    const auto state = generator->state();
    EXPECT_EQ(state.size(), entry["bytes"].get<size_t>());
    EXPECT_EQ(crc_of(*generator), entry["crc"].get<uint32_t>());

    const Tensor next = ops::randn({5}, kFloat64);  // begins with the pair that the state carries
    const GeneratorRef other = make<Generator>();
    other->set_state(state);
    EXPECT_EQ(other->initial_seed(), seed);
    EXPECT_EQ(crc_of(ops::randn({5}, kFloat64, other)), crc_of(next));
  }
}

TEST(Random, RefusesBytesThatAreNoState) {
  const GeneratorRef generator = make<Generator>(1);
  EXPECT_THROW(generator->set_state({}), Error);
  auto state = generator->state();
  EXPECT_THROW(generator->set_state(std::vector<uint8_t>(state.size())), Error);
  const auto with = [&](size_t at, uint8_t low, uint8_t high) {
    auto changed = state;
    changed[at] = low, changed[at + 1] = high;
    return changed;
  };
  EXPECT_THROW(generator->set_state(with(8, 0, 0)), Error);        // no draws left
  EXPECT_THROW(generator->set_state(with(8, 0x71, 0x02)), Error);  // 625 left
  EXPECT_THROW(generator->set_state(with(16, 0x71, 0x02)), Error);
  auto past = with(8, 0x70, 0x02);  // 624 left from word 2: the last would lie outside
  past[16] = 2;
  EXPECT_THROW(generator->set_state(past), Error);
  EXPECT_EQ(generator->state(), state);
}

TEST(Random, SeedIsFreshAndKnown) {
  const GeneratorRef generator = make<Generator>();
  EXPECT_EQ(generator->initial_seed(), 67280421310721u);
  const uint64_t first = generator->seed(), second = generator->seed();
  EXPECT_NE(first, second);
  EXPECT_EQ(generator->initial_seed(), second);
  EXPECT_EQ(crc_of(ops::rand({9}, kFloat32, generator)), crc_of(ops::rand({9}, kFloat32, make<Generator>(second))));
}

TEST(Random, ProbabilitiesOfEachElement) {
  const GeneratorRef a = make<Generator>(5), b = make<Generator>(5);
  const Tensor p = ops::zeros({4, 3}, kFloat64);
  for (int i = 0; i < 12; ++i) p.data<double>()[i] = i / 11.0;
  const Tensor got = ops::bernoulli(p, a);
  for (int i = 0; i < 12; ++i) EXPECT_EQ(got.data<double>()[i], double(b->uniform<double>() < i / 11.0)) << i;
  // one row for all, in float32: 24 bits a draw
  const Tensor row = ops::full({1, 3}, 0.5, kFloat32), wide = ops::zeros({4, 3}, kInt64);
  ops::bernoulli_(wide, row, a);
  for (int i = 0; i < 12; ++i) EXPECT_EQ(wide.data<int64_t>()[i], int64_t(b->uniform<float>() < 0.5f)) << i;
  EXPECT_THROW(ops::bernoulli_(wide, ops::full({3}, 1.5, kFloat32)), OptionError);
  EXPECT_THROW(ops::bernoulli_(wide, ops::full({3}, NAN, kFloat32)), OptionError);
  EXPECT_THROW(ops::bernoulli_(wide, ops::full({4}, 0.5, kFloat32)), ShapeError);
  EXPECT_THROW(ops::bernoulli_(wide, ops::full({2, 4, 3}, 0.5, kFloat32)), ShapeError);
}

TEST(Random, RefusesWhatItCannotDraw) {
  const Tensor t = ops::zeros({3}), whole = ops::zeros({3}, kInt8);
  EXPECT_THROW(ops::uniform_(t, 1, 0), OptionError);
  EXPECT_THROW(ops::uniform_(t, NAN, 1), OptionError);
  EXPECT_THROW(ops::uniform_(t, -3e38, 3e38), OptionError);
  EXPECT_THROW(ops::uniform_(whole), DTypeError);
  EXPECT_THROW(ops::normal_(t, 0, -1), OptionError);
  EXPECT_THROW(ops::normal_(t, 0, NAN), OptionError);
  EXPECT_THROW(ops::normal_(whole), DTypeError);
  EXPECT_THROW(ops::bernoulli_(t, 1.1), OptionError);
  EXPECT_THROW(ops::bernoulli_(t, NAN), OptionError);
  EXPECT_THROW(ops::exponential_(t, 0), OptionError);
  EXPECT_THROW(ops::random_(whole, 0, 129), OptionError);
  EXPECT_THROW(ops::random_(whole, 5, 5), OptionError);
  EXPECT_THROW(ops::random_(whole, 128, std::nullopt), OptionError);
  EXPECT_THROW(ops::randint(3, 3, {2}), OptionError);
  EXPECT_THROW(ops::randperm(-1), OptionError);
  EXPECT_THROW(ops::randperm(300, kInt8), OptionError);
  EXPECT_THROW(ops::randperm(3, kBool), DTypeError);
  EXPECT_THROW(ops::rand({2, -1}), ShapeError);
  EXPECT_THROW(ops::normal_(alias(t, {2, 3}, {0, 1})), Error);  // two rows in one place
  const Tensor weight = ops::zeros({3}).requires_grad_();
  EXPECT_THROW(ops::uniform_(weight), Error);
  EXPECT_NO_THROW(nn::init::uniform_(weight));
}

TEST(Random, InitRefusesWhatItCannotFill) {
  using namespace nn::init;
  const Tensor line = ops::zeros({3}), square = ops::zeros({3, 3});
  EXPECT_THROW(xavier_uniform_(line), OptionError);
  EXPECT_THROW(kaiming_normal_(line), OptionError);
  EXPECT_THROW(kaiming_uniform_(square, 0, "fan"), OptionError);
  EXPECT_THROW(kaiming_uniform_(square, 0, "fan_in", "gelu"), OptionError);
  EXPECT_NO_THROW(kaiming_uniform_(ops::zeros({0})));
  EXPECT_THROW(eye_(line), OptionError);
  EXPECT_THROW(dirac_(square), OptionError);
  EXPECT_THROW(dirac_(ops::zeros({4, 2, 3}), 3), OptionError);
  EXPECT_THROW(dirac_(ops::zeros({4, 2, 3}), 0), OptionError);
  EXPECT_THROW(sparse_(line, 0.5), OptionError);
  EXPECT_THROW(sparse_(square, 1.5), OptionError);
  EXPECT_THROW(trunc_normal_(square, 0, 0), OptionError);
  EXPECT_THROW(trunc_normal_(square, 0, 1, 2, 1), OptionError);
  EXPECT_THROW(trunc_normal_(square, NAN), OptionError);
  EXPECT_EQ(calculate_gain("relu"), std::sqrt(2.0));
  EXPECT_EQ(calculate_gain("tanh"), 5.0 / 3);
  EXPECT_EQ(calculate_gain("leaky_relu", 0.2), std::sqrt(2.0 / 1.04));
  EXPECT_EQ(calculate_gain("leaky_relu"), std::sqrt(2.0 / (1 + 0.01 * 0.01)));
  EXPECT_EQ(calculate_fan_in_and_fan_out(ops::zeros({8, 4, 3, 2})), (std::pair<int64_t, int64_t>{24, 48}));
}

TEST(Random, TheSameWithAnyNumberOfThreads) {
  const int before = num_threads();
  std::set<uint32_t> seen;
  for (const int threads : {1, 2, 5}) {
    set_num_threads(threads);
    manual_seed(11);
    seen.insert(crc_of(ops::randn({100003})));
  }
  set_num_threads(before);
  EXPECT_EQ(seen.size(), 1u);
}

TEST(Orthogonal, HasPyTorchsValues) {
  for (const json& entry : recorded()["orthogonal"]) {
    const Shape shape(entry["shape"].get<std::vector<int64_t>>());
    const Tensor t = ops::zeros(shape, kFloat64), narrow = ops::zeros(shape);
    nn::init::orthogonal_(t, entry["gain"].get<double>(), make<Generator>(5));
    ASSERT_EQ(entry["values"].size(), size_t(t.numel()));
    for (int64_t i = 0; i < t.numel(); ++i)
      EXPECT_NEAR(t.data<double>()[i], entry["values"][size_t(i)].get<double>(), 1e-12) << shape.text();
    // rows or columns are orthonormal in float32 too
    nn::init::orthogonal_(narrow);
    const int64_t rows = shape[0], cols = narrow.numel() / rows, few = std::min(rows, cols),
                  many = std::max(rows, cols);
    const int64_t step = rows < cols ? cols : 1, along = rows < cols ? 1 : cols;
    for (int64_t a = 0; a < few; ++a)
      for (int64_t b = 0; b < few; ++b) {
        double dot = 0;
        for (int64_t i = 0; i < many; ++i)
          dot +=
              double(narrow.data<float>()[a * step + i * along]) * double(narrow.data<float>()[b * step + i * along]);
        EXPECT_NEAR(dot, a == b ? 1 : 0, 1e-6);
      }
  }
}

TEST(Orthogonal, FillsAViewAndRefusesTheRest) {
  const Tensor base = ops::zeros({4, 6}), view = alias(base, {3, 2}, {1, 6});
  nn::init::orthogonal_(view, 1, make<Generator>(9));
  const Tensor whole = ops::zeros({3, 2});
  nn::init::orthogonal_(whole, 1, make<Generator>(9));
  EXPECT_EQ(crc_of(view), crc_of(whole));
  EXPECT_EQ(base.data<float>()[3], 0);
  EXPECT_THROW(nn::init::orthogonal_(ops::zeros({3})), OptionError);
  EXPECT_THROW(nn::init::orthogonal_(ops::zeros({2, 2}, kBFloat16)), DTypeError);
  EXPECT_NO_THROW(nn::init::orthogonal_(ops::zeros({0, 2})));
  EXPECT_THROW(ops::orthogonal_factor(ops::zeros({2})), ShapeError);
  EXPECT_THROW(ops::orthogonal_factor(ops::zeros({2, 2}).requires_grad_()), NotImplementedError);
}

using Words = std::array<uint32_t, 4>;
Words philox(Words counter, uint32_t k0, uint32_t k1) {
  for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
    const uint64_t a = uint64_t{0xD2511F53u} * counter[0], b = uint64_t{0xCD9E8D57u} * counter[2];
    counter = {uint32_t(b >> 32) ^ counter[1] ^ k0, uint32_t(b), uint32_t(a >> 32) ^ counter[3] ^ k1, uint32_t(a)};
  }
  return counter;
}

TEST(Philox, GivesThePublishedWords) {  // Random123, kat_vectors: philox4x32 10
  EXPECT_EQ(philox({0, 0, 0, 0}, 0, 0), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({~0u, ~0u, ~0u, ~0u}, ~0u, ~0u), (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0xa4093822, 0x299f31d0),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
  const uint64_t key = 0x299f31d0a4093822u, group = (uint64_t{1} << 32) / 8 - 1;  // counters on both sides of 2³²
  for (uint64_t g : {uint64_t{0}, group, group + 1}) {
    uint32_t words[kernels::kPhiloxGroup];
    kernels::philox_bits(key, int64_t(g * 32), words, kernels::kPhiloxGroup);
    for (uint64_t b = 0; b < 8; ++b) {
      const uint64_t counter = g * 8 + b;
      const Words expected =
          philox({uint32_t(counter), uint32_t(counter >> 32), 0, 0}, uint32_t(key), uint32_t(key >> 32));
      for (uint64_t w = 0; w < 4; ++w) EXPECT_EQ(words[w * 8 + b], expected[w]) << g << ' ' << b << ' ' << w;
    }
  }
}

TEST(Philox, AnyPieceOfTheStreamIsTheSame) {
  std::vector<uint32_t> whole(200);
  kernels::philox_bits(99, 0, whole.data(), 200);
  for (const auto& [from, n] :
       std::map<int64_t, int64_t>{{0, 1}, {1, 31}, {5, 64}, {31, 2}, {32, 100}, {63, 137}, {70, 0}}) {
    std::vector<uint32_t> part(size_t(n) + 1, 7);
    kernels::philox_bits(99, from, part.data(), n);
    EXPECT_TRUE(std::equal(part.begin(), part.end() - 1, whole.begin() + from)) << from;
    EXPECT_EQ(part.back(), 7u) << "wrote past the end";
  }
}

TEST(Philox, ThresholdIsTheProbability) {
  EXPECT_EQ(kernels::philox_threshold(0), 0u);
  EXPECT_EQ(kernels::philox_threshold(0.5), 0x80000000u);
  EXPECT_EQ(kernels::philox_threshold(1), 0xffffffffu);
  const uint64_t key = ops::draw_key(make<Generator>(3));
  std::vector<uint32_t> words(100000);
  kernels::philox_bits(key, 0, words.data(), int64_t(words.size()));
  const auto below =
      std::count_if(words.begin(), words.end(), [](uint32_t w) { return w < kernels::philox_threshold(0.3); });
  EXPECT_NEAR(double(below) / double(words.size()), 0.3, 0.005);
}

}  // namespace

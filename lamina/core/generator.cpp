#include "lamina/core/generator.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <random>

#include "lamina/core/error.h"
#include "lamina/core/text.h"

namespace lamina {

namespace {
constexpr int kWords = 624, kMiddle = 397;

// One word of the next state from three of this one.
uint32_t twist(uint32_t upper, uint32_t lower, uint32_t far) {
  const uint32_t mixed = (upper & 0x80000000u) | (lower & 0x7fffffffu);
  return far ^ (mixed >> 1) ^ (lower & 1 ? 0x9908b0dfu : 0u);
}

// What PyTorch's get_rng_state writes, byte for byte; fields that it no longer uses are zero.
struct SavedState {
  uint64_t seed;
  int32_t left;
  int32_t seeded;
  uint64_t next;
  uint64_t words[kWords];
  double unused_normal_x, next_normal, unused_normal_rho;
  int32_t has_next_normal;
  int32_t padding;
  float next_float_normal;
  uint8_t has_next_float_normal;
  uint8_t padding_at_end[3];
};
static_assert(sizeof(SavedState) == 5056);

uint64_t system_seed() {
  std::random_device device;
  const uint64_t high = device();
  return high << 32 | device();
}
}  // namespace

Mt19937::Mt19937(uint64_t seed) : seed_(seed) {
  state_[0] = uint32_t(seed);
  for (uint32_t i = 1; i < kWords; ++i) state_[i] = 1812433253u * (state_[i - 1] ^ (state_[i - 1] >> 30)) + i;
}

void Mt19937::refill() {
  uint32_t* s = state_.data();
  int i = 0;
  for (; i < kWords - kMiddle; ++i) s[i] = twist(s[i], s[i + 1], s[i + kMiddle]);
  for (; i < kWords - 1; ++i) s[i] = twist(s[i], s[i + 1], s[i + kMiddle - kWords]);
  s[i] = twist(s[i], s[0], s[i + kMiddle - kWords]);
  left_ = kWords;
  next_ = 0;
}

Generator::Generator(uint64_t seed) : engine_(seed) {}

void Generator::manual_seed(uint64_t seed) {
  engine_ = Mt19937(seed);
  next_normal_.reset();
  next_float_normal_.reset();
}

uint64_t Generator::seed() {
  const uint64_t fresh = system_seed();
  manual_seed(fresh);
  return fresh;
}

double Generator::normal() {
  if (next_normal_) {
    const double kept = *next_normal_;
    next_normal_.reset();
    return kept;
  }
  const double u1 = uniform<double>(), u2 = uniform<double>();
  const double radius = std::sqrt(-2.0 * std::log1p(-u2)), theta = 2.0 * std::numbers::pi * u1;
  next_normal_ = radius * std::sin(theta);
  return radius * std::cos(theta);
}

std::vector<uint8_t> Generator::state() const {
  SavedState s{};
  s.seed = engine_.seed_;
  s.left = engine_.left_;
  s.seeded = 1;
  s.next = engine_.next_;
  std::copy(engine_.state_.begin(), engine_.state_.end(), s.words);
  s.has_next_normal = next_normal_.has_value();
  s.next_normal = next_normal_.value_or(0);
  s.has_next_float_normal = next_float_normal_.has_value();
  s.next_float_normal = next_float_normal_.value_or(0);
  std::vector<uint8_t> bytes(sizeof s);
  std::memcpy(bytes.data(), &s, sizeof s);
  return bytes;
}

void Generator::set_state(const std::vector<uint8_t>& bytes) {
  SavedState s;
  if (bytes.size() != sizeof s)
    throw Error(str("a generator's state has ", sizeof s, " bytes, but got ", bytes.size()),
                "Pass what get_rng_state() or Generator.get_state() returned.");
  std::memcpy(&s, bytes.data(), sizeof s);
  // `left` draws remain until the next refill; they must lie inside the words
  if (!s.seeded || s.left <= 0 || s.left > kWords || s.next > uint64_t(kWords) ||
      s.next + uint64_t(s.left) > kWords + 1)
    throw Error("these bytes are not the state of an mt19937 generator", "Pass what get_rng_state() returned.");
  engine_.seed_ = s.seed;
  engine_.left_ = s.left;
  engine_.next_ = uint32_t(s.next);
  std::transform(s.words, s.words + kWords, engine_.state_.begin(), [](uint64_t word) { return uint32_t(word); });
  if (s.has_next_normal) next_normal_ = s.next_normal;
  else next_normal_.reset();
  if (s.has_next_float_normal) next_float_normal_ = s.next_float_normal;
  else next_float_normal_.reset();
}

GeneratorRef default_generator() {
  static const auto* generator =
      new GeneratorRef(make<Generator>(system_seed()));  // outlives every static that may draw
  return *generator;
}

GeneratorRef manual_seed(uint64_t seed) {
  GeneratorRef generator = default_generator();
  const auto lock = generator->lock();
  generator->manual_seed(seed);
  return generator;
}

}  // namespace lamina

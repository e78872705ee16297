// Generator: PyTorch's random stream on the CPU (mt19937), so that the same seed gives the same numbers.
//   manual_seed(0); Tensor x = randn({3});          // PyTorch's numbers to the bit
#pragma once
#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "lamina/core/object.h"

namespace lamina {

/// Mersenne Twister with 32-bit words (Matsumoto, Nishimura 1998), seeded as PyTorch does.
class Mt19937 {
 public:
  explicit Mt19937(uint64_t seed = 5489);
  uint32_t operator()() {
    if (--left_ == 0) refill();
    uint32_t y = state_[next_++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    return y ^ (y >> 18);
  }

 private:
  friend class Generator;  // reads and writes the state as a whole
  void refill();
  uint64_t seed_;
  int left_ = 1;
  uint32_t next_ = 0;
  std::array<uint32_t, 624> state_;
};

/// A stream of random numbers; every random function takes one, and the default one when none is given.
/// Its members do not lock: hold lock() while drawing or seeding. The free functions below and those of ops/random.h do.
class Generator : public Object {
 public:
  explicit Generator(uint64_t seed = kDefaultSeed);
  static constexpr uint64_t kDefaultSeed = 67280421310721;  // PyTorch's

  void manual_seed(uint64_t seed);
  uint64_t seed();  // a fresh seed from the system, which it also returns
  uint64_t initial_seed() const { return engine_.seed_; }

  uint32_t random32() { return engine_(); }
  uint64_t random64() {
    const uint64_t high = engine_();
    return (high << 32) | engine_();
  }
  /// [0, 1): the lower 24 bits of 32 for float, the lower 53 of 64 for double, as PyTorch's uniform.
  template <class T>
  T uniform() {
    if constexpr (sizeof(T) == 8) return double(random64() & ((uint64_t{1} << 53) - 1)) * 0x1p-53;
    else return float(random32() & ((uint32_t{1} << 24) - 1)) * 0x1p-24f;
  }
  /// One standard normal number by the scalar Box–Muller pair, which keeps the second for the next call.
  double normal();

  /// Everything above, as bytes in PyTorch's own layout (5,056 bytes), for get_rng_state and checkpoints.
  std::vector<uint8_t> state() const;
  void set_state(const std::vector<uint8_t>& bytes);  // Error when the bytes are not such a state

  /// Waits with the interpreter's lock released, which the thread that draws may need to finish.
  std::unique_lock<std::mutex> lock() {
    std::unique_lock held(mutex_, std::try_to_lock);
    if (!held) {
      const Unlocked unlocked(true);
      held.lock();
    }
    return held;
  }

 private:
  std::mutex mutex_;
  Mt19937 engine_;
  std::optional<double> next_normal_;
  std::optional<float> next_float_normal_;  // PyTorch never fills it on the CPU; kept so that a state comes back whole
};

using GeneratorRef = Ref<Generator>;
/// The one that random functions use when none is given; it starts from a fresh seed, as PyTorch's does.
GeneratorRef default_generator();
/// Seeds the default generator and returns it.
GeneratorRef manual_seed(uint64_t seed);

}  // namespace lamina

// Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011): random bits as a function of a key and a position. Word i depends on
// nothing else, so any part of a stream can be computed by any thread:
//   const uint64_t key = ops::draw_key(generator);
//   parallel_for(n, grain, [&](int64_t from, int64_t to) { philox_bits(key, from, bits + from, to - from); });
//   keep[i] = bits[i] >= philox_threshold(p);
#pragma once
#include <cmath>
#include <cstdint>

namespace lamina::kernels {

constexpr int kPhiloxGroup = 32;  // words that are made together: word 8·w + b of a group is word w of its block b

/// The 32 words of group `group`: its blocks 8·group … 8·group + 7 side by side, one a lane, so that a compiler makes
/// vectors of them.
inline void philox_group(uint64_t key, uint64_t group, uint32_t* __restrict out) {
  uint32_t c0[8], c1[8], c2[8], c3[8];
  for (int b = 0; b < 8; ++b) {
    const uint64_t counter = group * 8 + uint64_t(b);
    c0[b] = uint32_t(counter), c1[b] = uint32_t(counter >> 32), c2[b] = 0, c3[b] = 0;
  }
  uint32_t k0 = uint32_t(key), k1 = uint32_t(key >> 32);
  for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9, k1 += 0xBB67AE85)
    for (int b = 0; b < 8; ++b) {
      const uint64_t low = uint64_t{0xD2511F53} * c0[b], high = uint64_t{0xCD9E8D57} * c2[b];
      c0[b] = uint32_t(high >> 32) ^ c1[b] ^ k0;
      c2[b] = uint32_t(low >> 32) ^ c3[b] ^ k1;
      c1[b] = uint32_t(high);
      c3[b] = uint32_t(low);
    }
  for (int b = 0; b < 8; ++b) out[b] = c0[b], out[8 + b] = c1[b], out[16 + b] = c2[b], out[24 + b] = c3[b];
}

/// Words [from, from + n) of the stream of `key`.
inline void philox_bits(uint64_t key, int64_t from, uint32_t* out, int64_t n) {
  uint32_t group[kPhiloxGroup];
  while (n > 0) {
    const int64_t start = from % kPhiloxGroup;
    if (start == 0 && n >= kPhiloxGroup) {
      philox_group(key, uint64_t(from / kPhiloxGroup), out);
      from += kPhiloxGroup, out += kPhiloxGroup, n -= kPhiloxGroup;
      continue;
    }
    philox_group(key, uint64_t(from / kPhiloxGroup), group);
    const int64_t take = kPhiloxGroup - start < n ? kPhiloxGroup - start : n;
    for (int64_t i = 0; i < take; ++i) out[i] = group[start + i];
    from += take, out += take, n -= take;
  }
}

/// A word is below this with probability p, p in [0, 1) to 2⁻³²; p = 1 needs a case of its own.
inline uint32_t philox_threshold(double p) { return uint32_t(std::llround(std::fmin(p * 4294967296.0, 4294967295.0))); }

}  // namespace lamina::kernels

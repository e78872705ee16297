// parallel_for: the one way to use more than one thread. The range is cut by `grain`, so by shape and never by the number
// of threads: what each piece computes, and so every bit of the result, is the same with 1, 2 or 5 threads.
//   parallel_for(rows, grain_for(cols), [&](int64_t from, int64_t to) { … rows [from, to) … });
#pragma once
#include <cstdint>
#include <type_traits>

namespace lamina {

/// How many threads a parallel_for may use. At the start: the processors this process may run on, by affinity and cgroup.
int num_threads();
/// Throws OptionError below 1.
void set_num_threads(int n);

/// Items to a piece so that a piece is worth a thread's while: about 32,768 units of work.
constexpr int64_t grain_for(int64_t work_per_item) {
  constexpr int64_t kPiece = 32768;
  return work_per_item >= kPiece ? 1 : kPiece / (work_per_item > 0 ? work_per_item : 1);
}

namespace detail {
void parallel_pieces(int64_t n, int64_t grain, void (*run)(void* f, int64_t from, int64_t to), void* f);
}

/// Calls f(from, to) for the pieces [0, grain), [grain, 2·grain), … of [0, n), on several threads where there are two
/// pieces or more. A nested call, and one made while another thread's is running, runs here. The first exception is rethrown.
template <class F>
void parallel_for(int64_t n, int64_t grain, F&& f) {
  if (n <= 0) return;
  if (n <= grain) return f(int64_t{0}, n);
  using Body = std::remove_reference_t<F>;
  detail::parallel_pieces(
      n, grain, [](void* body, int64_t from, int64_t to) { (*static_cast<Body*>(body))(from, to); },
      const_cast<void*>(static_cast<const void*>(&f)));
}

}  // namespace lamina

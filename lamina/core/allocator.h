// Memory that is kept for reuse: after the first training step nothing calls the system's allocator or faults pages in.
// Small blocks (up to 1 KiB: nodes, tensors, their data) come from free lists of the calling thread, without a lock;
// larger ones from lists shared by all threads, by size class, up to a bound. Every block is 64-byte aligned.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace lamina {

/// At least `bytes` bytes, aligned to 64. Throws Error when the system has no more.
void* allocate(size_t bytes);
/// Gives back what allocate(bytes) returned; `bytes` must be the same.
void deallocate(void* block, size_t bytes) noexcept;

struct MemoryStats {
  int64_t in_use;        // bytes of large blocks handed out now
  int64_t peak;          // the largest in_use since the start or reset_peak_memory()
  int64_t cached;        // bytes of large blocks kept for reuse
  int64_t system_calls;  // how often the system's allocator was asked, for small and large blocks
};
MemoryStats memory_stats();
void reset_peak_memory();
/// Returns kept large blocks to the system.
void release_cached_memory();

/// The pool for the standard containers.
template <class T>
struct PoolAllocator {
  using value_type = T;
  PoolAllocator() = default;
  template <class U>
  PoolAllocator(const PoolAllocator<U>&) {}
  T* allocate(size_t n) { return static_cast<T*>(lamina::allocate(n * sizeof(T))); }
  void deallocate(T* block, size_t n) noexcept { lamina::deallocate(block, n * sizeof(T)); }
  bool operator==(const PoolAllocator&) const { return true; }
};
template <class T>
using PooledVector = std::vector<T, PoolAllocator<T>>;

/// Base that puts a class into the pool.
template <class T>
struct Pooled {
  static void* operator new(size_t bytes) { return allocate(bytes); }
  static void operator delete(void* block, size_t bytes) noexcept { deallocate(block, bytes); }
};

}  // namespace lamina

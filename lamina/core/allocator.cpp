#include "lamina/core/allocator.h"

#include <pthread.h>

#include <atomic>
#include <bit>
#include <cstdlib>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include "lamina/core/error.h"
#include "lamina/core/text.h"

namespace lamina {

namespace {

constexpr size_t kStep = 64;                    // small classes: multiples of this
constexpr size_t kSmall = 1024;                 // the largest small block
constexpr size_t kSmallKept = 1024;             // blocks that one thread keeps of each small class
constexpr size_t kLargeKept = size_t{2} << 30;  // bytes of large blocks kept by the process
std::atomic<int64_t> system_calls{0};

void* from_system(size_t bytes) {
  system_calls.fetch_add(1, std::memory_order_relaxed);
  return std::aligned_alloc(kStep, bytes);
}

[[noreturn]] void out_of_memory(size_t bytes) {
  throw Error(str("cannot allocate ", bytes, " bytes: the system has no more memory to give"));
}

struct FreeBlock { FreeBlock* next; };

// The calling thread's small blocks. A trivially destructible flag outlives it: blocks freed while the thread ends go
// straight to the system.
thread_local bool small_gone = false;
struct SmallLists {
  FreeBlock* head[kSmall / kStep + 1] = {};
  size_t count[kSmall / kStep + 1] = {};
  ~SmallLists() {
    small_gone = true;
    for (FreeBlock* list : head)
      while (list) std::free(std::exchange(list, list->next));
  }
};
thread_local SmallLists small_lists;

// Large classes: four to each power of two, so that at most a fifth of a block is wasted.
size_t large_class(size_t bytes) {
  const int power = std::bit_width(bytes - 1);  // 2^(power-1) < bytes <= 2^power
  const size_t quarter = size_t{1} << (power - 3);
  return ((bytes + quarter - 1) / quarter) * quarter;
}
size_t class_index(size_t rounded) {
  const int power = std::bit_width(rounded - 1);
  return size_t(power) * 4 + (rounded >> (power - 3)) % 4;
}

struct LargeLists {
  std::mutex mutex;
  FreeBlock* head[64 * 4 + 4] = {};
  int64_t in_use = 0, peak = 0, cached = 0;
};
LargeLists& large_lists();

// A fork while another thread is inside would leave the child a lock that nobody opens: the forking thread takes it first.
LargeLists* new_large_lists() {
  pthread_atfork([] { large_lists().mutex.lock(); }, [] { large_lists().mutex.unlock(); },
                 [] { large_lists().mutex.unlock(); });
  return new LargeLists;
}
LargeLists& large_lists() {
  static LargeLists* lists = new_large_lists();  // never destroyed: tensors may outlive every static
  return *lists;
}

}  // namespace

void* allocate(size_t bytes) {
  if (bytes <= kSmall) {
    const size_t index = bytes ? (bytes + kStep - 1) / kStep : 1;
    if (!small_gone) {
      auto& lists = small_lists;
      if (FreeBlock* block = lists.head[index]) {
        lists.head[index] = block->next;
        --lists.count[index];
        return block;
      }
    }
    if (void* block = from_system(index * kStep)) return block;
    out_of_memory(bytes);
  }
  if (bytes > size_t{1} << 60) out_of_memory(bytes);
  const size_t rounded = large_class(bytes);
  auto& lists = large_lists();
  {
    std::lock_guard lock(lists.mutex);
    FreeBlock*& head = lists.head[class_index(rounded)];
    lists.in_use += int64_t(rounded);
    if (lists.in_use > lists.peak) lists.peak = lists.in_use;
    if (head) {
      lists.cached -= int64_t(rounded);
      return std::exchange(head, head->next);
    }
  }
  if (void* block = from_system(rounded)) return block;
  release_cached_memory();
  if (void* block = from_system(rounded)) return block;
  std::lock_guard lock(lists.mutex);
  lists.in_use -= int64_t(rounded);
  out_of_memory(bytes);
}

void deallocate(void* block, size_t bytes) noexcept {
  if (!block) return;
  if (bytes <= kSmall) {
    const size_t index = bytes ? (bytes + kStep - 1) / kStep : 1;
    if (small_gone || small_lists.count[index] >= kSmallKept) return std::free(block);
    auto& lists = small_lists;
    lists.head[index] = new (block) FreeBlock{lists.head[index]};
    ++lists.count[index];
    return;
  }
  const size_t rounded = large_class(bytes);
  auto& lists = large_lists();
  {
    std::lock_guard lock(lists.mutex);
    lists.in_use -= int64_t(rounded);
    if (size_t(lists.cached) + rounded <= kLargeKept) {
      FreeBlock*& head = lists.head[class_index(rounded)];
      head = new (block) FreeBlock{head};
      lists.cached += int64_t(rounded);
      return;
    }
  }
  std::free(block);
}

MemoryStats memory_stats() {
  auto& lists = large_lists();
  std::lock_guard lock(lists.mutex);
  return {lists.in_use, lists.peak, lists.cached, system_calls.load(std::memory_order_relaxed)};
}

void reset_peak_memory() {
  auto& lists = large_lists();
  std::lock_guard lock(lists.mutex);
  lists.peak = lists.in_use;
}

void release_cached_memory() {
  auto& lists = large_lists();
  std::lock_guard lock(lists.mutex);
  for (FreeBlock*& head : lists.head)
    while (head) std::free(std::exchange(head, head->next));
  lists.cached = 0;
}

}  // namespace lamina

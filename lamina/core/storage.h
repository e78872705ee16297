// Storage: a counted block of bytes that tensors share, with the version that in-place operations bump.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace lamina {

/// Memory that somebody else owns (a NumPy array, a mapped file) comes with a function that gives it back.
using ReleaseFunction = void (*)(void* context);

struct Storage {
  std::atomic<uint32_t> count{1};
  std::atomic<uint32_t> version{0};
  std::byte* data = nullptr;
  int64_t bytes = 0;
  ReleaseFunction release = nullptr;  // null: the block follows this header in one allocation
  void* context = nullptr;
  bool writable = true;
};

Storage* new_storage(int64_t bytes);  // contents unset; count 1
Storage* new_borrowed_storage(void* data, int64_t bytes, ReleaseFunction release, void* context, bool writable = true);
void destroy(Storage* storage) noexcept;

/// Counted handle to a Storage.
class StorageRef {
 public:
  StorageRef() = default;
  explicit StorageRef(Storage* adopted) : p_(adopted) {}  // takes over one count
  StorageRef(const StorageRef& o) : p_(o.p_) {
    if (p_) p_->count.fetch_add(1, std::memory_order_relaxed);
  }
  StorageRef(StorageRef&& o) noexcept : p_(std::exchange(o.p_, nullptr)) {}
  StorageRef& operator=(StorageRef o) noexcept {
    std::swap(p_, o.p_);
    return *this;
  }
  ~StorageRef() {
    if (p_ && p_->count.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy(p_);
  }
  Storage* get() const { return p_; }
  Storage* operator->() const { return p_; }
  explicit operator bool() const { return p_ != nullptr; }
  bool operator==(const StorageRef& o) const { return p_ == o.p_; }

 private:
  Storage* p_ = nullptr;
};

}  // namespace lamina

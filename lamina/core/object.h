// Reference counting of what a foreign language (Python) may hold too, and the hooks that its binding installs.
// Object counts in C++ until the foreign side first sees it; from then on every C++ reference *is* a foreign reference,
// so that the foreign collector's counts are exact. Ref<T> is the handle.
#pragma once
#include <atomic>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace lamina {

/// What a language binding installs; every pointer is null in a pure C++ program.
struct Foreign {
  void (*inc)(void* object) noexcept = nullptr;  // one more reference to a foreign object
  void (*dec)(void* object) noexcept = nullptr;
  void* (*unlock)() = nullptr;  // releases the interpreter's lock; returns what lock() takes, null if it was not held
  void (*lock)(void* state) = nullptr;
  void (*check_signals)() = nullptr;  // throws when the user asked for an interrupt
};
extern Foreign foreign;

/// Releases the interpreter's lock for a block, when the work in it is worth that.
class Unlocked {
 public:
  explicit Unlocked(bool worth_it) : state_(worth_it && foreign.unlock ? foreign.unlock() : nullptr) {}
  ~Unlocked() {
    if (state_) foreign.lock(state_);
  }
  Unlocked(const Unlocked&) = delete;
  Unlocked& operator=(const Unlocked&) = delete;

 private:
  void* state_;
};

/// Base of what C++ and a foreign language share. The state is 2·count + 1, or the foreign object's address.
class Object {
 public:
  Object() = default;
  Object(const Object&) : Object() {}
  Object& operator=(const Object&) { return *this; }
  virtual ~Object() = default;

  /// The foreign object, or null while there is none.
  void* foreign_object() const noexcept {
    const auto v = state_.load(std::memory_order_relaxed);
    return v & 1 ? nullptr : reinterpret_cast<void*>(v);
  }
  /// References from C++; meaningful only while there is no foreign object.
  size_t count() const noexcept {
    const auto v = state_.load(std::memory_order_relaxed);
    return v & 1 ? v >> 1 : 0;
  }
  void retain() const noexcept {
    auto v = state_.load(std::memory_order_relaxed);
    while (v & 1)
      if (state_.compare_exchange_weak(v, v + 2, std::memory_order_relaxed)) return;
    foreign.inc(reinterpret_cast<void*>(v));
  }
  void release() const noexcept {
    auto v = state_.load(std::memory_order_acquire);
    while (v & 1)
      if (state_.compare_exchange_weak(v, v - 2, std::memory_order_acq_rel)) {
        if (v == 3) delete this;
        return;
      }
    foreign.dec(reinterpret_cast<void*>(v));
  }
  /// Turns every C++ reference into a reference to `object`, which owns this from now on.
  void set_foreign_object(void* object) noexcept {
    const auto v = state_.load(std::memory_order_relaxed);
    state_.store(reinterpret_cast<uintptr_t>(object), std::memory_order_release);
    if (v & 1)
      for (auto references = v >> 1; references; --references) foreign.inc(object);
  }

 private:
  mutable std::atomic<uintptr_t> state_{1};
};

/// Counted handle to an Object.
template <class T>
class Ref {
 public:
  Ref() = default;
  Ref(std::nullptr_t) {}
  explicit Ref(T* p) : p_(p) {
    if (p_) p_->retain();
  }
  Ref(const Ref& o) : Ref(o.p_) {}
  Ref(Ref&& o) noexcept : p_(std::exchange(o.p_, nullptr)) {}
  template <class U>
    requires std::is_convertible_v<U*, T*>
  Ref(const Ref<U>& o) : Ref(static_cast<T*>(o.get())) {}
  Ref& operator=(Ref o) noexcept {
    std::swap(p_, o.p_);
    return *this;
  }
  ~Ref() {
    if (p_) p_->release();
  }
  T* get() const { return p_; }
  T* operator->() const { return p_; }
  T& operator*() const { return *p_; }
  explicit operator bool() const { return p_ != nullptr; }
  bool operator==(const Ref& o) const { return p_ == o.p_; }

 private:
  T* p_ = nullptr;
};

template <class T, class... Args>
Ref<T> make(Args&&... args) {
  return Ref<T>(new T(std::forward<Args>(args)...));
}

}  // namespace lamina

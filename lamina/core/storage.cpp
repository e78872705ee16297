#include "lamina/core/storage.h"

#include <new>

#include "lamina/core/allocator.h"

namespace lamina {

namespace {
constexpr int64_t kHeader = 64;  // the data keeps the block's alignment
static_assert(sizeof(Storage) <= kHeader);
}  // namespace

Storage* new_storage(int64_t bytes) {
  auto* storage = new (allocate(size_t(bytes + kHeader))) Storage;
  storage->data = reinterpret_cast<std::byte*>(storage) + kHeader;
  storage->bytes = bytes;
  return storage;
}

Storage* new_borrowed_storage(void* data, int64_t bytes, ReleaseFunction release, void* context, bool writable) {
  auto* storage = new (allocate(kHeader)) Storage;
  storage->data = static_cast<std::byte*>(data);
  storage->bytes = bytes;
  storage->release = release;
  storage->context = context;
  storage->writable = writable;
  return storage;
}

void destroy(Storage* storage) noexcept {
  const bool own = storage->release == nullptr;
  if (!own) storage->release(storage->context);
  deallocate(storage, size_t(own ? storage->bytes + kHeader : kHeader));
}

}  // namespace lamina

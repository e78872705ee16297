#include "lamina/core/row_sparse.h"

#include <sys/mman.h>

#include <new>

#include "lamina/core/error.h"

namespace lamina {

namespace {

struct Rows {
  std::vector<int64_t> rows;
  void* memory;
  size_t bytes;
  uint32_t version = 0;  // of the storage when it was last known to be zero elsewhere
  bool known = true;     // false after a change that no version counts
};

void release_rows(void* context) {
  const auto* rows = static_cast<Rows*>(context);
  munmap(rows->memory, rows->bytes);
  delete rows;
}

Rows* rows_of(const Tensor& t) {
  const StorageRef& storage = t->storage;
  if (storage->release != release_rows) return nullptr;
  auto* rows = static_cast<Rows*>(storage->context);
  const bool whole = t->data == storage->data && t.is_contiguous() &&
                     uint64_t(t.numel() * element_size(t.dtype())) == uint64_t(storage->bytes);
  return whole && t.rank() > 0 ? rows : nullptr;
}

}  // namespace

Tensor make_row_sparse(const Shape& shape, DType dtype, std::vector<int64_t> rows) {
  const int64_t bytes = checked_numel(shape, element_size(dtype)) * element_size(dtype);
  const auto mapped = size_t(bytes > 0 ? bytes : 1);
  void* memory = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  madvise(memory, mapped, MADV_NOHUGEPAGE);  // a huge page would be given whole for one row
  auto* owner = new Rows{std::move(rows), memory, mapped};
  const StorageRef storage(new_borrowed_storage(memory, bytes, release_rows, owner));
  return make_tensor(storage, storage->data, dtype, shape, contiguous_strides(shape));
}

const std::vector<int64_t>* sparse_rows(const Tensor& t) {
  const Rows* rows = t.defined() ? rows_of(t) : nullptr;
  return rows && rows->known && rows->version == t->storage->version.load(std::memory_order_relaxed) ? &rows->rows
                                                                                                     : nullptr;
}

void forget_sparse_rows(const Tensor& t) {
  if (t->storage->release == release_rows) static_cast<Rows*>(t->storage->context)->known = false;
}

void keep_sparse_rows(const Tensor& t) {
  if (Rows* rows = rows_of(t)) rows->version = t->storage->version.load(std::memory_order_relaxed);
}

}  // namespace lamina

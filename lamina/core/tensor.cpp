#include "lamina/core/tensor.h"

#include "lamina/core/error.h"
#include "lamina/core/row_sparse.h"
#include "lamina/core/text.h"
#include "lamina/core/watch.h"

namespace lamina {

Foreign foreign;
std::atomic<void (*)(TensorImpl*) noexcept> tensor_watcher{nullptr};

// A tensor that the foreign side has seen: its foreign object holds one of the counts, and is itself held exactly while
// the count is above one. So the interpreter's lock is wanted only when the count passes between one and two.
void retain(TensorImpl* t) noexcept {
  if (t->count.fetch_add(1, std::memory_order_relaxed) == 1 && t->foreign_object) foreign.inc(t->foreign_object);
}
void release(TensorImpl* t) noexcept {
  const uint32_t was = t->count.fetch_sub(1, std::memory_order_acq_rel);
  if (was == 1) {
    if (const auto watcher = tensor_watcher.load(std::memory_order_relaxed)) watcher(t);
    delete t;
  } else if (was == 2 && t->foreign_object) {
    foreign.dec(t->foreign_object);
  }
}

namespace {
bool is_row_major(const Shape& shape, const Strides& strides) {
  int64_t step = 1;
  for (int i = shape.rank() - 1; i >= 0; --i) {
    if (shape[i] == 0) return true;
    if (shape[i] != 1 && strides[i] != step) return false;
    step *= shape[i];
  }
  return true;
}
}  // namespace

Tensor make_tensor(StorageRef storage, std::byte* data, DType dtype, Shape shape, Strides strides) {
  auto* t = new TensorImpl;
  t->storage = std::move(storage);
  t->data = data;
  t->dtype = dtype;
  t->numel = shape.numel();
  t->contiguous = is_row_major(shape, strides);
  t->shape = std::move(shape);
  t->strides = std::move(strides);
  return Tensor(t);
}

Tensor empty(const Shape& shape, DType dtype) {
  const int64_t n = checked_numel(shape, element_size(dtype));
  auto* t = new TensorImpl;
  Tensor result(t);
  t->storage = StorageRef(new_storage(n * element_size(dtype)));
  t->data = t->storage->data;
  t->dtype = dtype;
  t->numel = n;
  t->shape = shape;
  t->strides = contiguous_strides(shape);
  return result;
}

Tensor alias(const Tensor& t, Shape shape, Strides strides, int64_t offset) {
  Tensor view = make_tensor(t->storage, t->data + offset * element_size(t->dtype), t->dtype, std::move(shape),
                            std::move(strides));
  view->is_inference = t->is_inference;
  return view;
}

bool Tensor::overlaps_itself() const {
  if (numel() == 0) return false;
  for (int i = 0; i < rank(); ++i)
    if (strides()[i] == 0 && shape()[i] > 1) return true;
  return false;
}

void Tensor::assign_values(const Tensor& t) const {
  if (p_->grad.defined() && (p_->grad.shape() != t.shape() || p_->grad.dtype() != t.dtype())) p_->grad = {};
  p_->storage = t->storage;
  p_->data = t->data;
  p_->dtype = t->dtype;
  p_->numel = t->numel;
  p_->contiguous = t->contiguous;
  p_->shape = t->shape;
  p_->strides = t->strides;
}

void Tensor::bump_version() const {
  if (p_->extras && p_->extras->own_version) {
    p_->extras->own_version->fetch_add(1, std::memory_order_relaxed);
    forget_sparse_rows(*this);
    return;
  }
  p_->storage->version.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace lamina

// Tensor: a counted handle to a strided view of shared storage, with its place in the autograd graph.
//   Tensor x = randn({8, 3, 32, 32});  x.shape(), x.dtype(), x.data<float>(), (x * 2 + 1).sum({1}), x.backward()
// Copying a Tensor copies the handle: both name the same values, as in Python.
#pragma once
#include <atomic>
#include <concepts>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "lamina/core/allocator.h"
#include "lamina/core/object.h"
#include "lamina/core/scalar.h"
#include "lamina/core/shape.h"
#include "lamina/core/storage.h"
#include "lamina/core/types.h"

namespace lamina {

namespace ops {
class Index;              // ops/indexing.h
struct ValuesAndIndices;  // ops/reduce.h
}  // namespace ops

namespace detail {
inline thread_local bool inference_mode = false;  // set by InferenceMode (graph/grad_mode.h)
}

class Node;  // graph/node.h
void retain(Node* node) noexcept;
void release(Node* node) noexcept;

/// Counted handle to a node of the autograd graph.
class NodeRef {
 public:
  NodeRef() = default;
  explicit NodeRef(Node* node) : p_(node) {
    if (p_) retain(p_);
  }
  NodeRef(const NodeRef& o) : NodeRef(o.p_) {}
  NodeRef(NodeRef&& o) noexcept : p_(std::exchange(o.p_, nullptr)) {}
  NodeRef& operator=(NodeRef o) noexcept {
    std::swap(p_, o.p_);
    return *this;
  }
  ~NodeRef() {
    if (p_) release(p_);
  }
  Node* get() const { return p_; }
  Node* operator->() const { return p_; }
  Node& operator*() const { return *p_; }
  explicit operator bool() const { return p_ != nullptr; }
  bool operator==(const NodeRef& o) const { return p_ == o.p_; }

 private:
  Node* p_ = nullptr;
};

struct TensorImpl;
class Tensor;
void retain(TensorImpl* impl) noexcept;
void release(TensorImpl* impl) noexcept;

class Tensor {
 public:
  Tensor() noexcept : p_(nullptr) {}                     // undefined: no shape, no values
  explicit Tensor(TensorImpl* adopted) : p_(adopted) {}  // takes over one count
  Tensor(const Tensor& o) : p_(o.p_) {
    if (p_) retain(p_);
  }
  Tensor(Tensor&& o) noexcept : p_(std::exchange(o.p_, nullptr)) {}
  Tensor& operator=(Tensor o) noexcept {
    std::swap(p_, o.p_);
    return *this;
  }
  ~Tensor() {
    if (p_) release(p_);
  }

  bool defined() const { return p_ != nullptr; }
  explicit operator bool() const = delete;  // ambiguous between "defined" and "true"; say which
  TensorImpl* impl() const { return p_; }
  TensorImpl* operator->() const { return p_; }
  /// Two handles to the same tensor.
  bool is(const Tensor& o) const { return p_ == o.p_; }

  inline const Shape& shape() const;
  inline const Strides& strides() const;
  inline int64_t size(int64_t dim) const;  // negative dims count from the end; IndexError outside
  inline int rank() const;
  inline int64_t dim() const { return rank(); }
  inline int64_t numel() const;
  inline DType dtype() const;
  inline int64_t storage_offset() const;  // in elements
  inline bool is_contiguous() const;
  inline bool is_floating_point() const { return lamina::is_floating_point(dtype()); }
  bool overlaps_itself() const;  // two indices may name one element: expanded dimensions

  /// The first element. The caller has checked the dtype (assert in debug builds).
  template <class T>
  inline T* data() const;
  template <class T>
  T* data_or_null() const {
    return p_ ? data<T>() : nullptr;
  }
  inline std::byte* bytes() const;

  // ---- autograd (graph/ and autograd/) -------------------------------------------------------------------------
  inline bool requires_grad() const;       // a leaf that asks for it, or the result of something that did
  Tensor& requires_grad_(bool on = true);  // Error on a non-leaf or on a type without fractions
  inline bool is_leaf() const;
  inline const Tensor& grad() const;
  inline void set_grad(Tensor grad) const;
  NodeRef grad_fn() const;
  inline uint32_t version() const;
  void bump_version() const;
  /// The same values without history; shares storage and version.
  Tensor detach() const;
  /// Takes over the values, shape and type of `t` and keeps identity and requires_grad: what module.to(dtype) does to a
  /// parameter that others hold too. A gradient that no longer fits is dropped.
  void assign_values(const Tensor& t) const;
  /// The gradient of this tensor for every leaf that it came from. `grad` may be left out for a single element.
  void backward(const Tensor& grad = {}, bool retain_graph = false, bool create_graph = false) const;

#include "lamina/core/tensor_methods.h"

 private:
  bool has_history() const;  // of a view: after what was written into its base
  TensorImpl* p_;
};

using Tensors = PooledVector<Tensor>;

/// What only few tensors have; made when first needed.
struct TensorExtras {
  std::atomic<uint32_t>* own_version = nullptr;  // .data counts its own changes
  ~TensorExtras() { delete own_version; }
};

struct TensorImpl : Pooled<TensorImpl> {
  std::atomic<uint32_t> count{1};
  DType dtype = DType::Float32;
  bool requires_grad = false;  // asked for on a leaf
  bool is_parameter = false;
  bool is_inference = detail::inference_mode;  // made in inference mode: may not enter a graph
  bool contiguous = true;
  uint16_t output_index = 0;  // which output of `node` this is
  void* foreign_object = nullptr;
  std::byte* data = nullptr;  // the first element
  int64_t numel = 0;
  StorageRef storage;
  NodeRef node;  // what made this; null for a leaf
  Tensor grad;
  Tensor base;                     // of a differentiable view: the tensor whose history it shares
  uint32_t history_version = 0;    // how often `node` was set
  uint32_t view_version = 0;       // of a view: the base's history_version when `node` was last right
  bool made_without_grad = false;  // a view made in no_grad mode keeps no history
  std::unique_ptr<TensorExtras> extras;
  Shape shape;
  Strides strides;  // in elements
};

inline const Shape& Tensor::shape() const { return p_->shape; }
inline const Strides& Tensor::strides() const { return p_->strides; }
inline int64_t Tensor::size(int64_t dim) const { return p_->shape[wrap_dim(dim, p_->shape.rank())]; }
inline int Tensor::rank() const { return p_->shape.rank(); }
inline int64_t Tensor::numel() const { return p_->numel; }
inline DType Tensor::dtype() const { return p_->dtype; }
inline bool Tensor::is_contiguous() const { return p_->contiguous; }
inline int64_t Tensor::storage_offset() const {
  return (p_->data - p_->storage->data) / lamina::element_size(p_->dtype);
}
template <class T>
inline T* Tensor::data() const {
  return reinterpret_cast<T*>(p_->data);
}
inline std::byte* Tensor::bytes() const { return p_->data; }
inline bool Tensor::requires_grad() const {
  return p_->requires_grad || p_->node || (p_->base.defined() && has_history());
}
inline bool Tensor::is_leaf() const { return !(p_->node || (p_->base.defined() && has_history())); }
inline const Tensor& Tensor::grad() const { return p_->grad; }
inline void Tensor::set_grad(Tensor grad) const { p_->grad = std::move(grad); }
inline uint32_t Tensor::version() const {
  if (p_->extras && p_->extras->own_version) return p_->extras->own_version->load(std::memory_order_relaxed);
  return p_->storage->version.load(std::memory_order_relaxed);
}

/// A new tensor over `storage`, without history. The caller has checked that the view lies inside.
Tensor make_tensor(StorageRef storage, std::byte* data, DType dtype, Shape shape, Strides strides);
/// A new contiguous tensor with unset values. Throws ShapeError for negative or overflowing sizes.
Tensor empty(const Shape& shape, DType dtype);
/// Another view of t's storage, `offset` elements from t's first, without history.
Tensor alias(const Tensor& t, Shape shape, Strides strides, int64_t offset = 0);

}  // namespace lamina

// Shape: the sizes (or strides) of a tensor's dimensions; a short vector that needs no heap up to six dimensions.
//   Shape s{2, 3}; s.rank() == 2; s[-1] == 3; s.numel() == 6; s.text() == "(2, 3)"
#pragma once
#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

namespace lamina {

class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<int64_t> sizes) : Shape(sizes.begin(), sizes.size()) {}
  Shape(const std::vector<int64_t>& sizes) : Shape(sizes.data(), sizes.size()) {}
  Shape(std::span<const int64_t> sizes) : Shape(sizes.data(), sizes.size()) {}
  Shape(const int64_t* sizes, size_t rank) {
    resize(int(rank));
    std::copy_n(sizes, rank, data());
  }
  Shape(const Shape& other) : Shape(other.data(), size_t(other.rank_)) {}
  Shape(Shape&& other) noexcept { take(other); }
  Shape& operator=(const Shape& other) {
    if (this != &other) {
      resize(other.rank_);
      std::copy_n(other.data(), other.rank_, data());
    }
    return *this;
  }
  Shape& operator=(Shape&& other) noexcept {
    if (this != &other) {
      release();
      take(other);
    }
    return *this;
  }
  ~Shape() { release(); }

  /// `rank` dimensions of the same size.
  static Shape filled(int rank, int64_t size);

  int rank() const { return rank_; }
  bool empty() const { return rank_ == 0; }
  int64_t* data() { return heap_ ? heap_ : inline_; }
  const int64_t* data() const { return heap_ ? heap_ : inline_; }
  int64_t* begin() { return data(); }
  int64_t* end() { return data() + rank_; }
  const int64_t* begin() const { return data(); }
  const int64_t* end() const { return data() + rank_; }
  /// Dimension i; a negative one counts from the end. The caller has checked the range.
  int64_t& operator[](int64_t i) { return data()[i < 0 ? i + rank_ : i]; }
  int64_t operator[](int64_t i) const { return data()[i < 0 ? i + rank_ : i]; }
  int64_t back() const { return data()[rank_ - 1]; }

  /// The product of the sizes; 1 for rank 0. The sizes of a tensor that exists never overflow it.
  int64_t numel() const {
    int64_t n = 1;
    for (const int64_t d : *this) n *= d;
    return n;
  }

  void push_back(int64_t size);
  void insert(int64_t at, int64_t size);
  void erase(int64_t at);
  void resize(int rank);  // sizes that are new are unset

  /// Dimensions [from, to); negative ones count from the end.
  Shape slice(int64_t from, int64_t to) const;
  Shape slice(int64_t from) const { return slice(from, rank_); }
  /// The last n dimensions.
  Shape last(int n) const { return slice(std::max(0, rank_ - n), rank_); }
  bool ends_with(const Shape& other) const;
  Shape operator+(const Shape& other) const;

  bool operator==(const Shape& other) const { return std::equal(begin(), end(), other.begin(), other.end()); }

  /// As Python writes a tuple: "()", "(3,)", "(2, 3)".
  std::string text() const;
  /// As PyTorch writes a list: "[2, 3]".
  std::string list_text() const;

 private:
  static constexpr int kInline = 6;
  void release() {
    delete[] heap_;
    heap_ = nullptr;
  }
  void take(Shape& other) {
    rank_ = other.rank_;
    heap_ = other.heap_;
    capacity_ = other.capacity_;
    if (!heap_) std::copy_n(other.inline_, rank_, inline_);
    other.heap_ = nullptr;
    other.rank_ = 0;
    other.capacity_ = kInline;
  }
  int rank_ = 0;
  int capacity_ = kInline;
  int64_t* heap_ = nullptr;
  int64_t inline_[kInline];
};

using Strides = Shape;

/// Strides of a row-major tensor of these sizes.
Strides contiguous_strides(const Shape& shape);

/// Checks sizes that somebody passed (negative ones, a product or a byte count that overflows) and returns their product.
int64_t checked_numel(const Shape& shape, int64_t element_size = 1);

/// Dimension `dim` of a tensor of `rank` dimensions, negative ones counted from the end; IndexError outside [-rank, rank).
/// A tensor without dimensions takes 0 and -1, as in PyTorch.
int64_t wrap_dim(int64_t dim, int rank);

/// The common shape of two broadcast operands; ShapeError when a dimension differs and neither is 1.
Shape broadcast(const Shape& a, const Shape& b);

}  // namespace lamina

#include "lamina/core/shape.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"

namespace lamina {

Shape Shape::filled(int rank, int64_t size) {
  Shape s;
  s.resize(rank);
  std::fill_n(s.data(), rank, size);
  return s;
}

void Shape::resize(int rank) {
  if (rank > capacity_) {
    auto* grown = new int64_t[size_t(rank) * 2];
    std::copy_n(data(), rank_, grown);
    release();
    heap_ = grown;
    capacity_ = rank * 2;
  }
  rank_ = rank;
}

void Shape::push_back(int64_t size) {
  resize(rank_ + 1);
  data()[rank_ - 1] = size;
}

void Shape::insert(int64_t at, int64_t size) {
  resize(rank_ + 1);
  std::copy_backward(begin() + at, end() - 1, end());
  data()[at] = size;
}

void Shape::erase(int64_t at) {
  std::copy(begin() + at + 1, end(), begin() + at);
  --rank_;
}

Shape Shape::slice(int64_t from, int64_t to) const {
  if (from < 0) from += rank_;
  if (to < 0) to += rank_;
  from = std::clamp<int64_t>(from, 0, rank_);
  to = std::clamp<int64_t>(to, from, rank_);
  return Shape(data() + from, size_t(to - from));
}

bool Shape::ends_with(const Shape& other) const {
  return other.rank_ <= rank_ && std::equal(other.begin(), other.end(), end() - other.rank_);
}

Shape Shape::operator+(const Shape& other) const {
  Shape sum = *this;
  for (const int64_t d : other) sum.push_back(d);
  return sum;
}

std::string Shape::text() const {
  std::string out = "(";
  for (int i = 0; i < rank_; ++i) out += (i ? ", " : "") + std::to_string(data()[i]);
  return out + (rank_ == 1 ? ",)" : ")");
}

std::string Shape::list_text() const {
  std::string out = "[";
  for (int i = 0; i < rank_; ++i) out += (i ? ", " : "") + std::to_string(data()[i]);
  return out + "]";
}

Strides contiguous_strides(const Shape& shape) {
  Strides strides;
  strides.resize(shape.rank());
  int64_t step = 1;
  for (int i = shape.rank() - 1; i >= 0; --i) {
    strides[i] = step;
    step *= std::max<int64_t>(shape[i], 1);
  }
  return strides;
}

int64_t checked_numel(const Shape& shape, int64_t element_size) {
  int64_t n = 1, bytes;
  bool zero = false, overflow = false;
  for (const int64_t d : shape) {
    if (d < 0) throw ShapeError(str("sizes must not be negative, got ", shape));
    zero |= d == 0;
    overflow |= __builtin_mul_overflow(n, std::max<int64_t>(d, 1), &n);
  }
  if (overflow || __builtin_mul_overflow(n, element_size, &bytes))
    throw ShapeError(str("a tensor of shape ", shape, " has more elements than can be addressed"));
  return zero ? 0 : n;
}

int64_t wrap_dim(int64_t dim, int rank) {
  const int64_t range = std::max(rank, 1);
  if (dim < -range || dim >= range)
    throw IndexError(
        str("Dimension out of range (expected to be in range of [", -range, ", ", range - 1, "], but got ", dim, ")"));
  return dim < 0 ? dim + range : dim;
}

Shape broadcast(const Shape& a, const Shape& b) {
  if (a == b) return a;
  const int rank = std::max(a.rank(), b.rank());
  Shape out;
  out.resize(rank);
  for (int i = 1; i <= rank; ++i) {
    const int64_t x = i <= a.rank() ? a[-i] : 1, y = i <= b.rank() ? b[-i] : 1;
    if (x != y && x != 1 && y != 1)
      throw ShapeError(str("The size of tensor a (", x, ") must match the size of tensor b (", y,
                           ") at non-singleton dimension ", rank - i, ": shapes ", a, " and ", b,
                           " cannot be broadcast together"));
    out[-i] = x == 1 ? y : x;
  }
  return out;
}

}  // namespace lamina

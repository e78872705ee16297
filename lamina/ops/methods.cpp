// The operations as methods of Tensor: each hands on to the function of its name.
#include "lamina/core/tensor.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/concat.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/indexing.h"
#include "lamina/ops/matmul.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/sort.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/view.h"
#include "lamina/ops/where.h"

namespace lamina {

Tensor Tensor::to(DType dtype) const { return ops::to(*this, dtype); }
Tensor Tensor::clone() const { return ops::clone(*this); }
Tensor Tensor::contiguous() const { return ops::contiguous(*this); }
Scalar Tensor::item() const { return ops::item(*this); }

Tensor Tensor::view(const Shape& shape) const { return ops::view(*this, shape); }
Tensor Tensor::view_as(const Tensor& other) const { return ops::view(*this, other.shape()); }
Tensor Tensor::reshape(const Shape& shape) const { return ops::reshape(*this, shape); }
Tensor Tensor::flatten(int64_t start_dim, int64_t end_dim) const { return ops::flatten(*this, start_dim, end_dim); }
Tensor Tensor::unflatten(int64_t dim, const Shape& sizes) const { return ops::unflatten(*this, dim, sizes); }
Tensor Tensor::squeeze() const { return ops::squeeze(*this); }
Tensor Tensor::squeeze(int64_t dim) const { return ops::squeeze(*this, dim); }
Tensor Tensor::unsqueeze(int64_t dim) const { return ops::unsqueeze(*this, dim); }
Tensor Tensor::transpose(int64_t dim0, int64_t dim1) const { return ops::transpose(*this, dim0, dim1); }
Tensor Tensor::t() const { return ops::t(*this); }
Tensor Tensor::mT() const { return ops::matrix_transpose(*this); }
Tensor Tensor::permute(const Shape& dims) const { return ops::permute(*this, dims); }
Tensor Tensor::movedim(int64_t source, int64_t destination) const { return ops::movedim(*this, source, destination); }
Tensor Tensor::expand(const Shape& shape) const { return ops::expand(*this, shape); }
Tensor Tensor::expand_as(const Tensor& other) const { return ops::expand_as(*this, other); }
Tensor Tensor::narrow(int64_t dim, int64_t start, int64_t length) const {
  return ops::narrow(*this, dim, start, length);
}
Tensor Tensor::select(int64_t dim, int64_t index) const { return ops::select(*this, dim, index); }
Tensor Tensor::slice(int64_t dim, std::optional<int64_t> start, std::optional<int64_t> stop, int64_t step) const {
  return ops::slice(*this, dim, start, stop, step);
}
Tensors Tensor::unbind(int64_t dim) const { return ops::unbind(*this, dim); }
Tensors Tensor::chunk(int64_t chunks, int64_t dim) const { return ops::chunk(*this, chunks, dim); }
Tensors Tensor::split(int64_t split_size, int64_t dim) const { return ops::split(*this, split_size, dim); }
Tensors Tensor::split(const Shape& sizes, int64_t dim) const { return ops::split(*this, sizes, dim); }
Tensor Tensor::diagonal(int64_t offset, int64_t dim1, int64_t dim2) const {
  return ops::diagonal(*this, offset, dim1, dim2);
}
Tensor Tensor::unfold(int64_t dim, int64_t size, int64_t step) const { return ops::unfold(*this, dim, size, step); }

Tensor Tensor::operator[](int64_t index) const { return ops::select(*this, 0, index); }
Tensor Tensor::index(const std::vector<ops::Index>& indices) const { return ops::index(*this, indices); }
const Tensor& Tensor::index_put_(const std::vector<ops::Index>& indices, const Tensor& value) const {
  return ops::index_put_(*this, indices, value);
}
Tensor Tensor::index_select(int64_t dim, const Tensor& index) const { return ops::index_select(*this, dim, index); }
Tensor Tensor::gather(int64_t dim, const Tensor& index) const { return ops::gather(*this, dim, index); }
Tensor Tensor::scatter(int64_t dim, const Tensor& index, const Tensor& src) const {
  return ops::scatter(*this, dim, index, src);
}
Tensor Tensor::scatter_add(int64_t dim, const Tensor& index, const Tensor& src) const {
  return ops::scatter_add(*this, dim, index, src);
}
Tensor Tensor::masked_select(const Tensor& mask) const { return ops::masked_select(*this, mask); }
Tensor Tensor::masked_fill(const Tensor& mask, Scalar value) const { return ops::masked_fill(*this, mask, value); }
Tensor Tensor::nonzero() const { return ops::nonzero(*this); }

Tensor Tensor::add(const Tensor& other, Scalar alpha) const { return ops::add(*this, other, alpha); }
Tensor Tensor::add(Scalar other, Scalar alpha) const { return ops::add(*this, other, alpha); }
Tensor Tensor::sub(const Tensor& other, Scalar alpha) const { return ops::sub(*this, other, alpha); }
Tensor Tensor::sub(Scalar other, Scalar alpha) const { return ops::sub(*this, other, alpha); }
Tensor Tensor::mul(const Tensor& other) const { return ops::mul(*this, other); }
Tensor Tensor::mul(Scalar other) const { return ops::mul(*this, other); }
Tensor Tensor::div(const Tensor& other) const { return ops::div(*this, other); }
Tensor Tensor::div(Scalar other) const { return ops::div(*this, other); }
Tensor Tensor::neg() const { return ops::neg(*this); }
Tensor Tensor::pow(const Tensor& exponent) const { return ops::pow(*this, exponent); }
Tensor Tensor::pow(Scalar exponent) const { return ops::pow(*this, exponent); }
Tensor Tensor::remainder(const Tensor& other) const { return ops::remainder(*this, other); }
Tensor Tensor::remainder(Scalar other) const { return ops::remainder(*this, other); }
Tensor Tensor::lerp(const Tensor& end, Scalar weight) const { return ops::lerp(*this, end, weight); }
Tensor Tensor::addcmul(const Tensor& a, const Tensor& b, Scalar value) const {
  return ops::addcmul(*this, a, b, value);
}
Tensor Tensor::addcdiv(const Tensor& a, const Tensor& b, Scalar value) const {
  return ops::addcdiv(*this, a, b, value);
}
Tensor Tensor::maximum(const Tensor& other) const { return ops::maximum(*this, other); }
Tensor Tensor::minimum(const Tensor& other) const { return ops::minimum(*this, other); }
Tensor Tensor::clamp(std::optional<Scalar> min, std::optional<Scalar> max) const { return ops::clamp(*this, min, max); }
Tensor Tensor::where(const Tensor& condition, const Tensor& other) const { return ops::where(condition, *this, other); }

Tensor Tensor::exp() const { return ops::exp(*this); }
Tensor Tensor::log() const { return ops::log(*this); }
Tensor Tensor::log2() const { return ops::log2(*this); }
Tensor Tensor::log10() const { return ops::log10(*this); }
Tensor Tensor::log1p() const { return ops::log1p(*this); }
Tensor Tensor::expm1() const { return ops::expm1(*this); }
Tensor Tensor::sqrt() const { return ops::sqrt(*this); }
Tensor Tensor::rsqrt() const { return ops::rsqrt(*this); }
Tensor Tensor::square() const { return ops::square(*this); }
Tensor Tensor::reciprocal() const { return ops::reciprocal(*this); }
Tensor Tensor::abs() const { return ops::abs(*this); }
Tensor Tensor::sign() const { return ops::sign(*this); }
Tensor Tensor::floor() const { return ops::floor(*this); }
Tensor Tensor::ceil() const { return ops::ceil(*this); }
Tensor Tensor::trunc() const { return ops::trunc(*this); }
Tensor Tensor::round() const { return ops::round(*this); }
Tensor Tensor::sin() const { return ops::sin(*this); }
Tensor Tensor::cos() const { return ops::cos(*this); }
Tensor Tensor::tan() const { return ops::tan(*this); }
Tensor Tensor::tanh() const { return ops::tanh(*this); }
Tensor Tensor::sigmoid() const { return ops::sigmoid(*this); }
Tensor Tensor::erf() const { return ops::erf(*this); }
Tensor Tensor::isnan() const { return ops::isnan(*this); }
Tensor Tensor::isinf() const { return ops::isinf(*this); }
Tensor Tensor::isfinite() const { return ops::isfinite(*this); }
Tensor Tensor::logical_not() const { return ops::logical_not(*this); }

Tensor Tensor::eq(const Tensor& other) const { return ops::eq(*this, other); }
Tensor Tensor::eq(Scalar other) const { return ops::eq(*this, other); }
Tensor Tensor::ne(const Tensor& other) const { return ops::ne(*this, other); }
Tensor Tensor::ne(Scalar other) const { return ops::ne(*this, other); }
Tensor Tensor::lt(const Tensor& other) const { return ops::lt(*this, other); }
Tensor Tensor::lt(Scalar other) const { return ops::lt(*this, other); }
Tensor Tensor::le(const Tensor& other) const { return ops::le(*this, other); }
Tensor Tensor::le(Scalar other) const { return ops::le(*this, other); }
Tensor Tensor::gt(const Tensor& other) const { return ops::gt(*this, other); }
Tensor Tensor::gt(Scalar other) const { return ops::gt(*this, other); }
Tensor Tensor::ge(const Tensor& other) const { return ops::ge(*this, other); }
Tensor Tensor::ge(Scalar other) const { return ops::ge(*this, other); }
bool Tensor::equal(const Tensor& other) const { return ops::equal(*this, other); }
bool Tensor::allclose(const Tensor& other, double rtol, double atol, bool equal_nan) const {
  return ops::allclose(*this, other, rtol, atol, equal_nan);
}

Tensor Tensor::sum(const Shape& dims, bool keepdim) const { return ops::sum(*this, dims, keepdim); }
Tensor Tensor::mean(const Shape& dims, bool keepdim) const { return ops::mean(*this, dims, keepdim); }
Tensor Tensor::prod(const Shape& dims, bool keepdim) const { return ops::prod(*this, dims, keepdim); }
Tensor Tensor::any(const Shape& dims, bool keepdim) const { return ops::any(*this, dims, keepdim); }
Tensor Tensor::all(const Shape& dims, bool keepdim) const { return ops::all(*this, dims, keepdim); }
Tensor Tensor::amax(const Shape& dims, bool keepdim) const { return ops::amax(*this, dims, keepdim); }
Tensor Tensor::amin(const Shape& dims, bool keepdim) const { return ops::amin(*this, dims, keepdim); }
Tensor Tensor::var(const Shape& dims, double correction, bool keepdim) const {
  return ops::var(*this, dims, correction, keepdim);
}
Tensor Tensor::std(const Shape& dims, double correction, bool keepdim) const {
  return ops::std(*this, dims, correction, keepdim);
}
Tensor Tensor::norm(double p, const Shape& dims, bool keepdim) const { return ops::norm(*this, p, dims, keepdim); }
Tensor Tensor::logsumexp(const Shape& dims, bool keepdim) const { return ops::logsumexp(*this, dims, keepdim); }
Tensor Tensor::max() const { return ops::max(*this); }
Tensor Tensor::min() const { return ops::min(*this); }
ops::ValuesAndIndices Tensor::max(int64_t dim, bool keepdim) const { return ops::max(*this, dim, keepdim); }
ops::ValuesAndIndices Tensor::min(int64_t dim, bool keepdim) const { return ops::min(*this, dim, keepdim); }
Tensor Tensor::argmax(std::optional<int64_t> dim, bool keepdim) const { return ops::argmax(*this, dim, keepdim); }
Tensor Tensor::argmin(std::optional<int64_t> dim, bool keepdim) const { return ops::argmin(*this, dim, keepdim); }
Tensor Tensor::cumsum(int64_t dim) const { return ops::cumsum(*this, dim); }
Tensor Tensor::cumprod(int64_t dim) const { return ops::cumprod(*this, dim); }
Tensor Tensor::count_nonzero(const Shape& dims) const { return ops::count_nonzero(*this, dims); }

ops::ValuesAndIndices Tensor::sort(int64_t dim, bool descending) const { return ops::sort(*this, dim, descending); }
Tensor Tensor::argsort(int64_t dim, bool descending) const { return ops::argsort(*this, dim, descending); }
ops::ValuesAndIndices Tensor::topk(int64_t k, int64_t dim, bool largest) const {
  return ops::topk(*this, k, dim, largest);
}
Tensor Tensor::flip(const Shape& dims) const { return ops::flip(*this, dims); }
Tensor Tensor::roll(const Shape& shifts, const Shape& dims) const { return ops::roll(*this, shifts, dims); }
Tensor Tensor::repeat(const Shape& repeats) const { return ops::repeat(*this, repeats); }
Tensor Tensor::repeat_interleave(int64_t repeats, std::optional<int64_t> dim) const {
  return ops::repeat_interleave(*this, repeats, dim);
}
Tensor Tensor::tril(int64_t diagonal) const { return ops::tril(*this, diagonal); }
Tensor Tensor::triu(int64_t diagonal) const { return ops::triu(*this, diagonal); }

Tensor Tensor::matmul(const Tensor& other) const { return ops::matmul(*this, other); }
Tensor Tensor::mm(const Tensor& other) const { return ops::mm(*this, other); }
Tensor Tensor::bmm(const Tensor& other) const { return ops::bmm(*this, other); }
Tensor Tensor::mv(const Tensor& vector) const { return ops::mv(*this, vector); }
Tensor Tensor::dot(const Tensor& other) const { return ops::dot(*this, other); }

const Tensor& Tensor::add_(const Tensor& other, Scalar alpha) const { return ops::add_(*this, other, alpha); }
const Tensor& Tensor::add_(Scalar other, Scalar alpha) const { return ops::add_(*this, other, alpha); }
const Tensor& Tensor::sub_(const Tensor& other, Scalar alpha) const { return ops::sub_(*this, other, alpha); }
const Tensor& Tensor::sub_(Scalar other, Scalar alpha) const { return ops::sub_(*this, other, alpha); }
const Tensor& Tensor::mul_(const Tensor& other) const { return ops::mul_(*this, other); }
const Tensor& Tensor::mul_(Scalar other) const { return ops::mul_(*this, other); }
const Tensor& Tensor::div_(const Tensor& other) const { return ops::div_(*this, other); }
const Tensor& Tensor::div_(Scalar other) const { return ops::div_(*this, other); }
const Tensor& Tensor::neg_() const { return ops::neg_(*this); }
const Tensor& Tensor::pow_(Scalar exponent) const { return ops::pow_(*this, exponent); }
const Tensor& Tensor::clamp_(std::optional<Scalar> min, std::optional<Scalar> max) const {
  return ops::clamp_(*this, min, max);
}
const Tensor& Tensor::addcmul_(const Tensor& a, const Tensor& b, Scalar value) const {
  return ops::addcmul_(*this, a, b, value);
}
const Tensor& Tensor::addcdiv_(const Tensor& a, const Tensor& b, Scalar value) const {
  return ops::addcdiv_(*this, a, b, value);
}
const Tensor& Tensor::lerp_(const Tensor& end, Scalar weight) const { return ops::lerp_(*this, end, weight); }
const Tensor& Tensor::masked_fill_(const Tensor& mask, Scalar value) const {
  return ops::masked_fill_(*this, mask, value);
}
const Tensor& Tensor::copy_(const Tensor& from) const { return ops::copy_(*this, from); }
const Tensor& Tensor::fill_(Scalar value) const { return ops::fill_(*this, value); }
const Tensor& Tensor::zero_() const { return ops::zero_(*this); }
const Tensor& Tensor::exp_() const { return ops::exp_(*this); }
const Tensor& Tensor::log_() const { return ops::log_(*this); }
const Tensor& Tensor::sqrt_() const { return ops::sqrt_(*this); }
const Tensor& Tensor::abs_() const { return ops::abs_(*this); }
const Tensor& Tensor::tanh_() const { return ops::tanh_(*this); }
const Tensor& Tensor::sigmoid_() const { return ops::sigmoid_(*this); }

Tensor Tensor::operator-() const { return ops::neg(*this); }
Tensor Tensor::operator~() const { return ops::bitwise_not(*this); }
const Tensor& Tensor::operator+=(const Tensor& other) const { return ops::add_(*this, other); }
const Tensor& Tensor::operator-=(const Tensor& other) const { return ops::sub_(*this, other); }
const Tensor& Tensor::operator*=(const Tensor& other) const { return ops::mul_(*this, other); }
const Tensor& Tensor::operator/=(const Tensor& other) const { return ops::div_(*this, other); }
const Tensor& Tensor::operator+=(Scalar other) const { return ops::add_(*this, other); }
const Tensor& Tensor::operator-=(Scalar other) const { return ops::sub_(*this, other); }
const Tensor& Tensor::operator*=(Scalar other) const { return ops::mul_(*this, other); }
const Tensor& Tensor::operator/=(Scalar other) const { return ops::div_(*this, other); }
Tensor operator+(const Tensor& a, const Tensor& b) { return ops::add(a, b); }
Tensor operator+(const Tensor& a, Scalar b) { return ops::add(a, b); }
Tensor operator+(Scalar a, const Tensor& b) { return ops::add(b, a); }
Tensor operator-(const Tensor& a, const Tensor& b) { return ops::sub(a, b); }
Tensor operator-(const Tensor& a, Scalar b) { return ops::sub(a, b); }
Tensor operator-(Scalar a, const Tensor& b) { return ops::rsub(b, a); }
Tensor operator*(const Tensor& a, const Tensor& b) { return ops::mul(a, b); }
Tensor operator*(const Tensor& a, Scalar b) { return ops::mul(a, b); }
Tensor operator*(Scalar a, const Tensor& b) { return ops::mul(b, a); }
Tensor operator/(const Tensor& a, const Tensor& b) { return ops::div(a, b); }
Tensor operator/(const Tensor& a, Scalar b) { return ops::div(a, b); }
Tensor operator/(Scalar a, const Tensor& b) { return ops::rdiv(b, a); }
Tensor operator==(const Tensor& a, const Tensor& b) { return ops::eq(a, b); }
Tensor operator==(const Tensor& a, Scalar b) { return ops::eq(a, b); }
Tensor operator!=(const Tensor& a, const Tensor& b) { return ops::ne(a, b); }
Tensor operator!=(const Tensor& a, Scalar b) { return ops::ne(a, b); }
Tensor operator<(const Tensor& a, const Tensor& b) { return ops::lt(a, b); }
Tensor operator<(const Tensor& a, Scalar b) { return ops::lt(a, b); }
Tensor operator<=(const Tensor& a, const Tensor& b) { return ops::le(a, b); }
Tensor operator<=(const Tensor& a, Scalar b) { return ops::le(a, b); }
Tensor operator>(const Tensor& a, const Tensor& b) { return ops::gt(a, b); }
Tensor operator>(const Tensor& a, Scalar b) { return ops::gt(a, b); }
Tensor operator>=(const Tensor& a, const Tensor& b) { return ops::ge(a, b); }
Tensor operator>=(const Tensor& a, Scalar b) { return ops::ge(a, b); }
Tensor operator&(const Tensor& a, const Tensor& b) { return ops::bitwise_and(a, b); }
Tensor operator&(const Tensor& a, Scalar b) { return ops::bitwise_and(a, b); }
Tensor operator|(const Tensor& a, const Tensor& b) { return ops::bitwise_or(a, b); }
Tensor operator|(const Tensor& a, Scalar b) { return ops::bitwise_or(a, b); }
Tensor operator^(const Tensor& a, const Tensor& b) { return ops::bitwise_xor(a, b); }
Tensor operator^(const Tensor& a, Scalar b) { return ops::bitwise_xor(a, b); }

}  // namespace lamina

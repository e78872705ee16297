// Part of class Tensor: the operations as methods, each the function of its name in lamina/ops/, where it is described.
// Defined in ops/methods.cpp. Included inside the class, where Tensor is still incomplete.

// ---- types and copies ------------------------------------------------------------------------------------------------
Tensor to(DType dtype) const;
Tensor clone() const;
Tensor contiguous() const;
Scalar item() const;  // Error unless there is exactly one element
template <class T>
T item() const {
  return item().template to<T>();
}

// ---- views (ops/view.h) ----------------------------------------------------------------------------------------------
Tensor view(const Shape& shape) const;
Tensor view_as(const Tensor& other) const;
Tensor reshape(const Shape& shape) const;
Tensor flatten(int64_t start_dim = 0, int64_t end_dim = -1) const;
Tensor unflatten(int64_t dim, const Shape& sizes) const;
Tensor squeeze() const;
Tensor squeeze(int64_t dim) const;
Tensor unsqueeze(int64_t dim) const;
Tensor transpose(int64_t dim0, int64_t dim1) const;
Tensor t() const;
Tensor mT() const;
Tensor permute(const Shape& dims) const;
Tensor movedim(int64_t source, int64_t destination) const;
Tensor expand(const Shape& shape) const;
Tensor expand_as(const Tensor& other) const;
Tensor narrow(int64_t dim, int64_t start, int64_t length) const;
Tensor select(int64_t dim, int64_t index) const;
Tensor slice(int64_t dim = 0, std::optional<int64_t> start = {}, std::optional<int64_t> stop = {},
             int64_t step = 1) const;
PooledVector<Tensor> unbind(int64_t dim = 0) const;
PooledVector<Tensor> chunk(int64_t chunks, int64_t dim = 0) const;
PooledVector<Tensor> split(int64_t split_size, int64_t dim = 0) const;
PooledVector<Tensor> split(const Shape& sizes, int64_t dim = 0) const;
Tensor diagonal(int64_t offset = 0, int64_t dim1 = 0, int64_t dim2 = 1) const;
Tensor unfold(int64_t dim, int64_t size, int64_t step) const;

// ---- indexing (ops/indexing.h) ---------------------------------------------------------------------------------------
Tensor operator[](int64_t index) const;
Tensor index(const std::vector<ops::Index>& indices) const;
const Tensor& index_put_(const std::vector<ops::Index>& indices, const Tensor& value) const;
Tensor index_select(int64_t dim, const Tensor& index) const;
Tensor gather(int64_t dim, const Tensor& index) const;
Tensor scatter(int64_t dim, const Tensor& index, const Tensor& src) const;
Tensor scatter_add(int64_t dim, const Tensor& index, const Tensor& src) const;
Tensor masked_select(const Tensor& mask) const;
Tensor masked_fill(const Tensor& mask, Scalar value) const;
Tensor nonzero() const;

// ---- arithmetic (ops/pointwise.h) ------------------------------------------------------------------------------------
Tensor add(const Tensor& other, Scalar alpha = 1) const;
Tensor add(Scalar other, Scalar alpha = 1) const;
Tensor sub(const Tensor& other, Scalar alpha = 1) const;
Tensor sub(Scalar other, Scalar alpha = 1) const;
Tensor mul(const Tensor& other) const;
Tensor mul(Scalar other) const;
Tensor div(const Tensor& other) const;
Tensor div(Scalar other) const;
Tensor neg() const;
Tensor pow(const Tensor& exponent) const;
Tensor pow(Scalar exponent) const;
Tensor remainder(const Tensor& other) const;
Tensor remainder(Scalar other) const;
Tensor lerp(const Tensor& end, Scalar weight) const;
Tensor addcmul(const Tensor& a, const Tensor& b, Scalar value = 1) const;
Tensor addcdiv(const Tensor& a, const Tensor& b, Scalar value = 1) const;
Tensor maximum(const Tensor& other) const;
Tensor minimum(const Tensor& other) const;
Tensor clamp(std::optional<Scalar> min, std::optional<Scalar> max = {}) const;
Tensor where(const Tensor& condition, const Tensor& other) const;  // this where condition holds

// ---- functions of one tensor (ops/unary.h) ---------------------------------------------------------------------------
Tensor exp() const;
Tensor log() const;
Tensor log2() const;
Tensor log10() const;
Tensor log1p() const;
Tensor expm1() const;
Tensor sqrt() const;
Tensor rsqrt() const;
Tensor square() const;
Tensor reciprocal() const;
Tensor abs() const;
Tensor sign() const;
Tensor floor() const;
Tensor ceil() const;
Tensor trunc() const;
Tensor round() const;
Tensor sin() const;
Tensor cos() const;
Tensor tan() const;
Tensor tanh() const;
Tensor sigmoid() const;
Tensor erf() const;
Tensor isnan() const;
Tensor isinf() const;
Tensor isfinite() const;
Tensor logical_not() const;

// ---- comparison → bool (ops/comparison.h) ----------------------------------------------------------------------------
Tensor eq(const Tensor& other) const;
Tensor eq(Scalar other) const;
Tensor ne(const Tensor& other) const;
Tensor ne(Scalar other) const;
Tensor lt(const Tensor& other) const;
Tensor lt(Scalar other) const;
Tensor le(const Tensor& other) const;
Tensor le(Scalar other) const;
Tensor gt(const Tensor& other) const;
Tensor gt(Scalar other) const;
Tensor ge(const Tensor& other) const;
Tensor ge(Scalar other) const;
bool equal(const Tensor& other) const;  // same shape and values
bool allclose(const Tensor& other, double rtol = 1e-5, double atol = 1e-8, bool equal_nan = false) const;

// ---- reductions (ops/reduce.h); without dims over all ----------------------------------------------------------------
Tensor sum(const Shape& dims = {}, bool keepdim = false) const;
template <std::integral Dim>
Tensor sum(Dim dim, bool keepdim = false) const {
  return sum(Shape{int64_t(dim)}, keepdim);
}
Tensor mean(const Shape& dims = {}, bool keepdim = false) const;
template <std::integral Dim>
Tensor mean(Dim dim, bool keepdim = false) const {
  return mean(Shape{int64_t(dim)}, keepdim);
}
Tensor prod(const Shape& dims = {}, bool keepdim = false) const;
template <std::integral Dim>
Tensor prod(Dim dim, bool keepdim = false) const {
  return prod(Shape{int64_t(dim)}, keepdim);
}
Tensor any(const Shape& dims = {}, bool keepdim = false) const;
template <std::integral Dim>
Tensor any(Dim dim, bool keepdim = false) const {
  return any(Shape{int64_t(dim)}, keepdim);
}
Tensor all(const Shape& dims = {}, bool keepdim = false) const;
template <std::integral Dim>
Tensor all(Dim dim, bool keepdim = false) const {
  return all(Shape{int64_t(dim)}, keepdim);
}
Tensor amax(const Shape& dims = {}, bool keepdim = false) const;
template <std::integral Dim>
Tensor amax(Dim dim, bool keepdim = false) const {
  return amax(Shape{int64_t(dim)}, keepdim);
}
Tensor amin(const Shape& dims = {}, bool keepdim = false) const;
template <std::integral Dim>
Tensor amin(Dim dim, bool keepdim = false) const {
  return amin(Shape{int64_t(dim)}, keepdim);
}
Tensor var(const Shape& dims = {}, double correction = 1, bool keepdim = false) const;
Tensor std(const Shape& dims = {}, double correction = 1, bool keepdim = false) const;
Tensor norm(double p = 2, const Shape& dims = {}, bool keepdim = false) const;
Tensor logsumexp(const Shape& dims, bool keepdim = false) const;
Tensor max() const;
Tensor min() const;
ops::ValuesAndIndices max(int64_t dim, bool keepdim = false) const;
ops::ValuesAndIndices min(int64_t dim, bool keepdim = false) const;
Tensor argmax(std::optional<int64_t> dim = {}, bool keepdim = false) const;
Tensor argmin(std::optional<int64_t> dim = {}, bool keepdim = false) const;
Tensor cumsum(int64_t dim) const;
Tensor cumprod(int64_t dim) const;
Tensor count_nonzero(const Shape& dims = {}) const;

// ---- order and repetition (ops/sort.h, ops/concat.h) -----------------------------------------------------------------
ops::ValuesAndIndices sort(int64_t dim = -1, bool descending = false) const;
Tensor argsort(int64_t dim = -1, bool descending = false) const;
ops::ValuesAndIndices topk(int64_t k, int64_t dim = -1, bool largest = true) const;
Tensor flip(const Shape& dims) const;
Tensor roll(const Shape& shifts, const Shape& dims = {}) const;
Tensor repeat(const Shape& repeats) const;
Tensor repeat_interleave(int64_t repeats, std::optional<int64_t> dim = {}) const;
Tensor tril(int64_t diagonal = 0) const;
Tensor triu(int64_t diagonal = 0) const;

// ---- products (ops/matmul.h) -----------------------------------------------------------------------------------------
Tensor matmul(const Tensor& other) const;
Tensor mm(const Tensor& other) const;
Tensor bmm(const Tensor& other) const;
Tensor mv(const Tensor& vector) const;
Tensor dot(const Tensor& other) const;

// ---- in place --------------------------------------------------------------------------------------------------------
const Tensor& add_(const Tensor& other, Scalar alpha = 1) const;
const Tensor& add_(Scalar other, Scalar alpha = 1) const;
const Tensor& sub_(const Tensor& other, Scalar alpha = 1) const;
const Tensor& sub_(Scalar other, Scalar alpha = 1) const;
const Tensor& mul_(const Tensor& other) const;
const Tensor& mul_(Scalar other) const;
const Tensor& div_(const Tensor& other) const;
const Tensor& div_(Scalar other) const;
const Tensor& neg_() const;
const Tensor& pow_(Scalar exponent) const;
const Tensor& clamp_(std::optional<Scalar> min, std::optional<Scalar> max = {}) const;
const Tensor& addcmul_(const Tensor& a, const Tensor& b, Scalar value = 1) const;
const Tensor& addcdiv_(const Tensor& a, const Tensor& b, Scalar value = 1) const;
const Tensor& lerp_(const Tensor& end, Scalar weight) const;
const Tensor& masked_fill_(const Tensor& mask, Scalar value) const;
const Tensor& copy_(const Tensor& from) const;
const Tensor& fill_(Scalar value) const;
const Tensor& zero_() const;
const Tensor& exp_() const;
const Tensor& log_() const;
const Tensor& sqrt_() const;
const Tensor& abs_() const;
const Tensor& tanh_() const;
const Tensor& sigmoid_() const;

// ---- operators -------------------------------------------------------------------------------------------------------
Tensor operator-() const;
Tensor operator~() const;
const Tensor& operator+=(const Tensor& other) const;
const Tensor& operator-=(const Tensor& other) const;
const Tensor& operator*=(const Tensor& other) const;
const Tensor& operator/=(const Tensor& other) const;
const Tensor& operator+=(Scalar other) const;
const Tensor& operator-=(Scalar other) const;
const Tensor& operator*=(Scalar other) const;
const Tensor& operator/=(Scalar other) const;
friend Tensor operator+(const Tensor& a, const Tensor& b);
friend Tensor operator+(const Tensor& a, Scalar b);
friend Tensor operator+(Scalar a, const Tensor& b);
friend Tensor operator-(const Tensor& a, const Tensor& b);
friend Tensor operator-(const Tensor& a, Scalar b);
friend Tensor operator-(Scalar a, const Tensor& b);
friend Tensor operator*(const Tensor& a, const Tensor& b);
friend Tensor operator*(const Tensor& a, Scalar b);
friend Tensor operator*(Scalar a, const Tensor& b);
friend Tensor operator/(const Tensor& a, const Tensor& b);
friend Tensor operator/(const Tensor& a, Scalar b);
friend Tensor operator/(Scalar a, const Tensor& b);
friend Tensor operator==(const Tensor& a, const Tensor& b);
friend Tensor operator==(const Tensor& a, Scalar b);
friend Tensor operator!=(const Tensor& a, const Tensor& b);
friend Tensor operator!=(const Tensor& a, Scalar b);
friend Tensor operator<(const Tensor& a, const Tensor& b);
friend Tensor operator<(const Tensor& a, Scalar b);
friend Tensor operator<=(const Tensor& a, const Tensor& b);
friend Tensor operator<=(const Tensor& a, Scalar b);
friend Tensor operator>(const Tensor& a, const Tensor& b);
friend Tensor operator>(const Tensor& a, Scalar b);
friend Tensor operator>=(const Tensor& a, const Tensor& b);
friend Tensor operator>=(const Tensor& a, Scalar b);
friend Tensor operator&(const Tensor& a, const Tensor& b);
friend Tensor operator&(const Tensor& a, Scalar b);
friend Tensor operator|(const Tensor& a, const Tensor& b);
friend Tensor operator|(const Tensor& a, Scalar b);
friend Tensor operator^(const Tensor& a, const Tensor& b);
friend Tensor operator^(const Tensor& a, Scalar b);

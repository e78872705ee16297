#include "lamina/ops/einsum.h"

#include <algorithm>
#include <map>

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/matmul.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

namespace {

// A dimension's name: a letter, or a negative number for the dimensions of "...", −1 the last.
using Label = int;
using Labels = std::vector<Label>;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool has(const Labels& labels, Label l) { return std::find(labels.begin(), labels.end(), l) != labels.end(); }
int64_t place(const Labels& labels, Label l) { return std::find(labels.begin(), labels.end(), l) - labels.begin(); }

std::string without_dots(const std::string& text, const char* where) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (is_letter(text[i])) {
      out += text[i];
    } else if (text.compare(i, 3, "...") == 0) {
      if (out.find('.') != std::string::npos)
        throw OptionError(str("einsum(): found '.' for ", where, " for which an ellipsis was already found"));
      out += '.';
      i += 2;
    } else if (text[i] != ' ') {
      throw OptionError(str("einsum(): invalid subscript given at index ", int64_t(i),
                            " in the equation string, subscripts must be in [a-zA-Z]: '", text, "'"));
    }
  }
  return out;
}

// The names of an operand's dimensions; "..." takes those that letters leave.
Labels labels_of(const std::string& letters, int rank, size_t operand) {
  const bool dots = letters.find('.') != std::string::npos;
  const int named = int(letters.size()) - dots, rest = rank - named;
  if (rest < 0 || (rest > 0 && !dots))
    throw ShapeError(str("einsum(): the number of subscripts in the equation (", named,
                         ") does not match the number of dimensions (", rank, ") for operand ", int64_t(operand),
                         dots ? "" : " and no ellipsis was given"));
  Labels labels;
  for (const char c : letters) {
    if (c != '.') labels.push_back(c);
    else
      for (int i = rest; i > 0; --i) labels.push_back(-i);
  }
  return labels;
}

struct Operand {
  Tensor t;
  Labels labels;
};

// Each letter once: a repeated one is the diagonal.
Operand diagonals(Operand o) {
  for (size_t i = 0; i < o.labels.size(); ++i)
    for (size_t j = i + 1; j < o.labels.size();) {
      if (o.labels[i] != o.labels[j]) {
        ++j;
        continue;
      }
      if (o.t.size(int64_t(i)) != o.t.size(int64_t(j)))
        throw ShapeError(str("einsum(): subscript ", char(o.labels[i]),
                             " is repeated for operand but the sizes don't match, ", o.t.size(int64_t(j)),
                             " != ", o.t.size(int64_t(i))));
      const Label label = o.labels[i];
      o.t = movedim(diagonal(o.t, 0, int64_t(i), int64_t(j)), -1, int64_t(i));
      o.labels.erase(o.labels.begin() + ptrdiff_t(j));
      o.labels[i] = label;
    }
  return o;
}

Operand summed(Operand o, const Labels& gone) {
  Shape dims;
  Labels left;
  for (size_t i = 0; i < o.labels.size(); ++i) {
    if (has(gone, o.labels[i])) dims.push_back(int64_t(i));
    else left.push_back(o.labels[i]);
  }
  return dims.empty() ? o : Operand{sum(o.t, dims, false, o.t.dtype()), left};
}

// o's dimensions in the order of `order`, those that it lacks with size 1.
Tensor arranged(const Operand& o, const Labels& order) {
  Shape dims;
  for (const Label l : order)
    if (has(o.labels, l)) dims.push_back(place(o.labels, l));
  Tensor t = permute(o.t, dims);
  for (size_t i = 0; i < order.size(); ++i)
    if (!has(o.labels, order[i])) t = unsqueeze(t, int64_t(i));
  return t;
}

int64_t size_of(const Operand& o, Label l) { return has(o.labels, l) ? o.t.size(place(o.labels, l)) : 1; }

Shape sizes(const Labels& labels, const Operand& a, const Operand& b) {
  Shape shape;
  for (const Label l : labels) shape.push_back(size_of(a, l) == 1 ? size_of(b, l) : size_of(a, l));
  return shape;
}

// One product of two operands that sums over `gone`: dimensions of both become batch or inner ones.
Operand contracted(const Operand& left, const Operand& right, const Labels& gone) {
  Labels only_left, only_right;  // summed dimensions that one operand alone has, or that have size 1 in the other
  for (const Label l : gone) {
    const int64_t m = size_of(left, l), n = size_of(right, l);
    if (!has(right.labels, l) || (n == 1 && m != 1)) only_left.push_back(l);
    if (!has(left.labels, l) || (m == 1 && n != 1)) only_right.push_back(l);
  }
  Operand a = summed(left, only_left), b = summed(right, only_right);
  // what is left of size 1 in one operand is dropped there
  const auto drop = [](Operand o, const Labels& labels) {
    for (const Label l : labels)
      if (has(o.labels, l)) {
        o.t = squeeze(o.t, place(o.labels, l));
        o.labels.erase(o.labels.begin() + place(o.labels, l));
      }
    return o;
  };
  a = drop(a, only_right);
  b = drop(b, only_left);
  Labels batch, inner, rows, cols;
  for (const Label l : a.labels) {
    if (!has(b.labels, l)) rows.push_back(l);
    else if (has(gone, l)) inner.push_back(l);
    else batch.push_back(l);
  }
  for (const Label l : b.labels)
    if (!has(a.labels, l)) cols.push_back(l);
  const Shape batch_sizes = sizes(batch, a, b), inner_sizes = sizes(inner, a, b), row_sizes = sizes(rows, a, a),
              col_sizes = sizes(cols, b, b);
  const auto joined = [](Labels x, const Labels& y, const Labels& z) {
    x.insert(x.end(), y.begin(), y.end());
    x.insert(x.end(), z.begin(), z.end());
    return x;
  };
  const Tensor x = expand(arranged(a, joined(batch, rows, inner)), batch_sizes + row_sizes + inner_sizes);
  const Tensor y = expand(arranged(b, joined(batch, inner, cols)), batch_sizes + inner_sizes + col_sizes);
  const Labels labels = joined(batch, rows, cols);
  const Shape shape = batch_sizes + row_sizes + col_sizes;
  if (inner.empty() && (rows.empty() || cols.empty())) {  // nothing to sum: no product of matrices
    return {mul(reshape(x, batch_sizes + row_sizes + Shape::filled(int(cols.size()), 1)),
                reshape(y, batch_sizes + Shape::filled(int(rows.size()), 1) + col_sizes)),
            labels};
  }
  const int64_t count = batch_sizes.numel(), m = row_sizes.numel(), k = inner_sizes.numel(), n = col_sizes.numel();
  return {reshape(bmm(reshape(x, {count, m, k}), reshape(y, {count, k, n})), shape), labels};
}

std::vector<std::string> split_terms(const std::string& left) {
  std::vector<std::string> terms(1);
  for (const char c : left) {
    if (c == ',') terms.emplace_back();
    else terms.back() += c;
  }
  return terms;
}

Labels output_labels(const std::string& equation, size_t arrow, const std::vector<Operand>& operands) {
  int dots = 0;
  std::map<Label, int> seen;
  for (const Operand& o : operands)
    for (const Label l : o.labels) {
      ++seen[l];
      if (l < 0) dots = std::max(dots, -l);
    }
  Labels out;
  if (arrow == std::string::npos) {
    for (int i = dots; i > 0; --i) out.push_back(-i);
    for (const auto& [label, count] : seen)
      if (label > 0 && count == 1) out.push_back(label);
    return out;
  }
  for (const char c : without_dots(equation.substr(arrow + 2), "output")) {
    if (c == '.') {
      for (int i = dots; i > 0; --i) out.push_back(-i);
      continue;
    }
    if (has(out, c)) throw OptionError(str("einsum(): output subscript ", c, " appears more than once in the output"));
    if (!seen.contains(c))
      throw OptionError(
          str("einsum(): output subscript ", c, " does not appear in the equation for any input operand"));
    out.push_back(c);
  }
  return out;
}

void check_sizes(const std::vector<Operand>& operands) {
  std::map<Label, int64_t> known;
  for (size_t i = 0; i < operands.size(); ++i)
    for (const Label l : operands[i].labels) {
      const int64_t n = size_of(operands[i], l);
      auto [at, fresh] = known.try_emplace(l, n);
      if (!fresh && at->second != n && at->second != 1 && n != 1)
        throw ShapeError(
            str("einsum(): operands do not broadcast with remapped shapes [original->remapped]: subscript ",
                l > 0 ? str(char(l)) : std::string("..."), " has size ", n, " for operand ", int64_t(i),
                " which does not broadcast with previously seen size ", at->second));
      if (at->second == 1) at->second = n;
    }
}

}  // namespace

Tensor einsum(const std::string& equation, const Tensors& tensors) {
  if (tensors.empty()) throw OptionError("einsum(): must provide at least one operand");
  const size_t arrow = equation.find("->");
  const std::vector<std::string> terms = split_terms(equation.substr(0, arrow));
  if (terms.size() != tensors.size())
    throw OptionError(str(terms.size() > tensors.size()
                              ? "einsum(): fewer operands were provided than specified in the equation"
                              : "einsum(): more operands were provided than specified in the equation",
                          ": ", int64_t(tensors.size()), " for '", equation, "'"));
  std::vector<Operand> operands;
  for (size_t i = 0; i < tensors.size(); ++i)
    operands.push_back({tensors[i], labels_of(without_dots(terms[i], "operand"), tensors[i].rank(), i)});
  const Labels out = output_labels(equation, arrow, operands);  // a letter that stands twice in one operand is summed
  for (Operand& o : operands) o = diagonals(std::move(o));
  check_sizes(operands);
  Operand result = operands[0];
  for (size_t i = 0; i < operands.size(); ++i) {
    // what no later operand and not the result needs is summed over now
    const auto needed = [&](Label l) {
      for (size_t k = i + 1; k < operands.size(); ++k)
        if (has(operands[k].labels, l)) return true;
      return has(out, l);
    };
    Labels gone;
    for (const Label l : result.labels)
      if (!needed(l)) gone.push_back(l);
    if (i == 0) {
      result = summed(result, gone);
      continue;
    }
    for (const Label l : operands[i].labels)
      if (!needed(l) && !has(gone, l)) gone.push_back(l);
    result = contracted(result, operands[i], gone);
  }
  return arranged(result, out);
}

Tensor tensordot(const Tensor& first, const Tensor& second, const Shape& dims_a, const Shape& dims_b) {
  if (dims_a.rank() != dims_b.rank())
    throw ShapeError(str("both dimension lists should have same length, got ", dims_a, " and ", dims_b));
  const Shape left = wrap_dims(dims_a, first.rank()), right = wrap_dims(dims_b, second.rank());
  Tensor a = first, b = second;
  for (int i = 0; i < left.rank(); ++i) {  // a size of 1 is broadcast: the other side is summed
    const int64_t of_a = a.size(left[i]), of_b = b.size(right[i]);
    if (of_a == of_b) continue;
    if (of_a == 1) b = sum(b, {right[i]}, true);
    else if (of_b == 1) a = sum(a, {left[i]}, true);
    else
      throw ShapeError(str("contracted dimensions need to match, but first has size ", of_a, " in dim ", left[i],
                           " and second has size ", of_b, " in dim ", right[i]));
  }
  Shape a_order, b_order, shape, inner;
  int64_t m = 1, n = 1;
  for (int d = 0; d < a.rank(); ++d)
    if (std::find(left.begin(), left.end(), d) == left.end()) {
      a_order.push_back(d);
      shape.push_back(a.size(d));
      m *= a.size(d);
    }
  for (int d = 0; d < b.rank(); ++d)
    if (std::find(right.begin(), right.end(), d) == right.end()) {
      b_order.push_back(d);
      shape.push_back(b.size(d));
      n *= b.size(d);
    }
  int64_t k = 1;
  for (const int64_t d : left) k *= a.size(d);
  const Tensor x = reshape(permute(a, a_order + left), {m, k}), y = reshape(permute(b, right + b_order), {k, n});
  return reshape(mm(x, y), shape);
}

Tensor tensordot(const Tensor& a, const Tensor& b, int64_t dims) {
  if (dims < 0 || dims > a.rank() || dims > b.rank())
    throw OptionError(
        str("tensordot expects dims between 0 and the ranks ", a.rank(), " and ", b.rank(), ", got ", dims));
  Shape of_a, of_b;
  for (int64_t i = 0; i < dims; ++i) {
    of_a.push_back(a.rank() - dims + i);
    of_b.push_back(i);
  }
  return tensordot(a, b, of_a, of_b);
}

}  // namespace lamina::ops

#include "lamina/autograd/gradcheck.h"

#include <cmath>

#include "lamina/autograd/backward.h"
#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/grad_mode.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/random.h"

namespace lamina {

namespace {

// Rows (output element) × columns (input element).
using Jacobian = std::vector<std::vector<double>>;

const double* values_of(Tensor& keep, const Tensor& t) {
  keep = ops::contiguous(t.detach());
  return keep.data<double>();
}

Jacobian numerical(const TensorsFunction& f, const Tensors& inputs, size_t which, size_t output, double eps) {
  const NoGradGuard guard;
  Tensors moved = inputs;
  moved[which] = ops::clone(inputs[which].detach());
  double* x = moved[which].data<double>();
  Jacobian j;
  for (int64_t c = 0; c < moved[which].numel(); ++c) {
    const double before = x[c];
    x[c] = before + eps;
    Tensor keep_up, keep_down;
    const Tensors up = f(moved);
    const double* high = values_of(keep_up, ops::clone(up[output]));
    x[c] = before - eps;
    const Tensors down = f(moved);
    const double* low = values_of(keep_down, down[output]);
    x[c] = before;
    j.resize(size_t(keep_up.numel()));
    for (size_t r = 0; r < j.size(); ++r) j[r].push_back((high[r] - low[r]) / (2 * eps));
  }
  return j;
}

Jacobian analytical(const Tensors& outputs, const Tensors& inputs, size_t which, size_t output) {
  Jacobian j;
  const Tensor& y = outputs[output];
  for (int64_t r = 0; r < y.numel(); ++r) {
    Tensor cotangent = ops::zeros(y.shape(), kFloat64), keep;
    cotangent.data<double>()[r] = 1;
    const Tensors g = grad({y}, {inputs[which]}, {cotangent},
                           {.retain_graph = true, .allow_unused = true, .materialize_grads = true});
    const double* row = values_of(keep, g[0]);
    j.emplace_back(row, row + keep.numel());
  }
  return j;
}

void compare(const Jacobian& expected, const Jacobian& got, size_t which, size_t output,
             const GradcheckOptions& options) {
  for (size_t r = 0; r < got.size(); ++r)
    for (size_t c = 0; c < got[r].size(); ++c)
      if (!(std::abs(got[r][c] - expected[r][c]) <= options.atol + options.rtol * std::abs(expected[r][c])))
        throw Error(str("Jacobian mismatch for output ", output, " with respect to input ", which,
                        ", at output element ", r, ", input element ", c, ": numerical ", expected[r][c],
                        ", analytical ", got[r][c]));
}

}  // namespace

bool gradcheck(const TensorsFunction& f, const Tensors& inputs, GradcheckOptions options) {
  bool any = false;
  for (const Tensor& t : inputs) {
    if (!t.defined() || !t.requires_grad()) continue;
    any = true;
    if (t.dtype() != kFloat64)
      throw DTypeError(str("gradcheck expects float64 inputs, got ", name(t.dtype())),
                       "Finite differences need its precision: use .double()");
  }
  if (!any)
    throw OptionError("gradcheck expects at least one input tensor to require gradient", "Set requires_grad=True");
  try {
    const Tensors outputs = f(inputs);
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (!inputs[i].defined() || !inputs[i].requires_grad()) continue;
      for (size_t o = 0; o < outputs.size(); ++o)
        if (outputs[o].defined() && outputs[o].requires_grad())
          compare(numerical(f, inputs, i, o, options.eps), analytical(outputs, inputs, i, o), i, o, options);
    }
  } catch (const Error&) {
    if (options.raise_exception) throw;
    return false;
  }
  return true;
}

bool gradgradcheck(const TensorsFunction& f, const Tensors& inputs, GradcheckOptions options) {
  Tensors extended = inputs;  // the inputs, then a random cotangent for every output that has a gradient
  for (const Tensor& y : f(inputs))
    if (y.defined() && y.requires_grad()) extended.push_back(ops::randn(y.shape(), kFloat64).requires_grad_());
  const auto gradients = [&f, n = inputs.size()](const Tensors& all) {
    const AutoGradMode recording(true);
    Tensors from, asked;
    for (size_t i = 0; i < n; ++i) {
      Tensor x = all[i];
      if (x.defined() && x.is_floating_point() && !x.requires_grad()) x = x.detach().requires_grad_();
      from.push_back(x);
      if (x.defined() && x.requires_grad()) asked.push_back(x);
    }
    Tensors outputs;
    for (const Tensor& y : f(from))
      if (y.defined() && y.requires_grad()) outputs.push_back(y);
    return grad(outputs, asked, Tensors(all.begin() + int64_t(n), all.end()),
                {.create_graph = true, .allow_unused = true, .materialize_grads = true});
  };
  return gradcheck(gradients, extended, options);
}

}  // namespace lamina

#include "lamina/ops/loss.h"

#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/graph/node.h"
#include "lamina/graph/plain.h"
#include "lamina/kernels/loss.h"
#include "lamina/kernels/sum.h"
#include "lamina/ops/activation.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/same_dtype.h"
#include "lamina/ops/view.h"

namespace lamina::ops {

using kernels::ClassTargets;
using kernels::Groups;
using kernels::LossGradient;

Reduction reduction_of(const std::string& name, std::optional<bool> size_average, std::optional<bool> reduce) {
  if (size_average || reduce)
    return !reduce.value_or(true) ? Reduction::None : size_average.value_or(true) ? Reduction::Mean : Reduction::Sum;
  if (name == "mean" || name == "elementwise_mean") return Reduction::Mean;
  if (name == "sum") return Reduction::Sum;
  if (name == "none") return Reduction::None;
  throw OptionError(str(name, " is not a valid value for reduction"), "It is one of 'none', 'mean', 'sum'");
}

void check_label_smoothing(double label_smoothing) {
  if (!(label_smoothing >= 0 && label_smoothing <= 1))
    throw OptionError(str("label_smoothing must be between 0.0 and 1.0. Got: ", label_smoothing));
}

namespace {

// ---- checks --------------------------------------------------------------------------------------------------------

int64_t classes_of(const Shape& input) { return input.rank() == 1 ? input[0] : input[1]; }
int64_t class_dim(const Tensor& input) { return input.rank() == 1 ? 0 : 1; }

// The shape of class indices, and of the losses.
Shape positions_of(Shape input) {
  input.erase(input.rank() == 1 ? 0 : 1);
  return input;
}

Groups groups_of(const Shape& input) {
  if (input.rank() == 1) return {1, input[0], 1};
  return {input[0], input[1], input.slice(2).numel()};
}

void check_logits(const Tensor& input, const Tensor& target, const Tensor& weight) {
  if (!input.is_floating_point())
    throw DTypeError(str("input is ", name(input.dtype()), ": logits have fractions"),
                     target.is_floating_point() ? "Are input and target swapped? The logits come first" : "");
  if (input.rank() == 0) throw ShapeError("input () must be (C), (N, C) or (N, C, d1, …)");
  const Shape classes{classes_of(input.shape())};
  if (weight.defined() && weight.shape() != classes)
    throw ShapeError(
        str("weight ", weight.shape(), " must be ", classes, ", one value for each class of input ", input.shape()));
  check_same_dtype(input, {{"weight", &weight}});
}

void check_indices(const Tensor& input, const Tensor& target) {
  const Shape expected = positions_of(input.shape());
  if (target.dtype() != kInt64 && target.dtype() != kInt32 && target.dtype() != kUInt8)
    throw DTypeError(str("target is ", name(target.dtype()), " ", target.shape(),
                         ": class indices must be int64 of shape ", expected),
                     is_floating_point(target.dtype()) && target.shape() == expected
                         ? std::string("Convert the target with .long()")
                         : str("Probabilities must have the input's shape ", input.shape()));
  if (target.shape() == expected) return;
  std::string hint;
  Shape beside = expected;
  if (input.rank() > 1) beside.insert(1, 1);
  if (input.rank() > 1 && target.shape() == beside) hint = "Drop the dimension of size 1 with target.squeeze(1)";
  else if (target.rank() == input.rank() && target.rank() > 0)
    hint = "A one-hot target is made of indices by target.argmax(1)";
  throw ShapeError(str("target ", target.shape(), " must be ", expected, " for input ", input.shape()), hint);
}

void check_range(const Tensor& index, int64_t classes, int64_t ignored) {
  for (int64_t i = 0; i < index.numel(); ++i) {
    const int64_t k = index.data<int64_t>()[i];
    if (k != ignored && (k < 0 || k >= classes))
      throw IndexError(str("Target ", k, " is out of bounds."),
                       classes > 0 ? str("The input has ", classes, " classes: indices go from 0 to ", classes - 1)
                                   : "The input has no classes");
  }
}

// ---- what the kernels are given ------------------------------------------------------------------------------------

// Class indices with what belongs to them, made once and kept for the backward.
struct Classes {
  Tensor index;   // int64, contiguous
  Tensor weight;  // (C), contiguous, or undefined
  int64_t ignored;
  double smoothing;
  Saved given_target, given_weight;  // whose values index and weight may share

  Classes(const Tensor& input, const Tensor& target, const Tensor& weight, int64_t ignored, double smoothing)
      : index(contiguous(to(target, kInt64))),
        weight(weight.defined() ? contiguous(weight.detach()) : Tensor()),
        ignored(ignored),
        smoothing(smoothing),
        given_target(target),
        given_weight(weight) {
    check_range(index, classes_of(input.shape()), ignored);
    if (needs_grad(weight))
      throw NotImplementedError("weight has no gradient beside class indices", "Use weight.detach()");
  }
  /// Throws when somebody has changed the target or the weight in place since.
  template <class T>
  ClassTargets<T> of() const {
    given_target.get(), given_weight.get();
    return {index.data<int64_t>(), weight.data_or_null<T>(), ignored, T(smoothing)};
  }
  double total_weight() const {
    if (!weight.defined()) return kernels::total_weight(index.numel(), of<float>());
    return dispatch_real(weight.dtype(), "nll_loss",
                         [&]<class T>() { return kernels::total_weight(index.numel(), of<T>()); });
  }
};

Tensor contiguous_values(const Tensor& t) { return t.defined() ? contiguous(t.detach()) : t; }

// losses (positions) → what the reduction makes of them, without history; a mean divides by `total`
Tensor reduced(const Tensor& losses, Reduction reduction, double total) {
  if (reduction == Reduction::None) return losses;
  const Tensor y = empty({}, losses.dtype());
  dispatch_real(y.dtype(), "a loss", [&]<class T>() {
    const T* loss = losses.data<T>();
    const double sum = kernels::sum<T>(losses.numel(), [=](int64_t i) { return loss[i]; });
    *y.data<T>() = T(reduction == Reduction::Mean ? sum / total : sum);
  });
  return y;
}

// The same as recorded operations.
Tensor reduced_plain(const Tensor& losses, Reduction reduction, double total) {
  if (reduction == Reduction::None) return losses;
  return reduction == Reduction::Mean ? div(sum(losses), total) : sum(losses);
}

template <class T>
LossGradient<T> loss_gradient(const Tensor& dy, Reduction reduction, double total) {
  return {dy.data<T>(), reduction == Reduction::None ? 1 : 0, reduction == Reduction::Mean ? T(1 / total) : T(1)};
}

// ---- nll_loss: a map of the input that is linear, so it and its transpose are each other's gradients ---------------

Tensor spread(const Tensor& dy, const Shape& shape, const Classes& classes);

Tensor pick(const Tensor& input, const Classes& classes, const char* node) {
  const Tensor x = contiguous(input.detach());
  Tensor y = empty(positions_of(x.shape()), x.dtype());
  dispatch_real(x.dtype(), "nll_loss",
                [&]<class T>() { kernels::nll(x.data<T>(), groups_of(x.shape()), classes.of<T>(), y.data<T>()); });
  if (needs_grad(input))
    record(node, y, {&input},
           [shape = x.shape(), classes](const Backward& g) -> Tensors { return {spread(g.dy(), shape, classes)}; });
  return y;
}

Tensor spread(const Tensor& dy, const Shape& shape, const Classes& classes) {
  const Tensor given = contiguous(dy.detach());
  Tensor dx = empty(shape, dy.dtype());
  dispatch_real(dy.dtype(), "nll_loss", [&]<class T>() {
    kernels::nll_backward(loss_gradient<T>(given, Reduction::None, 1), groups_of(shape), classes.of<T>(), dx.data<T>());
  });
  if (needs_grad(dy))
    record("NllLossBackwardBackward0", dx, {&dy},
           [classes](const Backward& g) -> Tensors { return {pick(g.dy(), classes, "NllLossBackward0")}; });
  return dx;
}

const char* nll_name(const Tensor& input) { return input.rank() > 2 ? "NllLoss2DBackward0" : "NllLossBackward0"; }

Tensor nll_reduced(const Tensor& input, const Classes& classes, Reduction reduction) {
  if (reduction == Reduction::None) return pick(input, classes, nll_name(input));
  const double total = reduction == Reduction::Mean ? classes.total_weight() : 1;
  Tensor y = reduced(pick(input.detach(), classes, ""), reduction, total);
  if (needs_grad(input))
    record(nll_name(input), y, {&input}, [shape = input.shape(), classes, total](const Backward& g) -> Tensors {
      return {spread(expand(div(g.dy(), total), positions_of(shape)), shape, classes)};
    });
  return y;
}

// ---- cross_entropy with class indices ------------------------------------------------------------------------------

// 1 where the index counts, else 0
Tensor counted(const Classes& classes, DType dtype) {
  const Tensor mask = ones(classes.index.shape(), dtype);
  dispatch_real(dtype, "cross_entropy", [&]<class T>() {
    for (int64_t i = 0; i < mask.numel(); ++i)
      if (classes.index.data<int64_t>()[i] == classes.ignored) mask.data<T>()[i] = 0;
  });
  return mask;
}

// weight (C) so that it broadcasts over the input
Tensor over_classes(const Tensor& weight, const Tensor& input) {
  Shape shape = Shape::filled(input.rank(), 1);
  shape[class_dim(input)] = weight.numel();
  return view(contiguous(weight), shape);
}

Tensor cross_entropy_plain(const Tensor& input, const Classes& classes, Reduction reduction, double total) {
  const Tensor log_probabilities = log_softmax(input, class_dim(input));
  Tensor losses = pick(log_probabilities, classes, nll_name(input));
  if (classes.smoothing > 0) {
    const Tensor weighted =
        classes.weight.defined() ? mul(log_probabilities, over_classes(classes.weight, input)) : log_probabilities;
    const Tensor mask = view(counted(classes, input.dtype()), losses.shape());
    const Tensor smooth = mul(sum(weighted, {class_dim(input)}), mask);
    losses = sub(mul(losses, 1 - classes.smoothing), smooth, classes.smoothing / double(classes_of(input.shape())));
  }
  return reduced_plain(losses, reduction, total);
}

Tensor cross_entropy_of_indices(const Tensor& input, const Classes& classes, Reduction reduction) {
  const Tensor x = contiguous(input.detach());
  const Groups s = groups_of(x.shape());
  const Tensor losses = empty(positions_of(x.shape()), x.dtype()), max = empty(losses.shape(), x.dtype()),
               log_sum = empty(losses.shape(), x.dtype());
  dispatch_real(x.dtype(), "cross_entropy", [&]<class T>() {
    kernels::log_sum_exp(x.data<T>(), s, max.data<T>(), log_sum.data<T>());
    kernels::cross_entropy(x.data<T>(), s, classes.of<T>(), max.data<T>(), log_sum.data<T>(), losses.data<T>());
  });
  const double total = reduction == Reduction::Mean ? classes.total_weight() : 1;
  Tensor y = reduced(losses, reduction, total);
  if (needs_grad(input))
    record(classes.smoothing > 0 ? "AddBackward0" : nll_name(input), y, {&input},
           [input = Saved(input), classes, max, log_sum, reduction, total, s](const Backward& g) -> Tensors {
             if (g.create_graph)
               return differentiate(g, {input.get()}, [&](const Tensors& in) {
                 return cross_entropy_plain(in[0], classes, reduction, total);
               });
             const Tensor x = contiguous_values(input.get()), dy = contiguous(g.dy()), dx = empty(x.shape(), x.dtype());
             dispatch_real(x.dtype(), "cross_entropy", [&]<class T>() {
               kernels::cross_entropy_backward(loss_gradient<T>(dy, reduction, total), x.data<T>(), s, classes.of<T>(),
                                               max.data<T>(), log_sum.data<T>(), dx.data<T>());
             });
             return {dx};
           });
  return y;
}

// ---- cross_entropy with probabilities ------------------------------------------------------------------------------

Tensor soft_cross_entropy_plain(const Tensors& in, double smoothing, Reduction reduction, double total) {
  const int64_t dim = class_dim(in[0]);
  Tensor t = in[1];
  if (smoothing > 0) t = add(mul(t, 1 - smoothing), smoothing / double(in[0].size(dim)));
  if (in[2].defined()) t = mul(t, over_classes(in[2], in[0]));
  return reduced_plain(neg(sum(mul(log_softmax(in[0], dim), t), {dim})), reduction, total);
}

Tensor cross_entropy_of_probabilities(const Tensor& input, const Tensor& target, const Tensor& weight,
                                      Reduction reduction, double smoothing) {
  const Tensor x = contiguous(input.detach()), p = contiguous(target.detach()), w = contiguous_values(weight);
  const Groups s = groups_of(x.shape());
  const double total = x.numel() == 0 ? 0 : double(s.count());
  if (needs_grad(weight)) return soft_cross_entropy_plain({input, target, weight}, smoothing, reduction, total);
  const Tensor losses = empty(positions_of(x.shape()), x.dtype()), max = empty(losses.shape(), x.dtype()),
               log_sum = empty(losses.shape(), x.dtype());
  dispatch_real(x.dtype(), "cross_entropy", [&]<class T>() {
    kernels::log_sum_exp(x.data<T>(), s, max.data<T>(), log_sum.data<T>());
    kernels::soft_cross_entropy(x.data<T>(), s, p.data<T>(), w.data_or_null<T>(), T(smoothing), max.data<T>(),
                                log_sum.data<T>(), losses.data<T>());
  });
  Tensor y = reduced(losses, reduction, total);
  if (needs_grad(input, target))
    record(reduction == Reduction::Mean ? "DivBackward1" : "NegBackward0", y, {&input, &target},
           [input = Saved(input), target = Saved(target), weight = Saved(weight), max, log_sum, reduction, total,
            smoothing, s](const Backward& g) -> Tensors {
             if (g.create_graph)
               return differentiate(g, {input.get(), target.get()}, [&](const Tensors& in) {
                 return soft_cross_entropy_plain({in[0], in[1], weight.get()}, smoothing, reduction, total);
               });
             const Tensor x = contiguous_values(input.get()), p = contiguous_values(target.get()),
                          w = contiguous_values(weight.get()), dy = contiguous(g.dy());
             const Tensor dx = g.needs(0) ? empty(x.shape(), x.dtype()) : Tensor(),
                          dp = g.needs(1) ? empty(x.shape(), x.dtype()) : Tensor();
             dispatch_real(x.dtype(), "cross_entropy", [&]<class T>() {
               kernels::soft_cross_entropy_backward(loss_gradient<T>(dy, reduction, total), x.data<T>(), s, p.data<T>(),
                                                    w.data_or_null<T>(), T(smoothing), max.data<T>(), log_sum.data<T>(),
                                                    dx.data_or_null<T>(), dp.data_or_null<T>());
             });
             return {dx, dp};
           });
  return y;
}

Tensor widened(const Tensor& t) { return t.defined() && is_half(t.dtype()) ? to(t, kFloat32) : t; }

}  // namespace

Tensor cross_entropy(const Tensor& input, const Tensor& target, const Tensor& weight, int64_t ignore_index,
                     Reduction reduction, double label_smoothing) {
  check_logits(input, target, weight);
  check_label_smoothing(label_smoothing);
  if (target.shape() != input.shape()) {
    check_indices(input, target);
    const Classes classes(input, target, widened(weight), ignore_index, label_smoothing);
    const Tensor y = cross_entropy_of_indices(widened(input), classes, reduction);
    return to(y, input.dtype());
  }
  if (!target.is_floating_point())
    throw DTypeError(str("target of the input's shape ", input.shape(), " is ", name(target.dtype()),
                         ": probabilities have fractions"),
                     str("Class indices have shape ", positions_of(input.shape()),
                         "; a one-hot target needs .to(torch.", name(input.dtype()), ")"));
  check_same_dtype(input, {{"target", &target}});
  if (ignore_index >= 0) throw OptionError("ignore_index is not supported for floating point target");
  return to(
      cross_entropy_of_probabilities(widened(input), widened(target), widened(weight), reduction, label_smoothing),
      input.dtype());
}

Tensor nll_loss(const Tensor& input, const Tensor& target, const Tensor& weight, int64_t ignore_index,
                Reduction reduction) {
  check_logits(input, target, weight);
  check_indices(input, target);
  const Classes classes(input, target, widened(weight), ignore_index, 0);
  return to(nll_reduced(widened(input), classes, reduction), input.dtype());
}

}  // namespace lamina::ops

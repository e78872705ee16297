#include "python/loss.h"

#include "lamina/core/text.h"
#include "lamina/ops/view.h"
#include "python/errors.h"

namespace lamina::python {

void warn(const std::string& text) {
  if (PyErr_WarnEx(PyExc_UserWarning, text.c_str(), 1) < 0) throw nb::python_error();
}

ops::Reduction reduction_from(const std::string& reduction, MaybeBool size_average, MaybeBool reduce) {
  const ops::Reduction r = ops::reduction_of(reduction, size_average, reduce);
  if (size_average || reduce)
    warn(str("size_average and reduce args will be deprecated, please use reduction='",
             r == ops::Reduction::None  ? "none"
             : r == ops::Reduction::Sum ? "sum"
                                        : "mean",
             "' instead."));
  return r;
}

void warn_of_mean_divergence() {
  warn(
      "reduction: 'mean' divides the total loss by both the batch size and the support size. 'batchmean' divides only "
      "by the batch size, and aligns with the KL div math definition. 'mean' will be changed to behave the same as "
      "'batchmean' in the next major release.");
}

std::pair<Tensor, Tensor> broadcast_operands(const Tensor& input, const Tensor& target, Warns warns) {
  if (input.shape() == target.shape()) return {input, target};
  const Shape shape = broadcast(input.shape(), target.shape());
  if (warns == Warns::OfGrowth && (shape == input.shape() || shape == target.shape())) return {input, target};
  warn(str(
      "Using a target size (torch.Size(", target.shape().list_text(),
      ")) that is different to the input size (torch.Size(", input.shape().list_text(),
      ")). This will likely lead to incorrect results due to broadcasting. Please ensure they have the same size."));
  return {ops::expand(input, shape), ops::expand(target, shape)};
}

}  // namespace lamina::python

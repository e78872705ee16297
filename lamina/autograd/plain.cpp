#include "lamina/graph/plain.h"

#include "lamina/autograd/backward.h"

namespace lamina {

namespace {
// The same values one node further on: an input used twice, or one that depends on another, stays apart from it.
Tensor stand_in(const Tensor& t) {
  if (!t.defined() || !t.requires_grad()) return t;
  Tensor same = alias(t, t.shape(), t.strides());
  record("AliasBackward0", same, {&t}, [](const Backward& g) -> Tensors { return {g.dy()}; });
  return same;
}
}  // namespace

Tensors differentiate(const Backward& g, const Tensors& inputs, const std::function<Tensor(const Tensors&)>& plain) {
  return differentiate(g, inputs, [&](const Tensors& in) { return Tensors{plain(in)}; });
}

Tensors differentiate(const Backward& g, const Tensors& inputs, const std::function<Tensors(const Tensors&)>& plain) {
  const AutoGradMode recording(true);
  Tensors apart, asked;
  for (size_t i = 0; i < inputs.size(); ++i) {
    apart.push_back(stand_in(inputs[i]));
    if (g.needs(i)) asked.push_back(apart[i]);
  }
  const Tensors outputs = plain(apart);
  Tensors reached, cotangents;  // no gradient came to the others
  for (size_t i = 0; i < outputs.size(); ++i)
    if (g.grads[i].defined()) reached.push_back(outputs[i]), cotangents.push_back(g.grads[i]);
  Tensors found = grad(reached, asked, cotangents, {.create_graph = true, .allow_unused = true});
  Tensors gradients(inputs.size());
  for (size_t i = 0, k = 0; i < inputs.size(); ++i)
    if (g.needs(i)) gradients[i] = std::move(found[k++]);
  return gradients;
}

}  // namespace lamina

#include "lamina/nn/flatten.h"

#include "lamina/ops/view.h"

namespace lamina::nn {

Tensor FlattenImpl::forward(const Tensor& input) { return ops::flatten(input, options.start_dim, options.end_dim); }

const Declaration& FlattenImpl::declared() {
  using L = FlattenImpl;
  using O = FlattenOptions;
  static const Declaration d = Declare<L, O>{.name = "Flatten",
                                             .formula = "y = x with dimensions start_dim to end_dim as one",
                                             .shape = "(*, S_start, …, S_end, *) → (*, S_start · … · S_end, *)",
                                             .source = "torch.nn.Flatten",
                                             .notes =
                                                 "Both dimensions are included; negative ones count from the end. The "
                                                 "result shares memory with the input where possible.",
                                             .required = {},
                                             .options = {{"start_dim", &O::start_dim, "first dimension to flatten"},
                                                         {"end_dim", &O::end_dim, "last dimension to flatten"}},
                                             .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

Tensor UnflattenImpl::forward(const Tensor& input) { return ops::unflatten(input, dim, unflattened_size.sizes); }

const Declaration& UnflattenImpl::declared() {
  using L = UnflattenImpl;
  static const Declaration d = Declare<L>{
      .name = "Unflatten",
      .formula = "y = x with dimension dim as several",
      .shape = "(*, S_dim, *) → (*, U_1, …, U_n, *)",
      .source = "torch.nn.Unflatten",
      .notes = "The product of the sizes is that of the dimension; one of them may be −1: what the others leave.",
      .required = {{"dim", &L::dim, "dimension to unflatten"},
                   {"unflattened_size", &L::unflattened_size, "sizes that it becomes"}},
      .options = {},
      .construct = [](const Arguments& a, const NoOptions&) { return new L(a.get<int64_t>(0), a.get<SizeList>(1)); }};
  return d;
}

const Declaration& IdentityImpl::declared() {
  static const Declaration d =
      Declare<IdentityImpl>{.name = "Identity",
                            .formula = "y = x",
                            .shape = "(*) → same, any shape",
                            .source = "torch.nn.Identity",
                            .notes = "",
                            .required = {},
                            .options = {},
                            .construct = [](const Arguments&, const NoOptions&) { return new IdentityImpl; }};
  return d;
}

}  // namespace lamina::nn

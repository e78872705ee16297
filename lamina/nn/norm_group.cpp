#include "lamina/nn/norm_group.h"

#include "lamina/core/text.h"
#include "lamina/nn/init.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/view.h"

namespace lamina::nn {

// ---- GroupNorm -----------------------------------------------------------------------------------------------------

GroupNormImpl::GroupNormImpl(int64_t num_groups, int64_t num_channels, GroupNormOptions options)
    : num_groups(num_groups), num_channels(num_channels), options(options) {
  ops::check_groups(num_groups, num_channels);
  const DType dtype = options.dtype.value_or(default_dtype());
  bind_parameter("weight", weight, options.affine ? empty({num_channels}, dtype) : Tensor());
  bind_parameter("bias", bias, options.affine && options.bias ? empty({num_channels}, dtype) : Tensor());
  initialize();
}

void GroupNormImpl::reset_parameters() {
  if (weight.defined()) init::ones_(weight);
  if (bias.defined()) init::zeros_(bias);
}

Tensor GroupNormImpl::forward(const Tensor& input) {
  return ops::group_norm(input, num_groups, weight, bias, options.eps.to_double());
}

const Declaration& GroupNormImpl::declared() {
  using L = GroupNormImpl;
  using O = GroupNormOptions;
  static const Declaration d = Declare<L, O>{
      .name = "GroupNorm",
      .formula = "y = (x − E[x]) / √(Var[x] + eps) · weight + bias",
      .shape = "(N, C, …) → same, C = num_channels",
      .source = "Wu, He 2018 (arXiv:1803.08494); torch.nn.GroupNorm",
      .notes =
          "Over groups of num_channels / num_groups channels of each sample, with the biased variance; the same in "
          "train and eval mode.",
      .required = {{"num_groups", &L::num_groups, "how many groups, a divisor of num_channels", Show::Positional},
                   {"num_channels", &L::num_channels, "number of channels", Show::Positional}},
      .options = {{"eps", &O::eps, "added to the variance"},
                  {"affine", &O::affine, "learn weight and bias"},
                  {"device", &O::device, "where the parameters live", Show::Never},
                  {"dtype", &O::dtype, "type of the parameters", Show::Never},
                  {"bias", &O::bias, "learn bias; without effect when affine is off"}},
      .construct = [](const Arguments& a, const O& o) { return new L(a.get<int64_t>(0), a.get<int64_t>(1), o); }};
  return d;
}

// ---- InstanceNorm --------------------------------------------------------------------------------------------------

Tensor InstanceNormImpl::forward(const Tensor& input) {
  const int batched = space_ + 2;
  if (input.rank() != batched && input.rank() != batched - 1)
    throw ShapeError(str("expected ", batched - 1, "D or ", batched, "D input (got ", input.rank(),
                         "D input), input is ", input.shape()));
  const int64_t channels = input.size(input.rank() - space_ - 1);
  if (channels != num_features && options.affine)
    throw ShapeError(str("input ", input.shape(), " has ", channels, " channels, expected num_features=", num_features),
                     str("Did you mean ", name(), "(", channels, ")?"));
  const bool unbatched = input.rank() == batched - 1;
  const Tensor y = ops::instance_norm(unbatched ? ops::unsqueeze(input, 0) : input, running_mean, running_var, weight,
                                      bias, training || !options.track_running_stats,
                                      options.momentum.value_or(0).to_double(), options.eps.to_double());
  return unbatched ? ops::squeeze(y, 0) : y;
}

namespace {
template <class L>
Declaration instance_norm_declaration(const char* name, const char* shape) {
  using O = InstanceNormOptions;
  return Declare<L, O>{
      .name = name,
      .formula = "y = (x − E[x]) / √(Var[x] + eps) · weight + bias",
      .shape = shape,
      .source = str("Ulyanov et al. 2016 (arXiv:1607.08022); torch.nn.", name),
      .notes =
          "Each channel of each sample over space, by its own moments (biased variance). With track_running_stats the "
          "running ones move in training, by the average over the batch, and are taken in eval mode.",
      .required = {{"num_features", &L::num_features, "number of channels", Show::Positional}},
      .options = {{"eps", &O::eps, "added to the variance"},
                  {"momentum", &O::momentum, "weight of the new moments in the running ones"},
                  {"affine", &O::affine, "learn weight and bias"},
                  {"track_running_stats", &O::track_running_stats, "keep running moments, for eval mode"},
                  {"device", &O::device, "where the parameters live", Show::Never},
                  {"dtype", &O::dtype, "type of the parameters", Show::Never},
                  {"bias", &O::bias, "learn bias; without effect when affine is off"}},
      .construct = [](const Arguments& a, const O& o) { return new L(a.get<int64_t>(0), o); }};
}
}  // namespace

const Declaration& InstanceNorm1dImpl::declared() {
  static const Declaration d =
      instance_norm_declaration<InstanceNorm1dImpl>("InstanceNorm1d", "(N, C, L) or (C, L) → same, C = num_features");
  return d;
}
const Declaration& InstanceNorm2dImpl::declared() {
  static const Declaration d = instance_norm_declaration<InstanceNorm2dImpl>(
      "InstanceNorm2d", "(N, C, H, W) or (C, H, W) → same, C = num_features");
  return d;
}
const Declaration& InstanceNorm3dImpl::declared() {
  static const Declaration d = instance_norm_declaration<InstanceNorm3dImpl>(
      "InstanceNorm3d", "(N, C, D, H, W) or (C, D, H, W) → same, C = num_features");
  return d;
}

}  // namespace lamina::nn

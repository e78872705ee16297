#include "lamina/nn/norm.h"

#include <limits>

#include "lamina/nn/init.h"
#include "lamina/nn/norm_group.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"

namespace lamina::nn {

// ---- LayerNorm -----------------------------------------------------------------------------------------------------

LayerNormImpl::LayerNormImpl(Shape normalized_shape, LayerNormOptions options)
    : normalized_shape(std::move(normalized_shape)), options(options) {
  const DType dtype = options.dtype.value_or(default_dtype());
  const bool affine = options.elementwise_affine;
  bind_parameter("weight", weight, affine ? empty(this->normalized_shape, dtype) : Tensor());
  bind_parameter("bias", bias, affine && options.bias ? empty(this->normalized_shape, dtype) : Tensor());
  initialize();
}

void LayerNormImpl::reset_parameters() {
  if (weight.defined()) init::ones_(weight);
  if (bias.defined()) init::zeros_(bias);
}

Tensor LayerNormImpl::forward(const Tensor& input) {
  return ops::layer_norm(input, normalized_shape, weight, bias, options.eps.to_double());
}

const Declaration& LayerNormImpl::declared() {
  using L = LayerNormImpl;
  using O = LayerNormOptions;
  static const Declaration d = Declare<L, O>{
      .name = "LayerNorm",
      .formula = "y = (x − E[x]) / √(Var[x] + eps) · weight + bias",
      .shape = "(*, normalized_shape) → same",
      .source = "Ba, Kiros, Hinton 2016 (arXiv:1607.06450); torch.nn.LayerNorm",
      .notes = "Over the last dimensions of each sample, with the biased variance; the same in train and eval mode.",
      .required = {{"normalized_shape", &L::normalized_shape, "sizes of the dimensions to normalise over",
                    Show::Positional}},
      .options = {{"eps", &O::eps, "added to the variance"},
                  {"elementwise_affine", &O::elementwise_affine, "learn weight and bias"},
                  {"bias", &O::bias, "learn bias; without effect when elementwise_affine is off"},
                  {"device", &O::device, "where the parameters live", Show::Never},
                  {"dtype", &O::dtype, "type of the parameters", Show::Never}},
      .construct = [](const Arguments& a, const O& o) { return new L(a.get<Shape>(0), o); }};
  return d;
}

// ---- by channel -----------------------------------------------------------------------------------------------------

template <class O>
ChannelNorm<O>::ChannelNorm(int64_t num_features, O options) : num_features(num_features), options(options) {
  const DType dtype = options.dtype.value_or(default_dtype());
  const bool tracked = options.track_running_stats;
  bind_parameter("weight", weight, options.affine ? empty({num_features}, dtype) : Tensor());
  bind_parameter("bias", bias, options.affine && options.bias ? empty({num_features}, dtype) : Tensor());
  bind_buffer("running_mean", running_mean, tracked ? ops::zeros({num_features}, dtype) : Tensor());
  bind_buffer("running_var", running_var, tracked ? ops::ones({num_features}, dtype) : Tensor());
  bind_buffer("num_batches_tracked", num_batches_tracked, tracked ? ops::zeros({}, kInt64) : Tensor());
  initialize();
}

template <class O>
void ChannelNorm<O>::reset_running_stats() {
  for (const auto& [buffer, value] : {std::pair{running_mean, 0}, {running_var, 1}, {num_batches_tracked, 0}})
    if (buffer.defined()) ops::fill_values(buffer, value), buffer.bump_version();
}

template <class O>
void ChannelNorm<O>::reset_parameters() {
  reset_running_stats();
  if (weight.defined()) init::ones_(weight);
  if (bias.defined()) init::zeros_(bias);
}

template <class O>
std::string ChannelNorm<O>::extra_repr() const {
  return str(num_features, ", eps=", options.eps,
             ", momentum=", options.momentum ? options.momentum->text() : std::string("None"),
             ", affine=", options.affine, ", bias=", bias.defined(),
             ", track_running_stats=", options.track_running_stats);
}

template class ChannelNorm<BatchNormOptions>;
template class ChannelNorm<InstanceNormOptions>;

// ---- batch norms ---------------------------------------------------------------------------------------------------

// Counts the batch; the weight that it gets in the running moments.
double BatchNormImpl::next_momentum() {
  if (!training || !options.track_running_stats || !num_batches_tracked.defined())
    return options.momentum.value_or(0).to_double();
  const Tensor count = ops::zeros({}, kInt64);
  ops::copy_values(count, num_batches_tracked);
  const int64_t batches = ++*count.data<int64_t>();
  ops::fill_values(num_batches_tracked, batches);
  num_batches_tracked.bump_version();
  return options.momentum.value_or(1 / double(batches)).to_double();
}

Tensor BatchNormImpl::forward(const Tensor& input) {
  ops::batch_norm_shape(input.shape(), num_features, min_rank_, max_rank_, name());
  const bool moments_given = !training || options.track_running_stats;
  const bool own_moments = training || !(running_mean.defined() || running_var.defined());
  return ops::batch_norm(input, moments_given ? running_mean : Tensor(), moments_given ? running_var : Tensor(), weight,
                         bias, own_moments, next_momentum(), options.eps.to_double());
}

namespace {
template <class L>
Declaration batch_norm_declaration(const char* name, const char* shape, const char* group) {
  using O = BatchNormOptions;
  return Declare<L, O>{
      .name = name,
      .formula = "y = (x − E[x]) / √(Var[x] + eps) · weight + bias",
      .shape = shape,
      .source = str("Ioffe, Szegedy 2015 (arXiv:1502.03167); torch.nn.", name),
      .notes = str("Each channel over ", group,
                   ". In training by the moments of the batch (biased variance), while the running ones "
                   "move by r ← (1 − momentum)·r + momentum·new (unbiased variance); in eval mode by the running ones. "
                   "One value "
                   "per channel in training is a ShapeError."),
      .required = {{"num_features", &L::num_features, "number of channels", Show::Positional}},
      .options = {{"eps", &O::eps, "added to the variance"},
                  {"momentum", &O::momentum,
                   "weight of the new moments in the running ones; None: the average of all batches"},
                  {"affine", &O::affine, "learn weight and bias"},
                  {"track_running_stats", &O::track_running_stats,
                   "keep running moments; without them eval mode uses the batch's"},
                  {"device", &O::device, "where the parameters live", Show::Never},
                  {"dtype", &O::dtype, "type of the parameters", Show::Never},
                  {"bias", &O::bias, "learn bias; without effect when affine is off"}},
      .construct = [](const Arguments& a, const O& o) { return new L(a.get<int64_t>(0), o); }};
}
}  // namespace

const Declaration& BatchNorm1dImpl::declared() {
  static const Declaration d = batch_norm_declaration<BatchNorm1dImpl>(
      "BatchNorm1d", "(N, C) or (N, C, L) → same, C = num_features", "the batch, and over the length of 3-D input");
  return d;
}

const Declaration& BatchNorm2dImpl::declared() {
  static const Declaration d = batch_norm_declaration<BatchNorm2dImpl>(
      "BatchNorm2d", "(N, C, H, W) → same, C = num_features", "the batch and both dimensions of space");
  return d;
}

const Declaration& BatchNorm3dImpl::declared() {
  static const Declaration d = batch_norm_declaration<BatchNorm3dImpl>(
      "BatchNorm3d", "(N, C, D, H, W) → same, C = num_features", "the batch and all three dimensions of space");
  return d;
}

SyncBatchNormImpl::SyncBatchNormImpl(int64_t num_features, BatchNormOptions options)
    : BatchNormImpl(num_features, options, 2, std::numeric_limits<int>::max()) {}

const Declaration& SyncBatchNormImpl::declared() {
  static const Declaration d = [] {
    Declaration made = batch_norm_declaration<SyncBatchNormImpl>(
        "SyncBatchNorm", "(N, C, …) → same, C = num_features", "the batch and space; within one process a batch norm");
    constexpr size_t kPlace = 5;  // of process_group among the arguments
    made.fields.insert(made.fields.begin() + kPlace, Field{.name = "process_group",
                                                           .doc = "None: there is one process",
                                                           .type = "None",
                                                           .required = false,
                                                           .default_value = {},
                                                           .show = Show::Never,
                                                           .get = [](const Module&) { return Value(); },
                                                           .set = nullptr});
    made.construct = [construct = made.construct](const std::vector<Value>& values) {
      if (!std::holds_alternative<std::monostate>(values[kPlace]))
        throw NotImplementedError("SyncBatchNorm: process_group must be None: there is one process");
      std::vector<Value> others = values;
      others.erase(others.begin() + kPlace);
      return construct(others);
    };
    return made;
  }();
  return d;
}

ModuleRef SyncBatchNormImpl::convert_sync_batchnorm(const ModuleRef& module) {
  if (auto* norm = dynamic_cast<BatchNormImpl*>(module.get()); norm && !dynamic_cast<SyncBatchNormImpl*>(norm)) {
    const Ref<SyncBatchNormImpl> sync = [&] {
      const SkipInitialization skip;
      return make<SyncBatchNormImpl>(norm->num_features, norm->options);
    }();
    sync->training = norm->training;
    for (const auto& [to, from] : {std::pair{&sync->weight, &norm->weight},
                                   {&sync->bias, &norm->bias},
                                   {&sync->running_mean, &norm->running_mean},
                                   {&sync->running_var, &norm->running_var},
                                   {&sync->num_batches_tracked, &norm->num_batches_tracked}})
      *to = *from;
    return sync;
  }
  for (const auto& [name, child] : module->named_children()) module->set_child(name, convert_sync_batchnorm(child));
  return module;
}

}  // namespace lamina::nn

// The Python classes of the normalisations by group, instance and neighbours, and their functions in lamina.nn.functional.
#include "lamina/nn/norm.h"
#include "lamina/nn/norm_group.h"
#include "lamina/nn/norm_response.h"
#include "lamina/nn/norm_rms.h"
#include "lamina/ops/norm.h"
#include "lamina/ops/norm_group.h"
#include "lamina/ops/norm_response.h"
#include "lamina/ops/norm_rms.h"
#include "python/bind.h"
#include "python/binding.h"
#include "python/layer.h"

namespace lamina::python {

namespace {

// Since the second version of the state there is num_batches_tracked.
PyTypeObject* with_version(PyTypeObject* type) {
  nb::setattr(nb::handle(reinterpret_cast<PyObject*>(type)), "_version", nb::int_(2));
  return type;
}

void bind_convert(PyTypeObject* type) {
  const nb::handle cls(reinterpret_cast<PyObject*>(type));
  const nb::object function = nb::cpp_function(
      [](nb::handle, nb::handle module, nb::handle process_group) {
        if (!process_group.is_none())
          throw NotImplementedError("convert_sync_batchnorm: process_group must be None: there is one process");
        return checked(wrap(nn::SyncBatchNormImpl::convert_sync_batchnorm(ref_of(module.ptr()))));
      },
      nb::name("convert_sync_batchnorm"), nb::scope(cls),
      "The module with every batch norm in it replaced by a SyncBatchNorm of the same parameters and buffers.", "cls"_a,
      "module"_a, "process_group"_a = nb::none());
  nb::setattr(cls, "convert_sync_batchnorm", checked(PyClassMethod_New(function.ptr())));
}

}  // namespace

void bind_norms(nb::module_& m) {
  with_version(bind_layer<nn::BatchNorm3dImpl>(m));
  bind_convert(with_version(bind_layer<nn::SyncBatchNormImpl>(m)));
  bind_layer<nn::GroupNormImpl>(m);
  with_version(bind_layer<nn::InstanceNorm1dImpl>(m));
  with_version(bind_layer<nn::InstanceNorm2dImpl>(m));
  with_version(bind_layer<nn::InstanceNorm3dImpl>(m));
  bind_layer<nn::RMSNormImpl>(m);
  bind_layer<nn::LocalResponseNormImpl>(m);
  bind_layer<nn::CrossMapLRN2dImpl>(m);
}

void bind_functional_norm(nb::module_& m) {
  nb::module_ functional = m.def_submodule("_functional");
  const Op op{functional}, torch{m};
  const char* group = "(x − E[x]) / √(Var[x] + eps) · weight + bias over groups of channels of each sample.";
  op.function("group_norm", &ops::group_norm, group, "input"_a, "num_groups"_a, "weight"_a.none() = nb::none(),
              "bias"_a.none() = nb::none(), "eps"_a = 1e-5);
  op.function(
      "instance_norm",
      [](const Tensor& input, const Tensor& running_mean, const Tensor& running_var, const Tensor& weight,
         const Tensor& bias, bool use_input_stats, std::optional<double> momentum, double eps) {
        return ops::instance_norm(input, running_mean, running_var, weight, bias, use_input_stats, momentum.value_or(0),
                                  eps);
      },
      "(x − E[x]) / √(Var[x] + eps) · weight + bias over the space of each channel of each sample.", "input"_a,
      "running_mean"_a.none() = nb::none(), "running_var"_a.none() = nb::none(), "weight"_a.none() = nb::none(),
      "bias"_a.none() = nb::none(), "use_input_stats"_a = true, "momentum"_a = 0.1, "eps"_a = 1e-5);
  op.function("rms_norm", &ops::rms_norm, "x / √(avg x² + eps) · weight over the last dimensions.", "input"_a,
              "normalized_shape"_a, "weight"_a.none() = nb::none(), "eps"_a = nb::none());
  op.function("local_response_norm", &ops::local_response_norm,
              "x / (k + alpha·avg x²)^beta, the average over neighbouring channels.", "input"_a, "size"_a,
              "alpha"_a = 1e-4, "beta"_a = 0.75, "k"_a = 1.0);

  // torch's own forms, whose arguments stand in another order
  torch.function(
      "batch_norm",
      [](const Tensor& input, const Tensor& weight, const Tensor& bias, const Tensor& running_mean,
         const Tensor& running_var, bool training, double momentum, double eps,
         bool) { return ops::batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps); },
      "(x − E[x]) / √(Var[x] + eps) · weight + bias over batch and space.", "input"_a, "weight"_a.none(),
      "bias"_a.none(), "running_mean"_a.none(), "running_var"_a.none(), "training"_a, "momentum"_a, "eps"_a,
      "cudnn_enabled"_a);
  torch.function(
      "instance_norm",
      [](const Tensor& input, const Tensor& weight, const Tensor& bias, const Tensor& running_mean,
         const Tensor& running_var, bool use_input_stats, double momentum, double eps, bool) {
        return ops::instance_norm(input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps);
      },
      "(x − E[x]) / √(Var[x] + eps) · weight + bias over the space of each channel of each sample.", "input"_a,
      "weight"_a.none(), "bias"_a.none(), "running_mean"_a.none(), "running_var"_a.none(), "use_input_stats"_a,
      "momentum"_a, "eps"_a, "cudnn_enabled"_a);
  torch.function(
      "group_norm",
      [](const Tensor& input, int64_t num_groups, const Tensor& weight, const Tensor& bias, double eps, bool) {
        return ops::group_norm(input, num_groups, weight, bias, eps);
      },
      group, "input"_a, "num_groups"_a, "weight"_a.none() = nb::none(), "bias"_a.none() = nb::none(), "eps"_a = 1e-5,
      "cudnn_enabled"_a = true);
}

}  // namespace lamina::python

// lamina.nn.init: the initial values of parameters.
#include "lamina/core/error.h"
#include "lamina/core/text.h"
#include "lamina/nn/init.h"
#include "python/bind.h"
#include "python/binding.h"

namespace lamina::python {

namespace {

void warn(const char* text) {
  if (PyErr_WarnEx(PyExc_UserWarning, text, 1) < 0) throw nb::python_error();
}

using Kaiming = const Tensor& (*)(const Tensor&, double, std::string_view, std::string_view, const GeneratorRef&);
auto kaiming(Kaiming fill) {
  return [fill](const Tensor& tensor, double a, const std::string& mode, const std::string& nonlinearity,
                const GeneratorRef& generator) {
    if (tensor.numel() == 0) warn("Initializing zero-element tensors is a no-op");
    return fill(tensor, a, mode, nonlinearity, generator);
  };
}

Tensor trunc_normal(const Tensor& tensor, double mean, double std, double a, double b, const GeneratorRef& generator) {
  if (mean < a - 2 * std || mean > b + 2 * std)
    warn("mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of values may be incorrect.");
  return nn::init::trunc_normal_(tensor, mean, std, a, b, generator);
}

double calculate_gain(const std::string& nonlinearity, nb::object param) {
  std::optional<double> slope;
  if (!param.is_none() && nonlinearity == "leaky_relu") {
    if (PyBool_Check(param.ptr()) || !(PyLong_Check(param.ptr()) || PyFloat_Check(param.ptr())))
      throw OptionError(str("negative_slope ", nb::str(param).c_str(), " not a valid number"));
    slope = nb::cast<double>(param);
  }
  return nn::init::calculate_gain(nonlinearity, slope);
}

}  // namespace

void bind_init(nb::module_& m) {
  namespace init = nn::init;
  nb::module_ module = m.def_submodule("_init");
  const Op op{module};
  const auto tensor = "tensor"_a;
  const auto generator = "generator"_a.none() = nb::none();
  op.function("uniform_", &init::uniform_, "Fills with numbers uniform in [a, b).", tensor, "a"_a = 0.0, "b"_a = 1.0,
              generator);
  op.function("normal_", &init::normal_, "Fills with normal numbers.", tensor, "mean"_a = 0.0, "std"_a = 1.0,
              generator);
  op.function("trunc_normal_", trunc_normal, "Fills with normal numbers, what falls outside [a, b] drawn again.",
              tensor, "mean"_a = 0.0, "std"_a = 1.0, "a"_a = -2.0, "b"_a = 2.0, generator);
  op.function("constant_", &init::constant_, "Fills with one value.", tensor, "val"_a);
  op.function("ones_", &init::ones_, "Fills with ones.", tensor);
  op.function("zeros_", &init::zeros_, "Fills with zeros.", tensor);
  op.function("eye_", &init::eye_, "Makes a matrix the identity.", tensor);
  op.function("dirac_", &init::dirac_,
              "Makes the weight of a convolution hand on as many channels of each group as it can.", tensor,
              "groups"_a = 1);
  op.function("xavier_uniform_", &init::xavier_uniform_, "Uniform in ±gain·√(6 / (fan_in + fan_out)).", tensor,
              "gain"_a = 1.0, generator);
  op.function("xavier_normal_", &init::xavier_normal_, "Normal with standard deviation gain·√(2 / (fan_in + fan_out)).",
              tensor, "gain"_a = 1.0, generator);
  op.function("kaiming_uniform_", kaiming(init::kaiming_uniform_),
              "Uniform in ±gain·√(3 / fan), gain of (nonlinearity, a), fan of mode.", tensor, "a"_a = 0.0,
              "mode"_a = "fan_in", "nonlinearity"_a = "leaky_relu", generator);
  op.function("kaiming_normal_", kaiming(init::kaiming_normal_), "Normal with standard deviation gain/√fan.", tensor,
              "a"_a = 0.0, "mode"_a = "fan_in", "nonlinearity"_a = "leaky_relu", generator);
  op.function("orthogonal_", &init::orthogonal_, "gain times a random matrix of orthonormal rows or columns.", tensor,
              "gain"_a = 1.0, generator);
  op.function("sparse_", &init::sparse_, "Normal, then in each column a random part `sparsity` of the rows zero.",
              tensor, "sparsity"_a, "std"_a = 0.01, generator);
  op.function("calculate_gain", calculate_gain,
              "What a layer before this nonlinearity is scaled by to keep the variance.", "nonlinearity"_a,
              "param"_a = nb::none());
  op.function(
      "_calculate_fan_in_and_fan_out",
      [](const Tensor& t) {
        const auto [fan_in, fan_out] = nn::init::calculate_fan_in_and_fan_out(t);
        return nb::make_tuple(fan_in, fan_out);
      },
      "(fan_in, fan_out) of a weight.", tensor);
}

}  // namespace lamina::python

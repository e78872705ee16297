// Printing: every text as recorded from PyTorch (format.json, made by record_format.py).
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "lamina/core/error.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/format.h"
#include "lamina/ops/pointwise.h"

using namespace lamina;
using nlohmann::json;

namespace {

DType dtype_named(const std::string& wanted) {
  for (int d = 0; d <= int(DType::Bool); ++d)
    if (name(DType(d)) == wanted) return DType(d);
  throw Error("no such type: " + wanted);
}

Tensor tensor_of(const json& c) {
  const DType dtype = dtype_named(c["dtype"]);
  const Shape shape(c["shape"].get<std::vector<int64_t>>());
  const json& values = c["values"];
  const Tensor flat = empty({int64_t(values.size())}, dtype);
  for (size_t i = 0; i < values.size(); ++i) {
    const Tensor element = alias(flat, {}, {}, int64_t(i));
    if (values[i].is_string()) ops::fill_values(element, std::strtod(values[i].get<std::string>().c_str(), nullptr));
    else if (values[i].is_number_integer()) ops::fill_values(element, values[i].get<int64_t>());
    else ops::fill_values(element, values[i].get<double>());
  }
  Tensor t =
      alias(flat, shape,
            c.contains("strides") ? Strides(c["strides"].get<std::vector<int64_t>>()) : contiguous_strides(shape));
  const std::string marks = c.value("marks", "");
  if (!marks.empty()) t.requires_grad_();
  t->is_parameter = marks == "p";
  return t;
}

struct Format : ::testing::Test {
  void TearDown() override { ops::set_printoptions({.profile = "default"}); }
};

TEST_F(Format, PrintsWhatPyTorchPrints) {
  const json cases = json::parse(std::ifstream(LAMINA_SOURCE_DIR "/tests/core/format.json"));
  EXPECT_GE(cases.size(), 300u);
  for (const json& c : cases) {
    ops::PrintOptionChanges changes{.profile = "default"};
    const json options = c.value("options", json::object());
    for (const auto& [name, value] : options.items()) {
      if (name == "precision") changes.precision = value.get<int64_t>();
      if (name == "threshold") changes.threshold = value.get<double>();
      if (name == "edgeitems") changes.edgeitems = value.get<int64_t>();
      if (name == "linewidth") changes.linewidth = value.get<int64_t>();
      if (name == "sci_mode" && !value.is_null()) changes.sci_mode = value.get<bool>();
    }
    ops::set_printoptions(changes);
    json shown = c;
    if (c["values"].size() > 20) shown.erase("values");
    EXPECT_EQ(ops::to_string(tensor_of(c)), c["text"].get<std::string>()) << shown;
  }
}

TEST_F(Format, NamesTheFunctionThatMadeIt) {
  const Tensor x = ops::ones({2}).requires_grad_();
  EXPECT_EQ(ops::to_string(ops::add(x, 1)), "tensor([2., 2.], grad_fn=<AddBackward0>)");
}

TEST_F(Format, DefaultTypeIsNotNamed) {
  set_default_dtype(kFloat64);
  const std::string wide = ops::to_string(ops::ones({1}, kFloat64)), narrow = ops::to_string(ops::ones({1}, kFloat32));
  set_default_dtype(kFloat32);
  EXPECT_EQ(wide, "tensor([1.])");
  EXPECT_EQ(narrow, "tensor([1.], dtype=torch.float32)");
}

TEST_F(Format, StreamsUndefinedAndNamedTensors) {
  std::ostringstream out;
  out << ops::ones({1}) << ' ' << Tensor();
  EXPECT_EQ(out.str(), "tensor([1.]) None");
  // a Python subclass: its name moves what follows
  EXPECT_EQ(ops::to_string(ops::ones({2, 1}), "Angle"), "Angle([[1.],\n       [1.]])");
  const Tensor weight = ops::ones({1}).requires_grad_();
  weight->is_parameter = true;
  EXPECT_EQ(ops::to_string(weight, "Weight"), "Parameter containing:\nParameter(Weight([1.], requires_grad=True))");
}

TEST_F(Format, NegativeNotANumberHasNoSign) {
  EXPECT_EQ(ops::to_string(ops::full({1}, std::copysign(NAN, -1.0), kFloat64)), "tensor([nan], dtype=torch.float64)");
}

TEST_F(Format, ProfilesAndOptions) {
  ops::set_printoptions({.precision = 7, .sci_mode = true});
  EXPECT_EQ(ops::get_printoptions().precision, 7);
  EXPECT_EQ(ops::get_printoptions().sci_mode, true);
  ops::set_printoptions({.profile = "short"});
  EXPECT_EQ(ops::get_printoptions().precision, 2);
  EXPECT_EQ(ops::get_printoptions().edgeitems, 2);
  EXPECT_FALSE(ops::get_printoptions().sci_mode.has_value());
  ops::set_printoptions({.edgeitems = 5, .profile = "full"});
  EXPECT_EQ(ops::get_printoptions().threshold, INFINITY);
  EXPECT_EQ(ops::get_printoptions().edgeitems, 5);
  EXPECT_THROW(ops::set_printoptions({.profile = "long"}), OptionError);
  EXPECT_THROW(ops::set_printoptions({.precision = -1}), OptionError);
  EXPECT_THROW(ops::set_printoptions({.precision = int64_t{1} << 40}), OptionError);
  EXPECT_THROW(ops::set_printoptions({.edgeitems = -1}), OptionError);
  EXPECT_THROW(ops::set_printoptions({.threshold = NAN}), OptionError);
  EXPECT_EQ(ops::get_printoptions().edgeitems, 5);
}

}  // namespace

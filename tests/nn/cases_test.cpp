// Every case of tests/cases/*.json whose layer has a declaration, built and called from C++ alone, against the golden
// values. The same numbers pass the Python checks: two languages, one core.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "lamina/autograd/backward.h"
#include "lamina/nn/layers.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"

namespace lamina {
namespace {

using Json = nlohmann::ordered_json;
const std::filesystem::path kTests = LAMINA_SOURCE_DIR "/tests";

Json read(const std::filesystem::path& path) {
  std::ifstream file(path);
  return file ? Json::parse(file) : Json::object();
}

// Numbers in [-√3, √3) that depend on position and seed alone; support/cases.py has the same function.
std::vector<double> noise(int64_t n, uint64_t seed) {
  std::vector<double> out(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) {
    uint64_t x = (uint64_t(i) * 2654435761u + (seed * 40503u + 12345u)) & 0xffffffffu;
    x ^= x >> 15;
    x = (x * 2246822519u) & 0xffffffffu;
    x ^= x >> 13;
    out[size_t(i)] = (double(x) / 2147483648.0 - 1) * std::sqrt(3.0);
  }
  return out;
}

uint32_t crc32(const std::string& text) {  // zlib's, as Python's zlib.crc32
  uint32_t crc = 0xffffffffu;
  for (const unsigned char c : text) {
    crc ^= c;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? 0xedb88320u : 0u);
  }
  return ~crc;
}

Tensor from_doubles(const std::vector<double>& values, const Shape& shape) {
  Tensor t = empty(shape, kFloat64);
  std::copy(values.begin(), values.end(), t.data<double>());
  return t;
}

Shape shape_of(const Json& sizes) {
  Shape shape;
  for (const Json& size : sizes) shape.push_back(size.get<int64_t>());
  return shape;
}

nn::Value value_of(const Json& j) {
  if (j.is_boolean()) return j.get<bool>();
  if (j.is_number_integer()) return j.get<int64_t>();
  if (j.is_number()) return j.get<double>();
  if (j == "nan" || j == "inf" || j == "-inf") return std::strtod(j.get<std::string>().c_str(), nullptr);
  if (j.is_string()) return j.get<std::string>();
  if (j.is_array() && std::any_of(j.begin(), j.end(), [](const Json& e) { return e.is_null(); })) {
    nn::OptionalSizes sizes;
    for (const Json& e : j) sizes.push_back(e.is_null() ? std::nullopt : std::optional(e.get<int64_t>()));
    return sizes;
  }
  if (j.is_array() && std::any_of(j.begin(), j.end(), [](const Json& e) { return e.is_number_float(); }))
    return j.get<nn::Factors>();
  if (j.is_array()) return shape_of(j);
  return {};
}

// A plain float or int input, or nothing for what only Python's driver builds.
std::optional<Tensor> input_of(const Json& spec, uint64_t seed) {
  if (spec.is_array()) return from_doubles(noise(shape_of(spec).numel(), seed), shape_of(spec)).requires_grad_();
  if (!spec.is_object() || !spec.contains("int") || spec.contains("dtype")) return std::nullopt;
  const Shape shape = shape_of(spec["shape"]);
  const double low = spec["int"][0].get<double>(), high = spec["int"][1].get<double>();
  Tensor t = empty(shape, kInt64);
  int64_t i = 0;
  for (const double v : noise(shape.numel(), seed))
    t.data<int64_t>()[i++] = int64_t(low + std::floor((v / std::sqrt(3.0) + 1) / 2 * (high - low)));
  return t;
}

void expect_golden(const Tensor& got, const Json& want, const std::string& what) {
  ASSERT_EQ(got.shape(), shape_of(want["shape"])) << what;
  const Tensor flat = ops::contiguous(ops::to(got.detach(), kFloat64));
  const double scale = std::max(want["size"].get<double>(), 1e-30);
  for (size_t i = 0; i < want["head"].size(); ++i) {
    const double w = std::strtod(want["head"][i].get<std::string>().c_str(), nullptr), g = flat.data<double>()[i];
    if ((std::isnan(w) && std::isnan(g)) || w == g) continue;
    EXPECT_NEAR(g, w, 1e-9 * scale) << what << " element " << i;
  }
  for (size_t k = 0; k < 2; ++k) {
    const auto weights = noise(flat.numel(), 31 + k);
    double product = 0;
    for (int64_t i = 0; i < flat.numel(); ++i)
      if (std::isfinite(flat.data<double>()[i])) product += flat.data<double>()[i] * weights[size_t(i)];
    EXPECT_NEAR(product, want["products"][k].get<double>(), 1e-9 * scale) << what;
  }
}

// Fills parameters and buffers as support/cases.py does.
void fill(nn::Module& module, double weights) {
  std::set<std::string> buffers;
  for (const auto& [name, t] : module.named_buffers()) buffers.insert(name);
  for (const auto& [name, t] : module.state_dict()) {
    if (!t.is_floating_point()) continue;
    auto values = noise(t.numel(), crc32(name) % 1000);
    if (buffers.contains(name) && !name.ends_with("running_mean"))
      for (double& v : values) v = 0.5 + std::abs(v);
    else if (!buffers.contains(name))
      for (double& v : values) v *= weights;
    ops::copy_values(t, from_doubles(values, t.shape()));
  }
}

void check(const nn::Declaration& declaration, const Json& spec, const Json& golden, const std::string& id) {
  std::vector<nn::Value> arguments;
  const Json args = spec.value("args", Json::array());
  for (size_t i = 0; i < declaration.fields.size(); ++i) {
    const nn::Field& field = declaration.fields[i];
    if (spec.contains(field.name)) arguments.push_back(value_of(spec[field.name]));
    else arguments.push_back(i < args.size() ? value_of(args[i]) : field.default_value);
  }
  const nn::ModuleRef module(declaration.construct(arguments));
  module->to(kFloat64).train(spec.value("train", true));
  fill(*module, spec.value("weights", 1.0));
  const std::optional<Tensor> input = input_of(spec["input"], 7);
  if (!input) return;
  const Tensor output = (*module)(*input);
  expect_golden(output, golden["output0"], id + " output");
  if (!output.requires_grad() || golden.contains("output1")) return;  // the gradients are those of all outputs
  backward({output}, {from_doubles(noise(output.numel(), 999), output.shape())});
  if (input->requires_grad()) expect_golden(input->grad(), golden["dinput0"], id + " dinput");
  for (const auto& [name, p] : module->named_parameters())
    expect_golden(p.grad(), golden["d" + name], id + " d" + name);
}

// The cases that one entry stands for, as combinations() of support/cases.py names them.
std::vector<std::pair<std::string, Json>> combinations(const std::string& id, const Json& spec) {
  if (!spec.contains("each")) return {{id, spec}};
  Json common = spec;
  common.erase("each");
  std::vector<Json> all = {common};
  for (const auto& [option, values] : spec["each"].items()) {  // ordered_json keeps the file's order
    std::vector<Json> grown;
    for (const Json& one : all)
      for (const Json& value : values) grown.push_back(one), grown.back()[option] = value;
    all = grown;
  }
  std::vector<std::pair<std::string, Json>> named;
  for (size_t k = 0; k < all.size(); ++k) named.emplace_back(id + "." + std::to_string(k), all[k]);
  return named;
}

TEST(Cases, GoldenFromCpp) {
  int checked = 0;
  for (const auto& file : std::filesystem::directory_iterator(kTests / "cases")) {
    const Json golden = read(kTests / "golden" / file.path().filename());
    const Json family = read(file.path());
    for (const nn::Declaration* declaration : nn::layers()) {
      if (!family.contains(declaration->name)) continue;
      const Json& specs = family[declaration->name];
      for (size_t i = 0; i < specs.size(); ++i) {
        for (const auto& [id, spec] : combinations(declaration->name + "-" + std::to_string(i), specs[i])) {
          if (!golden.contains(id) || !spec.contains("input") || spec.contains("seed") || spec.contains("call"))
            continue;
          SCOPED_TRACE(id);
          check(*declaration, spec, golden[id]["values"], id);
          ++checked;
        }
      }
    }
  }
  EXPECT_GT(checked, 5);
}

}  // namespace
}  // namespace lamina

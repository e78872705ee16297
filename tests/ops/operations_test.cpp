// Every operation on tensors against PyTorch: values, types and gradients as recorded in operations.json, the same from
// permuted and sliced inputs, and second derivatives against finite differences.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "lamina/core/error.h"
#include "lamina/ops/comparison.h"
#include "lamina/ops/concat.h"
#include "lamina/ops/einsum.h"
#include "lamina/ops/indexing.h"
#include "lamina/ops/matmul.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/reduce.h"
#include "lamina/ops/search.h"
#include "lamina/ops/sort.h"
#include "lamina/ops/unary.h"
#include "lamina/ops/view.h"
#include "lamina/ops/where.h"
#include "tests/support/gradients.h"

namespace lamina::testing {
namespace {

using namespace lamina::ops;
using nlohmann::json;
using Arguments = std::vector<json>;
using Operation = std::function<Tensor(const Tensors&, const Arguments&)>;

double number(const json& v) { return v.is_string() ? std::stod(v.get<std::string>()) : v.get<double>(); }
Scalar scalar(const json& v) { return v.is_number_integer() ? Scalar(v.get<int64_t>()) : Scalar(number(v)); }
std::optional<Scalar> optional_scalar(const json& v) { return v.is_null() ? std::nullopt : std::optional(scalar(v)); }
std::optional<int64_t> optional_int(const json& v) {
  return v.is_null() ? std::nullopt : std::optional(v.get<int64_t>());
}
Shape shape(const json& v) { return v.get<std::vector<int64_t>>(); }
DType dtype(const std::string& name) {
  for (int d = 0; d < 10; ++d)
    if (name == lamina::name(DType(d))) return DType(d);
  throw Error("no such dtype: " + name);
}

// "t0 : 1 None ...": the words between the brackets; t0 is the first tensor of `rest`.
Indices indices(const std::string& text, const Tensors& rest) {
  Indices all;
  std::istringstream words(text);
  for (std::string w; words >> w;) {
    if (w[0] == 't') all.push_back(rest[size_t(w[1] - '0')]);
    else if (w == "None") all.push_back(NewAxis{});
    else if (w == "...") all.push_back(AllOthers{});
    else if (w == ":") all.push_back(Slice{});
    else if (w == "1:3") all.push_back(Slice{1, 3});
    else if (w == "1:2") all.push_back(Slice{1, 2});
    else if (w == "::2") all.push_back(Slice{{}, {}, 2});
    else all.push_back(std::stoi(w));
  }
  return all;
}
Tensors after(const Tensors& in, size_t n) { return Tensors(in.begin() + ptrdiff_t(n), in.end()); }

#define ONE(name) {#name, [](const Tensors& in, const Arguments&) { return name(in[0]); }}
#define TWO(name) {#name, [](const Tensors& in, const Arguments&) { return name(in[0], in[1]); }}
#define NUMBER(name) {#name "_scalar", [](const Tensors& in, const Arguments& a) { return name(in[0], scalar(a[0])); }}
#define IN_PLACE(name) \
  {"in_place_" #name, [](const Tensors& in, const Arguments&) { return Tensor(name##_(clone(in[0]), in[1])); }}
#define OVER(name) {#name, [](const Tensors& in, const Arguments& a) { return name(in[0], shape(a[0]), bool(a[1])); }}
#define ALONG(name) {#name, [](const Tensors& in, const Arguments& a) { return name(in[0], int64_t(a[0])); }}
#define CALL(name, expression) \
  {name, []([[maybe_unused]] const Tensors& in, [[maybe_unused]] const Arguments& a) -> Tensor { return expression; }}

const std::map<std::string, Operation> operations = {
    ONE(exp),
    ONE(exp2),
    ONE(expm1),
    ONE(log),
    ONE(log2),
    ONE(log10),
    ONE(log1p),
    ONE(sqrt),
    ONE(rsqrt),
    ONE(square),
    ONE(reciprocal),
    ONE(sin),
    ONE(cos),
    ONE(tan),
    ONE(asin),
    ONE(acos),
    ONE(atan),
    ONE(sinh),
    ONE(cosh),
    ONE(tanh),
    ONE(asinh),
    ONE(acosh),
    ONE(atanh),
    ONE(sigmoid),
    ONE(erf),
    ONE(erfc),
    ONE(abs),
    ONE(sign),
    ONE(floor),
    ONE(ceil),
    ONE(trunc),
    ONE(round),
    ONE(frac),
    ONE(neg),
    ONE(isnan),
    ONE(isinf),
    ONE(isfinite),
    ONE(logical_not),
    ONE(bitwise_not),
    ONE(nan_to_num),
    TWO(add),
    TWO(sub),
    TWO(mul),
    TWO(div),
    NUMBER(add),
    NUMBER(sub),
    NUMBER(mul),
    NUMBER(div),
    IN_PLACE(add),
    IN_PLACE(sub),
    IN_PLACE(mul),
    IN_PLACE(div),
    CALL("add_alpha", add(in[0], in[1], scalar(a[0]))),
    CALL("sub_alpha", sub(in[0], in[1], scalar(a[0]))),
    CALL("rsub", rsub(in[0], scalar(a[0]))),
    CALL("rdiv", rdiv(in[0], scalar(a[0]))),
    TWO(floor_divide),
    TWO(remainder),
    TWO(fmod),
    CALL("div_mode", div(in[0], in[1], std::string(a[0]))),
    TWO(pow),
    NUMBER(pow),
    CALL("rpow", pow(scalar(a[0]), in[0])),
    TWO(atan2),
    TWO(hypot),
    TWO(logaddexp),
    TWO(xlogy),
    TWO(maximum),
    TWO(minimum),
    CALL("addcmul", addcmul(in[0], in[1], in[2], scalar(a[0]))),
    CALL("addcdiv", addcdiv(in[0], in[1], in[2], scalar(a[0]))),
    CALL("lerp", lerp(in[0], in[1], scalar(a[0]))),
    CALL("lerp_tensor", lerp(in[0], in[1], in[2])),
    TWO(eq),
    TWO(ne),
    TWO(lt),
    TWO(le),
    TWO(gt),
    TWO(ge),
    NUMBER(eq),
    NUMBER(ne),
    NUMBER(lt),
    NUMBER(le),
    NUMBER(gt),
    NUMBER(ge),
    TWO(logical_and),
    TWO(logical_or),
    TWO(logical_xor),
    TWO(bitwise_and),
    TWO(bitwise_or),
    TWO(bitwise_xor),
    TWO(bitwise_left_shift),
    TWO(bitwise_right_shift),
    CALL("where", where(in[0], in[1], in[2])),
    CALL("masked_fill", masked_fill(in[0], in[1], scalar(a[0]))),
    CALL("masked_fill_tensor", masked_fill(in[0], in[1], in[2])),
    CALL("clamp", clamp(in[0], optional_scalar(a[0]), optional_scalar(a[1]))),

    CALL("view", view(contiguous(in[0]), shape(a[0]))),
    CALL("reshape_t", reshape(t(in[0]), shape(a[0]))),
    CALL("flatten", flatten(in[0], a[0], a[1])),
    CALL("unflatten", unflatten(in[0], a[0], shape(a[1]))),
    ONE(squeeze),
    CALL("squeeze_dim", squeeze(in[0], int64_t(a[0]))),
    ALONG(unsqueeze),
    CALL("transpose", transpose(in[0], a[0], a[1])),
    CALL("permute", permute(in[0], shape(a[0]))),
    CALL("movedim", movedim(in[0], shape(a[0]), shape(a[1]))),
    CALL("expand", expand(in[0], shape(a[0]))),
    CALL("narrow", narrow(in[0], a[0], a[1], a[2])),
    CALL("select", select(in[0], a[0], a[1])),
    CALL("slice", slice(in[0], a[0], optional_int(a[1]), optional_int(a[2]), a[3])),
    CALL("chunk", chunk(in[0], a[0], a[1])[size_t(a[2])]),
    CALL("split", split(in[0], int64_t(a[0]), a[1])[size_t(a[2])]),
    CALL("split_sizes", split(in[0], shape(a[0]), a[1])[size_t(a[2])]),
    CALL("unbind", unbind(in[0], a[0])[size_t(a[1])]),
    CALL("diagonal", diagonal(in[0], a[0], a[1], a[2])),
    CALL("unfold", unfold(in[0], a[0], a[1], a[2])),
    CALL("as_strided", as_strided(contiguous(in[0]), shape(a[0]), shape(a[1]), a[2].get<int64_t>())),

    OVER(sum),
    OVER(mean),
    OVER(prod),
    OVER(amax),
    OVER(amin),
    OVER(any),
    OVER(all),
    OVER(logsumexp),
    CALL("var", var(in[0], shape(a[0]), a[1], a[2])),
    CALL("std", ops::std(in[0], shape(a[0]), a[1], a[2])),
    CALL("norm", norm(in[0], number(a[0]), shape(a[1]), a[2])),
    ALONG(cumsum),
    ALONG(cumprod),
    CALL("count_nonzero", count_nonzero(in[0], shape(a[0]))),
    ONE(max),
    ONE(min),
    CALL("max_values", max(in[0], a[0], a[1]).values),
    CALL("max_indices", max(in[0], a[0], a[1]).indices),
    CALL("min_values", min(in[0], a[0], a[1]).values),
    CALL("min_indices", min(in[0], a[0], a[1]).indices),
    CALL("argmax", argmax(in[0], optional_int(a[0]), a[1])),
    CALL("argmin", argmin(in[0], optional_int(a[0]), a[1])),

    TWO(mm),
    TWO(bmm),
    TWO(mv),
    CALL("dot", ops::dot(in[0], in[1])),
    TWO(outer),
    TWO(matmul),
    CALL("addmm", addmm(in[0], in[1], in[2], scalar(a[0]), scalar(a[1]))),
    CALL("baddbmm", baddbmm(in[0], in[1], in[2], scalar(a[0]), scalar(a[1]))),

    CALL("cat", cat(in, a[0])),
    CALL("stack", stack(in, a[0])),
    CALL("hstack", hstack(in)),
    CALL("vstack", vstack(in)),
    CALL("roll", roll(in[0], shape(a[0]), shape(a[1]))),
    CALL("flip", flip(in[0], shape(a[0]))),
    CALL("repeat", repeat(in[0], shape(a[0]))),
    CALL("tile", tile(in[0], shape(a[0]))),
    CALL("repeat_interleave", repeat_interleave(in[0], int64_t(a[0]), optional_int(a[1]))),
    CALL("repeat_interleave_tensor", repeat_interleave(in[0], in[1], optional_int(a[0]))),

    CALL("index_select", index_select(in[0], a[0], in[1])),
    CALL("gather", gather(in[0], a[0], in[1])),
    CALL("take_along_dim", take_along_dim(in[0], in[1], optional_int(a[0]))),
    CALL("scatter_add", scatter_add(in[0], a[0], in[1], in[2])),
    CALL("scatter_value", scatter(in[0], a[0], in[1], scalar(a[1]))),
    CALL("index_add", index_add(in[0], a[0], in[1], in[2], scalar(a[1]))),
    CALL("index_fill", index_fill(in[0], a[0], in[1], scalar(a[1]))),
    TWO(masked_select),
    ONE(nonzero),
    CALL("index", index(in[0], indices(a[0], after(in, 1)))),
    CALL("setitem", index_put_(clone(in[0]), indices(a[0], after(in, 2)), in[1], true)),
    CALL("setitem_once", index_put_(clone(in[0]), indices(a[0], after(in, 2)), in[1])),
    CALL("one_hot", one_hot(in[0], a[0])),

    CALL("sort_values", sort(in[0], a[0], a[1]).values),
    CALL("argsort", argsort(in[0], a[0], a[1])),
    CALL("topk_values", topk(in[0], a[0], a[1], a[2]).values),
    CALL("topk_indices", topk(in[0], a[0], a[1], a[2]).indices),
    ONE(median),
    CALL("median_values", median(in[0], int64_t(a[0])).values),
    CALL("kthvalue_values", kthvalue(in[0], a[0], a[1]).values),
    CALL("unique", unique(in[0]).values),
    CALL("unique_inverse", unique(in[0]).inverse),
    CALL("unique_counts", unique(in[0]).counts),
    CALL("bincount", bincount(in[0], a[0])),
    ALONG(tril),
    ALONG(triu),
    ALONG(diag),
    CALL("einsum", einsum(a[0], in)),
    CALL("tensordot", tensordot(in[0], in[1], shape(a[0]), shape(a[1]))),
    CALL("cross", cross(in[0], in[1], a[0])),
    CALL("cdist", cdist(in[0], in[1], a[0])),
    ONE(trace),
    CALL("nansum", nansum(masked_fill(in[0], isinf(in[0]), 0), shape(a[0]))),
    CALL("quantile", quantile(in[0], div(in[1].detach(), 2.1), optional_int(a[0]), a[1])),
    CALL("diag_embed", diag_embed(in[0], a[0], a[1], a[2])),
    CALL("masked_scatter", masked_scatter(in[0], in[1], in[2])),
    CALL("fill_diagonal", fill_diagonal_(clone(in[0]), scalar(a[0]))),
    CALL("scatter_reduce", scatter_reduce(in[0], a[0], in[1], in[2], a[1], a[2])),
    CALL("unsqueeze_", mul(unsqueeze_(clone(in[0]), a[0]), 2)),
    CALL("transpose_", mul(transpose_(clone(in[0]), a[0], a[1]), 2)),
    CALL("bucketize", bucketize(in[0], tensor(a[0].get<std::vector<double>>()), a[1])),
    CALL("isin", isin(in[0], in[1])),
    CALL("arange", arange(scalar(a[0]), scalar(a[1]), scalar(a[2]))),
    CALL("linspace", linspace(a[0], a[1], a[2], a[2] == 7 ? kFloat64 : kFloat32)),
    CALL("eye", eye(int64_t(a[0]), int64_t(a[1]), kFloat32)),
};

Tensor made(const json& spec, uint64_t seed) {
  const std::string kind = spec[0];
  Tensor v = noise(shape(spec[1]), seed);
  double* at = v.data<double>();
  const double special[] = {1.5, -2.5, 0.0, -0.0, INFINITY, -INFINITY, NAN, 0.5, 2.0, -1e-30};
  for (int64_t i = 0; i < v.numel(); ++i) {
    double& x = at[i];
    if (kind == "positive") x = std::abs(x) + 0.25;
    else if (kind == "inside") x /= 2;
    else if (kind == "above1") x = std::abs(x) + 1.25;
    else if (kind == "tenths") x = std::nearbyint(x * 10) / 10;
    else if (kind == "ints") x = std::floor(x * 3);
    else if (kind == "counts") x = std::floor(std::abs(x) * 2);
    else if (kind == "ties") x = std::nearbyint(x);
    else if (kind == "zeros") x = x < -0.9 ? 0 : x;
    else if (kind == "mask") x = x > 0;
    else if (kind == "special") x = special[i % 10];
  }
  if (spec.size() > 2) return to(v, dtype(spec[2]));
  return to(v, kind == "ints" || kind == "counts" ? kInt64 : kind == "mask" ? kBool : kFloat64);
}

Tensor recorded(const json& values, const Shape& shape, DType dtype) {
  Tensor t = empty(shape, kFloat64);
  for (int64_t i = 0; i < t.numel(); ++i)
    t.data<double>()[i] = values[size_t(i)].is_boolean() ? values[size_t(i)].get<bool>() : number(values[size_t(i)]);
  return to(t, dtype);
}

// The same values in another order of memory, with gaps.
Tensor rearranged(const Tensor& t) {
  if (t.rank() == 0) return t;
  Shape shape, order;
  for (int d = t.rank() - 1; d >= 0; --d) {
    shape.push_back(t.shape()[d]);
    order.push_back(d);
  }
  shape[-1] = shape[-1] * 2 + 1;
  const Tensor y = slice(permute(zeros(shape, t.dtype()), order), 0, 1, {}, 2);
  copy_values(y, t);
  return y;
}

double tolerance(DType d) {
  return d == kFloat64 ? 1e-12 : d == kFloat32 ? 3e-7 : d == kBFloat16 ? 8e-3 : d == kFloat16 ? 1e-3 : 0;
}

void check(const json& c) {
  SCOPED_TRACE(c["op"].get<std::string>() + " " + c["inputs"].dump() + " " + c["args"].dump());
  const Operation& op = operations.at(c["op"]);
  const Arguments args = c["args"];
  Tensors inputs;
  for (const json& spec : c["inputs"]) inputs.push_back(made(spec, inputs.size() + 1));
  const Tensor want = recorded(c["values"], shape(c["shape"]), dtype(c["dtype"]));
  const Tensor y = op(inputs, args);
  EXPECT_LE(error(y, want), tolerance(want.dtype())) << y.shape().text() << " " << name(y.dtype()) << " instead of "
                                                     << want.shape().text() << " " << name(want.dtype());
  Tensors others;
  for (const Tensor& t : inputs) others.push_back(rearranged(t));
  EXPECT_LE(error(op(others, args), want), tolerance(want.dtype())) << "from rearranged inputs";
  if (!c.contains("grads")) return;
  Tensors leaves, asked;
  std::vector<size_t> smooth;
  for (size_t i = 0; i < inputs.size(); ++i) {
    leaves.push_back(rearranged(inputs[i]));
    if (inputs[i].dtype() != kFloat64) continue;
    leaves.back().requires_grad_();
    asked.push_back(leaves.back());
    smooth.push_back(i);
  }
  const Tensors got = grad({op(leaves, args)}, asked, {noise(y.shape(), 999)}, {.allow_unused = true});
  for (size_t k = 0; k < smooth.size(); ++k) {
    const json& values = c["grads"][smooth[k]];
    const Shape& of = inputs[smooth[k]].shape();
    const Tensor g = got[k].defined() ? got[k] : zeros(of, kFloat64);
    EXPECT_LE(error(g, values.is_null() ? zeros(of, kFloat64) : recorded(values, of, kFloat64)), 1e-11)
        << "gradient " << smooth[k];
  }
  if (!c["second"]) return;
  Tensors free;
  for (const size_t i : smooth) free.push_back(inputs[i]);
  expect_second_gradients(
      [&](const Tensors& in) {
        Tensors all = inputs;
        for (size_t k = 0; k < smooth.size(); ++k) all[smooth[k]] = in[k];
        return op(all, args);
      },
      free);
}

TEST(Operations, AreWhatPyTorchRecorded) {
  std::ifstream file(LAMINA_SOURCE_DIR "/tests/ops/operations.json");
  const json cases = json::parse(file);
  ASSERT_GT(cases.size(), 500u);
  for (const json& c : cases) {
    try {
      check(c);
    } catch (const std::exception& e) {
      ADD_FAILURE() << c["op"] << " " << c["inputs"] << " " << c["args"] << ": " << e.what();
    }
  }
}

}  // namespace
}  // namespace lamina::testing

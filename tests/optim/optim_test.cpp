// Optimizers: trajectories recorded from PyTorch (trajectories.json), and what no trajectory says.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "lamina/core/error.h"
#include "lamina/core/threads.h"
#include "lamina/ops/copy.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/view.h"
#include "lamina/optim/adam.h"
#include "lamina/optim/sgd.h"

using namespace lamina;
using nlohmann::json;

namespace {

template <class T>
Tensor vector_of(const std::vector<double>& values) {
  Tensor t = empty({int64_t(values.size())}, dtype_of<T>::value);
  for (size_t i = 0; i < values.size(); ++i) t.data<T>()[i] = T(values[i]);
  return t;
}
Tensor parameter(const std::vector<double>& values) { return vector_of<double>(values).requires_grad_(); }

template <class O>
O options_of(const json& j) {
  O o;
  o.lr = j.value("lr", o.lr);
  o.weight_decay = j.value("weight_decay", o.weight_decay);
  o.maximize = j.value("maximize", o.maximize);
  if constexpr (std::is_same_v<O, optim::SGDOptions>) {
    o.momentum = j.value("momentum", o.momentum);
    o.dampening = j.value("dampening", o.dampening);
    o.nesterov = j.value("nesterov", o.nesterov);
  } else {
    o.betas = j.value("betas", o.betas);
    o.eps = j.value("eps", o.eps);
    o.amsgrad = j.value("amsgrad", o.amsgrad);
  }
  if constexpr (std::is_same_v<O, optim::AdamOptions>)
    o.decoupled_weight_decay = j.value("decoupled_weight_decay", o.decoupled_weight_decay);
  return o;
}

std::unique_ptr<optim::Optimizer> make_optimizer(const std::string& name, const json& options, const Tensor& p) {
  if (name == "SGD") return std::make_unique<optim::SGD>(std::vector{p}, options_of<optim::SGDOptions>(options));
  if (name == "Adam") return std::make_unique<optim::Adam>(std::vector{p}, options_of<optim::AdamOptions>(options));
  return std::make_unique<optim::AdamW>(std::vector{p}, options_of<optim::AdamWOptions>(options));
}

template <class T>
void expect_near(const Tensor& found, const std::vector<double>& expected, double tolerance, const std::string& what) {
  ASSERT_EQ(found.numel(), int64_t(expected.size())) << what;
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(double(found.data<T>()[i]), expected[i], tolerance * std::max(1e-3, std::abs(expected[i])))
        << what << " at " << i;
}

template <class T>
void follow(const json& file, const json& c, double tolerance) {
  const Tensor p = vector_of<T>(file["start"]).requires_grad_();
  const Tensor curvature = vector_of<T>(file["curvature"]), pull = vector_of<T>(file["pull"]);
  auto optimizer = make_optimizer(c["optimizer"], c["options"], p);
  const std::string what = c["optimizer"].get<std::string>() + c["options"].dump() + c["dtype"].get<std::string>();
  size_t kept = 0;
  for (int step = 1; step <= 20; ++step) {
    Tensor g = empty(p.shape(), p.dtype());
    for (int64_t i = 0; i < p.numel(); ++i) {
      const T product = p.data<T>()[i] * curvature.data<T>()[i];
      g.data<T>()[i] = product - pull.data<T>()[i];
    }
    p.set_grad(g);
    optimizer->step();
    if (file["kept"][kept] == step) expect_near<T>(p, c["after"][kept++], tolerance, what);
  }
  EXPECT_EQ(kept, 3u);
  size_t checked = 0;
  for (const auto& [key, value] : optimizer->state_dict()) {
    if (!key.starts_with("state.0.")) continue;
    const json& expected = c["state"].at(key.substr(8));
    ++checked;
    if (key == "state.0.step") EXPECT_EQ(*value.template data<float>(), expected.get<float>()) << what;
    else expect_near<T>(value, expected, tolerance, what + key);
  }
  EXPECT_EQ(checked, c["state"].size()) << what;
}

}  // namespace

TEST(Optim, FollowsPyTorch) {
  const json file = json::parse(std::ifstream(LAMINA_SOURCE_DIR "/tests/optim/trajectories.json"));
  ASSERT_GT(file["cases"].size(), 60u);
  for (const json& c : file["cases"]) {
    if (c["dtype"] == "float64") follow<double>(file, c, 1e-12);
    else follow<float>(file, c, 3e-6);
  }
}

TEST(Optim, PermutedParametersAndGradients) {
  for (const bool adam : {false, true}) {
    const auto run = [&](bool permuted) {
      Tensor base = empty({3, 4}, kFloat64), grads = empty({3, 4}, kFloat64);
      for (int i = 0; i < 12; ++i) base.data<double>()[i] = i * 0.5 - 2, grads.data<double>()[i] = 1 - i * 0.25;
      if (permuted) {  // the same values, laid out the other way
        base = ops::transpose(ops::contiguous(ops::transpose(base, 0, 1)), 0, 1);
        grads = ops::transpose(ops::contiguous(ops::transpose(grads, 0, 1)), 0, 1);
      }
      const Tensor p = base.detach().requires_grad_();
      std::unique_ptr<optim::Optimizer> optimizer;
      if (adam) optimizer = std::make_unique<optim::AdamW>(std::vector{p}, optim::AdamWOptions{.lr = 0.1});
      else optimizer = std::make_unique<optim::SGD>(std::vector{p}, optim::SGDOptions{.lr = 0.1, .momentum = 0.9});
      for (int step = 0; step < 3; ++step) {
        p.set_grad(grads);
        optimizer->step();
      }
      return ops::contiguous(p.detach());
    };
    const Tensor a = run(false), b = run(true);
    for (int i = 0; i < 12; ++i) EXPECT_EQ(a.data<double>()[i], b.data<double>()[i]);
  }
}

TEST(Optim, SameBitsForAnyNumberOfThreads) {
  const auto run = [](int threads) {
    const int before = num_threads();
    set_num_threads(threads);
    const int64_t n = 70001;
    Tensor p = empty({n}, kFloat32), g = empty({n}, kFloat32);
    for (int64_t i = 0; i < n; ++i) p.data<float>()[i] = float(i % 97) * 0.01f, g.data<float>()[i] = float(i % 31) - 15;
    p.requires_grad_();
    optim::AdamW optimizer(std::vector{p}, {.lr = 0.1});
    p.set_grad(g);
    for (int step = 0; step < 2; ++step) optimizer.step();
    set_num_threads(before);
    return p.detach();
  };
  const Tensor one = run(1), two = run(2), five = run(5);
  EXPECT_EQ(std::memcmp(one.bytes(), two.bytes(), size_t(one.numel()) * 4), 0);
  EXPECT_EQ(std::memcmp(one.bytes(), five.bytes(), size_t(one.numel()) * 4), 0);
}

TEST(Optim, GroupsHaveOptionsOfTheirOwn) {
  const Tensor a = parameter({1}), b = parameter({1});
  optim::SGD optimizer(std::vector<optim::ParamGroup<optim::SGDOptions>>{{{a}, {.lr = 0.5}}, {{b}, {.lr = 0.25}}});
  a.set_grad(vector_of<double>({1}));
  b.set_grad(vector_of<double>({1}));
  optimizer.step();
  EXPECT_EQ(*a.data<double>(), 0.5);
  EXPECT_EQ(*b.data<double>(), 0.75);
  optimizer.param_groups[0].options.lr *= 0.5;
  const Tensor c = parameter({2});
  optimizer.add_param_group({{c}, {.lr = 1}});
  c.set_grad(vector_of<double>({1}));
  optimizer.step();
  EXPECT_EQ(*a.data<double>(), 0.25);
  EXPECT_EQ(*c.data<double>(), 1);
  optimizer.zero_grad(false);
  EXPECT_EQ(*a.grad().data<double>(), 0);
  optimizer.zero_grad();
  EXPECT_FALSE(a.grad().defined());
  optimizer.step();
  EXPECT_EQ(*a.data<double>(), 0.25);
}

TEST(Optim, StateGoesOnWhereItStopped) {
  const auto step = [](const Tensor& p, optim::Optimizer& optimizer) {
    p.set_grad(vector_of<double>({*p.data<double>() - 3, 0.5}));
    optimizer.step();
  };
  const Tensor p = parameter({1, 2}), q = parameter({0, 0});
  optim::AdamW first(std::vector{p}, {.lr = 0.1, .amsgrad = true}), second(std::vector{q});
  for (int i = 0; i < 3; ++i) step(p, first);
  ops::copy_values(q.detach(), p);
  const auto state = first.state_dict();
  second.load_state_dict(state);
  EXPECT_EQ(second.param_groups[0].options.lr, 0.1);
  EXPECT_TRUE(second.param_groups[0].options.amsgrad);
  for (int i = 0; i < 3; ++i) step(p, first), step(q, second);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(p.data<double>()[i], q.data<double>()[i]);
  EXPECT_EQ(*state[0].second.data<float>(), 3);  // the copy did not move with the optimizer
}

TEST(Optim, RefusesWhatItCannotDo) {
  const auto says = [](const auto& f) -> std::string {
    try {
      f();
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  };
  const Tensor p = parameter({1, 2});
  const std::vector<Tensor> params{p};
  EXPECT_EQ(says([&] { optim::SGD(params, {.lr = -1}); }), "Invalid learning rate: -1.0");
  EXPECT_EQ(says([&] { optim::SGD(params, {.momentum = -0.5}); }), "Invalid momentum value: -0.5");
  EXPECT_EQ(says([&] { optim::SGD(params, {.nesterov = true}); }),
            "Nesterov momentum requires a momentum and zero dampening");
  EXPECT_EQ(says([&] { optim::AdamW(params, {.lr = NAN}); }), "Invalid learning rate: nan");
  EXPECT_EQ(says([&] { optim::AdamW(params, {.betas = {0.9, 1.0}}); }), "Invalid beta parameter at index 1: 1.0");
  EXPECT_EQ(says([&] { optim::SGD(std::vector<Tensor>{}); }), "optimizer got an empty parameter list");
  EXPECT_EQ(says([&] { optim::SGD(std::vector{p, p}); }), "some parameters appear in more than one parameter group");
  optim::SGD optimizer(params);
  p.set_grad(vector_of<double>({1}));
  EXPECT_EQ(says([&] { optimizer.step(); }), "gradient (1,) does not have the shape of its parameter (2,)");
  p.set_grad(vector_of<float>({1, 1}));
  EXPECT_EQ(says([&] { optimizer.step(); }), "gradient of float32 for a parameter of float64");
  EXPECT_EQ(says([&] { optimizer.load_state_dict({{"state.1.momentum_buffer", vector_of<double>({1})}}); }),
            "\"state.1.momentum_buffer\" belongs to a parameter that is not there: the optimizer has 1");
  EXPECT_EQ(says([&] { optimizer.load_state_dict({{"state.0.momentum_buffer", vector_of<double>({1})}}); }),
            "size mismatch for state.0.momentum_buffer: expected the parameter's (2,), got (1,)");
}

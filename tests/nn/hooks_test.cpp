// Hooks of C++ modules: order, replacing, removing, failing; gradients; state_dict.
#include "lamina/nn/hooks.h"

#include <gtest/gtest.h>

#include "lamina/nn/container.h"
#include "lamina/nn/linear.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/pointwise.h"
#include "tests/support/values.h"

namespace lamina {
namespace {

struct Doubling : nn::Module {
  Tensor forward(const Tensor& x) override { return ops::mul(x, 2); }
};
struct Failing : nn::Module {
  Tensor forward(const Tensor&) override { throw Error("no"); }
};

TEST(Hooks, SeeAndReplaceWhatPasses) {
  const auto module = make<Doubling>();
  std::string order;
  module->register_forward_pre_hook([&](nn::Module&, const Tensor&) { return order += "b", Tensor(); });
  module->register_forward_pre_hook([&](nn::Module&, const Tensor& x) { return order += "a", ops::add(x, 1); },
                                    {.prepend = true});
  const int64_t id =
      module->register_forward_hook([&](nn::Module&, const Tensor&, const Tensor& y) { return order += "c", -y; });
  EXPECT_EQ(values((*module)(ops::ones({1}))), std::vector<double>{-4});
  EXPECT_EQ(order, "abc");
  EXPECT_TRUE(module->remove_hook(id));
  EXPECT_FALSE(module->remove_hook(id));
  EXPECT_EQ(values((*module)(ops::ones({1}))), std::vector<double>{4});
}

TEST(Hooks, AlwaysCalledOnesRunWhenForwardThrows) {
  const auto module = make<Failing>();
  int plain = 0, always = 0;
  module->register_forward_hook([&](nn::Module&, const Tensor&, const Tensor&) { return ++plain, Tensor(); });
  module->register_forward_hook(
      [&](nn::Module&, const Tensor&, const Tensor& y) { return always += !y.defined(), Tensor(); },
      {.always_call = true});
  EXPECT_THROW((*module)(ops::ones({1})), Error);
  EXPECT_EQ(plain, 0);
  EXPECT_EQ(always, 1);
}

TEST(Hooks, SeeAndReplaceGradients) {
  const auto module = make<Doubling>();
  std::vector<double> seen_in, seen_out;
  module->register_full_backward_pre_hook([](nn::Module&, const Tensor& g) { return ops::mul(g, 10); });
  module->register_full_backward_hook([&](nn::Module&, const Tensor& grad_input, const Tensor& grad_output) {
    seen_in = values(grad_input);
    seen_out = values(grad_output);
    return ops::add(grad_input, 1);
  });
  Tensor x = ops::ones({2});
  x.requires_grad_();
  (*module)(x).backward(ops::mul(ops::ones({2}), 3));
  EXPECT_EQ(seen_out, (std::vector<double>{30, 30}));
  EXPECT_EQ(seen_in, (std::vector<double>{60, 60}));
  EXPECT_EQ(values(x.grad()), (std::vector<double>{61, 61}));
}

TEST(Hooks, TakePartInTheState) {
  nn::Sequential net{nn::Linear(2, 2)};
  std::string log;
  net->register_state_dict_pre_hook([&](nn::Module&, const std::string&) { log += "pre "; });
  net->get_submodule("0")->register_state_dict_post_hook(
      [](nn::Module&, nn::NamedTensors& state, const std::string& prefix) {
        state.emplace_back(prefix + "extra", ops::ones({}));
      });
  const auto state = net->state_dict();
  EXPECT_EQ(log, "pre ");
  EXPECT_EQ(state.back().first, "0.extra");
  EXPECT_THROW(net->load_state_dict(state), LoadError);
  net->get_submodule("0")->register_load_state_dict_pre_hook(
      [](nn::Module&, nn::NamedTensors& given, const std::string& prefix) {
        std::erase_if(given, [&](const auto& entry) { return entry.first == prefix + "extra"; });
      });
  net->load_state_dict(state);
  net->register_load_state_dict_post_hook([](nn::Module&, nn::IncompatibleKeys& keys) { keys.missing_keys.clear(); });
  net->load_state_dict({});
}

TEST(Module, PartsAreFoundAndReplacedByPath) {
  nn::Sequential net{nn::Linear(2, 2), nn::Sequential{nn::Linear(2, 3), nn::Linear(3, 3)}};
  EXPECT_EQ(net->get_parameter("1.0.weight").shape(), Shape({3, 2}));
  EXPECT_THROW(net->get_parameter("1.0.scale"), KeyError);
  EXPECT_THROW(net->get_submodule("0.1.x"), KeyError);
  net->set_submodule("1.0", nn::Linear(2, 5));
  EXPECT_EQ(net->get_parameter("1.0.bias").shape(), Shape({5}));
  EXPECT_THROW(net->set_submodule("0.7", nn::Linear(1, 1), true), KeyError);
}

}  // namespace
}  // namespace lamina

// What the tests need to see of the C++ side: calls, trees and handles that Python has no part in.
#include "lamina/nn/container.h"
#include "lamina/nn/linear.h"
#include "python/bind.h"
#include "python/casters.h"
#include "python/module_type.h"

namespace lamina::python {

namespace {

nn::ModuleRef held;

nn::ModuleRef make_tree() {
  const nn::Sequential inner;
  inner->push_back("a", nn::Linear(8, 8));
  const nn::Sequential outer(nn::Linear(4, 8), inner);
  return outer.ref();
}

std::vector<std::pair<std::string, std::string>> kinds(nn::Module& module) {
  std::vector<std::pair<std::string, std::string>> out;
  module.walk([&](const std::string& path, nn::Module& m) { out.emplace_back(path, m.name()); });
  return out;
}

}  // namespace

void bind_testing(nb::module_& module) {
  nb::module_ m = module.def_submodule("_testing", "What the tests see of the C++ side.");
  m.def("call", [](Self self, const Tensor& input) { return (*self)(input); }, "The module's C++ operator().");
  m.def("hold", [](Self self) { held = nn::ModuleRef(&*self); }, "A C++ handle to the module, and nothing else of it.");
  m.def("held", [] { return nb::steal(wrap(held)); });
  m.def("release", [] { held = {}; });
  m.def(
      "make_tree", [] { return nb::steal(wrap(make_tree())); },
      "Sequential(Linear, Sequential(a=Linear)) made in C++.");
  m.def(
      "kinds",
      [](Self self) {
        nb::list out;
        for (const auto& [path, name] : kinds(*self)) out.append(nb::make_tuple(path, name));
        return out;
      },
      "(path, C++ class) of every module below.");
  m.def("train", [](Self self, bool on) { self->train(on); }, "The module's C++ train().");
}

}  // namespace lamina::python

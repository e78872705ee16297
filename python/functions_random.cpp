// Random tensors, in-place random fills, and the default generator: lamina.randn, x.normal_(), lamina.manual_seed, …
#include "lamina/core/error.h"
#include "lamina/ops/dropout.h"
#include "lamina/ops/pointwise.h"
#include "lamina/ops/random.h"
#include "python/bind.h"
#include "python/binding.h"
#include "python/creation.h"

namespace lamina::python {

namespace {

using MaybeType = std::optional<DType>;
using Maker = Tensor (*)(const Shape&, DType, const GeneratorRef&);

void sized(const Op& op, const char* name, const char* doc, Maker make) {
  op.function(
      name,
      [name, make](nb::args size, nb::object sizes, const GeneratorRef& generator, nb::object out, MaybeType dtype,
                   nb::object layout, DeviceArgument device, bool requires_grad, bool pin_memory) {
        device.check();
        const Shape shape = size_argument(name, size, sizes);
        return finish(make(shape, dtype.value_or(default_dtype()), generator), out, requires_grad);
      },
      doc, "sizes"_a, "size"_a = nb::none(), "generator"_a.none() = nb::none(), "out"_a = nb::none(),
      "dtype"_a = nb::none(), "layout"_a = nb::none(), "device"_a = nb::none(), "requires_grad"_a = false,
      "pin_memory"_a = false);
}

using LikeMaker = Tensor (*)(const Tensor&, MaybeType, const GeneratorRef&);
void like(const Op& op, const char* name, const char* doc, LikeMaker make) {
  op.function(
      name,
      [make](const Tensor& input, const GeneratorRef& generator, MaybeType dtype, nb::object layout,
             DeviceArgument device, bool requires_grad, nb::object memory_format) {
        device.check();
        return finish(make(input, dtype, generator), nb::none(), requires_grad);
      },
      doc, "input"_a, nb::kw_only(), "generator"_a.none() = nb::none(), "dtype"_a = nb::none(), "layout"_a = nb::none(),
      "device"_a = nb::none(), "requires_grad"_a = false, "memory_format"_a = nb::none());
}

void bind_integers(const Op& op) {
  const auto randint = [](int64_t low, int64_t high, const Shape& size, const GeneratorRef& generator, nb::object out,
                          MaybeType dtype, nb::object layout, DeviceArgument device, bool requires_grad) {
    device.check();
    return finish(ops::randint(low, high, size, dtype.value_or(kInt64), generator), out, requires_grad);
  };
  op.function("randint", randint, "Integers of [low, high).", "low"_a, "high"_a, "size"_a, nb::kw_only(),
              "generator"_a.none() = nb::none(), "out"_a = nb::none(), "dtype"_a = nb::none(), "layout"_a = nb::none(),
              "device"_a = nb::none(), "requires_grad"_a = false);
  op.function(
      "randint",
      [randint](int64_t high, const Shape& size, const GeneratorRef& generator, nb::object out, MaybeType dtype,
                nb::object layout, DeviceArgument device, bool requires_grad) {
        return randint(0, high, size, generator, out, dtype, layout, device, requires_grad);
      },
      "Integers of [0, high).", "high"_a, "size"_a, nb::kw_only(), "generator"_a.none() = nb::none(),
      "out"_a = nb::none(), "dtype"_a = nb::none(), "layout"_a = nb::none(), "device"_a = nb::none(),
      "requires_grad"_a = false);
  op.function(
      "randint_like",
      [](const Tensor& input, int64_t low, int64_t high, MaybeType dtype, DeviceArgument device) {
        device.check();
        return ops::randint_like(input, low, high, dtype);
      },
      "Integers of [low, high), of input's shape and type.", "input"_a, "low"_a, "high"_a, nb::kw_only(),
      "dtype"_a = nb::none(), "device"_a = nb::none());
  op.function(
      "randint_like",
      [](const Tensor& input, int64_t high, MaybeType dtype, DeviceArgument device) {
        device.check();
        return ops::randint_like(input, 0, high, dtype);
      },
      "Integers of [0, high), of input's shape and type.", "input"_a, "high"_a, nb::kw_only(), "dtype"_a = nb::none(),
      "device"_a = nb::none());
  op.function(
      "randperm",
      [](int64_t n, const GeneratorRef& generator, nb::object out, MaybeType dtype, DeviceArgument device,
         bool requires_grad) {
        device.check();
        return finish(ops::randperm(n, dtype.value_or(kInt64), generator), out, requires_grad);
      },
      "0, …, n − 1 in random order.", "n"_a, nb::kw_only(), "generator"_a.none() = nb::none(), "out"_a = nb::none(),
      "dtype"_a = nb::none(), "device"_a = nb::none(), "requires_grad"_a = false);
}

// Standard normal numbers, scaled and shifted: PyTorch's way for means or deviations that are tensors.
Tensor normal(const Operand& mean, const Operand& std, const GeneratorRef& generator) {
  const Tensor& shaped = mean.tensor ? *mean.tensor : *std.tensor;
  const Shape shape = mean.tensor && std.tensor ? broadcast(mean.tensor->shape(), std.tensor->shape()) : shaped.shape();
  Tensor y = ops::randn(shape, shaped.dtype(), generator);
  y = std.tensor ? ops::mul(y, *std.tensor) : ops::mul(y, std.scalar);
  return mean.tensor ? ops::add(y, *mean.tensor) : ops::add(y, mean.scalar);
}

void bind_distributions(const Op& op) {
  op.function(
      "normal",
      [](const Operand& mean, const Operand& std, std::optional<Shape> size, const GeneratorRef& generator,
         nb::object out, MaybeType dtype, nb::object layout, DeviceArgument device, bool requires_grad) {
        device.check();
        if (mean.tensor || std.tensor) {
          if (size) throw OptionError("normal(): size is for a mean and a std that are numbers");
          return finish(normal(mean, std, generator), out, requires_grad);
        }
        if (!size) throw OptionError("normal(): a mean and a std that are numbers need a size");
        return finish(ops::normal(mean.scalar.to_double(), std.scalar.to_double(), *size,
                                  dtype.value_or(default_dtype()), generator),
                      out, requires_grad);
      },
      "Normal numbers.", "mean"_a, "std"_a = 1.0, "size"_a = nb::none(), nb::kw_only(),
      "generator"_a.none() = nb::none(), "out"_a = nb::none(), "dtype"_a = nb::none(), "layout"_a = nb::none(),
      "device"_a = nb::none(), "requires_grad"_a = false);
  op.function(
      "bernoulli",
      [](const Tensor& input, std::optional<double> p, const GeneratorRef& generator) {
        return p ? ops::bernoulli_(ops::empty_like(input), *p, generator) : ops::bernoulli(input, generator);
      },
      "1 with the probability that each element says, else 0.", "input"_a, "p"_a = nb::none(), nb::kw_only(),
      "generator"_a.none() = nb::none());
  op.method(
      "bernoulli",
      [](const Tensor& input, std::optional<double> p, const GeneratorRef& generator) {
        return p ? ops::bernoulli_(ops::empty_like(input), *p, generator) : ops::bernoulli(input, generator);
      },
      "1 with the probability that each element says, else 0.", "p"_a = nb::none(), nb::kw_only(),
      "generator"_a.none() = nb::none());
}

void bind_fills(const Op& op) {
  const auto generator = "generator"_a.none() = nb::none();
  op.method("uniform_", &ops::uniform_, "Fills with numbers uniform in [from, to).", "from"_a = 0.0, "to"_a = 1.0,
            nb::kw_only(), generator);
  op.method("normal_", &ops::normal_, "Fills with normal numbers.", "mean"_a = 0.0, "std"_a = 1.0, nb::kw_only(),
            generator);
  op.method("exponential_", &ops::exponential_, "Fills with exponential numbers of rate lambd.", "lambd"_a = 1.0,
            nb::kw_only(), generator);
  op.method(
      "bernoulli_",
      [](const Tensor& self, const Operand& p, const GeneratorRef& generator) {
        return p.tensor ? ops::bernoulli_(self, *p.tensor, generator)
                        : ops::bernoulli_(self, p.scalar.to_double(), generator);
      },
      "Fills with 1 with probability p, else 0.", "p"_a = 0.5, nb::kw_only(), generator);
  op.method(
      "random_", [](const Tensor& self, const GeneratorRef& generator) { return ops::random_(self, generator); },
      "Fills with integers of the type's range.", nb::kw_only(), generator);
  op.method(
      "random_",
      [](const Tensor& self, int64_t to, const GeneratorRef& generator) {
        return ops::random_(self, 0, to, generator);
      },
      "Fills with integers of [0, to).", "to"_a, nb::kw_only(), generator);
  op.method(
      "random_",
      [](const Tensor& self, int64_t from, std::optional<int64_t> to, const GeneratorRef& generator) {
        return ops::random_(self, from, to, generator);
      },
      "Fills with integers of [from, to).", "from"_a, "to"_a.none(), nb::kw_only(), generator);
}

void bind_distributions_in_place(const Op& op) {
  const auto generator = "generator"_a.none() = nb::none();
  op.method("cauchy_", &ops::cauchy_, "Fills with numbers of Cauchy's distribution.", "median"_a = 0.0, "sigma"_a = 1.0,
            nb::kw_only(), generator);
  op.method("log_normal_", &ops::log_normal_, "Fills with exp of normal numbers.", "mean"_a = 1.0, "std"_a = 2.0,
            nb::kw_only(), generator);
  op.method("geometric_", &ops::geometric_, "Fills with the number of trials until the first success.", "p"_a,
            nb::kw_only(), generator);
}

void bind_draws(const Op& op) {
  op(
      "multinomial",
      [](const Tensor& input, int64_t num_samples, bool replacement, const GeneratorRef& generator, nb::object out) {
        return finish(ops::multinomial(input, num_samples, replacement, generator), out, false);
      },
      "Numbers of [0, n) for each row of weights, in proportion to them.", "input"_a, "num_samples"_a,
      "replacement"_a = false, nb::kw_only(), "generator"_a.none() = nb::none(), "out"_a = nb::none());
  op.function("poisson", &ops::poisson, "A Poisson number for each rate.", "input"_a,
              "generator"_a.none() = nb::none());
}

void bind_default_generator(const Op& op) {
  op.function(
      "manual_seed", [](nb::handle seed) { return manual_seed(seed_of(seed.ptr())); },
      "Starts the default generator anew from a seed.", "seed"_a);
  op.function(
      "seed", [] { return default_generator()->seed(); },
      "Starts the default generator from a seed of the system, and returns it.");
  op.function("initial_seed", [] { return default_generator()->initial_seed(); }, "The seed of the default generator.");
  op.function(
      "get_rng_state", [] { return state_tensor(*default_generator()); },
      "The default generator's state as a tensor of bytes.");
  op.function(
      "set_rng_state", [](nb::handle new_state) { set_state(*default_generator(), new_state.ptr()); },
      "Goes to what get_rng_state() gave.", "new_state"_a);
  op.function("_set_match_torch", &ops::set_match_torch, "See lamina.random.match_torch.", "on"_a);
  op.m.attr("default_generator") = checked(wrap(default_generator()));
}

}  // namespace

void bind_random(nb::module_& m) {
  const Op op{m};
  const Maker rand = [](const Shape& shape, DType dtype, const GeneratorRef& g) { return ops::rand(shape, dtype, g); };
  const Maker randn = [](const Shape& shape, DType dtype, const GeneratorRef& g) {
    return ops::randn(shape, dtype, g);
  };
  sized(op, "rand", "Numbers uniform in [0, 1).", rand);
  sized(op, "randn", "Standard normal numbers.", randn);
  like(op, "rand_like", "Numbers uniform in [0, 1), of input's shape and type.", &ops::rand_like);
  like(op, "randn_like", "Standard normal numbers of input's shape and type.", &ops::randn_like);
  bind_integers(op);
  bind_distributions(op);
  bind_fills(op);
  bind_distributions_in_place(op);
  bind_draws(op);
  bind_default_generator(op);
}

}  // namespace lamina::python

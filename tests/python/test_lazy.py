"""Parameters without a shape, and the layers that learn theirs from the first input."""
import copy
import pickle

import lamina
import lamina.nn as nn
import pytest
from support.scenarios import same


def test_every_lazy_layer():
    def scenario(t):
        found = {}
        for name, arguments, shape in [
            ("LazyLinear", (4,), (2, 3)), ("LazyConv1d", (4, 2), (2, 3, 5)), ("LazyConv2d", (4, (2, 1)), (3, 5, 4)),
            ("LazyConv3d", (4, 2), (2, 3, 3, 3, 3)), ("LazyBatchNorm1d", (), (2, 3)),
            ("LazyConvTranspose1d", (4, 2), (2, 3, 5)), ("LazyConvTranspose2d", (4, (2, 1)), (3, 5, 4)),
            ("LazyConvTranspose3d", (4, 2), (2, 3, 3, 3, 3)),
            ("LazyBatchNorm2d", (1e-3,), (2, 3, 2, 2)), ("LazyBatchNorm3d", (), (2, 3, 2, 2, 2)),
            ("LazyInstanceNorm1d", (1e-3, 0.1, True, True), (2, 3, 4)), ("LazyInstanceNorm2d", (), (2, 3, 4, 2)),
            ("LazyInstanceNorm3d", (1e-3, 0.1, True), (2, 3, 4, 2, 2)),
        ]:
            layer = getattr(t.nn, name)(*arguments)
            before = repr(layer), [repr(p) for p in layer.parameters()], list(layer.state_dict())
            t.manual_seed(7)
            y = layer(t.ones(shape))
            plain = type(layer).__name__
            values = [p.tolist() for p in layer.parameters()]
            found[name] = before, plain, repr(layer), tuple(y.shape), values, layer.has_uninitialized_params \
                if hasattr(layer, "has_uninitialized_params") else None
        return found

    found = same(scenario)
    assert found["LazyConv2d"][1] == "Conv2d" and found["LazyLinear"][0][1] == ["<UninitializedParameter>"] * 2


def test_a_parameter_without_a_shape_refuses_what_needs_one():
    def scenario(t):
        weight = t.nn.LazyLinear(3).weight
        refused = []
        for ask in (lambda: weight.shape, lambda: weight.numel(), lambda: weight + 1, lambda: weight @ weight,
                    lambda: weight[0], lambda: len(weight), lambda: -weight):
            try:
                ask()
                refused.append(None)
            except Exception as error:
                refused.append(type(error).__name__)
        return refused, weight.requires_grad, str(weight.dtype), t.nn.parameter.is_lazy(weight)

    assert same(scenario)[0] == ["RuntimeError"] + ["ValueError"] * 6


def test_change_of_type_before_the_first_input():
    def scenario(t):
        layer = t.nn.LazyLinear(3).double()
        layer(t.ones(1, 2, dtype=t.float64))
        return str(layer.weight.dtype), type(layer.weight) is t.nn.Parameter

    assert same(scenario) == ("torch.float64", True)


def test_state_dicts_of_lazy_layers():
    def scenario(t):
        trained, lazy, other = t.nn.Linear(4, 2), t.nn.LazyLinear(2), t.nn.LazyLinear(2)
        lazy.load_state_dict(trained.state_dict())
        kept = lazy.weight.tolist() == trained.weight.tolist()
        lazy(t.ones(1, 4))
        other.load_state_dict(t.nn.LazyLinear(2).state_dict())
        still = repr(other.weight)
        try:
            t.nn.Linear(4, 2).load_state_dict(t.nn.LazyLinear(2).state_dict())
        except RuntimeError:
            return kept, lazy.weight.tolist() == trained.weight.tolist(), repr(lazy), still

    same(scenario)


def test_a_loaded_layer_refuses_another_width():
    layer = nn.LazyLinear(2)
    layer.load_state_dict(nn.Linear(4, 2).state_dict())
    with pytest.raises(RuntimeError, match="loaded weight .2, 4. does not fit an input with in_features=5"):
        layer(lamina.ones(1, 5))


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_are_lazy_too(copied):
    layer = nn.LazyConv1d(3, 2)
    twin = copied(layer)
    assert repr(twin) == repr(layer) and repr(twin.weight) == "<UninitializedParameter>"
    assert twin(lamina.ones(1, 2, 8)).shape == (1, 3, 7)
    assert type(twin) is nn.Conv1d and type(layer) is nn.LazyConv1d


def test_a_lazy_module_of_ones_own():
    def scenario(t):
        from importlib import import_module

        mixin = import_module(t.__name__ + ".nn.modules.lazy").LazyModuleMixin

        class Scale(mixin, t.nn.Module):
            def __init__(self):
                super().__init__()
                self.weight = t.nn.UninitializedParameter()
                self.seen = t.nn.UninitializedBuffer()

            def initialize_parameters(self, x, shift=0):
                if self.has_uninitialized_params():
                    self.weight.materialize((x.shape[-1],))
                    self.seen.materialize((2,))
                    with t.no_grad():
                        self.weight.fill_(2 + shift)
                        self.seen.fill_(0)

            def forward(self, x, shift=0):
                return x * self.weight

        module = Scale()
        before = module.has_uninitialized_params(), list(module.state_dict())
        y = module(t.ones(1, 3), shift=1)
        return before, y.tolist(), module.has_uninitialized_params(), len(module._forward_pre_hooks)

    assert same(scenario) == ((True, ["weight", "seen"]), [[3.0, 3.0, 3.0]], False, 0)


def test_lazy_layers_inside_others_and_an_optimizer():
    net = nn.Sequential(nn.LazyLinear(4), nn.ReLU(), nn.LazyLinear(1))
    net(lamina.ones(2, 3))
    optimizer = lamina.optim.SGD(net.parameters(), lr=0.1)
    net(lamina.ones(2, 3)).pow(2).mean().backward()
    before = net[0].weight.clone()
    optimizer.step()
    assert repr(net).count("Lazy") == 0 and net[0].weight.tolist() != before.tolist()

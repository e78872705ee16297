"""Buffer, ParameterList, ParameterDict and the modules under which PyTorch keeps layers."""
import copy
import pickle

import lamina as torch
import lamina.nn as nn
import pytest
from support.scenarios import same


def test_buffer():
    def scenario(t):
        class Net(t.nn.Module):
            def __init__(self):
                super().__init__()
                self.a = t.nn.Buffer(t.ones(2))
                self.b = t.nn.Buffer(t.ones(1), persistent=False)
                self.c = t.nn.Parameter(t.ones(1))

        net = Net()
        names = list(dict(net.named_buffers())), list(net.state_dict())
        net.a = t.zeros(2)
        net.d = t.zeros(2)
        return names, net.a.tolist(), list(dict(net.named_buffers())), isinstance(net.b, t.nn.Buffer), \
            isinstance(net.d, t.nn.Buffer), type(net.b) is t.Tensor

    assert same(scenario)[0] == (["a", "b"], ["c", "a"])


def test_parameter_list():
    def scenario(t):
        items = t.nn.ParameterList([t.ones(2), t.nn.Parameter(t.zeros(1))])
        items.append(t.ones(3)).extend([t.zeros(1, 2)])
        items += ["text"]
        items[0] = t.full((2,), 5.0)
        part = items[1:4:2]
        return (repr(items), len(items), [k for k, _ in items.named_parameters()], repr(part), items[-1],
                [type(p).__name__ for p in items], list(items.state_dict()))

    same(scenario)


@pytest.mark.parametrize("use", [
    lambda t, p: p[5], lambda t, p: p["0"], lambda t, p: p.extend(3), lambda t, p: p.extend(t.ones(2)), lambda t, p: p(),
])
def test_parameter_list_refuses(use):
    def scenario(t):
        try:
            use(t, t.nn.ParameterList([t.ones(1)]))
        except Exception as error:
            return type(error).__name__

    assert same(scenario) is not None


def test_parameter_dict():
    def scenario(t):
        d = t.nn.ParameterDict({"b": t.ones(2), "a": t.nn.Parameter(t.zeros(1))})
        d["c"] = t.ones(1, 2)
        d.update([("e", t.ones(1)), ["d", "text"]])
        first = repr(d), list(d), list(reversed(d)), [k for k, _ in d.named_parameters()], d.get("x", 7), "a" in d
        d.setdefault("f", t.zeros(1))
        popped = d.pop("b").tolist(), d.popitem()[0]
        union = list((d | t.nn.ParameterDict({"z": t.ones(1)})).keys())
        d |= {"y": t.ones(1)}
        copied = list(d.copy())
        made = list(d.fromkeys(["u", "v"], t.ones(1)).keys())
        del d["a"]
        rest = list(d)
        d.clear()
        return first, popped, union, copied, made, rest, len(d), list(d.named_parameters())

    same(scenario)


@pytest.mark.parametrize("use", [
    lambda t, d: d["x"], lambda t, d: d.pop("x"), lambda t, d: d.update(3), lambda t, d: d.update([("a",)]),
    lambda t, d: d.update([3]), lambda t, d: d.__setitem__(3, t.ones(1)), lambda t, d: d.popitem(),
])
def test_parameter_dict_refuses(use):
    def scenario(t):
        try:
            use(t, t.nn.ParameterDict())
        except Exception as error:
            return type(error).__name__

    assert same(scenario) is not None


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies(copied):
    items = copied(nn.ParameterList([torch.ones(2)]))
    items.append(torch.zeros(1))
    assert len(items) == 2 and [k for k, _ in items.named_parameters()] == ["0", "1"]
    d = copied(nn.ParameterDict({"a": torch.ones(2)}))
    d["b"] = torch.ones(1)
    assert list(d) == ["a", "b"]


def test_pytorchs_modules_of_layers():
    def scenario(t):
        from importlib import import_module

        def module(name):
            return import_module(f"{t.__name__}.nn.modules.{name}")

        return (
            module("batchnorm").BatchNorm2d is t.nn.BatchNorm2d,
            isinstance(t.nn.BatchNorm1d(2), module("batchnorm")._BatchNorm),
            isinstance(t.nn.Linear(2, 2), module("batchnorm")._BatchNorm),
            issubclass(t.nn.Conv3d, module("conv")._ConvNd),
            isinstance(t.nn.LSTM(2, 2), t.nn.RNNBase),
            module("module").Module is t.nn.Module is t.nn.modules.Module,
            module("utils")._pair(3), module("utils")._triple((1, 2, 3)),
            module("utils")._reverse_repeat_tuple((1, 2), 2),
            t.nn.modules.linear.Linear is t.nn.Linear,
        )

    assert same(scenario)[:5] == (True, True, False, True, True)


def test_a_prefix_is_taken_off():
    def scenario(t):
        state = t.nn.Sequential(t.nn.Linear(2, 1)).state_dict(prefix="module.")
        t.nn.modules.utils.consume_prefix_in_state_dict_if_present(state, "module.")
        return list(state), dict(state._metadata)

    assert same(scenario)[0] == ["0.weight", "0.bias"]

"""Hooks of all modules, and what else Module has of PyTorch's."""
import lamina as torch
import lamina.nn as nn
import pytest
from lamina._C import _testing
from support.scenarios import back, same


def test_forward_hooks_of_all_modules():
    def scenario(t):
        m, log = t.nn.modules.module, []
        net = t.nn.Sequential(t.nn.Identity(), t.nn.Sequential(t.nn.ReLU()))
        net[0].register_forward_hook(lambda module, args, y: log.append("own"))
        handles = [
            m.register_module_forward_pre_hook(lambda module, args: log.append("pre " + type(module).__name__)),
            m.register_module_forward_hook(lambda module, args, y: y + 1 if isinstance(module, t.nn.ReLU) else None),
            m.register_module_forward_hook(
                lambda module, args, kwargs, y: log.append((len(args), len(kwargs))), with_kwargs=True),
        ]
        first = net(t.zeros(1)).tolist()
        for handle in handles:
            handle.remove()
        return first, net(t.zeros(1)).tolist(), log

    first, second, log = same(scenario)
    assert (first, second) == ([1.0], [0.0]) and log[0] == "pre Sequential" and log.count("own") == 2


def test_always_called():
    def scenario(t):
        log = []
        handle = t.nn.modules.module.register_module_forward_hook(
            lambda module, args, y: log.append(y), always_call=True)
        try:
            t.nn.Linear(2, 2)(t.ones(3))
        except RuntimeError:
            pass
        handle.remove()
        return log

    assert same(scenario) == [None]


def test_backward_hooks_of_all_modules():
    def scenario(t):
        m, log = t.nn.modules.module, []
        handles = [
            m.register_module_full_backward_hook(
                lambda module, gi, go: log.append((type(module).__name__, gi[0].tolist(), go[0].tolist()))),
            m.register_module_full_backward_pre_hook(lambda module, go: (go[0] * 2,)),
        ]
        x = t.ones(2, requires_grad=True)
        back(t.nn.Sequential(t.nn.Identity(), t.nn.Tanh())(x))
        for handle in handles:
            handle.remove()
        x2 = t.ones(2, requires_grad=True)
        back(t.nn.Identity()(x2))
        return [name for name, *_ in log], [[round(v, 5) for v in values] for _, *both in log for values in both], \
            x2.grad.tolist()

    same(scenario)


def test_registration_hooks():
    def scenario(t):
        m, log = t.nn.modules.module, []

        def note(kind):
            return lambda module, name, value: log.append((kind, name))

        handles = [
            m.register_module_parameter_registration_hook(note("parameter")),
            m.register_module_buffer_registration_hook(note("buffer")),
            m.register_module_module_registration_hook(note("module")),
            m.register_module_parameter_registration_hook(
                lambda module, name, p: t.nn.Parameter(p.detach() * 0) if name == "zero" else None),
        ]
        net = t.nn.Module()
        net.zero = t.nn.Parameter(t.ones(2))
        net.register_parameter("p", t.nn.Parameter(t.ones(1)))
        net.register_buffer("b", t.ones(1))
        net.b = t.zeros(1)
        net.child = t.nn.Identity()
        net.add_module("other", t.nn.Identity())
        for handle in handles:
            handle.remove()
        net.q = t.nn.Parameter(t.ones(1))
        return log, net.zero.tolist()

    assert same(scenario)[1] == [0.0, 0.0]


def test_a_module_made_in_cpp_is_seen():
    seen = []
    handle = nn.modules.module.register_module_forward_hook(lambda m, args, y: seen.append(type(m).__name__))
    tree = _testing.make_tree()
    tree(torch.ones(1, tree[0].in_features))
    handle.remove()
    assert "Linear" in seen and "Sequential" in seen


def test_to_empty():
    def scenario(t):
        layer = t.nn.Linear(2, 3)
        weight = layer.weight
        result = layer.to_empty(device="cpu")
        return result is layer, layer.weight is weight, tuple(layer.weight.shape), layer.weight.requires_grad

    assert same(scenario) == (True, True, (3, 2), True)


def test_set_submodule_and_extra_state():
    def scenario(t):
        class Counter(t.nn.Module):
            def __init__(self):
                super().__init__()
                self.count = 0

            def get_extra_state(self):
                return {"count": self.count}

            def set_extra_state(self, state):
                self.count = state["count"]

        net = t.nn.Sequential(t.nn.Sequential(t.nn.Identity()))
        net.set_submodule("0.0", Counter())
        net.get_submodule("0.0").count = 5
        state = net.state_dict()
        other = t.nn.Sequential(t.nn.Sequential(Counter()))
        other.load_state_dict(state)
        refused = []
        for path, module in (("", Counter()), ("0.0", "text"), ("7.0", Counter())):
            try:
                net.set_submodule(path, module)
                refused.append(None)
            except Exception as error:
                refused.append(type(error).__name__)
        return dict(state), other[0][0].count, refused

    assert same(scenario)[:2] == ({"0.0._extra_state": {"count": 5}}, 5)


@pytest.mark.parametrize("name", ["cuda", "xpu", "ipu", "mtia", "share_memory"])
def test_what_is_not_here_says_so(name):
    with pytest.raises(NotImplementedError, match=name):
        getattr(nn.Linear(1, 1), name)()
    assert nn.Linear(1, 1).compile() is None

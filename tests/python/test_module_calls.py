"""Calls in both directions, and the hooks around them."""
import functools
import gc
import pickle
import threading
import weakref

import lamina as torch
import lamina.nn as nn
import pytest
from lamina._C import _testing

X = torch.tensor([[1.0, 2.0, 3.0, 4.0]])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 8)

    def forward(self, x):
        return self.fc(x)


class Any(nn.Module):
    def forward(self, x, *rest, scale=1, **keywords):
        return x, rest, scale, keywords


class Pair(nn.Module):
    def forward(self, x):
        return x, x


class Sum(nn.Module):
    def forward(self, pair):
        return pair[0] + pair[1]


# ---- forward -------------------------------------------------------------------------------------------------------


def test_arguments_reach_forward_as_they_are():
    assert Any()(X, 2, 3, scale=4, z=5) == (X, (2, 3), 4, {"z": 5})
    assert Any()(x=X)[0] is X
    assert Any()(X, *range(20))[1] == tuple(range(20))


def test_a_layers_forward():
    layer = nn.Linear(4, 2)
    assert layer(input=X).shape == (1, 2)
    with pytest.raises(TypeError):
        layer(X, X)
    with pytest.raises(TypeError):
        layer("text")


def test_forward_of_the_instance_wins():
    net = Net()
    net.forward = lambda x: "patched"
    assert net(X) == "patched"
    del net.forward
    assert net(X).shape == (1, 8)
    layer = nn.Linear(4, 4)
    layer.forward = lambda x: x * 2
    assert nn.Sequential(layer, nn.Identity())(X).tolist() == (X * 2).tolist()
    assert _testing.call(nn.Sequential(layer), X).tolist() == (X * 2).tolist()


def test_unusual_kinds_of_forward():
    class Static(nn.Module):
        @staticmethod
        def forward(x):
            return x * 2

    class Partial(nn.Module):
        forward = functools.partialmethod(lambda self, a, x: x * a, 3)

    assert Static()(X).tolist() == (X * 2).tolist() and Partial()(X).tolist() == (X * 3).tolist()


def test_a_patched_class(monkeypatch):
    net = nn.Sequential(nn.Linear(4, 4), nn.Tanh())
    monkeypatch.setattr(nn.Linear, "forward", lambda self, x: x * 0)
    assert net(X).tolist() == [[0.0] * 4] and net[0](X).tolist() == [[0.0] * 4]


def test_a_class_without_forward_says_so():
    class Empty(nn.Module):
        pass

    for call in (lambda: Empty()(X), lambda: Empty()(X, X), lambda: nn.ModuleList()(X)):
        with pytest.raises(NotImplementedError, match='is missing the required "forward" function'):
            call()


def test_cpp_calls_python():
    class MyLinear(nn.Linear):
        def forward(self, input):
            self.seen = True
            return super().forward(input)

    seq = nn.Sequential(Net(), MyLinear(8, 3))
    assert seq(X).shape == (1, 3) and seq[1].seen
    seq[1].seen = False
    assert _testing.call(seq, X).shape == (1, 3) and seq[1].seen
    assert _testing.call(Net(), X).shape == (1, 8)


def test_sequential_passes_any_object():
    assert nn.Sequential(Pair(), Sum())(X).tolist() == (X * 2).tolist()
    assert nn.Sequential()(3) == 3
    with pytest.raises(TypeError, match="forward returned tuple where a Tensor is needed"):
        _testing.call(Pair(), X)


def test_a_class_with_its_own_call():
    class Doubled(nn.Linear):
        def __call__(self, x):
            return super().__call__(x) * 2

    layer = Doubled(4, 2)
    expected = (layer.forward(X) * 2).tolist()
    assert layer(X).tolist() == expected and nn.Sequential(layer)(X).tolist() == expected
    assert _testing.call(nn.Sequential(layer), X).tolist() == expected


def test_endless_recursion_is_an_error():
    class Loop(nn.Module):
        def forward(self, x):
            return self(x)

    with pytest.raises(RecursionError):
        Loop()(X)


# ---- forward hooks -------------------------------------------------------------------------------------------------


def test_hooks_run_in_order():
    net, log = Net(), []
    net.register_forward_pre_hook(lambda m, args: log.append(("pre", m is net, args[0] is X)))
    net.register_forward_hook(lambda m, args, out: log.append(("post", args[0] is X, out.shape)))
    net.register_forward_hook(lambda m, args, out: log.append("first"), prepend=True)
    net(X)
    assert log == [("pre", True, True), "first", ("post", True, (1, 8))]


def test_hooks_replace():
    net = Net()
    net.register_forward_pre_hook(lambda m, args: args[0] * 2)
    net.register_forward_hook(lambda m, args, out: args[0])
    assert net(X).tolist() == (X * 2).tolist()
    net.fc.register_forward_hook(lambda m, args, out: "replaced")
    net._forward_hooks.clear()
    assert net(X) == "replaced"


def test_hooks_with_kwargs():
    module = Any()
    module.register_forward_pre_hook(lambda m, args, kwargs: (args + (2,), {**kwargs, "scale": 3}), with_kwargs=True)
    module.register_forward_hook(lambda m, args, kwargs, out: (out, kwargs), with_kwargs=True)
    assert module(X, z=1) == ((X, (2,), 3, {"z": 1}), {"z": 1, "scale": 3})
    wrong = Any()
    wrong.register_forward_pre_hook(lambda m, args, kwargs: 3, with_kwargs=True)
    with pytest.raises(RuntimeError, match="forward pre-hook must return None or a tuple"):
        wrong(X)


def test_always_called_hooks():
    class Boom(nn.Module):
        def forward(self, x):
            raise KeyError("boom")

    module, log = Boom(), []
    module.register_forward_hook(lambda m, args, out: log.append("plain"))
    module.register_forward_hook(lambda m, args, out: log.append(("always", out)), always_call=True)
    with pytest.raises(KeyError):
        module(X)
    assert log == [("always", None)]
    module.register_forward_hook(lambda m, args, out: 1 / 0, always_call=True)
    with pytest.warns(UserWarning, match="silenced"), pytest.raises(KeyError):
        module(X)


def test_hooks_run_when_cpp_calls():
    layer, log = nn.Linear(4, 4), []
    net = nn.Sequential(layer)
    layer.register_forward_hook(lambda m, args, out: log.append(m is layer))
    net(X)
    _testing.call(net, X)
    assert log == [True, True]


def test_a_handle_removes_its_hook():
    net, log = Net(), []
    handle = net.register_forward_hook(lambda m, args, out: log.append(1), with_kwargs=False, always_call=True)
    handle.remove()
    handle.remove()
    net(X)
    with net.register_forward_pre_hook(lambda m, args: log.append(2)):
        net(X)
    net(X)
    assert log == [2] and not net._forward_hooks and not net._forward_hooks_always_called


def test_a_handle_does_not_keep_the_module():
    net = Net()
    handle, alive = net.register_forward_hook(print), weakref.ref(net)
    del net
    gc.collect()
    assert alive() is None
    handle.remove()
    assert pickle.loads(pickle.dumps(handle)).id == handle.id


def test_a_hook_may_remove_itself():
    net, log = Net(), []
    handle = net.register_forward_hook(lambda m, args, out: (log.append(1), handle.remove())[1])
    net.register_forward_hook(lambda m, args, out: log.append(2))
    net(X)
    net(X)
    assert log == [1, 2, 2]


# ---- backward hooks ------------------------------------------------------------------------------------------------


def test_full_backward_hook():
    layer, log = nn.Linear(4, 2), []
    layer.register_full_backward_hook(lambda m, grad_input, grad_output: log.append((m is layer, grad_input, grad_output)))
    x = X.clone().requires_grad_()
    cotangent = torch.tensor([[0.5, -2.0]])
    layer(x).backward(cotangent)
    (same, grad_input, grad_output), = log
    assert same and grad_output[0].tolist() == cotangent.tolist()
    assert grad_input[0].tolist() == x.grad.tolist() == (cotangent @ layer.weight).tolist()
    assert layer.weight.grad is layer.weight.grad and layer._is_full_backward_hook


def test_full_backward_hook_without_gradient_of_the_input():
    layer, log = nn.Linear(4, 2), []
    layer.register_full_backward_hook(lambda m, grad_input, grad_output: log.append((grad_input, grad_output[0].shape)))
    layer(X).backward(torch.ones(1, 2))
    assert log == [((None,), (1, 2))]


def test_full_backward_hook_replaces():
    layer = nn.Linear(4, 2)
    layer.register_full_backward_hook(lambda m, grad_input, grad_output: (grad_input[0] * 10,))
    x = X.clone().requires_grad_()
    layer(x).backward(torch.ones(1, 2))
    plain = X.clone().requires_grad_()
    layer.forward(plain).backward(torch.ones(1, 2))
    assert x.grad.tolist() == (plain.grad * 10).tolist()


def test_full_backward_pre_hook():
    layer, log = nn.Linear(4, 2), []
    layer.register_full_backward_pre_hook(lambda m, grad_output: (grad_output[0] * 2,))
    layer.register_full_backward_hook(lambda m, grad_input, grad_output: log.append(grad_output[0].tolist()))
    layer(X).backward(torch.ones(1, 2))
    assert log == [[[2.0, 2.0]]] and layer.bias.grad.tolist() == [2.0, 2.0]


def test_backward_hooks_of_several_inputs_and_outputs():
    class Two(nn.Module):
        def forward(self, a, text, b):
            return a * b, a + b

    module, log = Two(), []
    module.register_full_backward_hook(lambda m, grad_input, grad_output: log.append((grad_input, grad_output)))
    a, b = X.clone().requires_grad_(), X.clone().requires_grad_()
    product, total = module(a, "text", b)
    (product + total * 3).backward(torch.ones(1, 4))
    (grad_input, grad_output), = log
    assert [None if g is None else g.tolist() for g in grad_input] == [a.grad.tolist(), None, b.grad.tolist()]
    assert [g.tolist() for g in grad_output] == [[[1.0] * 4], [[3.0] * 4]]


def test_a_backward_hook_returns_the_wrong_number():
    layer = nn.Linear(4, 2)
    layer.register_full_backward_hook(lambda m, grad_input, grad_output: (None, None))
    with pytest.raises(RuntimeError, match="invalid number of grad_input, got 2, but expected 1"):
        layer(X.clone().requires_grad_()).backward(torch.ones(1, 2))


def test_threads_give_the_same_bits():
    torch.manual_seed(1)
    net = nn.Sequential(nn.Linear(16, 32), nn.Tanh(), nn.Linear(32, 4))
    inputs = [torch.randn(8, 16) for _ in range(2)]

    def work(x, found):
        for _ in range(50):
            y = net(x)
            found.append((y.tolist(), torch.autograd.grad(y.pow(2).mean(), net[0].weight)[0].tolist()))

    alone = []
    for x in inputs:
        work(x, one := [])
        alone.append(one[0])
    together = [[], []]
    threads = [threading.Thread(target=work, args=pair) for pair in zip(inputs, together)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [[result == want for result in found] for found, want in zip(together, alone)] == [[True] * 50] * 2

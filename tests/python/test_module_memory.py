"""Cycles through modules are collected: the number of live modules does not grow."""
import gc
import resource

import lamina as torch
import lamina.nn as nn
import pytest
from lamina._C import _testing


class BoundMethod(nn.Module):
    def __init__(self):
        super().__init__()
        self.f = self.forward

    def forward(self, x):
        return x


class Parent(nn.Module):
    def __init__(self):
        super().__init__()
        self.child = nn.Linear(2, 2)
        self.child.__dict__["parent"] = self


def hook_closure():
    net = nn.Linear(2, 2)
    net.register_forward_hook(lambda m, args, out: net)
    net.register_forward_pre_hook(lambda m, args: (net, None)[1])


def registered_cycle():
    a, b = nn.Module(), nn.Module()
    a.b, b.a = b, a


def shared_child():
    a, child = nn.Module(), nn.Linear(2, 2)
    a.x = a.y = child
    child.__dict__["parent"] = a


def parameter_owner():
    a = nn.Linear(2, 2)
    a.weight.owner = a


def cpp_tree():
    tree = _testing.make_tree()
    tree[1][0].back = tree


def backward_hook():
    net = nn.Linear(2, 2)
    net.register_full_backward_hook(lambda m, grad_input, grad_output: net and None)
    net(torch.ones(1, 2)).backward(torch.ones(1, 2))


def view_of_a_table():
    net = nn.Linear(2, 2)
    net.table = net._parameters


def initialised_again():
    net = nn.Linear(2, 2)
    net.__init__(3, 3)
    net.child = nn.Sequential(net)


def state_hook():
    net = nn.Linear(2, 2)
    net.register_load_state_dict_pre_hook(lambda *args: net)
    net.load_state_dict(net.state_dict())


def live_modules():
    gc.collect()
    return sum(isinstance(o, nn.Module) for o in gc.get_objects())


@pytest.mark.parametrize("make", [
    lambda: nn.Linear(4, 4), BoundMethod, Parent, hook_closure, registered_cycle, shared_child, parameter_owner, cpp_tree,
    backward_hook, view_of_a_table, initialised_again, state_hook,
], ids=lambda f: f.__name__)
def test_nothing_grows(make):
    for _ in range(20):
        make()
    before = live_modules()
    for _ in range(300):
        make()
    assert live_modules() <= before


def resident():
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * resource.getpagesize()


@pytest.mark.parametrize("make", [
    lambda: nn.Linear(4, 4), nn.Module, Parent, hook_closure, registered_cycle, parameter_owner, initialised_again,
    lambda: nn.Sequential(nn.Identity()), lambda: nn.Buffer(torch.ones(2)),
], ids=lambda f: f.__name__)
def test_memory_is_flat_over_100_000_creations(make):
    for _ in range(20_000):
        make()
    gc.collect()
    before = resident()
    for _ in range(100_000):
        make()
    gc.collect()
    assert resident() - before < 2 << 20


def test_deep_nesting_is_freed():
    module = nn.Identity()
    for _ in range(100_000):
        parent = nn.Module()
        parent.child = module
        module = parent
    del module, parent
    assert live_modules() < 10_000


def test_a_finalizer_may_use_the_module():
    log = []

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(2, 2)
            self.me = self

        def __del__(self):
            log.append(self.fc(torch.ones(1, 2)).shape)

    Net()
    gc.collect()
    assert log == [(1, 2)]

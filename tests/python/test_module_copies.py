"""copy, deepcopy and pickle: no __init__ runs, no random number is drawn, what is shared stays shared."""
import copy
import gc
import pickle
import weakref

import lamina as torch
import lamina.nn as nn
import pytest
from lamina._C import _testing

X = torch.tensor([[1.0, 2.0, 3.0, 4.0]])


class Net(nn.Module):
    made = 0

    def __init__(self):
        super().__init__()
        Net.made += 1
        self.fc = nn.Linear(4, 8)
        self.w = nn.Parameter(torch.ones(2))
        self.register_buffer("b", torch.zeros(1))
        self.register_buffer("cache", torch.zeros(1), persistent=False)
        self.none = None
        self.plain = 5

    def forward(self, x):
        return self.fc(x)


class MyLinear(nn.Linear):
    def forward(self, x):
        return super().forward(x) + 1


class Parent(nn.Module):
    def __init__(self):
        super().__init__()
        self.child = nn.Linear(2, 2)
        self.child.__dict__["parent"] = self


class Locked(nn.Module):
    """Leaves something out of its state, as scripts do with locks and files."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)
        self.lock = object()
        self.note = "kept"

    def __getstate__(self):
        state = self.__dict__.copy()
        del state["lock"]
        return state

    def __setstate__(self, state):
        self.__dict__.update(state)
        self.lock = "new"

    def forward(self, x):
        return self.fc(x)


def round_trips():
    return [copy.deepcopy] + [lambda m, p=p: pickle.loads(pickle.dumps(m, p)) for p in (2, 4, 5)]


@pytest.mark.parametrize("copied", round_trips())
def test_everything_comes_along(copied):
    net = Net().eval()
    net.fc.tag = ["x"]
    net.w.note = 1
    net.w.requires_grad_(False)
    made = Net.made
    other = copied(net)
    assert type(other) is Net and Net.made == made
    assert other.fc is not net.fc and other.fc.weight is not net.fc.weight
    assert other(X).tolist() == net(X).tolist()
    assert other.fc.tag == ["x"] and other.fc.tag is not net.fc.tag and other.plain == 5 and other.w.note == 1
    assert not other.training and not other.fc.training and not other.w.requires_grad
    assert list(other.state_dict()) == list(net.state_dict()) and other._non_persistent_buffers_set == {"cache"}
    assert _testing.call(other, X).tolist() == net(X).tolist()


@pytest.mark.parametrize("copied", round_trips())
def test_layers_and_containers(copied):
    for layer in (nn.Linear(4, 2, bias=False), MyLinear(4, 2), nn.Sequential(nn.Linear(4, 4), MyLinear(4, 2)),
                  nn.Sequential(nn.Linear(4, 3, dtype=torch.float64)).float()):
        other = copied(layer)
        assert type(other) is type(layer) and repr(other) == repr(layer)
        assert other(X).tolist() == layer(X).tolist()
    conv = copied(nn.Conv2d(2, 4, 3, padding="same", bias=False))
    assert conv.padding == "same" and conv.bias is None
    drop = nn.Dropout(0.5)
    drop.p = 0.25
    assert copied(drop).p == 0.25
    assert list(copied(nn.ModuleDict({"a": nn.Identity(), "b": nn.Linear(1, 1)}))) == ["a", "b"]
    assert len(copied(nn.ModuleList([nn.Identity()] * 2))) == 2


@pytest.mark.parametrize("copied", round_trips())
def test_what_is_shared_stays_shared(copied):
    module = nn.Module()
    module.a = nn.Linear(3, 3)
    module.b = module.a
    module.c = nn.Linear(3, 3)
    module.c.weight = module.a.weight
    other = copied(module)
    assert other.a is other.b and other.c.weight is other.a.weight and other.c.weight is not module.a.weight
    assert len(list(other.parameters())) == 3


@pytest.mark.parametrize("copied", round_trips())
def test_a_child_may_point_to_its_parent(copied):
    other = copied(Parent())
    assert other.child.parent is other


@pytest.mark.parametrize("copied", round_trips())
def test_a_state_of_the_classes_own(copied):
    net = Locked()
    other = copied(net)
    assert other.lock == "new" and other.note == "kept" and other(X).tolist() == net(X).tolist()
    assert other.fc is not net.fc


@pytest.mark.parametrize("copied", round_trips())
def test_no_random_numbers_are_drawn(copied):
    net = nn.Sequential(nn.Linear(4, 4), nn.Conv2d(1, 1, 3), nn.Embedding(3, 4))
    torch.manual_seed(5)
    expected = torch.rand(3).tolist()
    torch.manual_seed(5)
    copied(net)
    assert torch.rand(3).tolist() == expected


@pytest.mark.parametrize("copied", round_trips())
def test_a_deleted_parameter_stays_deleted(copied):
    layer = nn.Linear(4, 2)
    del layer.weight
    layer.weight_g = nn.Parameter(torch.ones(2))
    other = copied(layer)
    assert not hasattr(other, "weight") and [n for n, _ in other.named_parameters()] == ["bias", "weight_g"]


def global_hook(module, args, output):
    return output * 2


@pytest.mark.parametrize("copied", round_trips())
def test_hooks_come_along(copied):
    layer = nn.Linear(4, 2)
    layer.register_forward_hook(global_hook)
    other = copied(layer)
    assert other(X).tolist() == layer(X).tolist()
    handle = other.register_forward_hook(global_hook)
    assert len(other._forward_hooks) == 2
    handle.remove()
    assert len(other._forward_hooks) == 1 and len(layer._forward_hooks) == 1


def test_a_shallow_copy_shares_the_children():
    net = Net()
    other = copy.copy(net)
    assert other is not net and type(other) is Net and other.fc is net.fc and other.w is net.w
    other.extra = nn.Linear(1, 1)
    assert not hasattr(net, "extra")


def test_a_new_object_with_a_state():
    """What PyTorch's own pickles of whole modules do: cls.__new__, then __setstate__ with the arguments by name."""
    linear = nn.Linear(4, 2)
    made = nn.Linear.__new__(nn.Linear)
    made.__setstate__({"training": False, "in_features": 4, "out_features": 2, "mark": 1, "_modules": {}, "_buffers": {},
                       "_parameters": {"weight": linear.weight, "bias": None}, "_forward_hooks": {}})
    assert made.in_features == 4 and made.mark == 1 and not made.training and made.bias is None
    assert made.weight is linear.weight and repr(made) == "Linear(in_features=4, out_features=2, bias=False)"


# ---- identity while only C++ holds a module ------------------------------------------------------------------------


def test_a_python_module_survives_in_cpp():
    net = Net()
    net.fc.mark = "m"
    net.fc.weight.mark = "w"
    identity = id(net)
    _testing.hold(net)
    del net
    gc.collect()
    again = _testing.held()
    assert id(again) == identity and type(again) is Net and again.plain == 5
    assert again.fc.mark == "m" and again.fc.weight.mark == "w"
    alive = weakref.ref(again)
    del again
    _testing.release()
    gc.collect()
    assert alive() is None


def test_a_cpp_tree_keeps_its_attributes():
    tree = _testing.make_tree()
    tree[0].mark = 1
    tree[0].weight.mark = 2
    tree[1][0].deep = 3
    gc.collect()
    assert tree[0].mark == 1 and tree[0].weight.mark == 2 and tree[1][0].deep == 3 and tree[1] is tree[1]
    assert repr(tree[1]) == "Sequential(\n  (a): Linear(in_features=8, out_features=8, bias=True)\n)"


def test_weak_references():
    net = Net()
    references = [weakref.ref(net), weakref.ref(net.fc), weakref.ref(net.fc.weight)]
    assert references[1]() is net.fc and references[2]() is net.fc.weight
    del net
    gc.collect()
    assert [r() for r in references] == [None] * 3

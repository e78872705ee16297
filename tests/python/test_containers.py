"""Sequential, ModuleList and ModuleDict as PyTorch has them."""
from collections import OrderedDict

import lamina as torch
import lamina.nn as nn
import pytest


def layers(n):
    return [nn.Linear(1, i + 1) for i in range(n)]


def sizes(container):
    return [child.out_features for child in container]


def names(container):
    return [name for name, _ in container.named_children()]


@pytest.mark.parametrize("make", [lambda items: nn.Sequential(*items), nn.ModuleList], ids=["Sequential", "ModuleList"])
class TestLists:
    def test_index_and_slice(self, make):
        items = layers(5)
        container = make(items)
        assert len(container) == 5 and container[0] is items[0] and container[-1] is items[4]
        assert type(container[1:3]) is type(container) and sizes(container[1:3]) == [2, 3] and sizes(container[::-2]) == [5, 3, 1]
        assert list(container) == items and items[2] in container
        for index in (5, -6):
            with pytest.raises(IndexError, match="out of range"):
                container[index]
        with pytest.raises(TypeError):
            container["0"]

    def test_change(self, make):
        container = make(layers(2))
        assert container.append(nn.Linear(1, 7)) is container and container.extend(layers(1)) is container
        assert sizes(container) == [1, 2, 7, 1] and names(container) == ["0", "1", "2", "3"]
        container.insert(1, nn.Linear(1, 9))
        container.insert(-1, nn.Linear(1, 8))
        assert sizes(container) == [1, 9, 2, 7, 8, 1] and names(container) == list("012345")
        assert container.pop(0).out_features == 1 and container.pop(-1).out_features == 1 and names(container) == list("0123")
        container[0] = nn.Linear(1, 5)
        del container[1]
        assert sizes(container) == [5, 7, 8]
        del container[0:2]
        assert sizes(container) == [8] and names(container) == ["0"]
        container += layers(1)
        assert sizes(container) == [8, 1]
        with pytest.raises(TypeError, match="not a Module"):
            container.append(3)

    def test_add(self, make):
        a, b = make(layers(1)), make(layers(2))
        both = a + b
        assert type(both) is type(a) and sizes(both) == [1, 1, 2] and len(a) == 1


def test_sequential_by_name():
    net = nn.Sequential(OrderedDict(a=nn.Linear(2, 3), b=nn.Linear(3, 1)))
    assert names(net) == ["a", "b"] and net.a is net[0] and names(net[1:]) == ["b"]
    assert net(torch.ones(1, 2)).shape == (1, 1)


def test_sequential_repeated():
    shared = nn.Linear(1, 1)
    net = nn.Sequential(shared, nn.ReLU()) * 2
    assert len(net) == 4 and net[0] is net[2] and len(2 * nn.Sequential(shared)) == 2
    net *= 2
    assert len(net) == 8 and len(list(net.parameters())) == 2
    with pytest.raises(ValueError, match="Non-positive multiplication factor 0"):
        net * 0
    with pytest.raises(TypeError):
        net + [shared]


def test_sequential_refuses_others():
    with pytest.raises(TypeError, match="int is not a Module subclass"):
        nn.Sequential(3)
    with pytest.raises(TypeError):
        nn.Sequential(nn.ReLU)


def test_subclasses_keep_their_class_in_slices():
    class Mine(nn.ModuleList):
        pass

    assert type(Mine(layers(3))[:2]) is Mine


def test_module_dict():
    a = nn.Linear(1, 1)
    modules = nn.ModuleDict({"a": a})
    modules["b"] = nn.Identity()
    modules.update([("c", nn.ReLU())])
    modules.update({"d": nn.Tanh()})
    assert list(modules) == list(modules.keys()) == ["a", "b", "c", "d"] and len(modules) == 4
    assert modules["a"] is a is dict(modules.items())["a"] is list(modules.values())[0] is modules.a
    assert "b" in modules and "x" not in modules
    assert isinstance(modules.pop("c"), nn.ReLU)
    del modules["d"]
    assert [name for name in modules] == ["a", "b"]
    for use in (lambda: modules["x"], lambda: modules.pop("x"), lambda: modules.__delitem__("x")):
        with pytest.raises(KeyError, match="x"):
            use()
    with pytest.raises(TypeError, match="not a Module"):
        modules["x"] = 3
    with pytest.raises(KeyError, match="already exists"):
        modules["pop"] = nn.ReLU()
    modules.clear()
    assert len(modules) == 0

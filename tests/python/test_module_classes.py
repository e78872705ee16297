"""Python classes of every kind over C++ modules."""
import dataclasses
import functools
import typing
from abc import ABC, abstractmethod

import lamina as torch
import lamina.nn as nn
import pytest
from lamina._C import _testing


def test_init_twice_starts_again():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(1, 1)
            nn.Module.__init__(self)
            self.second = nn.Linear(1, 1)

    assert [name for name, _ in Twice().named_children()] == ["second"]


def test_a_layer_initialised_again():
    layer = nn.Linear(2, 2)
    net = nn.Sequential(layer)
    layer.__init__(3, 4)
    assert layer.weight.shape == (4, 3) and net(torch.ones(1, 3)).shape == (1, 4)
    assert [p.shape for p in net.parameters()] == [(4, 3), (4,)]


def test_unexpected_arguments_of_module():
    with pytest.raises(TypeError, match="got an unexpected keyword argument 'size'"):
        nn.Module(size=3)
    with pytest.raises(TypeError, match="takes 1 positional argument but 2 were given"):
        nn.Module(3)


def test_cooperative_mixins():
    class Mixin:
        def __init__(self, tag="t", **keywords):
            super().__init__(**keywords)
            self.tag = tag

    class First(Mixin, nn.Module):
        def __init__(self, **keywords):
            super().__init__(**keywords)
            self.fc = nn.Linear(1, 1)

    class Last(nn.Module, Mixin):
        call_super_init = True

    assert First(tag="q").tag == "q" and Last(tag="r").tag == "r"


def test_several_module_bases():
    class A(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.Linear(1, 1)

    class B(nn.Module):
        def __init__(self):
            super().__init__()
            self.b = nn.Linear(1, 1)

    class C(A, B):
        def __init__(self):
            super().__init__()
            self.c = nn.Linear(1, 1)

    class D(nn.Sequential, A):
        def __init__(self):
            nn.Sequential.__init__(self, nn.Linear(1, 1))

    class E(nn.ModuleList, A):
        def __init__(self):
            nn.ModuleList.__init__(self, [nn.Identity()])

    class F(nn.Sequential, A):
        def __init__(self):
            A.__init__(self)
            nn.Sequential.__init__(self, nn.Linear(1, 2))

    assert [name for name, _ in C().named_children()] == ["b", "a", "c"]
    assert len(D()) == 1 and len(E()) == 1 and F()(torch.ones(1, 1)).shape == (1, 2)


def test_abstract_classes():
    class Base(nn.Module, ABC):
        @abstractmethod
        def encode(self, x): ...

    class Whole(Base):
        def encode(self, x):
            return x

    assert Whole().encode(3) == 3
    with pytest.raises(TypeError, match="abstract"):
        Base()


def test_generic_and_dataclass():
    T = typing.TypeVar("T")

    class G(nn.Module, typing.Generic[T]):
        def __init__(self):
            super().__init__()

    @dataclasses.dataclass(eq=False)
    class D(nn.Module):
        size: int = 3

        def __post_init__(self):
            super().__init__()
            self.fc = nn.Linear(1, self.size)

    G[int]()
    assert D(4).fc.out_features == 4


def test_slots():
    class S(nn.Module):
        __slots__ = ("q",)

        def __init__(self):
            super().__init__()
            self.q = 3
            self.fc = nn.Linear(1, 1)

    s = S()
    assert s.q == 3 and "q" not in vars(s) and s.fc.in_features == 1


def test_subclass_of_a_layer():
    class MyLinear(nn.Linear):
        def forward(self, input):
            self.seen = True
            return super().forward(input)

    layer = MyLinear(4, 2)
    assert layer(torch.ones(1, 4)).shape == (1, 2) and layer.seen
    assert isinstance(layer, nn.Linear) and isinstance(layer, nn.Module)


def test_subclass_of_a_layer_that_makes_its_own_parameters():
    class Own(nn.Linear):
        def __init__(self):
            nn.Module.__init__(self)
            self.in_features = 4
            self.scale = nn.Parameter(torch.ones(1))

        def forward(self, x):
            return x * self.scale

    own = Own()
    assert own.in_features == 4 and own(torch.ones(2)).tolist() == [1, 1]
    with pytest.raises(AttributeError, match="'Own' object has no attribute 'out_features'"):
        own.out_features


def test_overridden_reset_parameters_draws_nothing_else():
    class Reset(nn.Linear):
        def reset_parameters(self):
            self.was = "python"
            nn.init.zeros_(self.weight)

    torch.manual_seed(3)
    expected = torch.rand(1).tolist()
    torch.manual_seed(3)
    layer = Reset(3, 3, bias=False)
    assert layer.was == "python" and layer.weight.tolist() == [[0.0] * 3] * 3
    assert torch.rand(1).tolist() == expected


def test_reset_parameters_can_call_the_layers_own():
    class Scaled(nn.Linear):
        def reset_parameters(self):
            super().reset_parameters()
            with torch.no_grad():
                self.weight.mul_(2)

    torch.manual_seed(1)
    plain = nn.Linear(3, 3)
    torch.manual_seed(1)
    scaled = Scaled(3, 3)
    assert (plain.weight * 2).tolist() == scaled.weight.tolist() and plain.bias.tolist() == scaled.bias.tolist()


def test_subclass_of_sequential_registers_more():
    class Seq(nn.Sequential):
        def __init__(self):
            super().__init__(nn.Linear(4, 4))
            self.extra = nn.Linear(4, 1)

    seq = Seq()
    assert seq(torch.ones(1, 4)).shape == (1, 1) and len(seq) == 2


def test_annotations_and_partial():
    def f(m: nn.Module) -> "nn.Module | None": ...

    assert typing.get_type_hints(f)["m"] is nn.Module and (nn.Module | None)
    assert functools.partial(nn.Linear, bias=False)(2, 2).bias is None


def test_cpp_sees_the_python_classes():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(4, 8)

        def forward(self, x):
            return self.fc(x)

    assert _testing.kinds(nn.Sequential(Net(), nn.Linear(8, 3))) == [
        ("", "Sequential"), ("0", "Module"), ("0.fc", "Linear"), ("1", "Linear")]

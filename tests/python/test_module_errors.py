"""An error tells the path of the module in which it arose."""
import traceback

import lamina as torch
import lamina.nn as nn
import pytest
from lamina._C import _testing

X = torch.tensor([[1.0, 2.0, 3.0]])


class Boom(nn.Module):
    def forward(self, x):
        raise KeyError("boom")


class Block(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x)


class Net(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.encoder = nn.Sequential(*layers)

    def forward(self, x):
        return self.encoder(x)


CALLERS = [lambda net: net(X), lambda net: _testing.call(net, X)]


@pytest.mark.parametrize("call", CALLERS)
def test_a_layers_error_names_its_path(call):
    net = Net(nn.Identity(), Block(nn.Linear(5, 2)))
    with pytest.raises(torch.ShapeError) as raised:
        call(net)
    error = raised.value
    assert str(error) == f"encoder.1.layer ({net.encoder[1].layer!r}): {error.message}"
    assert str(error).startswith("encoder.1.layer (Linear(in_features=5, out_features=2, bias=True)): input (1, 3) must")
    assert (error.path, error.layer) == ("encoder.1.layer", "Linear(in_features=5, out_features=2, bias=True)")
    assert isinstance(error, RuntimeError) and isinstance(error, ValueError)


def test_a_layer_alone_has_no_path():
    with pytest.raises(torch.ShapeError) as raised:
        nn.Linear(5, 2)(X)
    assert str(raised.value).startswith("Linear(in_features=5, out_features=2, bias=True): input (1, 3) must")
    assert raised.value.path == ""


def test_a_function_inside_a_python_forward():
    class Mine(nn.Module):
        def forward(self, x):
            return x @ x

        def extra_repr(self):
            return "of mine"

    with pytest.raises(RuntimeError) as raised:
        Net(Mine())(X)
    assert str(raised.value).startswith("encoder.0 (Mine(of mine)")


@pytest.mark.parametrize("call", CALLERS)
def test_another_exception_keeps_all_and_gets_one_note(call):
    net = Net(nn.Identity(), nn.Sequential(nn.Identity(), Boom()))
    with pytest.raises(KeyError) as raised:
        call(net)
    assert raised.value.args == ("boom",) and "in forward" in "".join(traceback.format_exception(raised.value))
    assert raised.value.__notes__ == ["in encoder.1.1 (Boom) of Net"]


def test_notes_of_others_stay():
    class Noted(nn.Module):
        def forward(self, x):
            error = ValueError("x")
            error.add_note("mine")
            raise error

    with pytest.raises(ValueError) as raised:
        Net(Noted())(X)
    assert raised.value.__notes__ == ["mine", "in encoder.0 (Noted) of Net"]


def test_modules_in_a_plain_list_keep_what_is_known():
    class Hidden(nn.Module):
        def __init__(self, layer):
            super().__init__()
            self.layers = [layer]

        def forward(self, x):
            return self.layers[0](x)

    with pytest.raises(torch.ShapeError, match="^layer .Linear"):
        Hidden(Block(nn.Linear(5, 2)))(X)
    with pytest.raises(KeyError) as raised:
        Hidden(Block(Boom()))(X)
    assert raised.value.__notes__ == ["in layer (Boom) of Block"]


def test_exceptions_that_are_no_errors_pass_untouched():
    class Stop(nn.Module):
        def forward(self, x):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as raised:
        Net(Stop())(X)
    assert not hasattr(raised.value, "__notes__")


def test_an_exception_with_attributes_of_its_own_mind():
    class Strict(Exception):
        def __setattr__(self, name, value):
            raise RuntimeError("no")

    class Fails(nn.Module):
        def forward(self, x):
            raise Strict("x")

    with pytest.raises(Strict):
        Net(Fails())(X)


def test_constructors_name_the_layer():
    with pytest.raises(TypeError, match="^Linear: in_features: expected an int, got 'a'"):
        nn.Linear("a", 3)
    with pytest.raises(torch.OptionError, match="^Conv2d"):
        nn.Conv2d(3, 4, 3, padding_mode="nope")

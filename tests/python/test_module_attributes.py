"""Attributes of a module: what registers itself, what replaces what, and what is refused."""
import gc
import warnings

import lamina as torch
import lamina.nn as nn
import pytest


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 8)
        self.w = nn.Parameter(torch.ones(2))
        self.register_buffer("b", torch.zeros(1))
        self.none = None
        self.plain = 5
        self.listed = [nn.Linear(2, 2)]

    def forward(self, x):
        return self.fc(x)


def test_assignment_registers():
    net = Net()
    assert net.fc is net.fc and net.fc.weight is net.fc.weight
    assert net.none is None and net.plain == 5 and len(net.listed) == 1
    assert [name for name, _ in net.named_parameters()] == ["w", "fc.weight", "fc.bias"]
    assert list(net.state_dict()) == ["w", "b", "fc.weight", "fc.bias"]
    assert {net.w: 1}[net.w] == 1


def test_children_keep_the_order_of_registration():
    net = Net()
    net.zz = nn.Linear(1, 1)
    net.aa = nn.Linear(1, 1)
    assert [name for name, _ in net.named_children()] == ["fc", "zz", "aa"]


def test_a_child_is_replaced_emptied_and_deleted():
    net = Net()
    before = net.fc
    net.fc = nn.Linear(4, 2)
    assert net.fc is not before and net(torch.ones(1, 4)).shape == (1, 2)
    net.fc = None
    assert net.fc is None and "fc" in net._modules
    del net.fc
    assert not hasattr(net, "fc")
    net.fc = 7
    assert net.fc == 7 and "fc" not in net._modules
    net.fc = nn.Linear(1, 1)
    assert "fc" in dict(net.named_children()) and "fc" not in vars(net)
    net.plain = nn.Identity()
    assert isinstance(net.plain, nn.Identity) and "plain" not in vars(net)


@pytest.mark.parametrize("name, value, message", [
    ("fc", 3, "cannot assign 'int' as child module 'fc' (torch.nn.Module or None expected)"),
    ("w", 3, "cannot assign 'int' as parameter 'w' (torch.nn.Parameter or None expected)"),
    ("b", 3, "cannot assign 'int' as buffer 'b' (torch.nn.Buffer, torch.Tensor or None expected)"),
])
def test_other_values_are_refused_under_a_registered_name(name, value, message):
    with pytest.raises(TypeError) as error:
        setattr(Net(), name, value)
    assert str(error.value) == message


def test_a_plain_tensor_is_no_parameter():
    net = Net()
    with pytest.raises(TypeError, match="as parameter 'w'"):
        net.w = torch.ones(2)
    net.b = torch.ones(3)
    assert net.b.shape == (3,) and dict(net.named_buffers())["b"] is net.b


def test_a_name_moves_between_the_tables():
    net = Net()
    net.b = nn.Parameter(torch.ones(1))
    assert "b" in net._parameters and "b" not in net._buffers
    net.fc = nn.Parameter(torch.ones(1))
    assert "fc" in net._parameters and "fc" not in net._modules
    with pytest.raises(TypeError, match="as parameter 'fc'"):
        net.fc = nn.Linear(1, 1)


def test_a_computed_tensor_in_the_place_of_a_layers_weight_is_what_forward_uses():
    layer = nn.Linear(4, 2, bias=False)
    direction = nn.Parameter(torch.ones(2, 4))
    del layer.weight
    assert not hasattr(layer, "weight") and not list(layer.parameters())
    layer.weight = direction * 2
    assert layer.weight.requires_grad and not list(layer.parameters())
    layer(torch.ones(3, 4)).backward(torch.ones(3, 2))
    assert direction.grad.tolist() == [[6.0] * 4] * 2
    layer.weight = nn.Parameter(torch.zeros(2, 4))
    assert [name for name, _ in layer.named_parameters()] == ["weight"]


def test_a_layer_without_its_weight_says_so():
    layer = nn.Linear(4, 2)
    del layer.weight
    with pytest.raises(Exception, match="weight"):
        layer(torch.ones(1, 4))


@pytest.mark.parametrize("assign", [lambda m: setattr(m, "fc", nn.Linear(1, 1)), lambda m: setattr(m, "p", nn.Parameter(torch.ones(1)))])
def test_nothing_registers_before_init(assign):
    class Bad(nn.Module):
        def __init__(self):
            self.plain = 1
            assign(self)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(AttributeError, match=r"before Module.__init__\(\) call"):
            Bad()


def test_a_module_that_was_not_initialised_says_so():
    class Bad(nn.Module):
        def __init__(self):
            pass

        def forward(self, x):
            return x

    bad = Bad()
    repr(bad)
    for use in (lambda: bad(1), lambda: list(bad.parameters()), lambda: bad.train(), lambda: bad._modules):
        with pytest.raises(AttributeError, match="super"):
            use()
    with pytest.raises(AttributeError, match="super"):
        nn.Sequential(bad)


def test_properties_and_getattr():
    class Wrapper(nn.Module):
        def __init__(self):
            super().__init__()
            self.module = Net()

        @property
        def device(self):
            return "cpu"

        @property
        def broken(self):
            return self.nonexistent

        def __getattr__(self, name):
            try:
                return super().__getattr__(name)
            except AttributeError:
                return getattr(self.module, name)

    wrapper = Wrapper()
    assert wrapper.device == "cpu" and wrapper.plain == 5 and wrapper.fc is wrapper.module.fc
    for name in ("nope", "broken"):
        with pytest.raises(AttributeError):
            getattr(wrapper, name)
    with pytest.raises(AttributeError, match="'Net' object has no attribute 'nope'"):
        Net().nope
    with pytest.raises(AttributeError, match="'Linear' object has no attribute 'nope'"):
        nn.Linear(1, 1).nope


def test_object_setattr_hides_a_module():
    net = Net()
    object.__setattr__(net, "hidden", nn.Linear(1, 1))
    assert "hidden" not in dict(net.named_children()) and net.hidden.in_features == 1


def test_names_that_are_not_interned_are_found():
    net = Net()
    name = "".join(["f", "c"])
    assert getattr(net, name) is net.fc and hasattr(net, "".join(["we", "ight"])) is False
    setattr(net, "".join(["d", "yn"]), nn.Identity())
    assert "dyn" in net._modules


def test_dir_and_vars():
    net = Net()
    assert {"fc", "w", "b", "plain", "forward", "parameters"} <= set(dir(net))
    assert "0" not in dir(nn.Sequential(net))
    assert vars(net)["plain"] == 5 and "fc" not in vars(net)


def test_the_tables_are_live_mappings():
    net = Net()
    net._modules["extra"] = nn.Linear(2, 3)
    assert net.extra.out_features == 3 and list(net._modules) == ["fc", "extra"]
    assert [name for name, _ in net._parameters.items()] == ["w"] and net._buffers["b"] is net.b
    del net._modules["extra"]
    assert not hasattr(net, "extra") and "extra" not in net._modules
    net._parameters["w"] = None
    assert net.w is None and len(net._parameters) == 1
    net._buffers.update(c=torch.ones(1))
    assert net.c.item() == 1 and net._buffers.pop("c").item() == 1
    with pytest.raises(KeyError):
        net._parameters["nope"]
    with pytest.raises(TypeError):
        net._modules["bad"] = 3
    net._modules = {"only": nn.Identity()}
    assert [name for name, _ in net.named_children()] == ["only"]


def test_non_persistent_buffers():
    net = Net()
    net.register_buffer("cache", torch.ones(1), persistent=False)
    assert "cache" not in net.state_dict() and net._non_persistent_buffers_set == {"cache"}
    net._non_persistent_buffers_set.discard("cache")
    assert "cache" in net.state_dict()
    net.register_buffer("later", None)
    net.later = torch.ones(1)
    assert "later" in net.state_dict()


@pytest.mark.parametrize("register, error, message", [
    (lambda m: m.register_buffer("a.b", None), KeyError, 'buffer name can\'t contain "."'),
    (lambda m: m.register_buffer("", None), KeyError, 'buffer name can\'t be empty string ""'),
    (lambda m: m.register_buffer("plain", None), KeyError, "attribute 'plain' already exists"),
    (lambda m: m.register_buffer("x", 3), TypeError, "cannot assign 'int' object to buffer 'x' (torch Tensor or None required)"),
    (lambda m: m.register_parameter("fc", None), KeyError, "attribute 'fc' already exists"),
    (lambda m: m.register_parameter("x", torch.ones(1)), TypeError, "object to parameter 'x' (torch.nn.Parameter or None required)"),
    (lambda m: m.add_module("a.b", None), KeyError, 'module name can\'t contain ".", got: a.b'),
    (lambda m: m.add_module("x", 3), TypeError, "int is not a Module subclass"),
    (lambda m: m.add_module(3, None), TypeError, "module name should be a string. Got int"),
])
def test_registration_is_checked(register, error, message):
    with pytest.raises(error) as raised:
        register(Net())
    assert message in raised.value.args[0]


def test_by_path():
    net = nn.Sequential(Net())
    assert net.get_submodule("0.fc") is net[0].fc and net.get_submodule("") is net
    assert net.get_parameter("0.fc.weight") is net[0].fc.weight and net.get_buffer("0.b") is net[0].b
    with pytest.raises(AttributeError, match="Net has no attribute `nope`"):
        net.get_submodule("0.nope")
    with pytest.raises(AttributeError, match="`plain` is not an nn.Module"):
        net.get_submodule("0.plain")
    with pytest.raises(AttributeError, match="`b` is not an nn.Parameter"):
        net.get_parameter("0.b")
    net.set_submodule("0.fc", nn.Identity())
    assert isinstance(net[0].fc, nn.Identity)


def test_subclasses_of_parameter_and_tensor_survive():
    class MyParameter(nn.Parameter):
        def __new__(cls, data, tag=None):
            made = super().__new__(cls, data)
            made.tag = tag
            return made

    module = nn.Module()
    module.p = MyParameter(torch.ones(1), tag="t")
    module.p._no_weight_decay = True
    gc.collect()
    assert type(module.p) is MyParameter and module.p.tag == "t" and module.p._no_weight_decay
    assert next(module.parameters()) is module.p


def test_training_is_an_attribute():
    net = nn.Sequential(Net())
    assert net.training is True
    assert net.train(False) is net and not net[0].fc.training
    net.training = True
    assert net.training and not net[0].training
    with pytest.raises(ValueError, match="boolean"):
        net.train(1)


def test_an_overridden_train_is_respected():
    class Frozen(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm = nn.BatchNorm1d(2)

        def train(self, mode=True):
            super().train(mode)
            self.norm.eval()
            return self

    net = nn.Sequential(Frozen())
    net.train()
    assert net[0].training and not net[0].norm.training
    net.eval()
    assert not net[0].training

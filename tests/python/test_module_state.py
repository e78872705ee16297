"""state_dict and load_state_dict with all that classes and hooks may add."""
import collections

import lamina as torch
import lamina.nn as nn
import pytest


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2)
        self.norm = nn.BatchNorm1d(2)


def test_state_dict():
    net = Net()
    state = net.state_dict()
    assert type(state) is collections.OrderedDict
    assert list(state) == ["fc.weight", "fc.bias", "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var",
                           "norm.num_batches_tracked"]
    assert state._metadata == {"": {"version": 1}, "fc": {"version": 1}, "norm": {"version": 2}}
    assert not state["fc.weight"].requires_grad
    with torch.no_grad():
        net.fc.weight.fill_(7)
    assert state["fc.weight"].tolist() == [[7.0] * 3] * 2


def test_state_dict_options():
    net = Net()
    assert net.state_dict(keep_vars=True)["fc.weight"] is net.fc.weight
    assert list(net.fc.state_dict(prefix="a.")) == ["a.weight", "a.bias"]
    mine = {}
    assert net.fc.state_dict(destination=mine) is mine and list(mine) == ["weight", "bias"]
    assert list(net.fc.state_dict(mine, "x.")) == ["weight", "bias", "x.weight", "x.bias"]


def test_load_state_dict():
    net, other = Net(), Net()
    weight = other.fc.weight
    result = other.load_state_dict(net.state_dict())
    assert repr(result) == "<All keys matched successfully>" and result.missing_keys == [] == result.unexpected_keys
    assert other.fc.weight is weight and weight.tolist() == net.fc.weight.tolist() and weight.requires_grad


def test_missing_and_unexpected_keys():
    net = Net()
    state = net.state_dict()
    state["extra"] = state.pop("fc.bias")
    state["fc.more.weight"] = torch.ones(1)
    with pytest.raises(RuntimeError) as raised:
        net.load_state_dict(state)
    assert str(raised.value).startswith(
        'Error(s) in loading state_dict for Net:\n\tMissing key(s) in state_dict: "fc.bias". \n\t'
        'Unexpected key(s) in state_dict: "extra", "fc.more.weight". ')
    missing, unexpected = net.load_state_dict(state, strict=False)
    assert missing == ["fc.bias"] and unexpected == ["extra", "fc.more.weight"]


def test_other_shapes():
    net = Net()
    state = net.state_dict()
    state["fc.weight"] = torch.ones(3, 3)
    for strict in (True, False):
        with pytest.raises(torch.LoadError) as raised:
            net.load_state_dict(state, strict=strict)
        assert ("size mismatch for fc.weight: copying a param with shape torch.Size([3, 3]) from checkpoint, the shape in "
                "current model is torch.Size([2, 3]).") in str(raised.value)
    with pytest.raises(TypeError, match="dict-like"):
        net.load_state_dict([1])
    state["fc.weight"] = "text"
    with pytest.raises(RuntimeError, match="Tensor-like object from checkpoint but received <class 'str'>"):
        net.load_state_dict(state)


def test_assign():
    net = Net()
    state = {name: value.clone().double() if value.is_floating_point() else value.clone() for name, value in net.state_dict().items()}
    net.fc.bias.requires_grad_(False)
    net.load_state_dict(state, assign=True)
    assert isinstance(net.fc.weight, nn.Parameter) and net.fc.weight.dtype == torch.float64 and net.fc.weight.requires_grad
    assert not net.fc.bias.requires_grad and net.norm.running_mean is state["norm.running_mean"]


def test_num_batches_tracked_may_be_missing():
    net = Net()
    state = dict(net.state_dict())
    del state["norm.num_batches_tracked"]
    assert net.load_state_dict(state).missing_keys == []


def test_extra_state():
    class Counter(nn.Module):
        def __init__(self):
            super().__init__()
            self.count = 0

        def get_extra_state(self):
            return {"count": self.count}

        def set_extra_state(self, state):
            self.count = state["count"]

    net, other = nn.Sequential(Counter()), nn.Sequential(Counter())
    net[0].count = 3
    state = net.state_dict()
    assert list(state) == ["0._extra_state"]
    other.load_state_dict(state)
    assert other[0].count == 3
    with pytest.raises(RuntimeError, match='Missing key.*"0._extra_state"'):
        other.load_state_dict({})
    with pytest.raises(RuntimeError, match="Unexpected key"):
        nn.Sequential(nn.Identity()).load_state_dict(state)


def test_overridden_methods():
    class Renamed(nn.Linear):
        def _save_to_state_dict(self, destination, prefix, keep_vars):
            super()._save_to_state_dict(destination, prefix, keep_vars)
            destination[prefix + "kernel"] = destination.pop(prefix + "weight")

        def _load_from_state_dict(self, state_dict, prefix, *args):
            state_dict[prefix + "weight"] = state_dict.pop(prefix + "kernel")
            super()._load_from_state_dict(state_dict, prefix, *args)

    net, other = nn.Sequential(Renamed(2, 2)), nn.Sequential(Renamed(2, 2))
    state = net.state_dict()
    assert list(state) == ["0.bias", "0.kernel"]
    other.load_state_dict(state)
    assert other[0].weight.tolist() == net[0].weight.tolist() and list(state) == ["0.bias", "0.kernel"]


def test_an_overridden_state_dict():
    class Hidden(nn.Linear):
        def state_dict(self, *args, destination=None, prefix="", keep_vars=False):
            return destination

    assert list(nn.Sequential(Hidden(1, 1), nn.Linear(1, 1)).state_dict()) == ["1.weight", "1.bias"]


def test_hooks():
    net, log = Net(), []
    net.register_state_dict_pre_hook(lambda m, prefix, keep_vars: log.append(("pre", m is net, prefix, keep_vars)))
    net.register_state_dict_post_hook(lambda m, state, prefix, metadata: log.append(("post", len(state), metadata)))
    net.state_dict()
    assert log == [("pre", True, "", False), ("post", 7, {"version": 1})]
    net._register_state_dict_hook(lambda m, state, prefix, metadata: {"only": 1})
    assert net.state_dict() == {"only": 1}


def test_load_hooks():
    net = Net()

    def rename(module, state_dict, prefix, metadata, strict, missing, unexpected, errors):
        state_dict[prefix + "weight"] = state_dict.pop(prefix + "old")

    handle = net.fc.register_load_state_dict_pre_hook(rename)
    state = net.state_dict()
    state["fc.old"] = state.pop("fc.weight")
    net.load_state_dict(state)
    handle.remove()
    with pytest.raises(RuntimeError):
        net.load_state_dict(state)
    net.register_load_state_dict_post_hook(lambda m, keys: (keys.missing_keys.clear(), keys.unexpected_keys.clear())[2:] or None)
    net.load_state_dict(state)


@pytest.mark.parametrize("change, dtype", [
    (lambda m: m.double(), "float64"), (lambda m: m.to(torch.float64), "float64"), (lambda m: m.half(), "float16"),
    (lambda m: m.bfloat16(), "bfloat16"), (lambda m: m.to("cpu", torch.float64), "float64"),
    (lambda m: m.to(device="cpu", dtype=torch.float64), "float64"), (lambda m: m.to(torch.ones(1).double()), "float64"),
    (lambda m: m.type(torch.float64), "float64"), (lambda m: m.cpu().to("cpu"), "float32"),
])
def test_change_of_dtype(change, dtype):
    net = Net()
    weight = net.fc.weight
    weight.grad = torch.ones(2, 3)
    assert change(net) is net
    assert net.fc.weight is weight and weight.requires_grad and weight.is_leaf
    assert weight.dtype is net.norm.running_mean.dtype is weight.grad.dtype is getattr(torch, dtype)


def test_change_of_dtype_keeps_integers_and_refuses_others():
    net = Net().double()
    assert net.norm.num_batches_tracked.dtype is torch.int64
    with pytest.raises(TypeError, match="only accepts floating point"):
        net.to(torch.int64)
    with pytest.raises(RuntimeError):
        net.to("cuda")
    for name in ("cuda", "share_memory"):
        with pytest.raises(NotImplementedError):
            getattr(net, name)()


def test_an_overridden_apply():
    class Extra(nn.Linear):
        def _apply(self, fn, *args):
            self.extra = fn(self.extra) if hasattr(self, "extra") else fn(torch.ones(1))
            return super()._apply(fn, *args)

    net = nn.Sequential(Extra(1, 1)).double()
    assert net[0].extra.dtype is torch.float64


def test_walking():
    net = nn.Sequential(Net(), Net())
    net.add_module("again", net[0])
    assert [n for n, _ in net.named_modules()] == ["", "0", "0.fc", "0.norm", "1", "1.fc", "1.norm"]
    assert len(list(net.modules())) == 7 and len(list(net.children())) == 2
    assert [n for n, _ in net.named_parameters(prefix="p", recurse=False)] == []
    assert len(list(net.parameters())) == 8 and len(list(net.named_parameters(remove_duplicate=False))) == 12
    assert [n for n, _ in net[0].named_buffers("x")] == ["x.norm.running_mean", "x.norm.running_var", "x.norm.num_batches_tracked"]
    assert next(net.parameters()) is net[0].fc.weight


def test_requires_grad_zero_grad_apply():
    net, seen = Net(), []
    assert net.requires_grad_(False) is net and not any(p.requires_grad for p in net.parameters())
    net.requires_grad_()
    net.fc(torch.ones(1, 3)).backward(torch.ones(1, 2))
    net.zero_grad(set_to_none=False)
    assert net.fc.bias.grad.tolist() == [0.0, 0.0]
    net.zero_grad()
    assert net.fc.bias.grad is None
    assert net.apply(lambda m: seen.append(type(m).__name__)) is net and seen == ["Linear", "BatchNorm1d", "Net"]

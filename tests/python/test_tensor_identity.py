"""One Python object a tensor, for life: identity, attributes, subclasses, copies, pickles, cycles and leaks."""

import copy
import gc
import pickle
import resource
import threading
import weakref

import pytest

import lamina as torch
from lamina import nn


def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # kilobytes, at most so far


def test_the_same_object_while_only_cpp_holds_it():
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    y = (w * w).sum()
    w.note = "kept"
    address = id(w)
    del w
    gc.collect()
    variable = y.grad_fn.next_functions[0][0].next_functions[0][0].variable  # the graph alone holds it
    assert id(variable) == address and variable.note == "kept"


def test_grad_is_one_object():
    w = torch.ones(2, requires_grad=True)
    (w * torch.tensor([3.0, 4.0])).backward(torch.ones(2))
    assert w.grad is w.grad and w.grad.tolist() == [3.0, 4.0]
    w.grad.mark = 1
    assert w.grad.mark == 1
    w.grad = None
    assert w.grad is None


def test_in_place_and_self_returning_methods_return_the_object():
    x = torch.zeros(2)
    y = x
    y += 1
    assert y is x and x.add_(1) is x and x.fill_(3) is x and x.requires_grad_() is x
    assert x.contiguous() is x and x.to(torch.float32) is x and x.cpu() is x and x.float() is x


def test_hash_is_identity_and_equality_is_elementwise():
    x, y = torch.ones(2), torch.ones(2)
    assert hash(x) == id(x)
    table = {x: 1, y: 2}
    assert table[x] == 1 and table[y] == 2 and (x == y).all()
    assert len({x, y, x}) == 2


def test_attributes_and_weak_references():
    x = torch.ones(2)
    x.note = {"a": 1}
    assert vars(x) == {"note": {"a": 1}}
    reference = weakref.ref(x)
    assert reference() is x
    del x
    assert reference() is None
    with pytest.raises(AttributeError):
        torch.ones(2).shape = 3
    with pytest.raises(AttributeError):
        torch.ones(2).nothing


class Named(nn.Parameter):
    def __new__(cls, data=None, requires_grad=True, name=""):
        self = super().__new__(cls, data, requires_grad)
        self.name = name
        return self


class Initialised(torch.Tensor):
    def __init__(self, data):
        super().__init__()
        self.extra = len(data)


def test_subclasses():
    p = Named(torch.ones(2), name="w")
    assert isinstance(p, nn.Parameter) and isinstance(p, torch.Tensor) and p.requires_grad and p.name == "w"
    assert type(p) is Named and repr(p) == "Parameter containing:\nParameter(Named([1., 1.], requires_grad=True))"
    assert copy.deepcopy(p).name == "w" and type(copy.deepcopy(p)) is Named
    t = Initialised([1, 2, 3])
    assert t.extra == 3 and t.tolist() == [1.0, 2.0, 3.0] and type(t) is Initialised
    assert type(pickle.loads(pickle.dumps(t))) is Initialised
    y = (p * 2).sum()
    y.backward()
    p.update = 1
    del t
    assert p.grad.tolist() == [2.0, 2.0]


def test_parameter():
    x = torch.ones(2)
    p = nn.Parameter(x)
    assert p.data_ptr() == x.data_ptr() and p is not x and p.is_leaf and p.requires_grad and not x.requires_grad
    assert nn.Parameter().shape == (0,) and not nn.Parameter(x, requires_grad=False).requires_grad
    assert isinstance(p, nn.Parameter) and not isinstance(x, nn.Parameter)
    for wrong in ([1.0, 2.0], 3, "a"):
        with pytest.raises(TypeError):
            nn.Parameter(wrong)
    with pytest.raises(RuntimeError):
        nn.Parameter(torch.tensor([1, 2]))


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"])
def test_pickle(dtype, protocol):
    x = torch.tensor([[0, 1, 1], [1, 0, 1]]).to(getattr(torch, dtype))
    for t in (x, x.t(), x[:, 1:], x[0].expand(4, 3), x[0, 0], x[:0]):
        back = pickle.loads(pickle.dumps(t, protocol))
        assert back.dtype is t.dtype and back.shape == t.shape and back.tolist() == t.tolist()
    assert pickle.loads(pickle.dumps(x.t(), protocol)).stride() == (1, 3)


def test_pickle_keeps_attributes_and_what_asks_for_gradients():
    p = nn.Parameter(torch.ones(2))
    p.group = "a"
    same, again = pickle.loads(pickle.dumps((p, p)))
    assert same is again and same.group == "a" and same.requires_grad and type(same) is nn.Parameter
    assert not pickle.loads(pickle.dumps(torch.ones(2))).requires_grad


@pytest.mark.parametrize("arguments", [
    (torch.Tensor, torch.float32, (3,), (1,), b"\0" * 8, False),
    (torch.Tensor, torch.float32, (2, 2), (4, 1), b"\0" * 16, False),
    (torch.Tensor, torch.float32, (2,), (-1,), b"\0" * 8, False),
    (torch.Tensor, torch.float32, (-2,), (1,), b"", False),
    (torch.Tensor, torch.float32, (2**62, 4), (4, 1), b"", False),
    (int, torch.float32, (2,), (1,), b"\0" * 8, False),
    (torch.Tensor, 3, (2,), (1,), b"\0" * 8, False),
])
def test_a_damaged_pickle_is_refused(arguments):
    with pytest.raises(torch.Error):
        torch._C._rebuild_tensor(*arguments)


def test_deepcopy():
    x = torch.arange(6.0).view(2, 3).t()
    x.note = [1]
    y = copy.deepcopy(x)
    assert y.stride() == x.stride() and y.tolist() == x.tolist() and y.data_ptr() != x.data_ptr()
    assert y.note == [1] and y.note is not x.note
    base = torch.zeros(4)
    a, b, again = copy.deepcopy([base[:2], base, base])
    b[0] = 5
    assert a[0] == 5 and b is again  # views stay views of one memory
    w = torch.ones(2, requires_grad=True)
    (w * 3).backward(torch.ones(2))
    v = copy.deepcopy(w)
    assert v.requires_grad and v.grad.tolist() == [3.0, 3.0] and v.grad is not w.grad
    with pytest.raises(RuntimeError, match="graph leaves"):
        copy.deepcopy(w * 2)
    c = copy.copy(w)
    assert c is not w and c.data_ptr() == w.data_ptr() and c.requires_grad


def test_dtypes_are_one_object_each():
    assert torch.float is torch.float32 and torch.long is torch.int64
    assert pickle.loads(pickle.dumps(torch.float32)) is torch.float32 and copy.deepcopy(torch.int8) is torch.int8
    assert torch.zeros(2, dtype=float).dtype is torch.float64 and torch.zeros(2, dtype=int).dtype is torch.int64
    assert pickle.loads(pickle.dumps(torch.Size([2, 3]))) == torch.Size([2, 3])
    assert isinstance(torch.zeros(2).shape, tuple) and torch.zeros(2, 3).shape == (2, 3)
    assert pickle.loads(pickle.dumps(torch.device("cpu"))) == torch.device("cpu")


def test_cycles_are_collected():
    class Owner:
        pass

    alive = []
    for _ in range(3):
        t = torch.ones(2)
        t.owner = Owner()
        t.owner.tensor = t
        p = nn.Parameter(torch.ones(2))
        p.self = p
        g = torch.ones(2, requires_grad=True)
        g.grad = torch.ones(2)
        g.grad.back = g
        g.mark = 1
        alive += [weakref.ref(t), weakref.ref(p), weakref.ref(g)]
    del t, p, g
    gc.collect()
    assert not any(reference() for reference in alive)


def test_memory_stays_flat():
    def work(n):
        for i in range(n):
            w = torch.ones(4, 4, requires_grad=True)
            y = (w @ w + 1).sum()
            y.backward()
            t = torch.tensor([1.0, 2.0])
            t.note = i
            t.view(2, 1)[0].item()
            pickle.dumps if i % 1000 else pickle.loads(pickle.dumps(t))

    work(5_000)
    before = memory()
    work(100_000)
    assert memory() - before < 2_000


def test_threads():
    x = torch.arange(200_000.0)
    w = torch.ones(50, 50, requires_grad=True)
    expected = (x * 2).sum().item(), (w @ w).sum().item()
    wrong = []

    def work():
        for _ in range(20):
            if ((x * 2).sum().item(), (w @ w).sum().item()) != expected:
                wrong.append(1)
            torch.tensor([1.0]).note = x
            torch.randn(70_000, generator=torch.Generator().manual_seed(0))
            torch.randn(70_000)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert not wrong


def test_recording_is_per_thread():
    seen = []
    with torch.no_grad():
        thread = threading.Thread(target=lambda: seen.append(torch.is_grad_enabled()))
        thread.start()
        thread.join()
        assert not torch.is_grad_enabled()
    assert seen == [True]

"""Bad input of any kind gives one clear exception that names the layer; never an abort, never garbage."""
import lamina
import pytest
from support import cases


@pytest.mark.parametrize("case", cases.load(raising=True), ids=lambda c: c.id)
def test_raises(case):
    with pytest.raises(getattr(lamina, case.raises)) as caught:
        call, _, _ = cases.build(lamina, case, lamina.float32)
        assert case.spec.get("at") != "init", "the constructor should have refused"
        call(*cases.tensors(lamina, case, lamina.float32), **case.spec.get("call", {}))
    message = str(caught.value)
    assert case.spec["says"] in message, message
    assert case.layer.removeprefix("F.") in message, f"the message does not name the layer: {message}"


def wrong(x):
    """Other tensors in the place of x: other ranks, sizes and types."""
    yield x.reshape(-1)[:1].reshape([])  # no dimensions
    yield x[None, None, None]
    yield x.to(lamina.bool)
    yield x.to(lamina.int32)
    yield x.to(lamina.float64)
    yield x.to(lamina.float16)
    if x.dim():
        yield x[0]
        yield x[:0]
        for d in range(x.dim()):
            yield lamina.cat([x, x.narrow(d, 0, 1)], d)
            yield x.narrow(d, 0, 0)


def named(case):
    return case.layer.removeprefix("F.")


@pytest.mark.parametrize("case", [c for c in cases.load("bad_input") if all(
    isinstance(i, list) and 0 not in i for i in c.inputs[:1])], ids=lambda c: c.id)
def test_bad_input(case):
    call, _, _ = cases.build(lamina, case, lamina.float32)
    first, *rest = cases.tensors(lamina, case, lamina.float32)
    for bad in wrong(first.detach()):
        try:
            result = call(bad, *rest, **case.spec.get("call", {}))
        except lamina.Error as e:
            assert named(case) in str(e), f"{case} with {bad.dtype} {tuple(bad.shape)}: the message does not name the layer: {e}"
            continue
        for y in cases.outputs_of(result):  # it is fine after all: it must then be a real tensor
            assert len(y.reshape(-1).tolist()) == y.numel()


@pytest.mark.parametrize("case", [c for c in cases.load("bad_input") if not c.layer.startswith("F.")], ids=lambda c: c.id)
@pytest.mark.parametrize("bad", [None, "text", 3, [[1.0, 2.0]], object()], ids=lambda b: type(b).__name__)
def test_not_a_tensor(case, bad):
    call, _, _ = cases.build(lamina, case, lamina.float32)
    with pytest.raises((TypeError, lamina.Error)):
        call(bad, *[None] * (len(case.inputs) - 1))

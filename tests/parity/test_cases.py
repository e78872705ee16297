"""Every case against PyTorch itself: outputs, gradients and buffers, float64 to 1e-9; and the same bad input refused."""
import lamina
import pytest
import torch
from support import cases

KINDS = (RuntimeError, ValueError, TypeError, IndexError, KeyError, NotImplementedError, AssertionError)


@pytest.mark.parametrize("case", cases.load("parity"), ids=lambda c: c.id)
def test_parity(case):
    problem = cases.difference(cases.run(lamina, case, lamina.float64), cases.run(torch, case, torch.float64), 1e-9)
    assert problem is None, f"{case}: {problem}"


@pytest.mark.parametrize("case", [c for c in cases.load(raising=True) if "parity" not in c.skip], ids=lambda c: c.id)
def test_torch_refuses_it_too(case):
    with pytest.raises(KINDS) as theirs:
        call, _, _ = cases.build(torch, case, torch.float32)
        call(*cases.tensors(torch, case, torch.float32), **case.spec.get("call", {}))
    if theirs.type is not AssertionError:  # ours says what it means
        assert issubclass(getattr(lamina, case.raises), theirs.type), f"torch raises {theirs.type.__name__}"


@pytest.mark.parametrize("case", [c for c in cases.load() if not c.layer.startswith("F.")], ids=lambda c: c.id)
def test_repr(case):
    def python(value):  # JSON's lists are the tuples that people write
        return tuple(value) if isinstance(value, list) else value

    def shown(t):
        options = {k: python(cases.tensor_option(t, v)) for k, v in case.options.items()}
        return repr(getattr(t.nn, case.layer)(*map(python, case.args), **options))
    assert shown(lamina) == shown(torch)


@pytest.mark.parametrize("case", [c for c in cases.load() if not c.layer.startswith("F.")], ids=lambda c: c.id)
def test_fresh_weights(case):
    def fresh(t):
        t.manual_seed(11)
        module = getattr(t.nn, case.layer)(*case.args, **{k: cases.tensor_option(t, v) for k, v in case.options.items()})
        return {k: cases.numpy(v) for k, v in module.state_dict().items()}
    ours, theirs = fresh(lamina), fresh(torch)
    assert list(ours) == list(theirs)
    for name in theirs:
        assert ours[name].tobytes() == theirs[name].tobytes(), name

"""torch.utils.checkpoint: what is computed again gives the same gradients."""
import lamina as torch
import pytest
from lamina.utils.checkpoint import checkpoint
from support.scenarios import same


def rounded(tensors):
    return [[round(v, 9) for v in t.flatten().tolist()] for t in tensors]


def checkpoints(t):
    from importlib import import_module

    return import_module(t.__name__ + ".utils.checkpoint")


def network(t):
    t.manual_seed(0)
    model = t.nn.Sequential(t.nn.Linear(4, 8), t.nn.Tanh(), t.nn.Linear(8, 3)).double()
    x = t.randn(5, 4, dtype=t.float64).requires_grad_()
    return model, x, t.randn(5, 3, dtype=t.float64)


@pytest.mark.parametrize("reentrant", [True, False])
def test_gradients_random_numbers_and_calls(reentrant):
    def scenario(t):
        model, x, w = network(t)
        calls = []

        def f(a, scale):
            calls.append(1)
            return model(a) + t.randn(3, dtype=t.float64) * a.mean() * scale["by"], 7, a

        y, seven, same_x = checkpoints(t).checkpoint(f, x, {"by": 2.0}, use_reentrant=reentrant)
        before = len(calls)
        (y * w).mean().backward()
        z = checkpoints(t).checkpoint_sequential(model, 2, x, use_reentrant=reentrant)
        (z * w).mean().backward()
        return before, len(calls), seven, rounded([y, same_x, x.grad, *[p.grad for p in model.parameters()]]), t.rand(1).item()

    assert same(scenario)[:3] == (1, 2, 7)


def test_grad_and_second_derivatives():
    def scenario(t):
        model, x, w = network(t)
        leaves = [x, *model.parameters()]
        y = checkpoints(t).checkpoint(lambda a, k: model(a).sin() * k, x, k=2.0, use_reentrant=False)
        first = t.autograd.grad((y * w).mean(), leaves, create_graph=True)
        second = t.autograd.grad(sum((g**2 * (i + 1)).sum() for i, g in enumerate(first)), leaves, allow_unused=True)
        return rounded([*first, *[g for g in second if g is not None]])

    same(scenario)


def test_without_inputs_that_require_grad():
    def scenario(t):
        model, x, w = network(t)
        (checkpoints(t).checkpoint(model, x.detach(), use_reentrant=False) * w).mean().backward()
        with t.no_grad():
            quiet = checkpoints(t).checkpoint(model, x, use_reentrant=False).requires_grad
        return rounded([p.grad for p in model.parameters()]), quiet

    same(scenario)
    model, x, _ = network(torch)
    with pytest.warns(UserWarning, match="requires_grad"):
        assert not checkpoint(model, x.detach(), use_reentrant=True).requires_grad
    with pytest.warns(UserWarning, match="use_reentrant"):
        checkpoint(model, x)
    with pytest.raises(ValueError, match="Unexpected keyword"):
        checkpoint(model, x, use_reentrant=True, k=1)


def test_what_differs_the_second_time_is_an_error():
    x, sizes = torch.ones(4, requires_grad=True), [4, 3]
    y = checkpoint(lambda a: a[: sizes.pop(0)] * 2, x, use_reentrant=False)
    with pytest.raises(RuntimeError, match="second time"):
        y.backward(torch.tensor([1.0, 2.0, 3.0, 4.0]))


def test_what_is_kept():
    import gc
    import weakref


    kept = []

    def f(a):
        middle = a.exp()
        kept.append(weakref.ref(middle))
        return middle.sin()

    y = checkpoint(f, torch.ones(3, requires_grad=True), use_reentrant=False)
    gc.collect()
    assert kept[0]() is None
    y.backward(torch.tensor([1.0, 2.0, 3.0]))
    assert len(kept) == 2

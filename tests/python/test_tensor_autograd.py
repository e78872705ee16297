"""Gradients from Python: backward, grad, modes, versions."""

import pytest

import lamina as torch


def leaf(*values, dtype=torch.float64):
    return torch.tensor(values, dtype=dtype, requires_grad=True)


def test_backward_adds_up_and_leaves_the_rest_alone():
    w, x = leaf(1.0, 2.0), torch.tensor([3.0, 4.0], dtype=torch.float64)
    for k in (1, 2):
        (w * w * x).backward(torch.tensor([1.0, 0.5], dtype=torch.float64))
        assert w.grad.tolist() == [6.0 * k, 8.0 * k]
    assert x.grad is None and w.grad.grad_fn is None


def test_backward_needs_a_scalar_or_a_gradient():
    w = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match="scalar outputs"):
        (w * 2).backward()
    with pytest.raises(RuntimeError):
        (w * 2).backward(torch.ones(3, dtype=torch.float64))
    with pytest.raises(RuntimeError, match="does not require grad"):
        torch.ones(1).backward()


def test_the_graph_is_freed_unless_retained():
    w = leaf(2.0)
    y = (w * w).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert w.grad.tolist() == [8.0]
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()


def test_grad():
    a, b = leaf(2.0, 3.0), leaf(5.0, 7.0)
    y = (a * b * b)
    cotangent = torch.tensor([1.0, 10.0], dtype=torch.float64)
    da, db = torch.autograd.grad(y, (a, b), cotangent)
    assert da.tolist() == [25.0, 490.0] and db.tolist() == [20.0, 420.0] and a.grad is None
    with pytest.raises(RuntimeError, match="not have been used"):
        torch.autograd.grad(a.sum(), (a, b))
    assert torch.autograd.grad(a.sum(), (a, b), allow_unused=True)[1] is None
    assert torch.autograd.grad(a.sum(), (a, b), materialize_grads=True)[1].tolist() == [0.0, 0.0]
    torch.autograd.backward((a * b).sum(), inputs=[b])
    assert a.grad is None and b.grad.tolist() == [2.0, 3.0]
    (a * b).sum().backward(inputs=a)
    assert a.grad.tolist() == [5.0, 7.0] and b.grad.tolist() == [2.0, 3.0]


def test_second_derivatives():
    x = leaf(2.0)
    (dx,) = torch.autograd.grad((x**4).sum(), x, create_graph=True)
    (ddx,) = torch.autograd.grad(dx.sum(), x)
    assert dx.tolist() == [32.0] and ddx.tolist() == [48.0]


def test_gradcheck():
    x = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: (torch.tanh(x) @ x.t(), x.exp()), (x,))
    assert torch.autograd.gradgradcheck(lambda x, p: x**p, (x.detach().abs().requires_grad_(), 3))
    with pytest.raises(RuntimeError):
        torch.autograd.gradcheck(lambda x: x * x.detach(), (x,))
    assert not torch.autograd.gradcheck(lambda x: x * x.detach(), (x,), raise_exception=False)


def test_an_exception_of_the_function_comes_through():
    class Mine(Exception):
        pass

    def f(x):
        raise Mine("here")

    with pytest.raises(Mine, match="here"):
        torch.autograd.gradcheck(f, (leaf(1.0),))


def test_modes():
    w = leaf(1.0)

    @torch.no_grad()
    def without(x):
        return x * 2

    @torch.no_grad
    def bare(x):
        return x * 2

    @torch.enable_grad()
    def recorded(x):
        return x * 2

    @torch.no_grad()
    def generator():
        while True:
            yield torch.is_grad_enabled()

    assert not without(w).requires_grad and not bare(w).requires_grad and without.__name__ == "without"
    assert next(generator()) is False and torch.is_grad_enabled()
    with torch.no_grad():
        assert recorded(w).requires_grad and not (w * 2).requires_grad
        with torch.enable_grad():
            assert (w * 2).requires_grad
    with pytest.raises(ZeroDivisionError), torch.no_grad():
        1 / 0
    assert torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    assert not torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    with torch.set_grad_enabled(False):
        assert not torch.is_grad_enabled()
    with torch.inference_mode():
        y = w * 2
        assert y.is_inference() and torch.is_inference_mode_enabled() and not torch.is_grad_enabled()
    assert not torch.is_inference_mode_enabled()
    with pytest.raises(RuntimeError):
        y.requires_grad_()
    with torch.inference_mode(False):
        assert (w * 2).requires_grad


def test_detach_and_data():
    w = leaf(1.0, 2.0)
    d = w.detach()
    assert not d.requires_grad and d.data_ptr() == w.data_ptr()
    y = (w * w).sum()
    d.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.backward()
    y = (w * w).sum()
    w.data.add_(1)  # autograd does not see this
    y.backward()
    assert w.grad.tolist() == [6.0, 8.0]
    w.data = torch.zeros(3, dtype=torch.float64)
    assert w.shape == (3,) and w.grad is None
    y = w * 2
    y.detach_()
    assert y.grad_fn is None and not y.requires_grad


def test_leaves_are_guarded():
    w = leaf(1.0)
    with pytest.raises(RuntimeError, match="leaf Variable"):
        w.add_(1)
    with pytest.raises(RuntimeError, match="leaf Variable"):
        w[0] = 3
    with torch.no_grad():
        w += 1
    assert w.tolist() == [2.0]
    with pytest.raises(RuntimeError):
        (w * 2).requires_grad_(False)
    with pytest.raises(RuntimeError):
        torch.tensor([1]).requires_grad_()
    with pytest.raises(TypeError):
        w.grad = 1
    with pytest.raises(RuntimeError, match="different size|same size"):
        w.grad = torch.ones(2, dtype=torch.float64)
    with pytest.raises(RuntimeError):
        w.grad = torch.ones(1)


def test_grad_fn():
    w = leaf(1.0, 2.0)
    y = (w * 2).sum()
    assert y.grad_fn.name().startswith("SumBackward") and w.grad_fn is None
    (product, index), = y.grad_fn.next_functions
    assert product.name() == "MulBackward0" and type(product).__name__ == "MulBackward0" and index == 0
    assert product.next_functions[0][0].name() == "AccumulateGrad" and product.next_functions[0][0].variable is w
    assert y.grad_fn == y.grad_fn and hash(y.grad_fn) == hash(y.grad_fn) and y.grad_fn != product
    assert "SumBackward" in repr(y.grad_fn)

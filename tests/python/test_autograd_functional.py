"""torch.autograd.functional, and what torch.func has of it."""
import lamina as torch
import pytest
from support.scenarios import same


def rounded(value):
    if isinstance(value, (tuple, list)):
        return [rounded(v) for v in value]
    if isinstance(value, float):
        return round(value, 9)
    return rounded(value.tolist()) if hasattr(value, "tolist") else value


def inputs(t):
    return t.tensor([1.0, 2.0, 3.0], dtype=t.float64), t.tensor([0.5, -1.0], dtype=t.float64)


def two(a, b):
    return a.exp() * b.sum(), (a[:2] * b).sin()


def number(a, b):
    return (a.sum() * b.exp()).sum() * a.prod()


@pytest.mark.parametrize("derivative", [
    lambda F, t, x, y: F.jacobian(two, (x, y)),
    lambda F, t, x, y: F.jacobian(t.exp, x),
    lambda F, t, x, y: F.jacobian(lambda a, b: a * 2, (x, y), vectorize=True),
    lambda F, t, x, y: F.hessian(number, (x, y)),
    lambda F, t, x, y: F.hessian(lambda a: (a**3).sum(), x),
    lambda F, t, x, y: F.vjp(two, (x, y), (x * 2, y)),
    lambda F, t, x, y: F.jvp(two, (x, y), (x * 2, y)),
    lambda F, t, x, y: F.vhp(number, (x, y), (x, y)),
    lambda F, t, x, y: F.hvp(number, (x, y), (x, y)),
])
def test_derivatives(derivative):
    same(lambda t: rounded(derivative(t.autograd.functional, t, *inputs(t))))


def test_create_graph():
    def scenario(t):
        x = inputs(t)[0].requires_grad_()
        jacobian = t.autograd.functional.jacobian(lambda a: a**3, x, create_graph=True)
        again, = t.autograd.grad((jacobian * jacobian.detach().cos()).sum(), x)
        y, product = t.autograd.functional.vjp(t.sin, x, x.detach(), create_graph=True)
        return rounded([again, t.autograd.grad((y * product).sum(), x)[0]]), \
            t.autograd.functional.jacobian(t.exp, x).requires_grad

    same(scenario)


@pytest.mark.parametrize("use", [
    lambda F, t, x: F.jacobian(lambda a: t.ones(2), x, strict=True),
    lambda F, t, x: F.vjp(t.exp, x),
    lambda F, t, x: F.vjp(t.exp, x, x[:1]),
    lambda F, t, x: F.hessian(t.exp, x),
    lambda F, t, x: F.jacobian(t.exp, "x"),
    lambda F, t, x: F.jvp(lambda a: [a, 3], x, x),
])
def test_refuses(use):
    def scenario(t):
        try:
            use(t.autograd.functional, t, inputs(t)[0])
        except Exception as error:
            return type(error).__name__

    assert same(scenario) in ("RuntimeError", "TypeError")


def test_func():
    def scenario(t):
        x, y = inputs(t)
        value, pull = t.func.vjp(t.exp, x)
        return rounded([
            t.func.grad(lambda a: (a**3).sum())(x), t.func.grad(t.func.grad(lambda a: a**3))(x[0]),
            t.func.grad_and_value(lambda a, b: (a.sum() * b).prod(), argnums=(0, 1))(x, y),
            t.func.grad(lambda a: (a.sum(), a * 2), has_aux=True)(x),
            t.func.grad(lambda p: (p["w"] * x).sum())({"w": x.clone()})["w"],
            t.func.jacrev(lambda a: a**2)(x), t.func.hessian(lambda a: (a**3).sum())(x), value, pull(x),
        ])

    same(scenario)
    with pytest.raises(NotImplementedError, match="vmap"):
        torch.func.vmap(torch.exp)

"""torch.autograd.Function: each result is compared with PyTorch's when it is there."""
import gc
import importlib
import weakref

import lamina
import pytest
from support.scenarios import back, leaf, same


def function_of(t):
    return importlib.import_module(t.__name__ + ".autograd.function")


def cube(t):
    class Cube(t.autograd.Function):
        @staticmethod
        def forward(ctx, x, factor):
            ctx.save_for_backward(x)
            ctx.factor = factor
            return factor * x**3

        @staticmethod
        def backward(ctx, grad):
            (x,) = ctx.saved_tensors
            return ctx.factor * 3 * x**2 * grad, None

    return Cube


def test_gradient_and_second_derivative():
    def scenario(t):
        x = leaf(t, 2.0, 3.0)
        y = cube(t).apply(x, 2)
        (g,) = t.autograd.grad(y, x, t.tensor([1.0, 10.0], dtype=t.float64), create_graph=True)
        (h,) = t.autograd.grad((g * g).sum(), x)
        return y.tolist(), g.tolist(), h.tolist(), type(y.grad_fn).__name__

    assert same(scenario)[1] == [24.0, 540.0]
    assert lamina.autograd.gradgradcheck(lambda x: cube(lamina).apply(x, 2), (leaf(lamina, 2.0, 3.0),))


def test_an_output_saved_for_backward():
    def scenario(t):
        class Exp(t.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                y = x.exp()
                ctx.save_for_backward(y)
                return y

            @staticmethod
            def backward(ctx, grad):
                (y,) = ctx.saved_tensors
                return grad * y

        x = leaf(t, 0.5, -1.0)
        (g,) = t.autograd.grad(Exp.apply(x).sum(), x, create_graph=True)
        (h,) = t.autograd.grad(g.sum(), x, create_graph=True)
        (k,) = t.autograd.grad(h.sum(), x)
        return [v.tolist() for v in (g, h, k)]

    same(scenario)


def test_several_results_of_which_one_is_not_used():
    def scenario(t, materialize):
        seen = []

        class Two(t.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.set_materialize_grads(materialize)
                return x * 2, x * 3, "text"

            @staticmethod
            def backward(ctx, a, b, c):
                seen.append((a.tolist(), b if b is None else b.tolist(), c))
                return a * 2 if b is None else a * 2 + b * 3

        x = leaf(t, 1.0, 2.0)
        y, z, text = Two.apply(x)
        back(y * y)
        return seen, x.grad.tolist(), text, z.requires_grad

    same(lambda t: scenario(t, True))
    same(lambda t: scenario(t, False))


def test_setup_context_beside_forward():
    def scenario(t):
        class Scale(t.autograd.Function):
            @staticmethod
            def forward(x, factor):
                return x * factor, (x > 0)

            @staticmethod
            def setup_context(ctx, inputs, output):
                x, ctx.factor = inputs
                ctx.save_for_backward(x, output[1])
                ctx.mark_non_differentiable(output[1])

            @staticmethod
            def backward(ctx, grad, _):
                x, positive = ctx.saved_tensors
                return grad * ctx.factor * positive, None

        x = leaf(t, 1.0, -2.0)
        y, positive = Scale.apply(x, 5.0)
        back(y)
        return y.tolist(), positive.tolist(), positive.requires_grad, x.grad.tolist()

    same(scenario)


def test_needs_input_grad():
    def scenario(t):
        seen = []

        class Product(t.autograd.Function):
            @staticmethod
            def forward(ctx, a, b, c):
                seen.append(ctx.needs_input_grad)
                return a * b * c

            @staticmethod
            def backward(ctx, grad):
                seen.append(ctx.needs_input_grad)
                return grad, None, None

        Product.apply(leaf(t, 1.0), t.ones(1), 3).backward()
        with t.no_grad():
            y = Product.apply(leaf(t, 1.0), t.ones(1), 3)
        return seen, y.requires_grad, y.grad_fn is None

    same(scenario)


def test_an_input_changed_in_place():
    def scenario(t):
        class Double(t.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                x.mul_(2)
                ctx.mark_dirty(x)
                return x

            @staticmethod
            def backward(ctx, grad):
                return grad * 2

        x = leaf(t, 1.0, 2.0)
        y = x * 3
        z = Double.apply(y)
        back(z * z)
        with pytest.raises(RuntimeError):
            Double.apply(leaf(t, 1.0))
        return z is y, x.grad.tolist(), z.tolist()

    same(scenario)


def test_an_input_returned_as_it_is():
    def scenario(t):
        class Reverse(t.autograd.Function):  # the layer of domain adaptation
            @staticmethod
            def forward(ctx, x):
                return x.view_as(x)

            @staticmethod
            def backward(ctx, grad):
                return -grad

        class Same(t.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return x

            @staticmethod
            def backward(ctx, grad):
                return grad * 7

        x = leaf(t, 1.0, 2.0)
        y = Same.apply(x)
        back(Reverse.apply(x * x) + y)
        return y is x, x.grad.tolist()

    same(scenario)


def test_once_differentiable():
    def scenario(t):
        class Square(t.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x * x

            @staticmethod
            @function_of(t).once_differentiable
            def backward(ctx, grad):
                return 2 * ctx.saved_tensors[0] * grad

        x = leaf(t, 3.0)
        first = t.autograd.grad(Square.apply(x).sum(), x)[0].tolist()
        (g,) = t.autograd.grad((Square.apply(x) ** 2).sum(), x, create_graph=True)
        with pytest.raises(RuntimeError, match="once_differentiable"):
            back(g)
        return first, g.tolist()

    same(scenario)


def test_a_saved_tensor_that_was_changed_is_noticed():
    x, y = leaf(lamina, 2.0), leaf(lamina, 1.0) * 1

    class Product(lamina.autograd.Function):
        @staticmethod
        def forward(ctx, a, b):
            ctx.save_for_backward(a, b)
            return a * b

        @staticmethod
        def backward(ctx, grad):
            a, b = ctx.saved_tensors
            return grad * b, grad * a

    z = Product.apply(x, y)
    y.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        z.backward()


def test_a_graph_that_is_used_twice():
    x = leaf(lamina, 2.0)
    y = cube(lamina).apply(x, 1)
    y.backward(retain_graph=True)
    y.backward()
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()
    assert x.grad.tolist() == [24.0]


@pytest.mark.parametrize("returned, kind, says", [
    (lambda g: (g, g), RuntimeError, "incorrect number of gradients"),
    (lambda g: lamina.ones(7), RuntimeError, "invalid gradient at index 0"),
    (lambda g: 3.0, TypeError, "Variable or None"),
])
def test_a_backward_that_returns_the_wrong_thing(returned, kind, says):
    class Wrong(lamina.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            return returned(grad)

    with pytest.raises(kind, match=says):
        back(Wrong.apply(leaf(lamina, 1.0, 2.0)))


def test_a_gradient_is_summed_and_converted_to_its_input():
    def scenario(t):
        class Add(t.autograd.Function):
            @staticmethod
            def forward(ctx, a, b):
                return a + b

            @staticmethod
            def backward(ctx, grad):
                return grad, grad

        a, b = leaf(t, 1.0, 2.0), t.tensor([[1.0], [2.0]], requires_grad=True)
        back(Add.apply(a, b) * t.tensor([[1.0, 2.0], [3.0, 4.0]]))
        return a.grad.tolist(), b.grad.tolist(), str(b.grad.dtype).split(".")[1]

    same(scenario)


def test_what_a_function_keeps_is_freed():
    kept = []

    class Holder(lamina.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            y = x * 2
            ctx.save_for_backward(x, y)
            kept.append(weakref.ref(ctx))
            return y

        @staticmethod
        def backward(ctx, grad):
            return grad * 2

    x = leaf(lamina, 1.0)
    for _ in range(5):
        back(Holder.apply(x * 1))
        Holder.apply(x * 1)
    gc.collect()
    assert all(r() is None for r in kept)


def test_an_instance_and_missing_parts_are_refused():
    with pytest.raises(RuntimeError):
        cube(lamina)()
    with pytest.raises(NotImplementedError):
        lamina.autograd.Function.apply(lamina.ones(1))

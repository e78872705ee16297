"""Hooks on tensors, retained gradients and second derivatives; each result is compared with PyTorch's when it is there."""
import copy
import gc
import pickle
import weakref

import lamina
import pytest
from support.scenarios import back, leaf, same


def test_a_hook_sees_and_replaces_the_gradient_in_the_middle():
    def scenario(t):
        seen = []
        x = leaf(t, 1.0, 2.0)
        y = x * 3
        y.register_hook(lambda g: seen.append(g.tolist()))
        y.register_hook(lambda g: g * 10)
        y.register_hook(lambda g: seen.append(g.tolist()))
        back(y * t.tensor([1.0, 5.0], dtype=t.float64))
        return seen, x.grad.tolist()

    assert same(scenario) == ([[1.0, 10.0], [10.0, 100.0]], [30.0, 300.0])


def test_a_hook_of_a_leaf_gets_the_whole_gradient_once():
    def scenario(t):
        seen = []
        x = leaf(t, 2.0)
        x.register_hook(lambda g: seen.append(g.tolist()) or g * 2)
        (x * x + 3 * x).backward()
        (5 * x).backward()
        return seen, x.grad.tolist()

    assert same(scenario) == ([[7.0], [5.0]], [24.0])


def test_a_hook_of_a_leaf_that_is_the_root():
    def scenario(t):
        x = leaf(t, 2.0)
        x.register_hook(lambda g: g * 2)
        x.backward(t.tensor([4.0], dtype=t.float64))
        return x.grad.tolist()

    assert same(scenario) == [8.0]


def test_grad_runs_hooks_of_leaves_and_of_the_middle():
    def scenario(t):
        x = leaf(t, 2.0)
        x.register_hook(lambda g: g * 2)
        y = x * x
        y.register_hook(lambda g: g + 1)
        a, b = t.autograd.grad((3 * y).sum(), [x, y], retain_graph=True)
        return a.tolist(), b.tolist(), x.grad is None

    assert same(scenario) == ([32.0], [3.0], True)


def test_a_handle_removes_its_hook():
    def scenario(t):
        x = leaf(t, 1.0)
        handle = x.register_hook(lambda g: g * 2)
        x.register_hook(lambda g: g + 1)
        with x.register_hook(lambda g: g * 100):
            back(x * 1)
        handle.remove()
        back(x * 1)
        y = x * 2
        y.register_hook(lambda g: g * 1000).remove()
        y.backward()
        return x.grad.tolist()

    assert same(scenario) == [300.0 + 2.0 + 3.0]


def test_post_accumulate_hooks_see_grad_and_may_drop_it():
    def scenario(t):
        seen = []
        x = leaf(t, 1.0, 2.0)

        def step(parameter):
            seen.append(parameter.grad.tolist())
            with t.no_grad():
                parameter -= 0.5 * parameter.grad
            parameter.grad = None

        handle = x.register_post_accumulate_grad_hook(step)
        back(x * x + x)
        back(x * x)
        handle.remove()
        back(x * 7)
        return seen, x.tolist(), x.grad.tolist()

    same(scenario)


def test_a_post_accumulate_hook_runs_when_its_leaf_is_complete_not_at_the_end():
    def scenario(t):
        order = []
        a, b = leaf(t, 1.0), leaf(t, 2.0)
        b.register_post_accumulate_grad_hook(lambda p: order.append("b"))
        y = a * 3
        y.register_hook(lambda g: order.append("y"))
        (y * b).backward()
        return order

    assert same(scenario) == ["b", "y"]


def test_retain_grad():
    def scenario(t):
        x = leaf(t, 1.0, 2.0)
        y = x * x
        y.retain_grad()
        y.register_hook(lambda g: g * 2)  # registered later, still seen
        before = y.retains_grad, x.retains_grad
        back(y, retain_graph=True)
        once = y.grad.tolist()
        back(y)
        x.retain_grad()
        return before, once, y.grad.tolist(), x.grad.tolist(), x.retains_grad

    same(scenario)


def test_retain_grad_follows_an_in_place_operation():
    def scenario(t):
        x = leaf(t, 1.0, 2.0)
        y = x * 3
        y.retain_grad()
        y.mul_(2)
        back(y * y)
        return y.grad.tolist(), x.grad.tolist()

    same(scenario)


def test_create_graph_through_a_hook():
    def scenario(t):
        x = leaf(t, 3.0)
        y = x * x
        y.register_hook(lambda g: g * x)
        (g,) = t.autograd.grad(y.sum(), x, create_graph=True)
        (h,) = t.autograd.grad(g.sum(), x)
        return g.tolist(), h.tolist()

    assert same(scenario) == ([18.0], [12.0])


def test_hooks_need_a_gradient():
    def scenario(t):
        texts = []
        for call in (lambda x: x.register_hook(print), lambda x: x.retain_grad(), lambda x: x.register_post_accumulate_grad_hook(print)):
            with pytest.raises(RuntimeError) as error:
                call(t.zeros(2))
            texts.append(str(error.value).split(".")[0].split("\n")[0])
        with pytest.raises(RuntimeError) as error:
            leaf(t, 1.0).mul(2).register_post_accumulate_grad_hook(print)
        return texts + [str(error.value).split("\n")[0].split(". ")[0].rstrip(".")]

    scenario(lamina)


def test_a_hook_that_returns_no_tensor_or_another_shape():
    x = leaf(lamina, 1.0)
    with x.register_hook(lambda g: 3):
        with pytest.raises(TypeError):
            (x * 2).backward()
    with x.register_hook(lambda g: g.expand(3)):
        with pytest.raises(RuntimeError, match="size"):
            (x * 2).backward()


def test_an_exception_in_a_hook_comes_out():
    x = leaf(lamina, 1.0)
    x.register_hook(lambda g: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        (x * 2).backward()


def test_copies_and_pickles_leave_hooks_behind():
    x = leaf(lamina, 1.0)
    x.register_hook(lambda g: g * 2)
    x.note = "kept"
    for other in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert other.note == "kept"
        (other * 1).backward()
        assert other.grad.tolist() == [1.0]


def test_a_hook_that_names_its_own_tensor_is_collected():
    def make():
        x = leaf(lamina, 1.0)
        x.register_hook(lambda g: g * x.detach())
        x.register_post_accumulate_grad_hook(lambda p: x.tolist())
        (x * 2).backward()
        x.grad = None
        return weakref.ref(x)

    references = [make() for _ in range(10)]
    gc.collect()
    assert all(r() is None for r in references)

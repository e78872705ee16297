"""Optimizers from Python: PyTorch's trajectories, groups and state as scripts use them."""

import copy
import gc
import json
import pathlib
import pickle
import weakref

import numpy as np
import pytest

lamina = pytest.importorskip("lamina")
optim = lamina.optim
FILE = json.loads((pathlib.Path(__file__).resolve().parent.parent / "optim" / "trajectories.json").read_text())


def parameter(values, dtype=None):
    return lamina.tensor(values, dtype=dtype or lamina.float64, requires_grad=True)


def gradient(p, t=lamina):
    """curvature·p − pull, in p's own type."""
    values = p.detach().numpy()
    return t.from_numpy(
        values * np.array(FILE["curvature"], values.dtype)[: values.size]
        - np.array(FILE["pull"], values.dtype)[: values.size]
    )


def walk(optimizer, p, steps, t=lamina):
    for _ in range(steps):
        p.grad = gradient(p, t)
        optimizer.step()


@pytest.mark.parametrize("case", FILE["cases"], ids=lambda c: f"{c['optimizer']}-{c['dtype']}-{c['options']}")
def test_follows_pytorch(case):
    p = parameter(FILE["start"], getattr(lamina, case["dtype"]))
    optimizer = getattr(optim, case["optimizer"])(
        [p], **{k: tuple(v) if k == "betas" else v for k, v in case["options"].items()}
    )
    tolerance = dict(rtol=1e-12, atol=1e-15) if case["dtype"] == "float64" else dict(rtol=3e-6, atol=3e-9)
    done = 0
    for kept, expected in zip(FILE["kept"], case["after"]):
        walk(optimizer, p, kept - done)
        done = kept
        np.testing.assert_allclose(p.detach().numpy(), expected, **tolerance)
    assert list(optimizer.state[p]) == list(case["state"])
    for name, expected in case["state"].items():
        np.testing.assert_allclose(optimizer.state[p][name].numpy(), expected, **tolerance)


def test_the_groups_are_the_scripts_own():
    a, b = parameter([1.0]), parameter([1.0])
    optimizer = optim.SGD([{"params": [a]}, {"params": b, "lr": 0.25}], lr=0.5)
    one = lamina.tensor([1.0], dtype=lamina.float64)
    a.grad = b.grad = one
    optimizer.step()
    assert (a.item(), b.item()) == (0.5, 0.75)
    for group in optimizer.param_groups:
        group["lr"] *= 0.5
    optimizer.step()
    assert (a.item(), b.item()) == (0.25, 0.625)
    c = parameter([2.0])
    optimizer.add_param_group({"params": (p for p in [c]), "lr": 1, "note": "mine"})
    c.grad = one
    optimizer.step()
    assert c.item() == 1.0 and optimizer.param_groups[2]["note"] == "mine"
    assert list(optimizer.param_groups[0]) == [
        "params",
        "lr",
        "momentum",
        "dampening",
        "weight_decay",
        "nesterov",
        "maximize",
        "foreach",
        "differentiable",
        "fused",
    ]
    optimizer.zero_grad(set_to_none=False)
    assert a.grad.item() == 0
    optimizer.zero_grad()
    assert a.grad is None
    before = a.item()
    optimizer.step()
    assert a.item() == before


def test_names_of_parameters():
    a, b = parameter([1.0]), parameter([1.0])
    optimizer = optim.AdamW([("a", a), ("b", b)])
    assert optimizer.param_groups[0]["param_names"] == ["a", "b"] and optimizer.param_groups[0]["params"][0] is a
    assert optimizer.state_dict()["param_groups"][0]["param_names"] == ["a", "b"]
    with pytest.raises(ValueError, match="with/without names"):
        optimizer.add_param_group({"params": [parameter([1.0])]})


def test_closure_hooks_and_tensor_lr():
    p = parameter([1.0, 2.0])
    optimizer = optim.SGD([p], lr=lamina.tensor(0.5))
    calls = []
    handles = [
        optimizer.register_step_pre_hook(lambda o, args, kwargs: calls.append("pre")),
        optimizer.register_step_post_hook(lambda o, args, kwargs: calls.append("post")),
    ]

    def closure():
        assert lamina.is_grad_enabled()
        p.grad = lamina.tensor([1.0, 1.0], dtype=lamina.float64)
        calls.append("closure")
        return 7

    assert optimizer.step(closure) == 7
    assert calls == ["pre", "closure", "post"] and p.tolist() == [0.5, 1.5]
    for handle in handles:
        handle.remove()
    optimizer.step()
    assert calls == ["pre", "closure", "post"]


@pytest.mark.parametrize(
    "make, other",
    [
        (lambda ps: optim.SGD(ps, lr=0.1, momentum=0.9), lambda ps: optim.SGD(ps, lr=5)),
        (lambda ps: optim.AdamW(ps, lr=0.1, amsgrad=True), lambda ps: optim.AdamW(ps)),
    ],
)
def test_state_goes_on_where_it_stopped(make, other):
    p = parameter(FILE["start"])
    first = make([p])
    walk(first, p, 3)
    state = first.state_dict()
    q = parameter(p.tolist())
    second = other([q])
    second.load_state_dict(state)
    kept = {k: v.tolist() for k, v in state["state"][0].items()}
    walk(first, p, 2)
    walk(second, q, 2)
    assert p.tolist() == q.tolist()
    assert {k: v.tolist() for k, v in state["state"][0].items()} == kept  # shares no memory with either
    for copied in (copy.deepcopy(first), pickle.loads(pickle.dumps(first))):
        r = copied.param_groups[0]["params"][0]
        assert r is not p and r.tolist() == p.tolist()
        walk(copied, r, 1)
    walk(first, p, 1)
    assert r.tolist() == p.tolist()


def test_refusals():
    p = parameter([1.0])
    sgd, adam = optim.SGD, optim.AdamW
    for make, says in [
        (lambda: sgd([p], lr=-1), "Invalid learning rate: -1"),
        (lambda: sgd([p], lr=float("nan")), "Invalid learning rate: nan"),
        (lambda: sgd([p], momentum=-0.1), "Invalid momentum value: -0.1"),
        (lambda: sgd([p], weight_decay=-1), "Invalid weight_decay value: -1"),
        (lambda: sgd([p], nesterov=True), "Nesterov momentum requires a momentum and zero dampening"),
        (lambda: adam([p], eps=-1), "Invalid epsilon value: -1"),
        (lambda: adam([p], betas=(0.9, 1.0)), "Invalid beta parameter at index 1: 1.0"),
        (lambda: adam([p], lr=lamina.tensor([1.0, 2.0])), "Tensor lr must be 1-element"),
        (lambda: sgd([]), "optimizer got an empty parameter list"),
        (lambda: sgd([{"params": [p]}, {"params": [p]}]), "some parameters appear in more than one parameter group"),
        (
            lambda: sgd([p]).load_state_dict(sgd([p, parameter([2.0])]).state_dict()),
            "doesn't match the size of optimizer's group",
        ),
        (lambda: sgd([p]).load_state_dict({"state": {}, "param_groups": []}), "different number of parameter groups"),
    ]:
        with pytest.raises(ValueError, match=says):
            make()
    for make, says in [
        (lambda: sgd(p), "params argument given to the optimizer"),
        (lambda: sgd([1.0]), "can only optimize Tensors"),
        (lambda: sgd([{"params": {p}}]), "ordered collections"),
        (lambda: sgd([p]).add_param_group([p]), "must be a dict"),
    ]:
        with pytest.raises(TypeError, match=says):
            make()
    with pytest.warns(UserWarning, match="duplicate parameters"):
        sgd([p, p])
    with pytest.raises(NotImplementedError, match="differentiable"):
        sgd([p], differentiable=True)
    with pytest.raises(RuntimeError, match="`fused` and `foreach`"):
        adam([p], foreach=True, fused=True)
    with pytest.raises(TypeError):
        adam([p], 1e-3, (0.9, 0.99), 1e-8, 0, False, True)


def test_repr_and_accepted_options():
    p = parameter([1.0])
    assert repr(optim.SGD([p], lr=0.1, foreach=True)) == (
        "SGD (\nParameter Group 0\n    dampening: 0\n    differentiable: False\n    foreach: True\n"
        "    fused: None\n    lr: 0.1\n"
        "    maximize: False\n    momentum: 0\n    nesterov: False\n    weight_decay: 0\n)"
    )
    for options in (dict(foreach=False), dict(fused=True), dict(capturable=True)):
        optimizer = optim.AdamW([p], **options)
        p.grad = lamina.ones_like(p.detach())
        optimizer.step()


def test_an_optimizer_of_ones_own():
    class Descent(optim.Optimizer):
        def __init__(self, params, lr=lamina.optim.optimizer.required):
            super().__init__(params, dict(lr=lr))

        @lamina.no_grad()
        def step(self, closure=None):
            for group in self.param_groups:
                for p in group["params"]:
                    state = self.state[p]
                    state["calls"] = state.get("calls", 0) + 1
                    p -= group["lr"] * p.grad

    p = parameter([1.0])
    optimizer = Descent([p], lr=0.5)
    seen = []
    optimizer.register_step_post_hook(lambda o, args, kwargs: seen.append(args))
    p.grad = lamina.tensor([1.0], dtype=lamina.float64)
    optimizer.step()
    assert p.item() == 0.5 and seen == [(optimizer,)] and optimizer.state_dict()["state"] == {0: {"calls": 1}}
    with pytest.raises(ValueError, match="required optimization parameter lr"):
        Descent([p])


def test_an_optimizer_goes_with_its_last_reference():
    p = parameter([1.0])
    optimizer = optim.AdamW([p])
    p.grad = lamina.ones_like(p.detach())
    optimizer.step()
    gone = [weakref.ref(optimizer), weakref.ref(optimizer.state[p]["exp_avg"])]
    del optimizer
    gc.collect()
    assert [r() for r in gone] == [None, None]

"""Stochastic gradient descent."""

from lamina import _C
from lamina.optim.optimizer import Optimizer, _check_lr, _check_ways, _number

__all__ = ["SGD"]


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum where asked for.

    g = ∇ + weight_decay·θ;  b = momentum·b + (1 − dampening)·g, the first one g;
    θ −= lr·(nesterov ? g + momentum·b : b)

    Args:
        params (iterable): parameters, (name, parameter) pairs or dicts of groups
        lr (float or Tensor): learning rate (1e-3)
        momentum (float): how much of the last direction stays (0)
        dampening (float): how much of the gradient does not join the momentum, from the second step on (0)
        weight_decay (float): L2 penalty (0)
        nesterov (bool): looks ahead along the momentum; wants momentum and no dampening (False)
        maximize (bool): climbs instead of descending (False)
        foreach, fused: accepted; every step here is one fused pass over each parameter
        differentiable: only False

    Source: torch.optim.SGD.
    """

    def __init__(
        self,
        params,
        lr=1e-3,
        momentum=0,
        dampening=0,
        weight_decay=0,
        nesterov=False,
        *,
        maximize=False,
        foreach=None,
        differentiable=False,
        fused=None,
    ):
        _check_lr(lr)
        if not momentum >= 0.0:
            raise ValueError(f"Invalid momentum value: {momentum}")
        if not _number(weight_decay) >= 0.0:
            raise ValueError(f"Invalid weight_decay value: {weight_decay}")
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        super().__init__(
            params,
            dict(
                lr=lr,
                momentum=momentum,
                dampening=dampening,
                weight_decay=weight_decay,
                nesterov=nesterov,
                maximize=maximize,
                foreach=foreach,
                differentiable=differentiable,
                fused=fused,
            ),
        )
        _check_ways(foreach, fused, differentiable)

    def __setstate__(self, state):
        super().__setstate__(state)
        for group in self.param_groups:
            for name, value in (
                ("nesterov", False),
                ("maximize", False),
                ("foreach", None),
                ("differentiable", False),
                ("fused", False),
            ):
                group.setdefault(name, value)

    def step(self, closure=None):
        """Takes one step; returns what `closure` returns."""
        loss = self._loss_of(closure)
        for group in self.param_groups:
            params = [p for p in group["params"] if p.grad is not None]
            momentum = group["momentum"]
            states = [self.state[p] for p in params] if momentum != 0 else []
            buffers = _C._sgd_step(
                params,
                [s.get("momentum_buffer") for s in states],
                _number(group["lr"]),
                momentum,
                group["dampening"],
                _number(group["weight_decay"]),
                group["nesterov"],
                group["maximize"],
            )
            for state, buffer in zip(states, buffers):
                state["momentum_buffer"] = buffer
        return loss

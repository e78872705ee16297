"""Adam, with running averages of the gradient and of its square."""

import lamina
from lamina import _C
from lamina.optim.optimizer import Optimizer, _check_lr, _check_ways, _number

__all__ = ["Adam"]

_PARTS = ("step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq")


class Adam(Optimizer):
    """Steps scaled by running averages of the gradient and of its square.

    m = β₁m + (1 − β₁)g;  v = β₂v + (1 − β₂)g²;  θ −= lr · m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + eps)

    Args:
        params (iterable): parameters, (name, parameter) pairs or dicts of groups
        lr (float or Tensor): learning rate (1e-3)
        betas (tuple): how much of the two averages stays ((0.9, 0.999))
        eps (float): added to the denominator (1e-8)
        weight_decay (float): L2 penalty (0)
        amsgrad (bool): never lets the second average shrink (False)
        maximize (bool): climbs instead of descending (False)
        decoupled_weight_decay (bool): shrinks the parameter as AdamW does (False)
        foreach, fused, capturable: accepted; every step here is one fused pass over each parameter
        differentiable: only False

    Source: torch.optim.Adam; Kingma, Ba 2014 (arXiv:1412.6980).
    """

    def __init__(
        self,
        params,
        lr=1e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0,
        amsgrad=False,
        *,
        foreach=None,
        maximize=False,
        capturable=False,
        differentiable=False,
        fused=None,
        decoupled_weight_decay=False,
    ):
        if isinstance(lr, lamina.Tensor) and foreach and not capturable:
            raise ValueError("lr as a Tensor is not supported for capturable=False and foreach=True")
        _check_lr(lr)
        if not 0.0 <= eps:
            raise ValueError(f"Invalid epsilon value: {eps}")
        for i in (0, 1):
            if isinstance(betas[i], lamina.Tensor) and betas[i].numel() != 1:
                raise ValueError(f"Tensor betas[{i}] must be 1-element")
            if not 0.0 <= _number(betas[i]) < 1.0:
                raise ValueError(f"Invalid beta parameter at index {i}: {betas[i]}")
        if not 0.0 <= weight_decay:
            raise ValueError(f"Invalid weight_decay value: {weight_decay}")
        if not any(all(isinstance(beta, kind) for beta in betas) for kind in (float, lamina.Tensor)):
            raise ValueError("betas must be either both floats or both Tensors")
        if isinstance(betas[0], lamina.Tensor) and foreach and not capturable:
            raise ValueError("betas[0] as a Tensor is not supported for capturable=False and foreach=True")
        betas = tuple(_number(beta) for beta in betas)
        super().__init__(
            params,
            dict(
                lr=lr,
                betas=betas,
                eps=eps,
                weight_decay=weight_decay,
                amsgrad=amsgrad,
                maximize=maximize,
                foreach=foreach,
                capturable=capturable,
                differentiable=differentiable,
                fused=fused,
                decoupled_weight_decay=decoupled_weight_decay,
            ),
        )
        _check_ways(foreach, fused, differentiable)

    def __setstate__(self, state):
        super().__setstate__(state)
        for group in self.param_groups:
            for name, value in (
                ("amsgrad", False),
                ("maximize", False),
                ("foreach", None),
                ("capturable", False),
                ("differentiable", False),
                ("decoupled_weight_decay", False),
                ("fused", None),
            ):
                group.setdefault(name, value)
            for p in group["params"]:
                kept = self.state.get(p)
                if kept and not isinstance(kept["step"], lamina.Tensor):  # of an old checkpoint
                    kept["step"] = lamina.tensor(float(kept["step"]))

    def step(self, closure=None):
        """Takes one step; returns what `closure` returns."""
        loss = self._loss_of(closure)
        for group in self.param_groups:
            params = [p for p in group["params"] if p.grad is not None]
            states = [self.state[p] for p in params]
            amsgrad = group["amsgrad"]
            parts = _PARTS if amsgrad else _PARTS[:3]
            beta1, beta2 = group["betas"]
            made = _C._adam_step(
                params,
                [[s.get(part) for s in states] for part in parts],
                _number(group["lr"]),
                _number(beta1),
                _number(beta2),
                group["eps"],
                group["weight_decay"],
                amsgrad,
                group["maximize"],
                group["decoupled_weight_decay"],
            )
            for part, tensors in zip(parts, made):
                for state, tensor in zip(states, tensors):
                    state[part] = tensor
        return loss

"""Records trajectories.json from PyTorch: 20 steps of every optimizer with every option.

    python tests/optim/record.py

The gradient is a function of the parameter, curvature·p − pull, computed in the parameter's own type, so that both
sides can follow the same path. Kept are the parameter after steps 1, 2 and 20, and the state after the last.
"""

import itertools
import json
import pathlib

import torch

START = [0.5, -1.25, 2.0, 0.0078125, -3.0, 1e-3, 0.75, -0.3, 1.5]
CURVATURE = [1.0, 0.25, 3.0, 0.5, 0.125, 2.0, -0.5, 1.75, 0.0]
PULL = [0.3, -0.7, 0.1, 0.9, 0.0, -1.1, 0.2, 0.05, 0.0]
KEPT = (1, 2, 20)


def options():
    for momentum, decay in itertools.product((0, 0.9), (0, 0.01)):
        yield "SGD", dict(lr=0.05, momentum=momentum, weight_decay=decay)
    yield "SGD", {}
    yield "SGD", dict(lr=0.05, momentum=0.9, dampening=0.3)
    yield "SGD", dict(lr=0.05, momentum=0.9, dampening=0.3, weight_decay=0.01, maximize=True)
    yield "SGD", dict(lr=0.05, momentum=0.9, nesterov=True)
    yield "SGD", dict(lr=0.05, momentum=0.8, nesterov=True, weight_decay=0.1, maximize=True)
    for name in ("Adam", "AdamW"):
        yield name, {}
        for amsgrad, maximize, decay in itertools.product((False, True), (False, True), (0, 0.1)):
            yield name, dict(lr=0.02, amsgrad=amsgrad, maximize=maximize, weight_decay=decay)
        yield name, dict(lr=0.02, betas=(0.4, 0.95), eps=1e-3)
        yield name, dict(lr=0.02, betas=(0.0, 0.0))
    yield "Adam", dict(lr=0.02, weight_decay=0.1, decoupled_weight_decay=True)


def record(name, keywords, dtype):
    p = torch.tensor(START, dtype=dtype, requires_grad=True)
    curvature, pull = torch.tensor(CURVATURE, dtype=dtype), torch.tensor(PULL, dtype=dtype)
    optimizer = getattr(torch.optim, name)([p], **keywords)
    after = []
    for step in range(1, max(KEPT) + 1):
        p.grad = p.detach() * curvature - pull
        optimizer.step()
        if step in KEPT:
            after.append(p.tolist())
    state = {k: v.tolist() for k, v in optimizer.state[p].items() if v is not None}
    return dict(optimizer=name, options=keywords, dtype=str(dtype).removeprefix("torch."), after=after, state=state)


cases = [record(n, k, d) for n, k in options() for d in (torch.float64, torch.float32)]
text = json.dumps(dict(start=START, curvature=CURVATURE, pull=PULL, kept=KEPT, cases=[None]))
path = pathlib.Path(__file__).with_name("trajectories.json")
path.write_text(text.replace("[null]", "[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]") + "\n")

"""A function with its own gradient: rounding that lets gradients pass as if it were not there (the straight-through
estimator), with which a network learns weights that are whole multiples of a step.

    python own_function.py
"""
import lamina as torch


class RoundToStep(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, step):
        return (x / step).round() * step

    @staticmethod
    def backward(ctx, grad):
        return grad, None  # one gradient for each argument of forward; a number has none


torch.manual_seed(0)
weight = torch.randn(3, requires_grad=True)
wanted = torch.tensor([0.5, -1.25, 2.0])
for _ in range(200):
    loss = (RoundToStep.apply(weight, 0.25) - wanted).square().sum()
    weight.grad = None
    loss.backward()
    with torch.no_grad():
        weight -= 0.05 * weight.grad
print(RoundToStep.apply(weight, 0.25).detach())  # tensor([ 0.5000, -1.2500,  2.0000])

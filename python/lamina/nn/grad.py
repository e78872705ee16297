"""The gradients of convolutions as functions. Source: torch.nn.grad."""

from lamina._C._grad import *  # noqa: F403

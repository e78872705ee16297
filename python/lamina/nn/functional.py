"""The operations of layers as functions. Source: torch.nn.functional."""

from lamina._C import sigmoid as sigmoid
from lamina._C import tanh as tanh
from lamina._C._functional import *  # noqa: F403

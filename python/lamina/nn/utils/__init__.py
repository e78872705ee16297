"""Gradients kept within bounds, parameters as one vector. Source: torch.nn.utils."""

from lamina._C._utils import *  # noqa: F403
from lamina.nn.utils import rnn as rnn

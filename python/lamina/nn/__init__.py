"""Layers, containers and what trains with them, under the names of torch.nn."""

from lamina._C import Parameter as Parameter
from lamina._C._nn import *  # noqa: F403
from lamina.nn import grad as grad
from lamina.nn import init as init
from lamina.nn import functional as functional
from lamina.nn import utils as utils

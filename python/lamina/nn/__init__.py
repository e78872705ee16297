"""Layers, containers and what trains with them, under the names of torch.nn."""

from lamina._C._nn import *  # noqa: F403
from lamina.nn import functional as functional
from lamina.nn import grad as grad
from lamina.nn import init as init
from lamina.nn import parameter as parameter
from lamina.nn.parameter import Buffer as Buffer
from lamina.nn.parameter import Parameter as Parameter
from lamina.nn.parameter import UninitializedBuffer as UninitializedBuffer
from lamina.nn.parameter import UninitializedParameter as UninitializedParameter
from lamina.nn import modules as modules
from lamina.nn.modules import *  # noqa: F403
from lamina.nn import utils as utils

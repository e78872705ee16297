"""Gradients kept within bounds, parameters as one vector, weights as functions of others. Source: torch.nn.utils."""

from lamina._C._utils import *  # noqa: F403
from lamina.nn.utils import parametrizations as parametrizations
from lamina.nn.utils import parametrize as parametrize
from lamina.nn.utils import rnn as rnn
from lamina.nn.utils.spectral_norm import remove_spectral_norm as remove_spectral_norm
from lamina.nn.utils.spectral_norm import spectral_norm as spectral_norm
from lamina.nn.utils.weight_norm import remove_weight_norm as remove_weight_norm
from lamina.nn.utils.weight_norm import weight_norm as weight_norm

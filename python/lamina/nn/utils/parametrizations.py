"""Parametrizations of weights: weight_norm and spectral_norm. Source: torch.nn.utils.parametrizations."""

from lamina._C import Tensor
from lamina._C._nn import Module
from lamina._grad_mode import no_grad
from lamina import _norms
from lamina.nn.utils import parametrize
from lamina.nn.utils.spectral_norm import default_dim

__all__ = ["spectral_norm", "weight_norm"]


def _tensor_of(module, name):
    tensor = getattr(module, name, None)
    if not isinstance(tensor, Tensor):
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    return tensor


class _WeightNorm(Module):
    """(g, v) → g·v/|v|"""

    def __init__(self, dim=0):
        super().__init__()
        self.dim = -1 if dim is None else dim

    def forward(self, weight_g, weight_v):
        return _norms._weight_norm(weight_v, weight_g, self.dim)

    def right_inverse(self, weight):
        return _norms.norm_except_dim(weight, 2, self.dim), weight


def weight_norm(module, name="weight", dim=0):
    """Trains module.<name> as length and direction, weight = g·v/|v|; returns the module.

    g is parametrizations.<name>.original0, the length of each slice along `dim` or, with dim=None, of the whole tensor;
    v is original1. A state_dict with the keys <name>_g and <name>_v of the older nn.utils.weight_norm loads as well.
    Source: Salimans and Kingma 2016 (arXiv:1602.07868).
    """
    parametrize.register_parametrization(module, name, _WeightNorm(dim), unsafe=True)

    def take_old_keys(state_dict, prefix, *rest):
        old = [f"{prefix}{name}_g", f"{prefix}{name}_v"]
        if all(key in state_dict for key in old):
            for index, key in enumerate(old):
                state_dict[f"{prefix}parametrizations.{name}.original{index}"] = state_dict.pop(key)

    module._register_load_state_dict_pre_hook(take_old_keys)
    return module


class _SpectralNorm(Module):
    """W → W/σ with σ = uᵀWv; a vector is divided by its length. In training, power iterations bring u and v closer."""

    def __init__(self, weight, n_power_iterations=1, dim=0, eps=1e-12):
        super().__init__()
        ndim = weight.ndim
        if not -ndim <= dim < ndim:
            raise IndexError(
                f"Dimension out of range (expected to be in range of [{-ndim}, {ndim - 1}] but got {dim})"
            )
        if n_power_iterations <= 0:
            raise ValueError(
                f"Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}"
            )
        self.dim = dim % ndim
        self.eps = eps
        if ndim == 1:
            return
        self.n_power_iterations = n_power_iterations
        matrix = _norms.as_matrix(weight, self.dim)
        with no_grad():
            u, v = (matrix.new_empty(n).normal_(0, 1) for n in matrix.shape)
            self.register_buffer("_u", _norms.unit(u, eps))
            self.register_buffer("_v", _norms.unit(v, eps))
        self._power_method(matrix, 15)

    @no_grad()
    def _power_method(self, matrix, n_power_iterations):
        for _ in range(n_power_iterations):
            self._u.copy_(_norms.unit(matrix.mv(self._v), self.eps))
            self._v.copy_(_norms.unit(matrix.t().mv(self._u), self.eps))

    def forward(self, weight):
        if weight.ndim == 1:
            return _norms.unit(weight, self.eps)
        matrix = _norms.as_matrix(weight, self.dim)
        if self.training:
            self._power_method(matrix, self.n_power_iterations)
        # copies, so that a second forward may come before the first one's backward
        return weight / self._u.clone().dot(matrix.mv(self._v.clone()))

    def right_inverse(self, value):
        return value  # a value that is assigned is taken as normalized already, or to be


def spectral_norm(module, name="weight", n_power_iterations=1, eps=1e-12, dim=None):
    """Divides module.<name> by its largest singular value, which power iterations approach; returns the module.

    Tensors of more dimensions count as matrices with a row for each slice along `dim`: 0, or 1 for transposed
    convolutions. `eps`: the least norm that vectors are divided by. In eval mode the vectors stay as they are.
    ValueError, IndexError: no such tensor or dimension, or no positive n_power_iterations.
    Source: Miyato et al. 2018 (arXiv:1802.05957).
    """
    weight = _tensor_of(module, name)
    dim = default_dim(module) if dim is None else dim
    parametrize.register_parametrization(module, name, _SpectralNorm(weight, n_power_iterations, dim, eps))
    return module

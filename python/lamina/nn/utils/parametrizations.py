"""Parametrizations of weights: orthogonal, spectral_norm, weight_norm. Source: torch.nn.utils.parametrizations."""

import lamina as _lamina
from lamina._C import Tensor
from lamina._C._nn import Module
from lamina._grad_mode import no_grad
from lamina import _norms
from lamina.nn.utils import parametrize
from lamina.nn.utils.spectral_norm import default_dim

__all__ = ["orthogonal", "spectral_norm", "weight_norm"]


def _tensor_of(module, name):
    tensor = getattr(module, name, None)
    if not isinstance(tensor, Tensor):
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    return tensor


# ---- orthogonal ------------------------------------------------------------------------------------------------------


def _is_orthogonal(q):
    """Whether the columns are orthonormal, within rounding."""
    n, k = q.shape[-2:]
    identity = _lamina.eye(k, dtype=q.dtype)
    return _lamina.allclose(q.mT @ q, identity, atol=10.0 * n * _lamina.finfo(q.dtype).eps)


def _make_orthogonal(a):
    """The Q of a = QR with a positive diagonal of R, for n rows and k ≤ n columns."""
    reflections, tau = _lamina.geqrf(a)
    signs = reflections.diagonal(dim1=-2, dim2=-1).sgn()
    return _lamina.linalg.householder_product(reflections, tau) * signs.unsqueeze(-2)


def _exponential(a):
    return _lamina.matrix_exp(a)


def _cayley(a):
    identity = _lamina.eye(a.shape[-1], dtype=a.dtype)
    return _lamina.linalg.solve(identity - 0.5 * a, identity + 0.5 * a)


def _of_skew_symmetric(map):
    """From the lower triangle L of x (n, k) by way of A = L − Lᵀ, filled up to (n, n): the first k columns of map(A)."""

    def columns(x):
        n, k = x.shape[-2:]
        lower = x.tril()
        if n != k:
            lower = _lamina.cat([lower, x.new_zeros(*x.shape[:-1], n - k)], dim=-1)
        return map(lower - lower.mT)[..., :k]

    return columns


def _householder(x):
    """The product of the reflections at the columns of x below its diagonal, whose signs stand on the diagonal."""
    below = x.tril(-1)
    tau = 2.0 / (1.0 + (below * below).sum(dim=-2))
    signs = x.detach().diagonal(dim1=-2, dim2=-1).int().unsqueeze(-2)  # not trained
    return _lamina.linalg.householder_product(below, tau) * signs


_ORTHOGONAL_MAPS = {
    "matrix_exp": _of_skew_symmetric(_exponential), "cayley": _of_skew_symmetric(_cayley), "householder": _householder,
}


class _Orthogonal(Module):
    """x → orthonormal columns, or rows where there are more columns than rows; base · map(x) with trivialization."""

    def __init__(self, weight, orthogonal_map, *, use_trivialization=True):
        super().__init__()
        self.shape = weight.shape
        self.orthogonal_map = orthogonal_map
        if use_trivialization:
            self.register_buffer("base", None)

    def forward(self, x):
        wide = x.shape[-2] < x.shape[-1]
        q = _ORTHOGONAL_MAPS[self.orthogonal_map](x.mT if wide else x)
        if "base" in self._buffers:
            q = self.base @ q
        return q.mT if wide else q

    @no_grad()
    def right_inverse(self, q):
        if q.shape != self.shape:
            raise ValueError(
                f"Expected a matrix or batch of matrices of shape {self.shape}. Got a tensor of shape {q.shape}."
            )
        wide = q.shape[-2] < q.shape[-1]
        tall = q.mT if wide else q
        if "base" in self._buffers:
            self.base = self._base_of(tall)
            start = _lamina.zeros_like(q)  # the map of which is the identity
            start.diagonal(dim1=-2, dim2=-1).fill_(-1.0)
            return start
        if self.orthogonal_map != "householder":
            raise NotImplementedError(
                "It is not possible to assign to the matrix exponential or the Cayley parametrizations when "
                "use_trivialization=False."
            )
        x, tau = _lamina.geqrf(tall)
        signs = x.diagonal(dim1=-2, dim2=-1)
        signs.copy_(_lamina.where(tau == 0.0, -signs.sign(), signs.sign()))  # tau is 0 where nothing is reflected
        return x.mT if wide else x

    @staticmethod
    def _base_of(q):
        """A square orthogonal matrix that starts with the columns q, made orthonormal where they are not."""
        n, k = q.shape[-2:]
        if n != k:
            q = _lamina.cat([q, _lamina.randn(*q.shape[:-1], n - k, dtype=q.dtype)], dim=-1)
        elif _is_orthogonal(q):
            return q.clone()
        return _make_orthogonal(q)


def orthogonal(module, name="weight", orthogonal_map=None, *, use_trivialization=True):
    """Makes the columns of module.<name> (or its rows, where those are fewer) orthonormal; returns the module.

    A tensor of more dimensions is a batch of matrices. `orthogonal_map`: "matrix_exp" or "cayley", of a skew-symmetric
    matrix (the former by default for square ones), or "householder", a product of reflections.
    With use_trivialization, the result is B·map(x), B the buffer `base`: the weight now, made orthonormal; without it
    only "householder" starts there. Assigning works in the same cases.

    ValueError: no such tensor, less than two dimensions, or an unknown map.
    Source: Lezcano-Casado 2019 (arXiv:1909.09501).
    """
    weight = _tensor_of(module, name)
    if weight.ndim < 2:
        raise ValueError(f"Expected a matrix or batch of matrices. Got a tensor of {weight.ndim} dimensions.")
    if orthogonal_map is None:
        orthogonal_map = "matrix_exp" if weight.shape[-2] == weight.shape[-1] else "householder"
    if orthogonal_map not in _ORTHOGONAL_MAPS:
        raise ValueError(
            f'orthogonal_map has to be one of "matrix_exp", "cayley", "householder". Got: {orthogonal_map}'
        )
    parametrization = _Orthogonal(weight, orthogonal_map, use_trivialization=use_trivialization)
    parametrize.register_parametrization(module, name, parametrization, unsafe=True)
    return module


# ---- weight_norm -----------------------------------------------------------------------------------------------------


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


# ---- spectral_norm ---------------------------------------------------------------------------------------------------


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

"""Weights divided by their largest singular value, by a hook before forward. Source: torch.nn.utils.spectral_norm.

parametrizations.spectral_norm does the same without a hook; this is the older form, which old scripts and checkpoints
use.
"""

from lamina._C import Parameter, _nn
from lamina._grad_mode import no_grad
from lamina.nn.parameter import is_lazy
from lamina._norms import as_matrix, unit

__all__ = [
    "SpectralNorm", "SpectralNormLoadStateDictPreHook", "SpectralNormStateDictHook", "spectral_norm",
    "remove_spectral_norm",
]


def default_dim(module):
    """The dimension of a weight that counts the outputs: 1 of a transposed convolution, 0 of everything else."""
    return int(isinstance(module, (_nn.ConvTranspose1d, _nn.ConvTranspose2d, _nn.ConvTranspose3d)))


class SpectralNorm:
    """The hook: sets module.<name> to W/σ before every forward, σ = uᵀWv; in training a power iteration comes first.

    W is the parameter <name>_orig as a matrix; u and v, buffers <name>_u and <name>_v, approach its first singular
    vectors.
    """

    _version = 1  # in state_dict's metadata; before it v was not stored

    def __init__(self, name="weight", n_power_iterations=1, dim=0, eps=1e-12):
        if n_power_iterations <= 0:
            raise ValueError(
                f"Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}"
            )
        self.name = name
        self.dim = dim
        self.n_power_iterations = n_power_iterations
        self.eps = eps

    def reshape_weight_to_matrix(self, weight):
        """One row for each slice along `dim`."""
        return as_matrix(weight, self.dim)

    def _tensors(self, module):
        return [getattr(module, self.name + suffix) for suffix in ("_orig", "_u", "_v")]

    def compute_weight(self, module, do_power_iteration):
        """W/σ. A power iteration changes u and v in place, which copies of the module may share."""
        weight, u, v = self._tensors(module)
        matrix = self.reshape_weight_to_matrix(weight)
        if do_power_iteration:
            with no_grad():
                for _ in range(self.n_power_iterations):
                    v.copy_(unit(matrix.t().mv(u), self.eps))
                    u.copy_(unit(matrix.mv(v), self.eps))
                # the graph keeps copies, so that a second forward may come before the first one's backward
                u, v = u.clone(), v.clone()
        return weight / u.dot(matrix.mv(v))

    def remove(self, module):
        """Makes module.<name> a parameter again, with its present value."""
        with no_grad():
            weight = self.compute_weight(module, do_power_iteration=False)
        for suffix in ("", "_u", "_v", "_orig"):
            delattr(module, self.name + suffix)
        module.register_parameter(self.name, Parameter(weight.detach()))

    def __call__(self, module, inputs):
        setattr(module, self.name, self.compute_weight(module, do_power_iteration=module.training))

    def _solve_v_and_rescale(self, matrix, u, sigma):
        """The v for which W·v is along u and uᵀWv = σ."""
        v = (matrix.t() @ matrix).pinverse() @ (matrix.t() @ u)
        return v * (sigma / u.dot(matrix.mv(v)))

    @staticmethod
    def apply(module, name, n_power_iterations, dim, eps):
        """Replaces the parameter by W, u and v, and registers the hooks."""
        if _find(module._forward_pre_hooks, SpectralNorm, lambda hook: hook.name == name) is not None:
            raise RuntimeError(f"Cannot register two spectral_norm hooks on the same parameter {name}")
        hook = SpectralNorm(name, n_power_iterations, dim, eps)
        weight = module._parameters[name]
        if weight is None:
            raise ValueError(f"`SpectralNorm` cannot be applied as parameter `{name}` is None")
        if is_lazy(weight):
            raise ValueError(
                "The module passed to `SpectralNorm` can't have uninitialized parameters. Run forward once before "
                "applying spectral normalization"
            )
        with no_grad():
            u, v = (unit(weight.new_empty(n).normal_(0, 1), eps) for n in hook.reshape_weight_to_matrix(weight).shape)
        delattr(module, name)
        module.register_parameter(name + "_orig", weight)
        setattr(module, name, weight.detach())  # until the first forward: no parameter, but there
        module.register_buffer(name + "_u", u)
        module.register_buffer(name + "_v", v)
        module.register_forward_pre_hook(hook)
        module._register_state_dict_hook(SpectralNormStateDictHook(hook))
        module._register_load_state_dict_pre_hook(SpectralNormLoadStateDictPreHook(hook))
        return hook


class SpectralNormLoadStateDictPreHook:
    """Computes v for a state_dict from before version 1, which holds W/σ in its place."""

    def __init__(self, fn):
        self.fn = fn

    def __call__(self, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs):
        key = prefix + self.fn.name
        version = local_metadata.get("spectral_norm", {}).get(self.fn.name + ".version")
        if version is not None and version >= 1:
            return
        whole = key not in state_dict and all(key + suffix in state_dict for suffix in ("_orig", "_u", "_v"))
        if version is None and whole:  # of the present version, without its metadata
            return
        missing = [key + suffix for suffix in ("_orig", "", "_u") if key + suffix not in state_dict]
        if missing:
            if strict:
                missing_keys.extend(missing)
            return
        with no_grad():
            original = state_dict[key + "_orig"]
            sigma = (original / state_dict.pop(key)).mean()
            matrix = self.fn.reshape_weight_to_matrix(original)
            state_dict[key + "_v"] = self.fn._solve_v_and_rescale(matrix, state_dict[key + "_u"], sigma)


class SpectralNormStateDictHook:
    """Writes the version into state_dict's metadata."""

    def __init__(self, fn):
        self.fn = fn

    def __call__(self, module, state_dict, prefix, local_metadata):
        versions = local_metadata.setdefault("spectral_norm", {})
        key = self.fn.name + ".version"
        if key in versions:
            raise RuntimeError(f"Unexpected key in metadata['spectral_norm']: {key}")
        versions[key] = self.fn._version


def _find(hooks, kind, chosen):
    """The number of the hook of a kind that is chosen, or None."""
    for number, hook in hooks.items():
        if isinstance(hook, kind) and chosen(hook):
            return number
    return None


def spectral_norm(module, name="weight", n_power_iterations=1, eps=1e-12, dim=None):
    """Divides module.<name> by its largest singular value, which power iterations approach; returns the module.

    Tensors of more dimensions count as matrices with a row for each slice along `dim`: 0, or 1 for transposed
    convolutions. `eps`: the least norm that the vectors are divided by.
    RuntimeError: it has been applied to this parameter before. Source: Miyato et al. 2018 (arXiv:1802.05957).
    """
    SpectralNorm.apply(module, name, n_power_iterations, default_dim(module) if dim is None else dim, eps)
    return module


def remove_spectral_norm(module, name="weight"):
    """Makes the parameter plain again, with its present value; ValueError where spectral_norm was not applied."""
    number = _find(module._forward_pre_hooks, SpectralNorm, lambda hook: hook.name == name)
    if number is None:
        raise ValueError(f"spectral_norm of '{name}' not found in {module}")
    module._forward_pre_hooks[number].remove(module)
    del module._forward_pre_hooks[number]
    for hooks, kind in (
        (module._state_dict_hooks, SpectralNormStateDictHook),
        (module._load_state_dict_pre_hooks, SpectralNormLoadStateDictPreHook),
    ):
        number = _find(hooks, kind, lambda hook: hook.fn.name == name)
        if number is not None:
            del hooks[number]
    return module

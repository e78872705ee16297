"""Draws that are made of others: multinomial, gamma, Dirichlet, with the gradients of the latter two."""

import math

import lamina
from lamina.autograd import Function

#: 1/3 in float32, as PyTorch has it in the sampler of gamma variables.
_THIRD = 11184811 / 33554432


def multinomial(input, num_samples, replacement=False, *, generator=None, out=None):
    """Indices of categories, drawn by the weights in the last dimension of `input`.

    input: (categories) or (rows, categories), floating-point, not negative, no row all zero; need not sum to one.
    Returns int64 of (num_samples) or (rows, num_samples). Without replacement no index comes twice in a row.
    RuntimeError for weights that are negative or not finite, and when there are too few categories.
    """
    _check_weights(input, num_samples, replacement)
    if not replacement or num_samples == 1:
        ratio = input / lamina.empty_like(input).exponential_(1, generator=generator)
        result = ratio.argmax(-1, keepdim=True) if num_samples == 1 else ratio.topk(num_samples, -1).indices
    else:
        rows = input.detach().reshape(-1, input.shape[-1])
        sums = rows.cumsum(-1)
        sums = (sums / sums[:, -1:]).double()
        sums[:, -1] = 1.0
        drawn = lamina.rand(rows.shape[0], num_samples, dtype=lamina.float64, generator=generator)
        result = lamina.searchsorted(sums, drawn).reshape(*input.shape[:-1], num_samples)
    if out is None:
        return result
    return out.resize_(result.shape).copy_(result)


def _check_weights(input, num_samples, replacement):
    if input.dim() not in (1, 2):
        raise RuntimeError(f"prob_dist must be 1 or 2 dim, got shape {tuple(input.shape)}")
    if not input.is_floating_point():
        raise RuntimeError(f"multinomial only supports floating-point dtypes for input, got: {input.dtype}")
    if num_samples <= 0:
        raise RuntimeError(f"cannot sample n_sample <= 0 samples, got {num_samples}")
    if not replacement and num_samples > input.shape[-1]:
        raise RuntimeError(
            f"cannot sample n_sample > prob_dist.size(-1) samples without replacement: {num_samples} of "
            f"{input.shape[-1]}. Pass replacement=True to draw a category more than once"
        )
    if not bool((input.isfinite() & (input >= 0)).all()):
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    if not bool((input.sum(-1) > 0).all()):
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")


def _gamma(alpha, uniform, normal):
    """One draw of the gamma distribution of rate 1.

    Marsaglia and Tsang, A simple method for generating gamma variables (2000): d·v is taken where v = (1 + c·n)³ of a
    normal n passes their test; below 1 the draw for alpha + 1 is scaled by u^(1/alpha).
    """
    scale = 1.0
    if alpha < 1.0:
        if alpha == 0.0:
            return 0.0
        scale = (1.0 - uniform()) ** (1.0 / alpha)
        alpha += 1.0
    d = alpha - _THIRD
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        y = 0.0
        while y <= 0.0:
            n = normal()
            y = 1.0 + c * n
        v, square = y**3, n * n
        u = 1.0 - uniform()
        if u < 1.0 - 0.0331 * square * square or math.log(u) < 0.5 * square + d * (1.0 - v + math.log(v)):
            return scale * d * v


def _gammas(concentration, generator):
    """Draws for every element in order, in float64."""

    def uniform():
        return lamina.rand(1, dtype=lamina.float64, generator=generator).item()

    def normal():
        return lamina.randn(1, dtype=lamina.float64, generator=generator).item()

    with lamina.no_grad():
        drawn = [_gamma(a, uniform, normal) for a in concentration.detach().double().flatten().tolist()]
        return lamina.tensor(drawn, dtype=lamina.float64).reshape(concentration.shape)


class _StandardGamma(Function):
    @staticmethod
    def forward(ctx, concentration, generator):
        dtype = concentration.dtype
        result = _gammas(concentration, generator).to(dtype).clamp(min=lamina.finfo(dtype).tiny)
        ctx.save_for_backward(result, concentration)
        return result

    @staticmethod
    def backward(ctx, grad):
        result, concentration = ctx.saved_tensors
        return grad * gamma_grad(concentration, result), None


def _standard_gamma(concentration, generator=None):
    """A draw of the gamma distribution of rate 1 for every concentration, with the gradient through the draw."""
    return _StandardGamma.apply(concentration, generator)


class _Dirichlet(Function):
    @staticmethod
    def forward(ctx, concentration, generator):
        dtype = concentration.dtype
        drawn = _gammas(concentration, generator)
        result = (drawn / drawn.sum(-1, keepdim=True)).to(dtype)
        info = lamina.finfo(dtype)
        result = result.clamp(info.tiny, 1.0 - info.eps / 2)
        ctx.save_for_backward(result, concentration)
        return result

    @staticmethod
    def backward(ctx, grad):
        x, concentration = ctx.saved_tensors
        total = concentration.sum(-1, keepdim=True).expand_as(concentration)
        return beta_grad(x, concentration, total - concentration) * (grad - (x * grad).sum(-1, keepdim=True)), None


def _sample_dirichlet(concentration, generator=None):
    """A draw of the Dirichlet distribution for every row of concentrations, with the gradient through the draw."""
    return _Dirichlet.apply(concentration, generator)


def _summed(term, x):
    """Σ term(n) for n = 0, 1, … until nothing changes; term gives (weight, factor)."""
    total, n = lamina.zeros_like(x), 0
    while n < 200_000:
        weight, factor = term(n)
        total = total + weight * factor
        n += 1
        if n % 16 == 0 and not bool((weight.abs() * factor.abs() > 1e-17 * total.abs()).any()):
            break
    return total


def gamma_grad(alpha, x):
    """dx/dalpha of a gamma draw x at a fixed quantile: −(∂P/∂alpha)/(∂P/∂x), P the distribution function.

    By P's power series, P/(∂P/∂x) = Σ x^(n+1)/(alpha (alpha+1) … (alpha+n)); for alpha above 10⁴ by Cornish and
    Fisher's expansion x = alpha + z√alpha + (z² − 1)/3.
    """
    dtype = x.dtype
    shape = lamina.broadcast_shapes(alpha.shape, x.shape)
    alpha, x = (t.detach().double().expand(shape) for t in (alpha, x))
    large = alpha > 1e4
    z = (x - alpha) / alpha.sqrt()
    z = (x - alpha - (z * z - 1) / 3) / alpha.sqrt()
    expanded = 1 + z / (2 * alpha.sqrt())
    a, y = (lamina.where(large, lamina.ones_like(t), t) for t in (alpha, x))
    log, weight = y.log(), [lamina.ones_like(y)]

    def term(n):
        weight[0] = weight[0] * y / (a + n)
        return weight[0], lamina.digamma(a + n + 1) - log

    return lamina.where(large, expanded, _summed(term, y)).to(dtype)


def beta_grad(x, a, b):
    """−(∂I/∂a)/(∂I/∂x)/(1 − x) of the distribution function I of Beta(a, b), by its power series.

    I = Σ x^(a+n) (1−x)^b Γ(a+b+n)/(Γ(b) Γ(a+n+1)); above the mean the series of 1 − I in 1 − x.
    """
    dtype = x.dtype
    x, a, b = (t.detach().double() for t in (x, a, b))
    low = x * (a + b) <= a
    y = lamina.where(low, x, 1 - x)
    p, q = lamina.where(low, a, b), lamina.where(low, b, a)
    weight = [None]
    log_y, log_rest, of_q = y.log(), (1 - y).log(), lamina.digamma(q)

    def term(n):
        weight[0] = y * (1 - y) / p if n == 0 else weight[0] * y * (p + q + n - 1) / (p + n)
        of_sum = lamina.digamma(p + q + n)
        by_p = log_y + of_sum - lamina.digamma(p + n + 1)
        by_q = log_rest + of_sum - of_q
        return weight[0], lamina.where(low, -by_p, by_q)

    return (_summed(term, y) / (1 - x)).to(dtype)

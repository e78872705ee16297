"""KL(p‖q) = E_p[log p − log q]. Source: torch.distributions.kl."""

import math as _math

import lamina as _lamina
from lamina.distributions.bernoulli import Bernoulli
from lamina.distributions.beta import Beta
from lamina.distributions.categorical import Categorical
from lamina.distributions.cauchy import Cauchy
from lamina.distributions.dirichlet import Dirichlet
from lamina.distributions.distribution import Distribution
from lamina.distributions.exponential import Exponential
from lamina.distributions.gamma import Gamma
from lamina.distributions.geometric import Geometric
from lamina.distributions.gumbel import Gumbel
from lamina.distributions.half_normal import HalfNormal
from lamina.distributions.independent import Independent
from lamina.distributions.laplace import Laplace
from lamina.distributions.multivariate_normal import MultivariateNormal, _batch_mahalanobis
from lamina.distributions.normal import Normal
from lamina.distributions.one_hot_categorical import OneHotCategorical
from lamina.distributions.transformed_distribution import TransformedDistribution
from lamina.distributions.uniform import Uniform
from lamina.distributions.utils import _sum_rightmost, euler_constant
from lamina.nn.functional import softplus as _softplus

__all__ = ["kl_divergence", "register_kl"]

_rules = {}  # (class of p, class of q) → function


def register_kl(type_p, type_q):
    """Decorates the function kl(p, q) for two classes and their subclasses."""
    if not (isinstance(type_p, type) and issubclass(type_p, Distribution)):
        raise TypeError(f"Expected type_p to be a Distribution subclass but got {type_p}")
    if not (isinstance(type_q, type) and issubclass(type_q, Distribution)):
        raise TypeError(f"Expected type_q to be a Distribution subclass but got {type_q}")

    def register(function):
        _rules[type_p, type_q] = function
        return function

    return register


def kl_divergence(p, q):
    """KL(p‖q), of the batch shape, by the rule of the nearest classes.

    NotImplementedError where there is none: register_kl adds one.
    """
    best = None
    for a, type_p in enumerate(type(p).__mro__):
        for b, type_q in enumerate(type(q).__mro__):
            if (type_p, type_q) in _rules and (best is None or a + b < best[0]):
                best = a + b, _rules[type_p, type_q]
    if best is None:
        raise NotImplementedError(f"No KL(p || q) is implemented for p type {type(p).__name__} and q type "
                                  f"{type(q).__name__}")
    return best[1](p, q)


def _inf_like(tensor):
    return _lamina.full_like(tensor, _lamina.inf)


@register_kl(Bernoulli, Bernoulli)
def _bernoulli(p, q):
    t1 = p.probs * (_softplus(-q.logits) - _softplus(-p.logits))
    t1 = _lamina.where(q.probs == 0, _inf_like(t1), t1)
    t1 = _lamina.where(p.probs == 0, _lamina.zeros_like(t1), t1)
    t2 = (1 - p.probs) * (_softplus(q.logits) - _softplus(p.logits))
    t2 = _lamina.where(q.probs == 1, _inf_like(t2), t2)
    return t1 + _lamina.where(p.probs == 1, _lamina.zeros_like(t2), t2)


@register_kl(Beta, Beta)
def _beta(p, q):
    sum_p, sum_q = p.concentration1 + p.concentration0, q.concentration1 + q.concentration0
    t1 = q.concentration1.lgamma() + q.concentration0.lgamma() + sum_p.lgamma()
    t2 = p.concentration1.lgamma() + p.concentration0.lgamma() + sum_q.lgamma()
    return (t1 - t2 + (p.concentration1 - q.concentration1) * _lamina.digamma(p.concentration1)
            + (p.concentration0 - q.concentration0) * _lamina.digamma(p.concentration0)
            + (sum_q - sum_p) * _lamina.digamma(sum_p))


@register_kl(Categorical, Categorical)
def _categorical(p, q):
    t = p.probs * (p.logits - q.logits)
    t = _lamina.where((q.probs == 0).expand_as(t), _inf_like(t), t)
    t = _lamina.where((p.probs == 0).expand_as(t), _lamina.zeros_like(t), t)
    return t.sum(-1)


@register_kl(OneHotCategorical, OneHotCategorical)
def _one_hot(p, q):
    return _categorical(p._categorical, q._categorical)


@register_kl(Cauchy, Cauchy)
def _cauchy(p, q):
    t1 = ((p.scale + q.scale).pow(2) + (p.loc - q.loc).pow(2)).log()
    return t1 - (4 * p.scale * q.scale).log()


@register_kl(Dirichlet, Dirichlet)
def _dirichlet(p, q):
    sum_p, sum_q = p.concentration.sum(-1), q.concentration.sum(-1)
    t1 = sum_p.lgamma() - sum_q.lgamma()
    t2 = (p.concentration.lgamma() - q.concentration.lgamma()).sum(-1)
    away = p.concentration.digamma() - sum_p.digamma().unsqueeze(-1)
    return t1 - t2 + ((p.concentration - q.concentration) * away).sum(-1)


@register_kl(Exponential, Exponential)
def _exponential(p, q):
    ratio = q.rate / p.rate
    return -ratio.log() + ratio - 1


@register_kl(Gamma, Gamma)
def _gamma(p, q):
    return (q.concentration * (p.rate / q.rate).log() + _lamina.lgamma(q.concentration) - _lamina.lgamma(p.concentration)
            + (p.concentration - q.concentration) * _lamina.digamma(p.concentration)
            + (q.rate - p.rate) * (p.concentration / p.rate))


@register_kl(Geometric, Geometric)
def _geometric(p, q):
    return -p.entropy() - _lamina.log1p(-q.probs) / p.probs - q.logits


@register_kl(Gumbel, Gumbel)
def _gumbel(p, q):
    ratio, loc_p, loc_q = p.scale / q.scale, p.loc / q.scale, q.loc / q.scale
    t = -ratio.log() - loc_q + loc_p + ratio * euler_constant
    return t + _lamina.exp(loc_q + (1 + ratio).lgamma() - loc_p) - (1 + euler_constant)


@register_kl(HalfNormal, HalfNormal)
def _half_normal(p, q):
    return _normal(p.base_dist, q.base_dist)


@register_kl(Independent, Independent)
def _independent(p, q):
    if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
        raise NotImplementedError
    return _sum_rightmost(kl_divergence(p.base_dist, q.base_dist), p.reinterpreted_batch_ndims)


@register_kl(Laplace, Laplace)
def _laplace(p, q):
    ratio, away = p.scale / q.scale, (p.loc - q.loc).abs()
    return -ratio.log() + away / q.scale + ratio * _lamina.exp(-away / p.scale) - 1


@register_kl(MultivariateNormal, MultivariateNormal)
def _multivariate_normal(p, q):
    if p.event_shape != q.event_shape:
        raise ValueError("KL-divergence between two Multivariate Normals with different event shapes cannot be computed")
    n, shape = p.event_shape[0], _lamina.broadcast_shapes(p._batch_shape, q._batch_shape)
    L_p, L_q = (d._unbroadcasted_scale_tril.expand((*shape, n, n)) for d in (p, q))
    trace = _lamina.linalg.solve_triangular(L_q, L_p, upper=False).pow(2).sum((-2, -1))
    return (q._half_log_det() - p._half_log_det()
            + 0.5 * (trace + _batch_mahalanobis(q._unbroadcasted_scale_tril, q.loc - p.loc) - n))


@register_kl(Normal, Normal)
def _normal(p, q):
    ratio = (p.scale / q.scale).pow(2)
    return 0.5 * (ratio + ((p.loc - q.loc) / q.scale).pow(2) - 1 - ratio.log())


@register_kl(TransformedDistribution, TransformedDistribution)
def _transformed(p, q):
    if p.transforms != q.transforms or p.event_shape != q.event_shape:
        raise NotImplementedError
    return kl_divergence(p.base_dist, q.base_dist)


@register_kl(Uniform, Uniform)
def _uniform(p, q):
    result = ((q.high - q.low) / (p.high - p.low)).log()
    return _lamina.where((q.low > p.low) | (q.high < p.high), _inf_like(result), result)


@register_kl(Uniform, Normal)
def _uniform_normal(p, q):
    width = p.high - p.low
    t1 = (_math.sqrt(_math.pi * 2) * q.scale / width).log()
    t2 = width.pow(2) / 12
    t3 = ((p.high + p.low - 2 * q.loc) / 2).pow(2)
    return t1 + 0.5 * (t2 + t3) / q.scale.pow(2)


@register_kl(Normal, Laplace)
def _normal_laplace(p, q):
    away = p.loc - q.loc
    ratio = away / p.scale
    return (-_lamina.log(p.scale / q.scale) - 0.5 * _math.log(_math.pi * 0.5) + (
        _math.sqrt(2 / _math.pi) * p.scale * _lamina.exp(-0.5 * ratio.pow(2))
        + away * _lamina.erf(_math.sqrt(0.5) * ratio)
    ) / q.scale - 0.5)


def _infinite(p, q):
    """p has values that q has not."""
    return _inf_like(_lamina.broadcast_tensors(p.mean, q.mean)[0])


for _p, _q in ((Normal, Beta), (Normal, Exponential), (Normal, Gamma), (Normal, Uniform), (Laplace, Beta),
               (Laplace, Exponential), (Laplace, Gamma), (Laplace, Uniform), (Gamma, Beta), (Gamma, Uniform),
               (Exponential, Beta), (Exponential, Uniform), (Gumbel, Beta), (Gumbel, Exponential), (Gumbel, Gamma),
               (Gumbel, Uniform)):
    register_kl(_p, _q)(_infinite)


@register_kl(Beta, Uniform)
def _beta_uniform(p, q):
    result = -p.entropy() + (q.high - q.low).log()
    return _lamina.where((q.low > p.support.lower_bound) | (q.high < p.support.upper_bound), _inf_like(result), result)


@register_kl(Beta, Normal)
def _beta_normal(p, q):
    mean = p.concentration1 / (p.concentration1 + p.concentration0)
    square, half = q.scale.pow(2), 0.5 * _lamina.log(q.scale.pow(2) * 2 * _math.pi)
    return -p.entropy() + half + (p.variance + (mean - q.loc).pow(2)) / (2 * square)


@register_kl(Exponential, Gamma)
def _exponential_gamma(p, q):
    ratio = q.rate / p.rate
    return (-q.concentration * ratio.log() + ratio + q.concentration.lgamma() + q.concentration * euler_constant
            - (1 + euler_constant))


@register_kl(Gamma, Exponential)
def _gamma_exponential(p, q):
    return -p.entropy() - q.rate.log() + q.rate * p.concentration / p.rate

"""Distributions to draw from and to differentiate through. Source: torch.distributions.

    policy = Categorical(logits=network(state))
    action = policy.sample()
    loss = -policy.log_prob(action) * reward
"""

from lamina.distributions import constraints, transforms
from lamina.distributions.bernoulli import Bernoulli
from lamina.distributions.beta import Beta
from lamina.distributions.categorical import Categorical
from lamina.distributions.cauchy import Cauchy
from lamina.distributions.chi2 import Chi2
from lamina.distributions.dirichlet import Dirichlet
from lamina.distributions.distribution import Distribution
from lamina.distributions.exp_family import ExponentialFamily
from lamina.distributions.exponential import Exponential
from lamina.distributions.gamma import Gamma
from lamina.distributions.geometric import Geometric
from lamina.distributions.gumbel import Gumbel
from lamina.distributions.half_normal import HalfNormal
from lamina.distributions.independent import Independent
from lamina.distributions.kl import kl_divergence, register_kl
from lamina.distributions.laplace import Laplace
from lamina.distributions.log_normal import LogNormal
from lamina.distributions.mixture_same_family import MixtureSameFamily
from lamina.distributions.multivariate_normal import MultivariateNormal
from lamina.distributions.normal import Normal
from lamina.distributions.one_hot_categorical import OneHotCategorical, OneHotCategoricalStraightThrough
from lamina.distributions.relaxed_bernoulli import LogitRelaxedBernoulli, RelaxedBernoulli
from lamina.distributions.relaxed_categorical import ExpRelaxedCategorical, RelaxedOneHotCategorical
from lamina.distributions.studentT import StudentT
from lamina.distributions.transformed_distribution import TransformedDistribution
from lamina.distributions.uniform import Uniform
from lamina.distributions.transforms import *  # noqa: F403

__all__ = [
    "Bernoulli", "Beta", "Categorical", "Cauchy", "Chi2", "Dirichlet", "Distribution", "Exponential",
    "ExponentialFamily", "Gamma", "Geometric", "Gumbel", "HalfNormal", "Independent", "Laplace", "LogNormal",
    "LogitRelaxedBernoulli", "MixtureSameFamily", "MultivariateNormal", "Normal", "OneHotCategorical",
    "OneHotCategoricalStraightThrough", "RelaxedBernoulli", "RelaxedOneHotCategorical", "StudentT",
    "TransformedDistribution", "Uniform", "constraints", "kl_divergence", "register_kl", "transforms",
]
__all__ += transforms.__all__

"""torch.distributions: draws, densities, moments, divergences, errors."""
import math
from importlib import import_module

import lamina as torch
import pytest
from support.scenarios import same

torch.distributions  # what is tested here


def d(t):
    return import_module(t.__name__ + ".distributions")


def vector(t, *values):
    return t.tensor(list(values), dtype=t.float64, requires_grad=True)


def matrix(t):
    return t.tensor([[2.0, 0.5], [0.5, 1.0]], dtype=t.float64, requires_grad=True)


# name → a function of (library, distributions) that gives a distribution and its parameters
MADE = {
    "Normal": lambda t, D: (p := (vector(t, 0.5, -1.0), vector(t, 1.0, 2.0)), D.Normal(*p)),
    "Normal of numbers": lambda t, D: ((), D.Normal(0.5, 2.0)),
    "LogNormal": lambda t, D: (p := (vector(t, 0.5, -1.0), vector(t, 1.0, 0.5)), D.LogNormal(*p)),
    "HalfNormal": lambda t, D: (p := (vector(t, 1.0, 0.5),), D.HalfNormal(*p)),
    "Uniform": lambda t, D: (p := (vector(t, 0.5, -1.0), vector(t, 1.0, 2.0)), D.Uniform(*p)),
    "Bernoulli": lambda t, D: (p := (vector(t, 0.3, 0.5),), D.Bernoulli(*p)),
    "Bernoulli logits": lambda t, D: (p := (vector(t, 0.3, -5.0),), D.Bernoulli(logits=p[0])),
    "Categorical": lambda t, D: (p := (vector(t, 0.3, 0.5, 1.2),), D.Categorical(*p)),
    "Categorical logits": lambda t, D: (p := (vector(t, 0.3, -0.5, 1.2, 0).reshape(2, 2),), D.Categorical(logits=p[0])),
    "OneHotCategorical": lambda t, D: (p := (vector(t, 0.3, 0.5, 1.2),), D.OneHotCategorical(*p)),
    "OneHotCategoricalStraightThrough": lambda t, D: (
        p := (vector(t, 0.3, 0.5, 1.2),), D.OneHotCategoricalStraightThrough(*p)),
    "Beta": lambda t, D: (p := (vector(t, 0.5, 2.0), vector(t, 1.5, 3.0)), D.Beta(*p)),
    "Beta of numbers": lambda t, D: ((), D.Beta(0.5, 2.0)),
    "Gamma": lambda t, D: (p := (vector(t, 0.5, 12.0), vector(t, 1.5, 3.0)), D.Gamma(*p)),
    "Chi2": lambda t, D: (p := (vector(t, 0.5, 2.0),), D.Chi2(*p)),
    "StudentT": lambda t, D: (p := (vector(t, 3.5, 2.5), vector(t, 1.5, 3.0)), D.StudentT(*p)),
    "Dirichlet": lambda t, D: (p := (vector(t, 0.5, 2.0, 1.0),), D.Dirichlet(*p)),
    "Exponential": lambda t, D: (p := (vector(t, 0.5, 2.0),), D.Exponential(*p)),
    "Laplace": lambda t, D: (p := (vector(t, 0.5, -2.0), vector(t, 1.0, 0.3)), D.Laplace(*p)),
    "Geometric": lambda t, D: (p := (vector(t, 0.5, 0.1),), D.Geometric(*p)),
    "Gumbel": lambda t, D: (p := (vector(t, 0.5, -2.0), vector(t, 1.0, 0.3)), D.Gumbel(*p)),
    "MultivariateNormal": lambda t, D: (
        p := (vector(t, 0.5, -2.0), matrix(t)), D.MultivariateNormal(p[0], covariance_matrix=p[1])),
    "MultivariateNormal precision": lambda t, D: (
        p := (vector(t, 0.5, -2.0), matrix(t)), D.MultivariateNormal(p[0], precision_matrix=p[1])),
    "MultivariateNormal tril": lambda t, D: (
        p := (vector(t, 0.5, -2.0).reshape(1, 2), matrix(t)), D.MultivariateNormal(p[0], scale_tril=p[1].tril())),
    "Independent": lambda t, D: (p := (vector(t, 0.5, -1.0), vector(t, 1.0, 2.0)), D.Independent(D.Normal(*p), 1)),
    "tanh": lambda t, D: (p := (vector(t, 0.5, -1.0), vector(t, 1.0, 2.0)), D.TransformedDistribution(
        D.Independent(D.Normal(*p), 1), [D.AffineTransform(0.1, 0.5), D.TanhTransform(cache_size=1)])),
    "sigmoid": lambda t, D: (p := (vector(t, 0.5, -1.0), vector(t, 1.0, 2.0)), D.TransformedDistribution(
        D.Normal(*p), [D.SigmoidTransform(), D.PowerTransform(2.0)])),
    "RelaxedBernoulli": lambda t, D: (p := (vector(t, 0.3, 0.6),), D.RelaxedBernoulli(t.tensor(0.7).double(), *p)),
    "RelaxedOneHotCategorical": lambda t, D: (p := (vector(t, 0.3, 0.6, 0.2),), D.RelaxedOneHotCategorical(t.tensor(0.7).double(), *p)),
    "MixtureSameFamily": lambda t, D: (
        p := (vector(t, 0.3, 0.7), vector(t, 1.0, -1.0)),
        D.MixtureSameFamily(D.Categorical(p[0]), D.Normal(p[1], 0.5))),
}
# gradients of draws that PyTorch approximates to about four digits
APPROXIMATED = {"Beta", "Gamma", "Chi2", "Dirichlet", "StudentT"}


def make(t, name):
    t.manual_seed(5)
    parameters, distribution = MADE[name](t, d(t))
    return list(parameters), distribution


def rounded(value, digits=9):
    if isinstance(value, (tuple, list)):
        return [rounded(v, digits) for v in value]
    if isinstance(value, float):
        return "nan" if value != value else round(float(f"{value:.{digits}g}"), 10)
    return rounded(value.tolist(), digits) if hasattr(value, "tolist") else value


def attempt(function):
    try:
        return rounded(function())
    except NotImplementedError:
        return "NotImplementedError"


@pytest.mark.parametrize("name", MADE)
def test_draws(name):
    def scenario(t):
        parameters, p = make(t, name)
        shapes = [list(p.batch_shape), list(p.event_shape), p.has_rsample, p.has_enumerate_support]
        draws = [p.sample(), p.sample((3,)), p.sample((2, 20))]
        digits = 6 if "of numbers" in name else 9
        if p.has_rsample:
            x = p.rsample((4,))
            draws.append(x)
            if parameters and name not in APPROXIMATED:
                w = t.arange(x.numel(), dtype=t.float64).cos().reshape(x.shape)
                draws += t.autograd.grad((x * w).sum(), parameters)
        return shapes, rounded(draws, digits), [list(x.shape) for x in draws], t.rand(1).item()

    same(scenario)


@pytest.mark.parametrize("name", MADE)
def test_densities_and_moments(name):
    def scenario(t):
        parameters, p = make(t, name)
        x = p.sample((4,)).detach()
        logs = p.log_prob(x)
        seen = [attempt(lambda n=n: getattr(p, n)) for n in ("mean", "mode", "variance", "stddev")]
        seen += [attempt(lambda: p.entropy()), attempt(lambda: p.cdf(x)), attempt(lambda: p.perplexity()), attempt(lambda: logs)]
        seen.append(attempt(lambda: p.icdf(t.full(list(p.batch_shape), 0.3, dtype=t.float64))))
        seen.append(attempt(lambda: p.enumerate_support()))
        if parameters:
            w = t.arange(logs.numel(), dtype=t.float64).cos().reshape(logs.shape)
            seen.append(attempt(lambda: t.autograd.grad((logs * w).sum(), parameters, retain_graph=True)))
        if isinstance(seen[4], list) and parameters:
            e = p.entropy()
            # PyTorch's trigamma has about eight digits
            seen.append(rounded(t.autograd.grad((e * 2).sum(), parameters, allow_unused=True)[0], 6))
        q = p.expand((3, *p.batch_shape))
        seen += [list(q.batch_shape), type(q).__name__, rounded(q.log_prob(x[0])), repr(p), repr(p.support)]
        return rounded(seen, 6 if "of numbers" in name else 9)

    same(scenario)


PAIRS = [
    ("Normal", "Normal of numbers"), ("Bernoulli", "Bernoulli logits"), ("Beta", "Beta of numbers"),
    ("MultivariateNormal", "MultivariateNormal precision"), ("Uniform", "Normal"), ("Normal", "Laplace"),
    ("Normal", "Uniform"), ("Beta", "Uniform"), ("Beta", "Normal"), ("Exponential", "Gamma"), ("Gamma", "Exponential"),
]


@pytest.mark.parametrize("of, other", [(name, name) for name in MADE] + PAIRS)
def test_divergences(of, other):
    def scenario(t):
        _, p = make(t, of)
        parameters, q = make(t, other)
        if of == other and of == "Normal":
            q = d(t).Normal(q.loc + 0.5, q.scale * 1.5)
        if of == other and of in ("Categorical", "Gamma", "Dirichlet"):
            q = type(q)(*[v.flip(-1) for v in parameters])
        return attempt(lambda: d(t).kl_divergence(p, q))

    same(scenario)


@pytest.mark.parametrize("use", [
    lambda t, D: D.Normal(0.0, -1.0), lambda t, D: D.Normal(t.ones(2), t.ones(3)), lambda t, D: D.Bernoulli(1.5),
    lambda t, D: D.Bernoulli(), lambda t, D: D.Categorical(t.tensor([-0.1, 1.0])), lambda t, D: D.Categorical(t.tensor(1.0)),
    lambda t, D: D.Uniform(1.0, 0.0), lambda t, D: D.Beta(0.0, 1.0), lambda t, D: D.Normal("a", 1.0),
    lambda t, D: D.Normal(0.0, 1.0).log_prob(t.tensor(float("nan"))), lambda t, D: D.Bernoulli(0.5).log_prob(t.tensor(0.5)),
    lambda t, D: D.Categorical(t.ones(3)).log_prob(t.tensor(3)), lambda t, D: D.Normal(t.zeros(2), 1.0).log_prob(t.ones(3)),
    lambda t, D: D.Normal(0.0, 1.0).log_prob(1.0), lambda t, D: D.Independent(D.Normal(0.0, 1.0), 1),
    lambda t, D: D.MultivariateNormal(t.zeros(2), -t.eye(2)), lambda t, D: D.MultivariateNormal(t.zeros(2)),
    lambda t, D: D.kl_divergence(D.Normal(0.0, 1.0), D.Bernoulli(0.5)), lambda t, D: D.Categorical(t.ones(2)).rsample(),
    lambda t, D: D.Normal(t.tensor(float("nan")), 1.0), lambda t, D: D.Uniform(0.0, 1.0).log_prob(t.tensor(2.0)),
])
def test_refuses(use):
    def scenario(t):
        try:
            use(t, d(t))
        except Exception as error:
            return type(error).__mro__[-3 if isinstance(error, RuntimeError) else 0].__name__

    assert same(scenario) is not None


def test_unchecked():
    def scenario(t):
        p = d(t).Normal(0.0, -1.0, validate_args=False)
        q = d(t).Categorical(t.ones(3), validate_args=False)
        return p.scale.item(), q.log_prob(t.tensor([0, 2])).tolist()

    same(scenario)


def test_gradients_of_gamma_draws_are_right():
    for a in (0.05, 0.7, 3.0, 40.0, 900.0):
        alpha = torch.full((20,), a, dtype=torch.float64, requires_grad=True)
        x = torch.distributions.Gamma(alpha, torch.ones(20, dtype=torch.float64)).rsample()
        (slopes,) = torch.autograd.grad(x, alpha, torch.ones(20, dtype=torch.float64))
        x, alpha, h = x.detach(), alpha.detach(), 1e-5 * a
        change = (torch.special.gammainc(alpha + h, x) - torch.special.gammainc(alpha - h, x)) / (2 * h)
        density = torch.distributions.Gamma(alpha, torch.ones_like(alpha)).log_prob(x).exp()
        torch.testing.assert_close(slopes, -change / density, rtol=1e-4, atol=1e-10)


def test_gradients_of_beta_draws_are_right():
    def below(a, b, x):  # Simpson's rule, for a and b of 3 and more
        u = torch.linspace(0.0, x, 4001, dtype=torch.float64)
        y = u ** (a - 1) * (1 - u) ** (b - 1)
        total = x / 12000 * (y[0] + y[-1] + 4 * y[1:-1:2].sum() + 2 * y[2:-1:2].sum())
        return total.item() * math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b))

    for a, b in ((3.0, 3.0), (5.0, 30.0), (20.0, 4.0)):
        alpha = torch.full((10,), a, dtype=torch.float64, requires_grad=True)
        p = torch.distributions.Beta(alpha, torch.full((10,), b, dtype=torch.float64))
        x = p.rsample()
        (slopes,) = torch.autograd.grad(x, alpha, torch.ones(10, dtype=torch.float64))
        density = p.log_prob(x.detach()).exp()
        for value, slope, f in zip(x.tolist(), slopes.tolist(), density.tolist()):
            expected = -(below(a + 1e-4, b, value) - below(a - 1e-4, b, value)) / 2e-4 / f
            assert slope == pytest.approx(expected, rel=1e-6)


def test_gradients_of_draws_near_pytorchs():
    pytorch = pytest.importorskip("torch")
    for name in APPROXIMATED:
        found = []
        for t in (torch, pytorch):
            parameters, p = make(t, name)
            x = p.rsample((50,))
            w = t.arange(x.numel(), dtype=t.float64).cos().reshape(x.shape)
            found.append([g.tolist() for g in t.autograd.grad((x * w).sum(), parameters)])
        for ours, theirs in zip(*found):
            assert ours == pytest.approx(theirs, rel=1e-2), name


def test_a_policy_learns():
    torch.manual_seed(0)
    logits = torch.zeros(3, requires_grad=True)
    optimizer = torch.optim.SGD([logits], lr=0.5)
    for _ in range(100):
        p = torch.distributions.Categorical(logits=logits)
        action = p.sample((16,))
        loss = -(p.log_prob(action) * (action == 2).float()).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert p.probs[2].item() > 0.9

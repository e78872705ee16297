"""lamina.nn.utils.prune: parameters of which a part is held at zero."""
import copy
import io
import pickle

import pytest
from support.scenarios import kind_of_error, numbers, ramp, same


def prune_of(t):
    from importlib import import_module

    return import_module(f"{t.__name__}.nn.utils.prune")


def layer(t, kind="Conv2d", args=(3, 4, 2)):
    t.manual_seed(5)
    made = getattr(t.nn, kind)(*args, dtype=t.float64)
    with t.no_grad():
        for parameter in made.parameters():
            parameter.copy_(ramp(t, *parameter.shape))
    return made


def shown(net):
    return [(n, numbers(v)) for n, v in net.state_dict().items()], numbers(net.weight)


WAYS = {
    "identity": lambda t, p, net, name: p.identity(net, name),
    "random": lambda t, p, net, name: p.random_unstructured(net, name, 0.4),
    "l1": lambda t, p, net, name: p.l1_unstructured(net, name, 0.4),
    "l1 number": lambda t, p, net, name: p.l1_unstructured(net, name, amount=2),
    "nothing": lambda t, p, net, name: p.l1_unstructured(net, name, amount=0),
    "scores": lambda t, p, net, name: p.l1_unstructured(net, name, 0.4, importance_scores=ramp(t, *net.weight.shape).cos()),
    "random slices": lambda t, p, net, name: p.random_structured(net, name, 0.5, dim=0),
    "random last slices": lambda t, p, net, name: p.random_structured(net, name, 1, dim=-1),
    "l2 slices": lambda t, p, net, name: p.ln_structured(net, name, 0.34, n=2, dim=1),
    "inf slices": lambda t, p, net, name: p.ln_structured(net, name, 1, n=float("-inf"), dim=-1),
    "scored slices": lambda t, p, net, name: p.ln_structured(
        net, name, 1, n=1, dim=0, importance_scores=ramp(t, *net.weight.shape).cos()),
    "no slices": lambda t, p, net, name: p.ln_structured(net, name, 0, n=1, dim=0),
    "mask": lambda t, p, net, name: p.custom_from_mask(net, name, (ramp(t, *net.weight.shape) > 0).long()),
}


@pytest.mark.parametrize("way", WAYS)
def test_pruning_and_training(way):
    def scenario(t):
        p, net = prune_of(t), layer(t)
        weight = net.weight
        assert WAYS[way](t, p, net, "weight") is net
        first = shown(net), net.weight_orig is weight, [n for n, _ in net.named_parameters()], repr(net), p.is_pruned(net)
        optimizer = t.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(2):
            optimizer.zero_grad()
            y = net(ramp(t, 1, 3, 4, 4))
            y.backward(ramp(t, *y.shape))
            optimizer.step()
        second = shown(net), numbers(y), numbers(net.weight_orig.grad)
        assert p.remove(net, "weight") is net
        return first, second, shown(net), net.weight is weight, p.is_pruned(net), repr(net)

    same(scenario)


@pytest.mark.parametrize("ways", [
    ["l1", "random"], ["l2 slices", "l1"], ["l1", "l2 slices", "mask"], ["random slices", "l2 slices"], ["mask", "identity"],
    ["l1 number", "random last slices", "l1"],
])
def test_again_and_again(ways):
    def scenario(t):
        p, net = prune_of(t), layer(t)
        for way in ways:
            WAYS[way](t, p, net, "weight")
            net(ramp(t, 1, 3, 4, 4))
        hook, = net._forward_pre_hooks.values()
        out = [type(method).__name__ for method in hook], len(hook), type(hook[0]).__name__, shown(net)
        p.remove(net, "weight")
        return out, shown(net)

    same(scenario)


def test_globally():
    def scenario(t):
        p = prune_of(t)
        net = t.nn.Sequential(layer(t), t.nn.ReLU(), layer(t, "Linear", (3, 2)))
        p.l1_unstructured(net[0], "weight", 0.1)
        pairs = ((net[0], "weight"), (net[2], "weight"), (net[2], "bias"))
        p.global_unstructured(pairs, p.L1Unstructured, amount=0.4)
        first = [(n, numbers(v)) for n, v in net.state_dict().items()]
        scores = {(net[2], "bias"): ramp(t, 2) + 7}
        p.global_unstructured(iter(pairs) if t.__name__ == "lamina" else pairs, p.L1Unstructured, scores, amount=6)
        return first, [(n, numbers(v)) for n, v in net.state_dict().items()], p.is_pruned(net)

    same(scenario)


def test_without_a_module():
    def scenario(t):
        p, x = prune_of(t), ramp(t, 3, 4)
        t.manual_seed(1)
        method = p.L1Unstructured(amount=4)
        once = method.prune(x)
        return (
            numbers(once), numbers(method.prune(x, importance_scores=x.cos())),
            numbers(p.RandomUnstructured(0.5).prune(x)), numbers(p.LnStructured(1, 2, dim=0).prune(x)),
            numbers(p.RandomStructured(0.5).prune(x)), numbers(p.Identity().prune(x)),
            numbers(p.CustomFromMask(x > 0).prune(x, default_mask=(x < 0.5).double())),
        )

    same(scenario)


def test_a_method_of_ones_own():
    def scenario(t):
        p = prune_of(t)

        class EverySecond(p.BasePruningMethod):
            PRUNING_TYPE = "unstructured"

            def compute_mask(self, t, default_mask):
                mask = default_mask.clone()
                mask.view(-1)[::2] = 0
                return mask

        class Broken(EverySecond):
            def compute_mask(self, t, default_mask):
                raise ZeroDivisionError

        net = layer(t, "Linear", (3, 2))
        broken = kind_of_error(lambda: Broken.apply(net, "weight")), [n for n, _ in net.named_parameters()]
        EverySecond.apply(net, "bias")
        EverySecond.apply(net, "weight")
        EverySecond.apply(net, "weight")
        return broken, shown(net), numbers(net.bias)

    same(scenario)


def test_state_pickle_and_copies():
    def scenario(t):
        p = prune_of(t)
        net, other = layer(t), layer(t)
        p.l1_unstructured(net, "weight", 0.4)
        p.identity(other, "weight")
        other.load_state_dict(net.state_dict())
        other(ramp(t, 1, 3, 4, 4))
        again = pickle.loads(pickle.dumps(net))
        buffer = io.BytesIO(pickle.dumps(net.state_dict()))
        with t.no_grad():
            net.weight = net.weight.detach()
        twin = copy.deepcopy(net)
        twin(ramp(t, 1, 3, 4, 4))
        return shown(other), shown(again), p.is_pruned(again), list(pickle.load(buffer)), shown(twin), p.is_pruned(twin)

    same(scenario)


@pytest.mark.parametrize("use", [
    lambda t, p, net: p.l1_unstructured(net, "weight", 1.5),
    lambda t, p, net: p.l1_unstructured(net, "weight", -1),
    lambda t, p, net: p.l1_unstructured(net, "weight", "half"),
    lambda t, p, net: p.l1_unstructured(net, "weight", 10000),
    lambda t, p, net: p.l1_unstructured(net, "none", 0.5),
    lambda t, p, net: p.random_structured(net, "weight", 0.5, dim=4),
    lambda t, p, net: p.random_structured(net, "weight", 0.5, dim=-5),
    lambda t, p, net: p.ln_structured(net, "bias", 0.5, n=2, dim=0),
    lambda t, p, net: p.custom_from_mask(net, "weight", t.ones(2)),
    lambda t, p, net: p.l1_unstructured(net, "weight", 0.5, importance_scores=t.ones(2)),
    lambda t, p, net: p.remove(net, "weight"),
    lambda t, p, net: p.global_unstructured(3, p.L1Unstructured, amount=1),
    lambda t, p, net: p.global_unstructured([(net, "weight")], p.L1Unstructured, [], amount=1),
    lambda t, p, net: p.global_unstructured([(net, "weight")], p.LnStructured, amount=1, n=2),
    lambda t, p, net: p.PruningContainer().add_pruning_method(3),
    lambda t, p, net: p.BasePruningMethod(),
    lambda t, p, net: p.L1Unstructured(1).prune(t.ones(2), importance_scores=t.ones(3)),
    lambda t, p, net: p.L1Unstructured(1).remove(net),
])
def test_refused(use):
    def scenario(t):
        net = layer(t)
        error = kind_of_error(lambda: use(t, prune_of(t), net))
        return error, [n for n, _ in net.named_parameters()], len(net._forward_pre_hooks)

    assert same(scenario)[0] is not None


def test_a_refusal_leaves_what_was_pruned_before():
    import lamina as t

    p, net = prune_of(t), layer(t)
    p.l1_unstructured(net, "weight", 0.4)
    with pytest.raises(IndexError):
        p.ln_structured(net, "weight", 1, n=2, dim=9)
    assert p.is_pruned(net)
    p.remove(net, "weight")
    assert (net.weight == 0).sum() == round(0.4 * 48)

"""lamina.nn.utils.parametrize: tensors of a module as functions of others."""
import copy
import pickle

import lamina
import pytest
from support.scenarios import kind_of_error, numbers, ramp, same


def register(t, *args, **options):
    return t.nn.utils.parametrize.register_parametrization(*args, **options)


def layer(t, kind="Linear", args=(3, 2), **options):
    made = getattr(t.nn, kind)(*args, dtype=t.float64, **options)
    with t.no_grad():
        for parameter in made.parameters():
            parameter.copy_(ramp(t, *parameter.shape))
    return made


def pieces(t):
    """Parametrizations: with and without an inverse, of two tensors, and ones that do not fit."""
    class Symmetric(t.nn.Module):
        def forward(self, x):
            return x.triu() + x.triu(1).mT

        def right_inverse(self, a):
            return a.triu()

    class Twice(t.nn.Module):
        def forward(self, x):
            return 2 * x

    class Sum(t.nn.Module):
        def forward(self, a, b):
            return a + b

        def right_inverse(self, x):
            return 0.25 * x, 0.75 * x

    class Length(t.nn.Module):
        def forward(self, x):
            return x.flatten()

    class Single(t.nn.Module):
        def forward(self, x):
            return x.float()

        def right_inverse(self, x):
            return x.float()

    class Text(t.nn.Module):
        def forward(self, x):
            return x

        def right_inverse(self, x):
            return "text"

    class Texts(Text):
        def right_inverse(self, x):
            return [x, "text"]

    class Nothing(t.nn.Module):
        def forward(self, x):
            return None

    return {kind.__name__: kind for kind in (Symmetric, Twice, Sum, Length, Single, Text, Texts, Nothing)}


@pytest.mark.parametrize("chain", [["Symmetric"], ["Twice"], ["Sum"], ["Twice", "Symmetric"], ["Sum", "Twice"]])
def test_registering(chain):
    def scenario(t):
        net = layer(t, args=(3, 3))
        weight = net.weight
        for name in chain:
            assert register(t, net, "weight", pieces(t)[name]()) is net
        kept = getattr(net.parametrizations.weight, "original", None) is weight
        x = ramp(t, 2, 3).requires_grad_()
        net(x).backward(ramp(t, 2, 3) + 1)
        with t.no_grad():
            given = net.weight.clone()
        names = [name for name, _ in net.named_parameters()]
        P = t.nn.utils.parametrize
        asked = (
            P.is_parametrized(net), P.is_parametrized(net, "weight"), P.is_parametrized(net, "bias"),
            P.is_parametrized(t.nn.Linear(1, 1)), P.type_before_parametrizations(net) is t.nn.Linear,
            P.type_before_parametrizations(t.nn.Linear(1, 1)) is t.nn.Linear, isinstance(net, t.nn.Linear),
            net.parametrizations.weight.is_tensor, net.parametrizations.weight.ntensors,
            net.parametrizations.weight.unsafe, len(net.parametrizations.weight),
        )
        return (
            kept, names, list(net.state_dict()), type(net).__name__, repr(net), asked, numbers(given), numbers(x.grad),
            [numbers(p.grad) for p in net.parameters()],
        )

    assert same(scenario)[5][0]


def test_training():
    def scenario(t):
        net = t.nn.Sequential(layer(t, args=(3, 3)), t.nn.Tanh(), layer(t, args=(3, 2)))
        register(t, net[0], "weight", pieces(t)["Symmetric"]())
        register(t, net[0], "bias", pieces(t)["Twice"]())
        register(t, net[2], "weight", pieces(t)["Sum"]())
        optimizer = t.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
        losses = []
        for _ in range(4):
            optimizer.zero_grad()
            loss = ((net(ramp(t, 5, 3)) - ramp(t, 5, 2)) ** 2).mean()
            loss.backward()
            optimizer.step()
            losses.append(loss)
        return [numbers(loss) for loss in losses], [numbers(p) for p in net.parameters()], numbers(net[0].weight)

    same(scenario)


@pytest.mark.parametrize("kind, args, name, shape", [
    ("Conv2d", (2, 3, 2), "weight", (1, 2, 4, 4)), ("ConvTranspose1d", (2, 3, 2), "weight", (1, 2, 4)),
    ("LayerNorm", (3,), "weight", (2, 3)), ("BatchNorm1d", (3,), "bias", (4, 3)),
    ("BatchNorm1d", (3,), "running_mean", (4, 3)), ("Linear", (3, 2), "bias", (2, 3)), ("PReLU", (3,), "weight", (2, 3)),
    ("RNN", (3, 2), "weight_hh_l0", (4, 3)), ("LSTM", (3, 2), "weight_hh_l0", (4, 3)), ("GRUCell", (3, 2), "weight_ih", (4, 3)),
    ("MultiheadAttention", (4, 2), "in_proj_weight", (3, 4)),
])
def test_layers(kind, args, name, shape):
    def scenario(t):
        net = layer(t, kind, args)
        register(t, net, name, pieces(t)["Twice"]())
        x = ramp(t, *shape).requires_grad_()
        y = net(x, x, x) if kind == "MultiheadAttention" else net(x)
        y = y[0] if isinstance(y, tuple) else y
        y.backward(ramp(t, *y.shape) + 1)
        return numbers(y), numbers(x.grad), [(n, numbers(p.grad)) for n, p in net.named_parameters()], repr(net)

    same(scenario)


def test_embedding_and_attentions_projection():
    def scenario(t):
        table = layer(t, "Embedding", (5, 3))
        register(t, table, "weight", pieces(t)["Twice"]())
        table(t.tensor([1, 3, 1])).backward(ramp(t, 3, 3))
        attention = layer(t, "MultiheadAttention", (4, 2))
        register(t, attention.out_proj, "weight", pieces(t)["Twice"]())
        x = ramp(t, 3, 4)
        y, _ = attention(x, x, x)
        y.backward(ramp(t, 3, 4))
        return (
            numbers(table.parametrizations.weight.original.grad), numbers(y),
            [(n, numbers(p.grad)) for n, p in attention.named_parameters()],
        )

    same(scenario)


def test_a_class_with_a_forward_of_its_own():
    def scenario(t):
        calls = []

        class Counted(t.nn.Module):
            def forward(self, x):
                calls.append(1)
                return x * len(calls)

        class Scaled(t.nn.Linear):
            def forward(self, x):
                return super().forward(x) * 3

        class Written(t.nn.Linear):
            def forward(self, x):
                return t.nn.functional.linear(x, self.weight, self.bias)

        class Own(t.nn.Module):
            def __init__(self):
                super().__init__()
                self.scale = t.nn.Parameter(ramp(t, 3))

            def forward(self, x):
                return x * self.scale

        out = []
        for net in (Scaled(3, 2, dtype=t.float64), Written(3, 2, dtype=t.float64), Own()):
            with t.no_grad():
                for p in net.parameters():
                    p.copy_(ramp(t, *p.shape))
            name = "scale" if isinstance(net, Own) else "weight"
            register(t, net, name, Counted())
            before = len(calls)
            out.append((numbers(t.nn.Sequential(net)(ramp(t, 2, 3))), len(calls) - before, type(net).__name__,
                        t.nn.utils.parametrize.type_before_parametrizations(net) is type(net).__mro__[1]))
        return out

    assert [calls for _, calls, *_ in same(scenario)] == [1, 1, 1]


def test_assigning():
    def scenario(t):
        net = layer(t, args=(3, 3))
        register(t, net, "weight", pieces(t)["Symmetric"]())
        register(t, net, "bias", pieces(t)["Sum"]())
        weight = net.parametrizations.weight.original
        net.weight = ramp(t, 3, 3) + 1
        net.bias = ramp(t, 3) + 1
        return (
            net.parametrizations.weight.original is weight, numbers(weight), numbers(net.weight), numbers(net.bias),
            numbers(net.parametrizations.bias.original1), weight.requires_grad, weight.is_leaf,
            [n for n, _ in net.named_parameters()], [n for n, _ in net.named_buffers()],
        )

    same(scenario)


@pytest.mark.parametrize("use", [
    lambda t, net, p: setattr(net, "weight", t.nn.Parameter(t.ones(3, 3))),
    lambda t, net, p: setattr(net, "bias", t.ones(3).double()),
    lambda t, net, p: setattr(net, "weight", t.ones(3, 3)),
    lambda t, net, p: register(t, net, "none", p["Twice"]()),
    lambda t, net, p: register(t, t.nn.ReLU(), "weight", p["Twice"]()),
    lambda t, net, p: register(t, layer(t), "weight", p["Length"]()),
    lambda t, net, p: register(t, layer(t), "weight", p["Single"]()),
    lambda t, net, p: register(t, layer(t), "weight", p["Text"]()),
    lambda t, net, p: register(t, layer(t), "weight", p["Texts"]()),
    lambda t, net, p: register(t, layer(t), "weight", p["Nothing"]()),
    lambda t, net, p: register(t, net, "weight", p["Length"]()),
    lambda t, net, p: register(t, net, "weight", p["Single"]()),
    lambda t, net, p: register(t, net, "weight", p["Text"]()),
    lambda t, net, p: register(t, net, "weight", p["Sum"]()),
    lambda t, net, p: register(t, net, "weight", p["Nothing"]()),
    lambda t, net, p: t.nn.utils.parametrize.ParametrizationList([], t.ones(2)),
    lambda t, net, p: t.nn.utils.parametrize.remove_parametrizations(t.nn.Linear(1, 1), "weight"),
    lambda t, net, p: t.nn.utils.parametrize.remove_parametrizations(net, "none"),
    lambda t, net, p: t.nn.utils.parametrize.remove_parametrizations(
        register(t, layer(t), "weight", p["Sum"]()), "weight", leave_parametrized=False),
    lambda t, net, p: pickle.dumps(net),
    lambda t, net, p: copy.copy(net),
    lambda t, net, p: net.__getstate__(),
])
def test_refused(use):
    def scenario(t):
        net = layer(t, args=(3, 3))
        register(t, net, "weight", pieces(t)["Symmetric"]())
        register(t, net, "bias", pieces(t)["Twice"]())
        return kind_of_error(lambda: use(t, net, pieces(t))), numbers(net.weight)

    assert same(scenario)[0] is not None


def test_unsafe():
    def scenario(t):
        net = layer(t)
        register(t, net, "weight", pieces(t)["Length"](), unsafe=True)
        register(t, net, "weight", pieces(t)["Twice"]())
        return tuple(net.weight.shape), net.parametrizations.weight.unsafe

    assert same(scenario) == ((6,), True)


@pytest.mark.parametrize("leave", [True, False])
@pytest.mark.parametrize("chain", [["Symmetric"], ["Twice", "Symmetric"], ["Sum"]])
def test_removing(chain, leave):
    def scenario(t):
        net = layer(t, args=(3, 3))
        weight = net.weight
        for name in chain:
            register(t, net, "weight", pieces(t)[name]())
        register(t, net, "bias", pieces(t)["Twice"]())
        remove = t.nn.utils.parametrize.remove_parametrizations
        leave_weight = leave or chain == ["Sum"]
        assert remove(net, "weight", leave_parametrized=leave_weight) is net
        first = net.weight is weight, type(net).__name__, [n for n, _ in net.named_parameters()], numbers(net.weight)
        remove(net, "bias", leave)
        y = net(ramp(t, 2, 3))
        y.backward(ramp(t, 2, 3))
        return (first, type(net) is t.nn.Linear, hasattr(net, "parametrizations"), repr(net), numbers(y),
                [(n, numbers(p), numbers(p.grad), p.requires_grad) for n, p in net.named_parameters()])

    same(scenario)


def test_buffers():
    def scenario(t):
        net = layer(t, "BatchNorm1d", (3,))
        register(t, net, "running_var", pieces(t)["Twice"]())
        net.eval()
        y = net(ramp(t, 2, 3))
        names = list(net.state_dict()), [n for n, _ in net.named_buffers()]
        t.nn.utils.parametrize.remove_parametrizations(net, "running_var")
        return numbers(y), names, [n for n, _ in net.named_buffers()], numbers(net.running_var), net.parametrizations \
            if hasattr(net, "parametrizations") else None

    same(scenario)


def test_cached():
    def scenario(t):
        calls = []

        class Counted(t.nn.Module):
            def forward(self, x):
                calls.append(1)
                return x * 1

        net = layer(t)
        register(t, net, "weight", Counted(), unsafe=True)
        P = t.nn.utils.parametrize
        with P.cached():
            one = net.weight
            with P.cached():
                again = net.weight is one
            net(ramp(t, 1, 3))
            still = net.weight is one
        return again, still, len(calls), net.weight is one, len(calls)

    assert same(scenario) == (True, True, 1, False, 2)


def test_state():
    def scenario(t):
        first, second = (register(t, layer(t), "weight", pieces(t)["Sum"]()) for _ in range(2))
        with t.no_grad():
            for p in first.parameters():
                p.mul_(3)
        missing = second.load_state_dict(first.state_dict())
        lost = second.load_state_dict(layer(t).state_dict(), strict=False)
        return list(missing.missing_keys), numbers(second.weight), lost.missing_keys, lost.unexpected_keys

    same(scenario)


def test_deepcopy():
    def scenario(t):
        net = t.nn.Sequential(layer(t, bias=False))
        register(t, net[0], "weight", pieces(t)["Sum"]())
        net[0].mark = [1]
        twin = copy.deepcopy(net)
        with t.no_grad():
            twin[0].parametrizations.weight.original0.zero_()
        twin(ramp(t, 1, 3)).backward(ramp(t, 1, 2))
        return (
            numbers(net[0].weight), numbers(twin[0].weight), twin[0].mark, twin[0].mark is net[0].mark, repr(twin),
            type(twin[0]) is type(net[0]), numbers(twin[0].parametrizations.weight.original1.grad),
            net[0].parametrizations.weight.original1.grad,
        )

    same(scenario)


def test_a_copy_is_of_its_own():
    """In PyTorch a copy shares class and cache with its source, so that this fails."""
    net = register(lamina, layer(lamina), "weight", pieces(lamina)["Twice"]())
    twin = copy.deepcopy(net)
    with lamina.no_grad():
        twin.parametrizations.weight.original.zero_()
    with lamina.nn.utils.parametrize.cached():
        assert numbers(net.weight) != numbers(twin.weight)
    lamina.nn.utils.parametrize.remove_parametrizations(twin, "weight")
    register(lamina, twin, "bias", pieces(lamina)["Twice"]())
    assert numbers(net.weight) == numbers(2 * ramp(lamina, 2, 3))
    assert net.bias is net._parameters["bias"]


@pytest.mark.parametrize("chain, name", [(["Twice"], None), (["Sum"], "weight"), (["Symmetric", "Twice"], "weight")])
def test_transferring(chain, name):
    def scenario(t):
        source, target = layer(t, args=(3, 3)), layer(t, args=(3, 3))
        for piece in chain:
            register(t, source, "weight", pieces(t)[piece]())
        register(t, source, "bias", pieces(t)["Twice"]())
        P = t.nn.utils.parametrize
        assert P.transfer_parametrizations_and_params(source, target, name) is target
        plain = t.nn.Linear(1, 1)
        P.transfer_parametrizations_and_params(plain, target)
        return numbers(target.weight), numbers(target.bias), [n for n, _ in target.named_parameters()]

    same(scenario)


def test_a_parametrized_parametrization():
    def scenario(t):
        class Scale(t.nn.Module):
            def __init__(self):
                super().__init__()
                self.by = t.nn.Parameter(ramp(t, 1) + 2)

            def forward(self, x):
                return x * self.by

        net, scale = layer(t), Scale()
        register(t, scale, "by", pieces(t)["Twice"]())
        register(t, net, "weight", scale)
        net(ramp(t, 1, 3)).backward(ramp(t, 1, 2))
        first = repr(net), [(n, numbers(p.grad)) for n, p in net.named_parameters()]
        t.nn.utils.parametrize.remove_parametrizations(scale, "by")
        return first, [n for n, _ in net.named_parameters()], numbers(net.weight), type(scale) is Scale

    same(scenario)


def test_modes_types_and_hooks():
    def scenario(t):
        seen = []

        class Noted(t.nn.Module):
            def forward(self, x):
                seen.append((self.training, str(x.dtype)[-7:]))
                return x

        net = t.nn.Linear(2, 2).eval()
        register(t, net, "weight", Noted())
        net.train()
        net.register_forward_pre_hook(lambda m, args: seen.append("before"))
        net.register_forward_hook(lambda m, args, out: seen.append("after"))
        net.register_full_backward_hook(lambda m, gi, go: seen.append("backward"))
        net.double()(ramp(t, 1, 2).requires_grad_()).backward(ramp(t, 1, 2))
        kinds = [str(p.dtype)[-7:] for p in net.parameters()]
        net.requires_grad_(False)
        frozen = [p.requires_grad for p in net.parameters()]
        net.float().eval()
        t.nn.Sequential(net)(t.ones(1, 2))
        return seen, kinds, frozen, net.weight.requires_grad, [n for n, _ in net.named_modules()]

    same(scenario)


def test_a_class_that_copies_itself():
    def scenario(t):
        class Copied(t.nn.Linear):
            def __deepcopy__(self, memo):
                return "copied"

        class Slotted(t.nn.Linear):
            __slots__ = ("mark",)

        net, slotted = Copied(3, 2), Slotted(3, 2)
        slotted.mark = [3]
        register(t, net, "weight", pieces(t)["Twice"]())
        register(t, slotted, "weight", pieces(t)["Twice"]())
        twin = copy.deepcopy(slotted)
        return copy.deepcopy(net), twin.mark, twin.mark is slotted.mark, type(twin).__name__

    same(scenario)


def test_a_shared_parameter_and_two_modules_of_one_class():
    def scenario(t):
        first, second, third = layer(t), layer(t), layer(t)
        second.weight = first.weight
        register(t, first, "weight", pieces(t)["Twice"]())
        register(t, third, "bias", pieces(t)["Twice"]())
        pair = t.nn.ModuleList([first, second])
        twin = copy.deepcopy(pair)
        return [n for n, _ in pair.named_parameters()], second.weight is first.parametrizations.weight.original, \
            twin[1].weight is twin[0].parametrizations.weight.original, numbers(second.weight), numbers(first.weight), \
            third.weight is third._parameters["weight"]

    same(scenario)


def test_threads_share_a_layer():
    from concurrent.futures import ThreadPoolExecutor

    net = layer(lamina, args=(3, 2))
    register(lamina, net, "weight", pieces(lamina)["Twice"]())
    x = ramp(lamina, 64, 3)
    expected = numbers(net(x))
    with ThreadPoolExecutor(4) as pool:
        assert all(y == expected for y in pool.map(lambda _: numbers(net(x)), range(200)))


def test_transferring_what_the_other_lacks():
    def scenario(t):
        class RankOne(t.nn.Module):
            def forward(self, x, y):
                return x.unsqueeze(-1) @ y.unsqueeze(-2)

            def right_inverse(self, z):
                u, s, vh = t.linalg.svd(z, full_matrices=False)
                root = s[0].sqrt().unsqueeze(-1)
                return u[..., :, 0] * root, vh[..., 0, :] * root

        source, target = layer(t, args=(3, 3)), layer(t, args=(3, 3))
        source.extra = t.nn.Parameter(ramp(t, 3, 3).cos())
        register(t, source, "extra", RankOne())
        register(t, source, "extra", pieces(t)["Twice"]())
        t.nn.utils.parametrize.transfer_parametrizations_and_params(source, target, "extra")
        first = numbers(target.extra), [n for n, _ in target.named_parameters()]
        t.nn.utils.parametrize.remove_parametrizations(target, "extra")
        return first, numbers(source.extra), numbers(target.extra), [n for n, _ in target.named_parameters()]

    same(scenario)

"""Recurrent layers against PyTorch itself, for what no case can say: all combinations of options with initial states,
sequences of different lengths, second derivatives, dropout, cells."""
import itertools

import lamina
import numpy as np
import pytest
import torch
from support import cases

LENGTHS = [3, 5, 1, 5]


def expect_same(f, tolerance=1e-9):
    ours, theirs = ({str(i): cases.numpy(t) for i, t in enumerate(f(library))} for library in (lamina, torch))
    problem = cases.difference(ours, theirs, tolerance)
    assert problem is None, problem


def noise(t, shape, seed=1):
    return t.from_numpy(cases.noise(shape, seed).copy())


def leaf(t, shape, seed):
    return noise(t, shape, seed).requires_grad_()


def network(t, kind, *args, **options):
    layer = getattr(t.nn, kind)(*args, **options).to(t.float64)
    with t.no_grad():
        for i, p in enumerate(layer.parameters()):
            p.copy_(noise(t, tuple(p.shape), 20 + i) / 2)
    return layer


def states(t, kind, layer, batch):
    """Initial states as the layer takes them, and as a list of leaves."""
    rows = layer.num_layers * (2 if layer.bidirectional else 1)
    out = getattr(layer, "proj_size", 0) or layer.hidden_size
    h = leaf(t, (rows, *batch, out), 5)
    if kind != "LSTM":
        return h, [h]
    c = leaf(t, (rows, *batch, layer.hidden_size), 6)
    return (h, c), [h, c]


def flat(value):
    return [value] if not isinstance(value, tuple) else [x for v in value for x in flat(v)]


def gradients(t, outputs, sources, **options):
    cotangents = [noise(t, tuple(o.shape), 30 + i) for i, o in enumerate(outputs)]
    return list(t.autograd.grad(outputs, sources, cotangents, **options))


# ---- every combination of options -----------------------------------------------------------------------------------

COMBINATIONS = [
    (kind, dict(zip(("num_layers", "bias", "batch_first", "bidirectional", "extra"), values)))
    for kind, extras in (("LSTM", (0, 2)), ("GRU", (None,)), ("RNN", ("tanh", "relu")))
    for values in itertools.product((1, 2), (True, False), (True, False), (True, False), extras)
]


def options_of(kind, options):
    options = dict(options)
    extra = options.pop("extra")
    return options | ({"proj_size": extra} if kind == "LSTM" else {"nonlinearity": extra} if kind == "RNN" else {})


@pytest.mark.parametrize("kind, options", COMBINATIONS, ids=lambda v: v if isinstance(v, str) else "-".join(map(str, v.values())))
@pytest.mark.parametrize("given", [True, False], ids=["states", "zeros"])
@pytest.mark.parametrize("batch", [(3,), ()], ids=["batch", "unbatched"])
def test_all_options(kind, options, given, batch):
    def run(t):
        layer = network(t, kind, 3, 4, **options_of(kind, options))
        x = leaf(t, (3, 5, 3) if batch and options["batch_first"] else (5, *batch, 3), 4)
        hx, leaves = states(t, kind, layer, batch) if given else (None, [])
        outputs = flat(layer(x, hx))
        return outputs + gradients(t, outputs, [x, *leaves, *layer.parameters()])
    expect_same(run)


@pytest.mark.parametrize("kind, options", COMBINATIONS, ids=lambda v: v if isinstance(v, str) else "-".join(map(str, v.values())))
def test_fresh_weights_and_repr(kind, options):
    ours, theirs = [], []
    for t, to in ((lamina, ours), (torch, theirs)):
        t.manual_seed(3)
        layer = getattr(t.nn, kind)(3, 4, **options_of(kind, options))
        to += [repr(layer), {k: cases.numpy(v).tobytes() for k, v in layer.state_dict().items()}]
        to += [[[tuple(w.shape) for w in ws] for ws in layer.all_weights], layer.mode, layer.dropout]
    assert ours == theirs and list(ours[1]) == list(theirs[1])


# ---- one output at a time, and none of the inputs ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize("wanted", [0, 1, -1])
def test_gradient_of_one_output(kind, wanted):
    def run(t):
        layer = network(t, kind, 3, 4, 2, bidirectional=True)
        x = leaf(t, (5, 2, 3), 4)
        hx, leaves = states(t, kind, layer, (2,))
        output = flat(layer(x, hx))[wanted]
        return gradients(t, [output], [x, *leaves])
    expect_same(run)


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_gradient_of_some_inputs(kind):
    def run(t):
        layer = network(t, kind, 3, 4)
        for name, p in layer.named_parameters():
            p.requires_grad_("weight_hh" in name or "bias_hh" in name)
        outputs = flat(layer(noise(t, (5, 2, 3), 4), states(t, kind, layer, (2,))[0]))
        return gradients(t, outputs, [p for p in layer.parameters() if p.requires_grad])
    expect_same(run)


# ---- second derivatives ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind, options", [
    ("LSTM", {}), ("LSTM", {"bidirectional": True, "num_layers": 2}), ("LSTM", {"proj_size": 2, "bias": False}),
    ("GRU", {}), ("GRU", {"bidirectional": True}), ("RNN", {}), ("RNN", {"nonlinearity": "relu", "num_layers": 2}),
    ("LSTMCell", {}), ("GRUCell", {}), ("RNNCell", {"nonlinearity": "relu"})])
def test_second_derivatives(kind, options):
    def run(t):
        layer = network(t, kind, 3, 4, **options)
        cell = kind.endswith("Cell")
        x = leaf(t, (2, 3) if cell else (4, 2, 3), 4)
        if cell:
            leaves = [leaf(t, (2, 4), 5 + i) for i in range(2 if kind == "LSTMCell" else 1)]
            hx = tuple(leaves) if kind == "LSTMCell" else leaves[0]
        else:
            hx, leaves = states(t, kind, layer, (2,))
        sources = [x, *leaves, *layer.parameters()]
        outputs = flat(layer(x, hx))
        first = gradients(t, outputs, sources, create_graph=True)
        moving = [(g, noise(t, tuple(g.shape), 50 + i)) for i, g in enumerate(first) if g.requires_grad]  # relu has constant ones
        second = t.autograd.grad([g for g, _ in moving], sources, [c for _, c in moving], allow_unused=True)
        return outputs + first + [t.zeros_like(s) if g is None else g for g, s in zip(second, sources)]
    expect_same(run)


# ---- sequences of different lengths ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize("layers, bidirectional, projected", list(itertools.product((1, 2), (False, True), (False, True))))
@pytest.mark.parametrize("lengths", [LENGTHS, [5, 4, 2, 1], [1, 1], [2]], ids=str)
@pytest.mark.parametrize("given", [True, False], ids=["states", "zeros"])
def test_packed(kind, layers, bidirectional, projected, lengths, given):
    if projected and kind != "LSTM":
        pytest.skip("only LSTM projects")

    def run(t):
        rnn = t.nn.utils.rnn
        layer = network(t, kind, 3, 4, layers, bidirectional=bidirectional, **({"proj_size": 2} if projected else {}))
        batch = len(lengths)
        x = leaf(t, (batch, max(lengths), 3), 4)
        packed = rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        hx, leaves = states(t, kind, layer, (batch,)) if given else (None, [])
        output, state = layer(packed, hx)
        assert isinstance(output, rnn.PackedSequence)
        padded, found = rnn.pad_packed_sequence(output, batch_first=True, padding_value=7)
        outputs = [padded, *flat(state)]
        return outputs + [found, output.data, output.batch_sizes] + gradients(t, outputs, [x, *leaves, *layer.parameters()])
    expect_same(run)


def test_second_derivatives_of_a_packed_sequence():
    def run(t):
        layer = network(t, "LSTM", 3, 4, bidirectional=True)
        x = leaf(t, (5, 4, 3), 4)
        packed = t.nn.utils.rnn.pack_padded_sequence(x, LENGTHS, enforce_sorted=False)
        output, state = layer(packed)
        sources = [x, *layer.parameters()]
        first = gradients(t, [output.data, *state], sources, create_graph=True)
        return first + gradients(t, first, sources)
    expect_same(run)


@pytest.mark.parametrize("batch_first, enforce_sorted", list(itertools.product([True, False], [True, False])))
@pytest.mark.parametrize("shape", [(), (2,), (2, 3)])
@pytest.mark.parametrize("lengths", [[4, 2, 2, 1], [5], [3, 3]])
def test_packing(batch_first, enforce_sorted, shape, lengths):
    def run(t):
        rnn = t.nn.utils.rnn
        x = leaf(t, (len(lengths), 5, *shape) if batch_first else (5, len(lengths), *shape), 4)
        packed = rnn.pack_padded_sequence(x, t.tensor(lengths), batch_first, enforce_sorted)
        padded, found = rnn.pad_packed_sequence(packed, batch_first, -1.5, total_length=6)
        sequences = rnn.unpack_sequence(packed)
        again = rnn.pack_sequence(sequences, enforce_sorted)
        indices = [i for i in packed[2:] if i is not None]
        return [packed.data, packed.batch_sizes, *indices, padded, found, *sequences, again.data, *gradients(t, [padded], [x])]
    expect_same(run)


@pytest.mark.parametrize("side, batch_first", list(itertools.product(["left", "right"], [True, False])))
def test_padding(side, batch_first):
    def run(t):
        rnn = t.nn.utils.rnn
        sequences = [leaf(t, (n, 2), n) for n in LENGTHS]
        padded = rnn.pad_sequence(sequences, batch_first, 2.5, side)
        back = rnn.unpad_sequence(rnn.pad_sequence(sequences, batch_first), t.tensor(LENGTHS), batch_first)
        return [padded, *gradients(t, [padded], sequences), *back]
    expect_same(run)


@pytest.mark.parametrize("wrong", [
    lambda t, r: r.pack_padded_sequence(t.zeros(5, 2, 3), [2, 3]), lambda t, r: r.pack_padded_sequence(t.zeros(5, 2, 3), [2, 0]),
    lambda t, r: r.pack_padded_sequence(t.zeros(5, 2, 3), [2]), lambda t, r: r.pad_sequence([t.zeros(2)], padding_side="up"),
    lambda t, r: r.pad_packed_sequence(r.pack_sequence([t.zeros(3)]), total_length=2), lambda t, r: r.pad_sequence(3),
    lambda t, r: r.pad_sequence([t.zeros(2, 3), t.zeros(2, 4)]), lambda t, r: r.pad_sequence([])])
def test_refused_packing(wrong):
    with pytest.raises(Exception) as theirs:
        wrong(torch, torch.nn.utils.rnn)
    with pytest.raises(theirs.type):
        wrong(lamina, lamina.nn.utils.rnn)


# ---- cells -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind, nonlinearity", [("LSTMCell", None), ("GRUCell", None), ("RNNCell", "tanh"), ("RNNCell", "relu")])
@pytest.mark.parametrize("bias, given, batch", list(itertools.product([True, False], [True, False], [(2,), (), (0,)])))
def test_cells(kind, nonlinearity, bias, given, batch):
    options = {"nonlinearity": nonlinearity} if nonlinearity else {}

    def run(t):
        layer = network(t, kind, 3, 4, bias=bias, **options)
        x = leaf(t, (*batch, 3), 4)
        leaves = [leaf(t, (*batch, 4), 5 + i) for i in range((2 if kind == "LSTMCell" else 1) * given)]
        hx = None if not given else tuple(leaves) if kind == "LSTMCell" else leaves[0]
        outputs = []
        for _ in range(3):  # the cell's own loop
            hx = layer(x, hx)
            outputs += flat(hx)
        return outputs + gradients(t, outputs, [x, *leaves, *layer.parameters()])
    expect_same(run)
    t_reprs = [repr(getattr(t.nn, kind)(3, 4, bias, **options)) for t in (lamina, torch)]
    assert t_reprs[0] == t_reprs[1]


@pytest.mark.parametrize("kind", ["LSTMCell", "GRUCell", "RNNCell"])
def test_cells_start_with_torchs_weights(kind):
    def fresh(t):
        t.manual_seed(5)
        return {k: cases.numpy(v).tobytes() for k, v in getattr(t.nn, kind)(3, 4).state_dict().items()}
    assert fresh(lamina) == fresh(torch)


# ---- the rest --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize("training", [True, False])
def test_dropout_between_layers(kind, training):
    lamina.random.match_torch(True)
    try:
        def run(t):
            layer = network(t, kind, 3, 4, 3, dropout=0.4, bidirectional=True).train(training)
            x = leaf(t, (5, 2, 3), 4)
            t.manual_seed(9)
            outputs = flat(layer(x))
            return outputs + gradients(t, outputs, [x, *layer.parameters()])
        expect_same(run)
    finally:
        lamina.random.match_torch(False)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize("kind", ["LSTM", "GRU", "LSTMCell"])
def test_sixteen_bits(kind, dtype):
    def run(t):
        narrow = getattr(t, dtype)
        layer = network(t, kind, 3, 4).to(narrow)
        x = noise(t, (2, 3) if kind == "LSTMCell" else (5, 2, 3), 4).to(narrow).requires_grad_()
        outputs = flat(layer(x))
        assert all(o.dtype == narrow for o in outputs)
        found = t.autograd.grad(outputs, [x, *layer.parameters()], [noise(t, tuple(o.shape), 9).to(narrow) for o in outputs])
        return [v.to(t.float32) for v in (*outputs, *found)]
    expect_same(run, 4e-2 if dtype == "bfloat16" else 5e-3)


def test_an_output_may_be_changed_in_place():
    def run(t):
        layer = network(t, "LSTM", 3, 4)
        x = leaf(t, (5, 2, 3), 4)
        output, (h, c) = layer(x)
        changed = output.clone() if t is torch else output  # torch's kernel wants its output back
        changed += 1
        return gradients(t, [changed, h], [x])
    expect_same(run)


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_larger_ones_in_float32(kind):
    def run(t):
        layer = getattr(t.nn, kind)(40, 64, 2, bidirectional=True)
        with t.no_grad():
            for i, p in enumerate(layer.parameters()):
                p.copy_(noise(t, tuple(p.shape), i).float() / 8)
        x = noise(t, (37, 9, 40), 4).float().requires_grad_()
        outputs = flat(layer(x))
        cotangents = [noise(t, tuple(o.shape), 9).float() for o in outputs]
        return outputs + list(t.autograd.grad(outputs, [x, *layer.parameters()], cotangents))
    expect_same(run, 3e-6)


def test_weights_go_both_ways():
    theirs = torch.nn.LSTM(3, 4, 2, bidirectional=True, proj_size=2)
    ours = lamina.nn.LSTM(3, 4, 2, bidirectional=True, proj_size=2)
    ours.load_state_dict({k: lamina.tensor(v.tolist()) for k, v in theirs.state_dict().items()})
    x = torch.randn(5, 2, 3)
    np.testing.assert_allclose(cases.numpy(ours(lamina.tensor(x.tolist()))[0]), theirs(x)[0].detach().numpy(), atol=1e-6)

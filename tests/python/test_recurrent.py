"""Recurrent layers in Python: what a call takes and refuses, copies, attributes, warnings."""
import copy
import io
import pickle
import warnings

import lamina as torch
import lamina.nn as nn
import pytest
from lamina.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence, pad_packed_sequence

NETWORKS = [nn.LSTM, nn.GRU, nn.RNN]
CELLS = [nn.LSTMCell, nn.GRUCell, nn.RNNCell]


def flat(value):
    return [value] if isinstance(value, torch.Tensor) else [x for v in value for x in flat(v)]


def numbers(value):
    return [t.tolist() for t in flat(value)]


# ---- calls -----------------------------------------------------------------------------------------------------------


def test_a_call_returns_output_and_state():
    output, (h, c) = nn.LSTM(3, 4, num_layers=2, bidirectional=True, proj_size=2)(torch.randn(5, 7, 3))
    assert (output.shape, h.shape, c.shape) == ((5, 7, 4), (4, 7, 2), (4, 7, 4))
    output, h = nn.GRU(3, 4, batch_first=True)(torch.randn(7, 5, 3))
    assert (output.shape, h.shape) == ((7, 5, 4), (1, 7, 4))
    assert type(nn.LSTM(3, 4)(torch.randn(5, 3))[1]) is tuple


def test_the_state_goes_on():
    for cls in NETWORKS:
        layer, x = cls(3, 4, 2), torch.randn(6, 2, 3)
        whole, last = layer(x)
        first, state = layer(x[:4])
        second, end = layer(x[4:], hx=state)
        assert torch.allclose(torch.cat([first, second]), whole, atol=1e-6)
        for a, b in zip(flat(end), flat(last)):
            assert torch.allclose(a, b, atol=1e-6)


def test_states_may_be_a_list():
    layer, x = nn.LSTM(3, 4), torch.randn(5, 2, 3)
    h, c = torch.randn(1, 2, 4), torch.randn(1, 2, 4)
    assert numbers(layer(x, [h, c])) == numbers(layer(x, (h, c)))


def test_in_a_sequential():
    x = torch.randn(5, 2, 3)
    layer = nn.LSTM(3, 4)
    assert numbers(nn.Sequential(nn.Identity(), layer)(x)) == numbers(layer(x))


def test_without_grad_the_same_numbers():
    for cls in NETWORKS:
        layer, x = cls(3, 4, 2, bidirectional=True), torch.randn(5, 2, 3)
        with torch.no_grad():
            quiet = layer(x)
        assert numbers(quiet) == numbers(layer(x))
        assert not any(t.requires_grad for t in flat(quiet))


def test_a_packed_sequence_returns_one():
    packed = pack_sequence([torch.randn(2, 3), torch.randn(4, 3)], enforce_sorted=False)
    output, (h, c) = nn.LSTM(3, 4)(packed)
    assert type(output) is PackedSequence and output.batch_sizes is packed.batch_sizes
    assert output.sorted_indices.tolist() == [1, 0]
    padded, lengths = pad_packed_sequence(output)
    assert lengths.tolist() == [2, 4] and padded.shape == (4, 2, 4)
    assert torch.equal(h[0, 0], padded[1, 0]) and torch.equal(h[0, 1], padded[3, 1])


def test_packed_sequences_are_named_tuples():
    packed = pack_padded_sequence(torch.tensor([[1, 2, 0], [3, 0, 0], [4, 5, 6]]), [2, 1, 3], batch_first=True, enforce_sorted=False)
    assert repr(packed) == ("PackedSequence(data=tensor([4, 1, 3, 5, 2, 6]), batch_sizes=tensor([3, 2, 1]), "
                            "sorted_indices=tensor([2, 0, 1]), unsorted_indices=tensor([1, 2, 0]))")
    data, sizes, order, back = packed
    assert packed.to(torch.int64) is packed and packed.double().data.dtype is torch.float64
    assert numbers(pickle.loads(pickle.dumps(packed))) == numbers(packed)
    assert PackedSequence((data, sizes)).sorted_indices is None


# ---- what is refused -------------------------------------------------------------------------------------------------

H = (1, 2, 4)


@pytest.mark.parametrize("call, kind, says", [
    (lambda: nn.LSTM(3, 4)(torch.zeros(5, 2, 3), torch.zeros(H)), TypeError, "hx must be a pair of tensors (h_0, c_0), got"),
    (lambda: nn.LSTM(3, 4)(torch.zeros(5, 2, 3), (torch.zeros(H),)), TypeError, "hx must be a pair of tensors (h_0, c_0), got 1"),
    (lambda: nn.LSTM(3, 4)(torch.zeros(5, 2, 3), (torch.zeros(H),) * 3), RuntimeError, "(h_0, c_0), got 3"),
    (lambda: nn.LSTM(3, 4)(torch.zeros(5, 2, 3), (torch.zeros(H), None)), TypeError, "one of them is no tensor"),
    (lambda: nn.LSTM(3, 4)(torch.zeros(5, 2, 3), (torch.zeros(H), torch.zeros(1, 3, 4))), RuntimeError, "c_0 (1, 3, 4) must be (1, 2, 4)"),
    (lambda: nn.LSTM(3, 4)(torch.zeros(5, 2, 3), (torch.zeros(2, 4), torch.zeros(2, 4))), RuntimeError, "h_0 (2, 4) must be (1, 2, 4)"),
    (lambda: nn.LSTM(3, 4)(torch.zeros(5, 3), (torch.zeros(H), torch.zeros(H))), RuntimeError, "h_0 (1, 2, 4) must be (1, 4)"),
    (lambda: nn.LSTM(3, 4, proj_size=2)(torch.zeros(5, 2, 3), (torch.zeros(H), torch.zeros(H))), RuntimeError, "must be (1, 2, 2): (num_layers·directions, batch, proj_size)"),
    (lambda: nn.LSTM(3, 4)(torch.zeros(5, 2, 3), (torch.zeros(H), torch.zeros(H).double())), RuntimeError, "c_0 float64"),
    (lambda: nn.GRU(3, 4)(torch.zeros(5, 2, 3), (torch.zeros(H),)), TypeError, "hx must be a tensor, got tuple"),
    (lambda: nn.GRU(3, 4)(torch.zeros(5, 2, 3), torch.zeros(2, 2, 4)), RuntimeError, "hx (2, 2, 4) must be (1, 2, 4)"),
    (lambda: nn.RNN(3, 4)(torch.zeros(5, 2, 3), torch.zeros(2, 4)), RuntimeError, "hx (2, 4) must be (1, 2, 4)"),
    (lambda: nn.LSTM(3, 4)([[1.0]]), TypeError, "input must be a Tensor or a PackedSequence, got list"),
    (lambda: nn.LSTMCell(3, 4)(torch.zeros(2, 3), torch.zeros(2, 4)), TypeError, "hx must be a pair of tensors"),
    (lambda: nn.LSTMCell(3, 4)(torch.zeros(2, 3), (torch.zeros(2, 4), torch.zeros(2, 5))), RuntimeError, "the cell state (2, 5) must be (2, 4)"),
    (lambda: nn.GRUCell(3, 4)(torch.zeros(2, 3), torch.zeros(3, 4)), RuntimeError, "the hidden state (3, 4) must be (2, 4)"),
    (lambda: nn.GRUCell(3, 4)(torch.zeros(2, 3), torch.zeros(1, 2, 4)), ValueError, "the hidden state (1, 2, 4) must be (2, 4)"),
    (lambda: nn.LSTM(3, 4)(PackedSequence(torch.zeros(3, 3), torch.tensor([1, 2]))), ValueError, "they must be positive and never rise"),
    (lambda: nn.LSTM(3, 4)(PackedSequence(torch.zeros(4, 3), torch.tensor([2, 1]))), RuntimeError, "do not add up to the rows of data (4, 3)"),
    (lambda: nn.LSTM(3, 4)(PackedSequence(torch.zeros(3, 3), torch.tensor([2.0, 1.0]))), TypeError, "batch_sizes is float32"),
    (lambda: nn.LSTM(3, 4)(PackedSequence(torch.zeros(3, 3), None, None)), AssertionError, "length 2"),
    (lambda: nn.LSTM(3, 4)(PackedSequence(torch.zeros(3, 5), torch.tensor([2, 1]))), RuntimeError, "must end in input_size=3"),
])
def test_refused(call, kind, says):
    with pytest.raises(kind) as raised:
        call()
    assert says in str(raised.value)


def test_a_weight_that_does_not_fit_is_named():
    layer, x = nn.LSTM(3, 4, 2), torch.zeros(5, 2, 3)
    layer.weight_hh_l1 = nn.Parameter(torch.zeros(16, 5))
    with pytest.raises(torch.ShapeError, match=r"weight_hh_l1 \(16, 5\) must be \(16, 4\)"):
        layer(x)
    layer = nn.LSTM(3, 4, 2)
    del layer.bias_ih_l1
    with pytest.raises(torch.Error, match="bias_ih_l1 is missing"):
        layer(x)
    layer = nn.LSTM(3, 4)
    layer.num_layers = 2
    with pytest.raises(torch.Error, match="got 4 weights, expected 8"):
        layer(x)
    layer = nn.LSTM(3, 4)
    layer.bias_hh_l0 = nn.Parameter(torch.zeros(16).double())
    with pytest.raises(torch.DTypeError, match="bias_hh_l0 float64"):
        layer(x)


def test_an_error_names_the_path():
    with pytest.raises(torch.Error) as raised:
        nn.Sequential(nn.Identity(), nn.LSTM(3, 4, batch_first=True))(torch.zeros(5, 2, 4))
    assert str(raised.value).startswith("1 (LSTM(3, 4, batch_first=True)): input (5, 2, 4) must end in input_size=3")


def test_dropout_of_one_layer_warns():
    with pytest.warns(UserWarning, match="num_layers greater than 1, but got dropout=0.5 and num_layers=1") as caught:
        nn.LSTM(3, 4, dropout=0.5)
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nn.LSTM(3, 4, 2, dropout=0.5)
        nn.LSTM(3, 4, dropout=0)
        with pytest.raises(UserWarning):
            nn.GRU(3, 4, dropout=1)


# ---- attributes, weights, copies -------------------------------------------------------------------------------------


def test_attributes():
    layer = nn.LSTM(3, 4, 2, False, True, 0.25, True, 2)
    assert (layer.input_size, layer.hidden_size, layer.num_layers, layer.bias, layer.batch_first, layer.dropout,
            layer.bidirectional, layer.proj_size, layer.mode) == (3, 4, 2, False, True, 0.25, True, 2, "LSTM")
    assert layer.flatten_parameters() is None
    assert [len(ws) for ws in layer.all_weights] == [3] * 4 and layer.all_weights[1][0] is layer.weight_ih_l0_reverse
    assert nn.RNN(3, 4, 2, "relu").nonlinearity == "relu" and nn.RNN(3, 4).mode == "RNN_TANH"
    assert nn.RNNCell(3, 4, bias=False).bias_ih is None


def test_options_may_change():
    layer, x = nn.LSTM(3, 4), torch.randn(5, 2, 3)
    output, _ = layer(x)
    layer.batch_first = True
    assert torch.equal(layer(x.transpose(0, 1))[0], output.transpose(0, 1))
    assert repr(layer) == "LSTM(3, 4, batch_first=True)"


def test_a_replaced_weight_is_used():
    layer, x = nn.GRU(3, 4), torch.randn(5, 2, 3)
    layer.weight_ih_l0 = nn.Parameter(torch.zeros(12, 3))
    layer.bias_ih_l0.data.zero_()
    assert torch.equal(layer(x)[0], layer(torch.randn(5, 2, 3))[0])


@pytest.mark.parametrize("cls", NETWORKS + CELLS)
def test_copies(cls):
    layer = cls(3, 4)
    x = torch.randn(2, 3)
    buffer = io.BytesIO(pickle.dumps(layer))
    for other in (copy.deepcopy(layer), pickle.load(buffer)):
        assert repr(other) == repr(layer) and numbers(other(x)) == numbers(layer(x))
        assert list(other.state_dict()) == list(layer.state_dict())
        with torch.no_grad():
            next(other.parameters()).zero_()
        assert numbers(other(x)) != numbers(layer(x))
    fresh = cls(3, 4)
    assert str(fresh.load_state_dict(layer.state_dict())) == "<All keys matched successfully>"
    assert numbers(fresh(x)) == numbers(layer(x))


@pytest.mark.parametrize("cls", NETWORKS + CELLS)
def test_to_double(cls):
    layer = cls(3, 4).double()
    assert all(t.dtype is torch.float64 for t in flat(layer(torch.randn(2, 3).double())))


def test_a_subclass_with_its_own_forward():
    class Last(nn.LSTM):
        def forward(self, x):
            output, _ = super().forward(x)
            return output[-1]

    net = nn.Sequential(Last(3, 4), nn.Linear(4, 2))
    assert net(torch.randn(5, 2, 3)).shape == (2, 2)


def test_hooks_see_the_tuple():
    layer, seen = nn.LSTM(3, 4), []
    layer.register_forward_hook(lambda module, args, result: seen.append((len(args), type(result), len(result))))
    layer(torch.randn(5, 2, 3), (torch.zeros(H), torch.zeros(H)))
    assert seen == [(2, tuple, 2)]


def test_training_lowers_a_loss():
    torch.manual_seed(0)
    for cls in NETWORKS:
        layer, head = cls(1, 8), nn.Linear(8, 1)
        x = torch.sin(torch.arange(20.0) / 2).reshape(20, 1)
        optimizer = torch.optim.Adam([*layer.parameters(), *head.parameters()], lr=0.02)
        losses = []
        for _ in range(60):
            optimizer.zero_grad()
            loss = ((head(layer(x[:-1])[0]) - x[1:]) ** 2).mean()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        assert losses[-1] < losses[0] / 5

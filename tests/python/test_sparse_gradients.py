"""Gradients of Embedding(sparse=True): PyTorch's values, rows that are known, memory and work for those rows only."""
import resource

import lamina
import lamina.nn as nn
import pytest
from support.scenarios import same

INDEX = [[1, 5, 1], [3, 3, 0]]


def test_the_gradient():
    def scenario(t, padding_idx=3):
        t.manual_seed(3)
        layer = t.nn.Embedding(8, 4, padding_idx=padding_idx, sparse=True).double()
        y = layer(t.tensor(INDEX))
        y.backward(t.arange(24, dtype=t.float64).reshape(2, 3, 4))
        grad = layer.weight.grad
        rows = grad.coalesce()
        return (grad.is_sparse, str(grad.layout), rows.indices().tolist(), rows.values().tolist(),
                grad.to_dense().tolist(), tuple(grad.shape), grad.sparse_dim(), grad.dense_dim(), str(grad.dtype))

    assert same(scenario)[2] == [[0, 1, 5]]
    assert same(lambda t: scenario(t, None))[2] == [[0, 1, 3, 5]]


def test_gradients_add_up():
    def scenario(t):
        t.manual_seed(3)
        layer = t.nn.Embedding(6, 2, sparse=True).double()
        (layer(t.tensor([1, 4])) * layer(t.tensor([2, 4]))).backward(t.ones(2, 2, dtype=t.float64))
        first = layer.weight.grad.coalesce().indices().tolist()
        layer(t.tensor([0])).backward(t.ones(1, 2, dtype=t.float64))
        grad = layer.weight.grad
        return first, grad.is_sparse, grad.coalesce().indices().tolist(), grad.to_dense().tolist()

    assert same(scenario)[1]


def test_sparse_and_dense_give_a_dense_gradient():
    def scenario(t):
        t.manual_seed(3)
        layer = t.nn.Embedding(6, 2, sparse=True).double()
        y = layer(t.tensor([1, 4])).sum(0) + layer.weight.sum(0)
        y.backward(t.tensor([1.0, 2.0], dtype=t.float64))
        return layer.weight.grad.is_sparse, layer.weight.grad.tolist()

    assert same(scenario)[0] is False


@pytest.mark.parametrize("options", [dict(lr=0.1), dict(lr=0.1, maximize=True)])
def test_sgd(options):
    def scenario(t):
        t.manual_seed(3)
        layer = t.nn.Embedding(6, 2, sparse=True).double()
        optimizer = t.optim.SGD(layer.parameters(), **options)
        for step in range(3):
            optimizer.zero_grad()
            layer(t.tensor([step, 4, step])).pow(2).sum(1).backward(t.arange(3, dtype=t.float64))
            optimizer.step()
        return [[round(v, 12) for v in row] for row in layer.weight.tolist()]

    same(scenario)


def test_sgd_with_momentum_equals_a_dense_gradients():
    def train(sparse):
        lamina.manual_seed(3)
        layer = nn.Embedding(6, 2, sparse=sparse)
        optimizer = lamina.optim.SGD(layer.parameters(), lr=0.1, momentum=0.9, weight_decay=0.01)
        for step in range(3):
            optimizer.zero_grad()
            layer(lamina.tensor([step, 4])).pow(2).sum(1).backward(lamina.tensor([1.0, 2.0]))
            optimizer.step()
        return layer.weight.tolist()

    assert train(True) == train(False)


def test_adam_refuses():
    def scenario(t):
        layer = t.nn.Embedding(4, 2, sparse=True)
        layer(t.tensor([1])).backward(t.ones(1, 2))
        try:
            t.optim.Adam(layer.parameters()).step()
        except RuntimeError as error:
            return "does not support sparse gradients" in str(error)

    assert same(scenario)


def test_clipping_keeps_the_rows():
    layer = nn.Embedding(6, 2, sparse=True)
    layer(lamina.tensor([1, 4])).backward(lamina.full((2, 2), 10.0))
    nn.utils.clip_grad_norm_(layer.parameters(), 1.0)
    grad = layer.weight.grad
    assert grad.is_sparse and abs(float(grad.norm()) - 1) < 1e-5
    grad.add_(1)
    assert not grad.is_sparse and grad[0].tolist() == [1.0, 1.0]
    with pytest.raises(RuntimeError, match="dense"):
        grad.indices()


def test_a_change_through_data_makes_it_dense():
    layer = nn.Embedding(6, 2, sparse=True)
    layer(lamina.tensor([1, 4])).backward(lamina.full((2, 2), 10.0))
    layer.weight.grad.data.add_(1)
    before = layer.weight[0].tolist()
    lamina.optim.SGD(layer.parameters(), lr=1.0).step()
    assert not layer.weight.grad.is_sparse
    assert layer.weight[0].tolist() == (lamina.tensor(before) - 1).tolist()


def test_every_operation_sees_the_dense_values():
    layer = nn.Embedding(6, 2, sparse=True)
    layer(lamina.tensor([1, 4])).backward(lamina.full((2, 2), 3.0))
    grad = layer.weight.grad
    assert (grad * 2).tolist() == grad.to_dense().mul(2).tolist()
    assert float(grad.sum()) == 12.0 and grad[4].tolist() == [3.0, 3.0] and not grad.t().is_sparse
    assert grad.clone().tolist() == grad.tolist()


def test_scale_grad_by_freq_is_refused():
    layer = nn.Embedding(6, 2, sparse=True, scale_grad_by_freq=True)
    with pytest.raises(ValueError, match="scale_grad_by_freq is not supported with sparse gradients"):
        layer(lamina.tensor([1]))


def test_a_large_table_costs_what_its_rows_cost():
    layer = nn.Embedding(2_000_000, 64, sparse=True)  # 512 MB
    optimizer = lamina.optim.SGD(layer.parameters(), lr=0.1)
    index = lamina.tensor([1, 1_999_999, 1_000_000])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(3):
        optimizer.zero_grad()
        layer(index).backward(lamina.ones(3, 64))
        optimizer.step()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10  # KiB

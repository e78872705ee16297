"""Datasets, samplers and the loader. Every order was recorded from torch.utils.data."""

import collections
import pickle

import numpy as np
import pytest

lamina = pytest.importorskip("lamina")
data = pytest.importorskip("lamina.utils.data")


def generator(seed):
    return lamina.Generator().manual_seed(seed)


def epochs(dataset, **options):
    loader = data.DataLoader(dataset, **options)
    found = [[batch[0].tolist() for batch in loader] for _ in range(2)]
    assert all(len(epoch) == len(loader) for epoch in found)
    return found


def samples_one_by_one(n):
    """The same as TensorDataset(arange(n)), by a class that the loader cannot look into."""

    class Plain(data.Dataset):
        def __len__(self):
            return n

        def __getitem__(self, i):
            return (lamina.tensor(i),)

    return Plain()


@pytest.mark.parametrize(
    "make",
    [
        lambda: data.TensorDataset(lamina.tensor(list(range(7)))),
        lambda: samples_one_by_one(7),
        lambda: data.Subset(data.TensorDataset(lamina.tensor([9, 0, 1, 2, 3, 4, 5, 6])), range(1, 8)),
    ],
    ids=["tensors", "samples", "subset"],
)
def test_order_is_pytorchs(make):
    orders = [[[3, 2, 5], [4, 1, 0], [6]], [[3, 1, 6], [0, 2, 4], [5]]]
    lamina.manual_seed(3)
    assert epochs(make(), batch_size=3, shuffle=True) == orders
    assert lamina.rand(1).item() == pytest.approx(0.5944212079048157, abs=1e-7)
    lamina.manual_seed(3)
    assert epochs(make(), batch_size=3, shuffle=True, drop_last=True) == [epoch[:2] for epoch in orders]
    lamina.manual_seed(3)
    assert epochs(make(), batch_size=3, num_workers=2, pin_memory=True) == [[[0, 1, 2], [3, 4, 5], [6]]] * 2
    assert lamina.rand(1).item() == pytest.approx(0.47161436080932617, abs=1e-7)
    orders = [[[2, 4, 3], [5, 0, 6], [1]], [[4, 1, 0], [2, 3, 6], [5]]]
    for drop_last in (False, True):
        g = generator(5)
        assert epochs(make(), batch_size=3, shuffle=True, generator=g, drop_last=drop_last) == [
            e[:2] if drop_last else e for e in orders
        ]
        assert lamina.rand(1, generator=g).item() == pytest.approx(0.2638806700706482, abs=1e-7)
    g = generator(5)
    assert epochs(make(), batch_size=7, shuffle=True, generator=g) == [[[2, 4, 3, 5, 0, 6, 1]], [[4, 1, 0, 2, 3, 6, 5]]]
    assert lamina.rand(1, generator=g).item() == pytest.approx(0.2638806700706482, abs=1e-7)


def test_samplers():
    lamina.manual_seed(1)
    assert list(data.RandomSampler(range(5), replacement=True, num_samples=40)) == [
        1,
        2,
        0,
        4,
        1,
        4,
        0,
        0,
        4,
        1,
        2,
        1,
        4,
        3,
        0,
        2,
        4,
        2,
        1,
        4,
        2,
        3,
        3,
        0,
        3,
        1,
        1,
        3,
        2,
        1,
        1,
        4,
        0,
        3,
        1,
        3,
        2,
        4,
        3,
        0,
    ]
    lamina.manual_seed(1)
    assert list(data.RandomSampler(range(5), num_samples=12)) == [1, 3, 4, 0, 2, 1, 0, 3, 4, 2, 4, 2]
    assert list(data.RandomSampler(range(5), replacement=True, num_samples=7, generator=generator(2))) == [
        3,
        2,
        1,
        4,
        3,
        4,
        2,
    ]
    lamina.manual_seed(1)
    assert list(data.SubsetRandomSampler([10, 20, 30, 40])) == [20, 40, 30, 10]
    assert list(data.BatchSampler(data.SequentialSampler(range(5)), 2, False)) == [[0, 1], [2, 3], [4]]
    assert list(data.BatchSampler(range(5), 2, True)) == [[0, 1], [2, 3]]
    assert [len(data.BatchSampler(range(5), 2, drop)) for drop in (False, True)] == [3, 2]
    with pytest.raises(ValueError, match="num_samples should be a positive"):
        data.RandomSampler([])
    with pytest.raises(ValueError, match="batch_size should be a positive integer value, but got batch_size=0"):
        data.BatchSampler(range(5), 0, False)


def test_split_concat_and_stack():
    lamina.manual_seed(1)
    assert [s.indices for s in data.random_split(range(10), [0.55, 0.45])] == [[5, 6, 1, 2, 0, 8], [9, 3, 7, 4]]
    assert [s.indices for s in data.random_split(range(10), [3, 7], generator=generator(4))] == [
        [0, 4, 9],
        [6, 7, 3, 2, 8, 1, 5],
    ]
    with pytest.raises(ValueError, match="Sum of input lengths"):
        data.random_split(range(10), [3, 3])
    with pytest.warns(UserWarning, match="Length of split at index 1 is 0"):
        data.random_split(range(2), [1.0, 0.0])
    a, b = data.TensorDataset(lamina.tensor([0, 1])), data.TensorDataset(lamina.tensor([2, 3, 4]))
    both = a + b
    assert [both[i][0].item() for i in (0, 1, 2, 4, -1)] == [0, 1, 2, 4, 4] and len(both) == 5
    assert epochs(both, batch_size=2) == [[[0, 1], [2, 3], [4]]] * 2
    assert data.StackDataset(x=[1, 2], y=[3, 4])[1] == {"x": 2, "y": 4} and data.StackDataset([1, 2], [3, 4])[0] == (
        1,
        3,
    )
    with pytest.raises(AssertionError, match="Size mismatch"):
        data.TensorDataset(lamina.tensor([0, 1]), lamina.tensor([0]))


def test_a_batch_of_tensors_is_gathered_and_alike():
    x, y = lamina.randn(6, 2, 3).transpose(1, 2), lamina.tensor([0, 1, 2, 3, 4, 5])
    for (a, b), (c, d) in zip(
        data.DataLoader(data.TensorDataset(x, y), batch_size=4),
        data.DataLoader(data.TensorDataset(x, y), batch_size=4, collate_fn=lambda batch: data.default_collate(batch)),
    ):
        assert (a.numpy() == c.numpy()).all() and b.tolist() == d.tolist() and a.shape == c.shape
    batch = next(iter(data.DataLoader(data.TensorDataset(x, y), batch_size=2)))
    assert type(batch) is list
    before = x.tolist()
    batch[0].zero_()
    assert x.tolist() == before  # a batch is a copy
    assert next(iter(data.DataLoader(data.TensorDataset(y), sampler=[-1, 0], batch_size=2)))[0].tolist() == [5, 0]
    with pytest.raises(IndexError):
        next(iter(data.DataLoader(data.TensorDataset(y), sampler=[6])))

    class Twice(data.TensorDataset):
        def __getitem__(self, i):
            return super().__getitem__(i)[0] * 2

    assert next(iter(data.DataLoader(Twice(y), batch_size=3))).tolist() == [0, 2, 4]


def test_iterable_datasets():
    class Count(data.IterableDataset):
        def __init__(self, n):
            self.n = n

        def __iter__(self):
            return iter(range(self.n))

        def __len__(self):
            return self.n

    assert [b.tolist() for b in data.DataLoader(Count(5), batch_size=2)] == [[0, 1], [2, 3], [4]]
    assert [b.tolist() for b in data.DataLoader(Count(5), batch_size=2, drop_last=True)] == [[0, 1], [2, 3]]
    assert list(data.DataLoader(Count(3), batch_size=None)) == [0, 1, 2]
    assert len(data.DataLoader(Count(5), batch_size=2)) == 3
    assert list(Count(2) + Count(1)) == [0, 1, 0]
    with pytest.raises(ValueError, match="expected unspecified shuffle option, but got shuffle=True"):
        data.DataLoader(Count(3), shuffle=True)


def test_collate():
    Point = collections.namedtuple("Point", "x y")
    collate = data.default_collate
    assert collate([1.5, 2]).dtype == lamina.float64 and collate([True, False]).dtype == lamina.bool
    assert collate([1, 2]).dtype == lamina.int64
    assert collate(["a", "b"]) == ["a", "b"]
    pairs = collate([(1, 2.0), (3, 4.0)])
    assert type(pairs) is list and [p.tolist() for p in pairs] == [[1, 3], [2.0, 4.0]]
    assert {k: v.tolist() for k, v in collate([{"a": 1}, {"a": 2}]).items()} == {"a": [1, 2]}
    points = collate([Point(1, 2), Point(3, 4)])
    assert type(points) is Point and points.x.tolist() == [1, 3]
    for batch, dtype in (
        ([np.float32(1), np.float32(2)], lamina.float32),
        ([np.array(1.5), np.array(2.0)], lamina.float64),
        ([np.bool_(True)], lamina.bool),
        ([np.arange(3), np.arange(3)], lamina.int64),
    ):
        found = collate(batch)
        assert found.dtype == dtype and found.tolist() == np.array(batch).tolist()
    for bad, error, says in (
        ([None], TypeError, "found <class 'NoneType'>"),
        ([np.array(["a"])], TypeError, "found <U1"),
        ([[1], [1, 2]], RuntimeError, "of equal size"),
    ):
        with pytest.raises(error, match=says):
            collate(bad)
    converted = data.default_convert((np.ones(2), "a", {"k": np.float32(3)}))
    assert converted[0].tolist() == [1, 1] and converted[1] == "a" and converted[2]["k"].item() == 3


def test_loader_options():
    class Batched(data.Dataset):
        def __len__(self):
            return 4

        def __getitems__(self, indices):
            return [10 * i for i in indices]

    assert [b.tolist() for b in data.DataLoader(Batched(), batch_size=2)] == [[0, 10], [20, 30]]
    assert [b.tolist() for b in data.DataLoader(range(4), batch_sampler=[[3, 1], [0]])] == [[3, 1], [0]]
    assert list(data.DataLoader(range(3), batch_size=None)) == [0, 1, 2]
    assert list(data.DataLoader(range(3), batch_size=2, collate_fn=list)) == [[0, 1], [2]]
    assert data.get_worker_info() is None
    loader = pickle.loads(pickle.dumps(data.DataLoader(data.TensorDataset(lamina.tensor([1, 2])), batch_size=2)))
    assert next(iter(loader))[0].tolist() == [1, 2]
    with pytest.raises(ValueError, match="batch_size attribute should not be set"):
        loader.batch_size = 3
    for options, says in (
        (dict(sampler=[0], shuffle=True), "mutually exclusive with shuffle"),
        (dict(num_workers=-1), "non-negative"),
        (dict(batch_sampler=[[0]], drop_last=True), "mutually exclusive"),
        (dict(timeout=-1), "timeout"),
        (dict(batch_size=None, drop_last=True), "disables auto-batching"),
        (dict(prefetch_factor=2), "prefetch_factor"),
        (dict(persistent_workers=True), "persistent_workers"),
        (dict(batch_size=0), "batch_size=0"),
    ):
        with pytest.raises(ValueError, match=says):
            data.DataLoader(range(3), **options)

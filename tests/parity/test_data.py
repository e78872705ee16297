"""The order of samples beside PyTorch's, for any options, and the generator afterwards."""

import hypothesis.strategies as st
import lamina
import torch
from hypothesis import given, settings


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(1, 40),
    size=st.integers(1, 12),
    shuffle=st.booleans(),
    drop_last=st.booleans(),
    own=st.booleans(),
    seed=st.integers(0, 2**40),
    stop=st.integers(1, 60),
)
def test_loader(n, size, shuffle, drop_last, own, seed, stop):
    found = []
    for t in (lamina, torch):
        t.manual_seed(seed)
        generator = t.Generator().manual_seed(seed + 1) if own else None
        loader = t.utils.data.DataLoader(
            t.utils.data.TensorDataset(t.arange(n)),
            batch_size=size,
            shuffle=shuffle,
            drop_last=drop_last,
            generator=generator,
        )
        batches = []
        for _ in range(2):
            for i, (x,) in enumerate(loader):
                batches.append(x.tolist())
                if i == stop:
                    break
        found.append((len(loader), batches, t.rand(2, generator=generator).tolist(), t.rand(2).tolist()))
    assert found[0] == found[1]


@settings(max_examples=30, deadline=None)
@given(
    n=st.integers(1, 30), k=st.integers(1, 80), replacement=st.booleans(), own=st.booleans(), seed=st.integers(0, 2**40)
)
def test_samplers_and_split(n, k, replacement, own, seed):
    found = []
    for t in (lamina, torch):
        t.manual_seed(seed)
        generator = t.Generator().manual_seed(seed + 1) if own else None
        data = t.utils.data
        cut = k % (n + 1)
        found.append(
            (
                list(data.RandomSampler(range(n), replacement, k, generator)),
                list(data.SubsetRandomSampler(list(range(n)), generator)),
                [s.indices for s in data.random_split(range(n), [cut, n - cut], generator or t.default_generator)],
                t.rand(1).item(),
            )
        )
    assert found[0] == found[1]

"""Samplers: the numbers of the samples of an epoch, in order. Source: torch.utils.data.sampler.

What is drawn, from which generator and when is PyTorch's, so that the same seed gives the same order and leaves the
generator in the same state.
"""

import itertools
from typing import Generic, TypeVar

import lamina

__all__ = ["BatchSampler", "RandomSampler", "Sampler", "SequentialSampler", "SubsetRandomSampler"]

_T_co = TypeVar("_T_co", covariant=True)


class Sampler(Generic[_T_co]):
    """Base of all samplers: a subclass defines __iter__(), and __len__() where the length is known."""

    def __iter__(self):
        raise NotImplementedError


class SequentialSampler(Sampler[int]):
    """0, 1, 2, …"""

    def __init__(self, data_source):
        self.data_source = data_source

    def __iter__(self):
        return iter(range(len(self.data_source)))

    def __len__(self):
        return len(self.data_source)


class RandomSampler(Sampler[int]):
    """All numbers in random order; with `replacement`, or more than there are, `num_samples` of them."""

    def __init__(self, data_source, replacement=False, num_samples=None, generator=None):
        self.data_source = data_source
        self.replacement = replacement
        self._num_samples = num_samples
        self.generator = generator
        if not isinstance(replacement, bool):
            raise TypeError(f"replacement should be a boolean value, but got replacement={replacement}")
        if not isinstance(self.num_samples, int) or self.num_samples <= 0:
            raise ValueError(f"num_samples should be a positive integer value, but got num_samples={self.num_samples}")

    @property
    def num_samples(self):
        return len(self.data_source) if self._num_samples is None else self._num_samples  # the data may grow

    def __iter__(self):
        n = len(self.data_source)
        generator = self.generator
        if generator is None:
            generator = lamina.Generator()
            generator.manual_seed(int(lamina.empty((), dtype=lamina.int64).random_().item()))
        if self.replacement:
            for size in (32,) * (self.num_samples // 32) + (self.num_samples % 32,):
                yield from lamina.randint(n, (size,), dtype=lamina.int64, generator=generator).tolist()
        else:
            for _ in range(self.num_samples // n):
                yield from lamina.randperm(n, generator=generator).tolist()
            yield from lamina.randperm(n, generator=generator).tolist()[
                : self.num_samples % n
            ]  # drawn though often none is taken

    def __len__(self):
        return self.num_samples


class SubsetRandomSampler(Sampler[int]):
    """The given numbers in random order."""

    def __init__(self, indices, generator=None):
        self.indices = indices
        self.generator = generator

    def __iter__(self):
        for i in lamina.randperm(len(self.indices), generator=self.generator).tolist():
            yield self.indices[i]

    def __len__(self):
        return len(self.indices)


class BatchSampler(Sampler[list]):
    """The numbers of another sampler in lists of batch_size; drop_last leaves out a shorter last one."""

    def __init__(self, sampler, batch_size, drop_last):
        if not isinstance(batch_size, int) or isinstance(batch_size, bool) or batch_size <= 0:
            raise ValueError(f"batch_size should be a positive integer value, but got batch_size={batch_size}")
        if not isinstance(drop_last, bool):
            raise ValueError(f"drop_last should be a boolean value, but got drop_last={drop_last}")
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self):
        numbers = iter(self.sampler)
        while batch := list(itertools.islice(numbers, self.batch_size)):
            if self.drop_last and len(batch) < self.batch_size:
                return
            yield batch

    def __len__(self):
        if self.drop_last:
            return len(self.sampler) // self.batch_size
        return (len(self.sampler) + self.batch_size - 1) // self.batch_size

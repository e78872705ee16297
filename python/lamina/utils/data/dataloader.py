"""DataLoader: a dataset batch by batch. Source: torch.utils.data.dataloader."""

import itertools
import math
import warnings

import lamina
from lamina.utils.data._utils.collate import default_collate, default_convert
from lamina.utils.data.dataset import IterableDataset, Subset, TensorDataset
from lamina.utils.data.sampler import BatchSampler, RandomSampler, SequentialSampler

__all__ = ["DataLoader", "default_collate", "default_convert", "get_worker_info"]


def get_worker_info():
    """None: samples are always loaded by the process that asks for them."""
    return None


class _Endless:
    """The sampler of an iterable dataset."""

    def __iter__(self):
        return itertools.repeat(None)


def _tensors_of(dataset, indices):
    """The tensors behind a TensorDataset, or behind a Subset of one, with the numbers of a batch in them.

    None where a class overrides how samples are read, or a number is not a plain one.
    """
    while type(dataset) is Subset:
        indices = [dataset.indices[i] for i in indices]
        dataset = dataset.dataset
    kind = type(dataset)
    if (
        not isinstance(dataset, TensorDataset)
        or kind.__getitem__ is not TensorDataset.__getitem__
        or hasattr(dataset, "__getitems__")
        or not all(type(t) is lamina.Tensor for t in dataset.tensors)
        or not all(type(i) is int and i >= 0 for i in indices)
    ):
        return None
    return dataset.tensors, lamina.tensor(indices, dtype=lamina.int64)


class _Epoch:
    """One pass over a loader."""

    def __init__(self, loader):
        self._loader = loader
        self._sampler_iter = iter(loader._index_sampler)
        # PyTorch draws a seed for its worker processes, also where there are none
        self._base_seed = lamina.empty((), dtype=lamina.int64).random_(generator=loader.generator).item()
        self._samples = iter(loader.dataset) if loader._iterable else None
        self._ended = False
        self._num_yielded = 0

    def __iter__(self):
        return self

    def __len__(self):
        return len(self._loader._index_sampler)

    def __next__(self):
        batch = (self._next_of_iterable if self._loader._iterable else self._next_of_map)(next(self._sampler_iter))
        self._num_yielded += 1
        expected = self._loader._IterableDataset_len_called
        if self._loader._iterable and expected is not None and self._num_yielded > expected:
            warnings.warn(
                f"Length of IterableDataset {self._loader.dataset} was reported to be {expected} (when accessing "
                f"len(dataloader)), but {self._num_yielded} samples have been fetched. ",
                stacklevel=2,
            )
        return batch

    def _next_of_map(self, index):
        loader = self._loader
        dataset = loader.dataset
        if not loader._auto_collation:
            return loader.collate_fn(dataset[index])
        if loader.collate_fn is default_collate and (found := _tensors_of(dataset, index)):
            tensors, numbers = found
            return [t.index_select(0, numbers) for t in tensors]  # what collating t[i] for each i gives, in one go
        batched = getattr(dataset, "__getitems__", None)
        return loader.collate_fn(batched(index) if batched else [dataset[i] for i in index])

    def _next_of_iterable(self, index):
        loader = self._loader
        if self._ended:
            raise StopIteration
        if not loader._auto_collation:
            return loader.collate_fn(next(self._samples))
        samples = list(itertools.islice(self._samples, len(index)))
        self._ended = len(samples) < len(index)
        if not samples or (loader.drop_last and self._ended):
            raise StopIteration
        return loader.collate_fn(samples)


class DataLoader:
    """A dataset in batches, in order or shuffled; each `for` is one epoch.

    Args:
        dataset: anything with __getitem__ and __len__, or an IterableDataset
        batch_size (int or None): samples to a batch (1); None: samples as they are
        shuffle (bool): a new random order each epoch (False)
        sampler: the numbers of the samples, in order
        batch_sampler: the numbers of whole batches
        num_workers (int): accepted, for scripts that ask for it. Samples are loaded by the calling process: batches and
            their order are the same, worker_init_fn is not called, and get_worker_info() is None
        collate_fn: makes a batch of a list of samples (default_collate)
        pin_memory, timeout, multiprocessing_context, prefetch_factor, persistent_workers, pin_memory_device, in_order:
            accepted
        drop_last (bool): leaves out a last batch that is smaller than the others (False)
        generator (Generator): what shuffling draws from (the default generator)

    For the same seed the order is that of torch.utils.data.DataLoader.
    """

    _initialized = False
    _FIXED = frozenset(("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers"))

    def __init__(
        self,
        dataset,
        batch_size=1,
        shuffle=None,
        sampler=None,
        batch_sampler=None,
        num_workers=0,
        collate_fn=None,
        pin_memory=False,
        drop_last=False,
        timeout=0,
        worker_init_fn=None,
        multiprocessing_context=None,
        generator=None,
        *,
        prefetch_factor=None,
        persistent_workers=False,
        pin_memory_device="",
        in_order=True,
    ):
        if num_workers < 0:
            raise ValueError("num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.")
        if timeout < 0:
            raise ValueError("timeout option should be non-negative")
        if num_workers == 0 and prefetch_factor is not None:
            raise ValueError(
                "prefetch_factor option could only be specified in multiprocessing.let num_workers > 0 to enable "
                "multiprocessing, otherwise set prefetch_factor to None."
            )
        if prefetch_factor is not None and prefetch_factor < 0:
            raise ValueError("prefetch_factor option should be non-negative")
        if persistent_workers and num_workers == 0:
            raise ValueError("persistent_workers option needs num_workers > 0")
        self.dataset = dataset
        self.num_workers = num_workers
        self.prefetch_factor = 2 if num_workers > 0 and prefetch_factor is None else prefetch_factor
        self.pin_memory, self.pin_memory_device = pin_memory, pin_memory_device
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self.in_order = in_order
        self._iterable = isinstance(dataset, IterableDataset)
        if self._iterable:
            for name, value in (("shuffle", shuffle or None), ("sampler", sampler), ("batch_sampler", batch_sampler)):
                if value is not None:
                    raise ValueError(
                        f"DataLoader with IterableDataset: expected unspecified {name} option, but got {name}={value}"
                    )
        if sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError(
                    "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last"
                )
            batch_size = None
        elif batch_size is None and drop_last:
            raise ValueError("batch_size=None option disables auto-batching and is mutually exclusive with drop_last")
        if sampler is None:
            sampler = (
                _Endless()
                if self._iterable
                else RandomSampler(dataset, generator=generator)
                if shuffle
                else SequentialSampler(dataset)
            )
        if batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.generator = generator
        self.collate_fn = collate_fn or (default_collate if self._auto_collation else default_convert)
        self.persistent_workers = persistent_workers
        self._IterableDataset_len_called = None
        self._initialized = True

    def __setattr__(self, name, value):
        if self._initialized and name in self._FIXED:
            raise ValueError(f"{name} attribute should not be set after {type(self).__name__} is initialized")
        super().__setattr__(name, value)

    @property
    def _auto_collation(self):
        return self.batch_sampler is not None

    @property
    def _index_sampler(self):
        return self.batch_sampler if self._auto_collation else self.sampler

    def __iter__(self):
        return _Epoch(self)

    def __len__(self):
        if not self._iterable:
            return len(self._index_sampler)
        length = self._IterableDataset_len_called = len(self.dataset)
        if self.batch_size is None:
            return length
        return length // self.batch_size if self.drop_last else math.ceil(length / self.batch_size)

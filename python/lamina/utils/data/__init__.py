"""Datasets, samplers and the DataLoader, with the names and the order of samples of torch.utils.data.

loader = DataLoader(TensorDataset(images, labels), batch_size=64, shuffle=True)
for x, y in loader: …
"""

from lamina.utils.data._utils.collate import default_collate, default_convert
from lamina.utils.data.dataloader import DataLoader, get_worker_info
from lamina.utils.data.dataset import (
    ChainDataset,
    ConcatDataset,
    Dataset,
    IterableDataset,
    StackDataset,
    Subset,
    TensorDataset,
    random_split,
)
from lamina.utils.data.sampler import BatchSampler, RandomSampler, Sampler, SequentialSampler, SubsetRandomSampler

__all__ = [
    "BatchSampler",
    "ChainDataset",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "IterableDataset",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "StackDataset",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "default_collate",
    "default_convert",
    "get_worker_info",
    "random_split",
]

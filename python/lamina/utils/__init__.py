"""Small parts that scripts import from torch.utils."""

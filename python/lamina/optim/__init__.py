"""Optimizers, with the names and the arithmetic of torch.optim.

optimizer = optim.AdamW(model.parameters(), lr=1e-3)
optimizer.zero_grad()
loss_function(model(x), y).backward()
optimizer.step()
"""

from lamina.optim.adam import Adam
from lamina.optim.adamw import AdamW
from lamina.optim.optimizer import Optimizer
from lamina.optim.sgd import SGD

__all__ = ["SGD", "Adam", "AdamW", "Optimizer"]

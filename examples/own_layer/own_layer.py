"""A layer of one's own: a residual block with a learnable gate, used like any layer that the library brings.

    python own_layer.py
"""
import lamina as torch
import lamina.nn as nn


class GatedResidual(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.transform = nn.Linear(features, features)
        self.gate = nn.Parameter(torch.zeros(features))  # starts at zero: the block starts as the identity

    def forward(self, x):
        return x + self.gate * torch.tanh(self.transform(x))


torch.manual_seed(0)
block = GatedResidual(16)
print(block)
x = torch.randn(2, 16)
print("starts as the identity:", torch.equal(block(x), x))

net = nn.Sequential(nn.Linear(1, 16), block, nn.Linear(16, 1))
optimizer = torch.optim.AdamW(net.parameters(), lr=0.01)
for _ in range(2000):  # learns |x|
    at = torch.rand(64, 1) * 4 - 2
    loss = (net(at) - at.abs()).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"squared error after training: {loss.item():.4f}")

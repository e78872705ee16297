"""Trains attention to read handwritten digits as 28 rows of 28 pixels. train.cpp does the same, to the same bits."""
import argparse
import pathlib
import sys

import lamina as torch
import lamina.nn as nn
from lamina.utils.data import DataLoader, TensorDataset

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "digits"))
from digits import checksum, digits  # noqa: E402

EPOCHS, BATCH, LEARNING_RATE = 12, 50, 2e-3
ROWS, SIZE, HEADS, DROPOUT = 28, 64, 4, 0.1


class Block(nn.Module):
    """The rows look at one another, then each is thought over by itself."""

    def __init__(self):
        super().__init__()
        self.before = nn.LayerNorm(SIZE)
        self.look = nn.MultiheadAttention(SIZE, HEADS, dropout=DROPOUT, batch_first=True)
        self.between = nn.LayerNorm(SIZE)
        self.think = nn.Sequential(nn.Linear(SIZE, 2 * SIZE), nn.ReLU(), nn.Dropout(DROPOUT), nn.Linear(2 * SIZE, SIZE))

    def forward(self, x):  # (N, 28, 64) → same
        y = self.before(x)
        x = x + self.look(y, y, y, need_weights=False)[0]
        return x + self.think(self.between(x))


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.row = nn.Linear(ROWS, SIZE)
        self.place = nn.Embedding(ROWS, SIZE)
        self.first = Block()
        self.second = Block()
        self.norm = nn.LayerNorm(SIZE)
        self.dropout = nn.Dropout(DROPOUT)
        self.digit = nn.Linear(ROWS * SIZE, 10)

    def forward(self, images):  # (N, 1, 28, 28) → (N, 10)
        x = self.row(images.squeeze(1)) + self.place.weight
        x = self.norm(self.second(self.first(x)))
        return self.digit(self.dropout(x.flatten(1)))


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=0, help="of the split, the weights and the order")
    torch.manual_seed(options.parse_args().seed)
    images, labels = digits()
    order = torch.randperm(len(images))
    held_out, rest = order[:1000], order[1000:]
    loader = DataLoader(TensorDataset(images[rest], labels[rest]), batch_size=BATCH, shuffle=True)

    net = Reader()
    loss_of = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(net.parameters(), lr=LEARNING_RATE)
    for epoch in range(EPOCHS):
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * (1 - epoch / EPOCHS)
        net.train()
        for batch, target in loader:
            optimizer.zero_grad()
            loss_of(net(batch), target).backward()
            optimizer.step()
        net.eval()
        with torch.no_grad():
            right = (net(images[held_out]).argmax(1) == labels[held_out]).sum().item()
        print(f"  epoch {epoch + 1:2}: {right} of 1000 held-out digits", flush=True)
    print(f"  checksum of the weights: {checksum(net.state_dict())}")


if __name__ == "__main__":
    main()

"""Trains an LSTM to read handwritten digits row by row, 28 rows of 28 pixels. train.cpp does the same, to the same bits."""
import argparse
import pathlib
import sys

import lamina as torch
import lamina.nn as nn
from lamina.utils.data import DataLoader, TensorDataset

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "digits"))
from digits import checksum, digits  # noqa: E402

EPOCHS, BATCH, LEARNING_RATE = 15, 50, 5e-3


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(28, 128, batch_first=True)
        self.digit = nn.Linear(128, 10)

    def forward(self, images):  # (N, 1, 28, 28) → (N, 10)
        output, (h, c) = self.lstm(images.squeeze(1))
        return self.digit(h[0])


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
        for batch, target in loader:
            optimizer.zero_grad()
            loss_of(net(batch), target).backward()
            optimizer.step()
        with torch.no_grad():
            right = (net(images[held_out]).argmax(1) == labels[held_out]).sum().item()
        print(f"  epoch {epoch + 1:2}: {right} of 1000 held-out digits", flush=True)
    print(f"  checksum of the weights: {checksum(net.state_dict())}")


if __name__ == "__main__":
    main()

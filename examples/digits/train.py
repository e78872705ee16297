"""Trains a small CNN to read handwritten digits. train.cpp beside it does the same in C++, to the same bits."""
import argparse
import pathlib
import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

import lamina as torch
import lamina.nn as nn
import pictures
from digits import checksum, digits
from lamina.utils.data import DataLoader, TensorDataset

EPOCHS, BATCH, LEARNING_RATE = 10, 50, 3e-3


def network():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),   # 28 x 28 → 14 x 14
        nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),  # → 7 x 7
        nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2),  # → 3 x 3
        nn.Flatten(), nn.Dropout(0.4), nn.Linear(64 * 3 * 3, 10))


def predict(net, images):
    """The digit that the network reads in each image."""
    net.eval()
    with torch.no_grad():
        return torch.cat([net(images[i:i + 250]).argmax(1) for i in range(0, len(images), 250)])


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=pathlib.Path, default=pathlib.Path("build/demo"), help="folder of what is made")
    options.add_argument("--seed", type=int, default=0, help="of the split, the weights, the order and the dropout")
    arguments = options.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)

    torch.manual_seed(arguments.seed)
    images, labels = digits()
    order = torch.randperm(len(images))
    held_out, rest = order[:1000], order[1000:]
    test_images, test_labels = images[held_out], labels[held_out]
    loader = DataLoader(TensorDataset(images[rest], labels[rest]), batch_size=BATCH, shuffle=True, drop_last=True)

    net = network()
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer = torch.optim.AdamW(net.parameters(), lr=LEARNING_RATE)
    losses, right = [], []
    started = time.perf_counter()
    columns = ("  {task.description}", BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[now]}"), TimeRemainingColumn())
    columns = tuple(TextColumn(c) if isinstance(c, str) else c for c in columns)
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("training", total=EPOCHS * len(loader), now="")
        for epoch in range(EPOCHS):
            for group in optimizer.param_groups:
                group["lr"] = LEARNING_RATE * (1 - epoch / EPOCHS)
            net.train()
            for batch, target in loader:
                optimizer.zero_grad()
                loss = loss_of(net(batch), target)
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
                progress.update(bar, advance=1, now=f"loss {losses[-1]:.3f}")
            right.append((predict(net, test_images) == test_labels).sum().item())
            progress.console.print(f"  epoch {epoch + 1:2}: {right[-1]} of {len(test_labels)} held-out digits")
    seconds = time.perf_counter() - started

    model = arguments.out / "digits.safetensors"
    torch.save_safetensors(net.state_dict(), model)
    pictures.learning_curve(arguments.out / "learning_curve.png", losses, right, len(test_labels))
    pictures.wrongly_read(arguments.out / "wrongly_read.png", test_images, test_labels, predict(net, test_images))
    print(f"  {right[-1]} of {len(test_labels)} held-out digits read right")
    print(f"  checksum of the weights: {checksum(net.state_dict())}")
    print(f"  trained in {seconds:.1f} s by Python")


if __name__ == "__main__":
    main()

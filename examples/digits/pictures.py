"""The two pictures of the digits example: how learning went, and what was read wrong."""
import matplotlib

matplotlib.use("Agg")  # files only: no window, no display
import matplotlib.pyplot as plt
import numpy as np

INK, ACCENT, PALE = "#22313f", "#c0392b", "#9fb3c8"


def learning_curve(path, losses, right, total):
    """Loss of every batch with its running average, and the share of held-out digits read right after every epoch."""
    steps = len(losses) // len(right)
    epochs = np.arange(1, len(losses) + 1) / steps
    window = min(20, len(losses))
    smooth = np.convolve(losses, np.ones(window) / window, mode="valid")
    figure, (left, other) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    left.plot(epochs, losses, color=PALE, linewidth=0.7, label="one batch")
    left.plot(epochs[window - 1:], smooth, color=INK, linewidth=1.8, label=f"average of {window}")
    left.set(title="Loss while training", xlabel="epoch", ylabel="cross entropy, smoothed labels", xlim=(0, len(right)))
    left.legend(frameon=False)
    share = 100 * np.array(right) / total
    other.plot(range(1, len(right) + 1), share, color=INK, marker="o", markersize=4)
    other.annotate(f"{share[-1]:.1f} %", (len(right), share[-1]), textcoords="offset points", xytext=(-4, -18),
                   ha="right", color=ACCENT)
    other.axhline(97, color=PALE, linewidth=1, linestyle="--")
    other.set(title=f"Read right, of {total} digits never trained on", xlabel="epoch", ylabel="%")
    for axis in (left, other):
        axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def wrongly_read(path, images, labels, predicted):
    """A page of the digits whose reading was wrong: what was read, and what it is."""
    pixels, truth, read = images.numpy()[:, 0], labels.numpy(), predicted.numpy()
    wrong = np.flatnonzero(read != truth)
    columns = 8
    rows = max(1, min(6, -(-len(wrong) // columns)))
    figure, axes = plt.subplots(rows, columns, figsize=(columns * 1.2, rows * 1.5 + 0.6), layout="constrained", squeeze=False)
    figure.suptitle(f"{len(wrong)} of {len(truth)} were read wrong")
    for axis in axes.flat:
        axis.axis("off")
    for axis, i in zip(axes.flat, wrong):
        axis.imshow(pixels[i], cmap="gray_r", vmin=0, vmax=1)
        axis.set_title(f"read {read[i]}, is {truth[i]}", fontsize=8, color=ACCENT)
    figure.savefig(path, dpi=120)
    plt.close(figure)

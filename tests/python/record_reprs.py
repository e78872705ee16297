"""Records what PyTorch prints for layers:  python tests/python/record_reprs.py  (needs torch; writes reprs.json)."""
import json
import pathlib

EXPRESSIONS = [
    "nn.Linear(4, 2)", "nn.Linear(4, 2, bias=False)", "nn.Linear(in_features=4, out_features=2, dtype=torch.float64)",
    "nn.Conv1d(2, 4, 3)", "nn.Conv2d(2, 4, 3)", "nn.Conv2d(2, 4, (3, 5), stride=2, padding=(1, 2), dilation=2, groups=2, bias=False)",
    "nn.Conv2d(2, 4, 3, padding='same')", "nn.Conv2d(2, 4, 3, padding=1, padding_mode='reflect')", "nn.Conv3d(2, 4, 3)",
    "nn.MaxPool1d(2)", "nn.MaxPool2d(2)", "nn.MaxPool2d((3, 2), stride=(2, 1), padding=(0, 1), dilation=3, ceil_mode=True)",
    "nn.MaxPool3d(2, 2)", "nn.LayerNorm(5)", "nn.LayerNorm((3, 5), eps=1e-3, elementwise_affine=False)", "nn.LayerNorm(5, bias=False)",
    "nn.BatchNorm1d(3)", "nn.BatchNorm2d(3, eps=1e-3, momentum=None, affine=False, track_running_stats=False)",
    "nn.Dropout()", "nn.Dropout(0.2, inplace=True)", "nn.Embedding(10, 3)", "nn.Embedding(10, 3, padding_idx=-1)",
    "nn.Embedding(10, 3, 0, max_norm=1.5, norm_type=1.0, scale_grad_by_freq=True)",
    "nn.ReLU()", "nn.ReLU(inplace=True)", "nn.GELU()", "nn.GELU(approximate='tanh')", "nn.SiLU()", "nn.Sigmoid()", "nn.Tanh()",
    "nn.Softmax(dim=1)", "nn.Softmax()", "nn.LogSoftmax(-1)", "nn.Flatten()", "nn.Flatten(0, 2)", "nn.Identity(3, a=4)",
    "nn.Sequential()", "nn.Sequential(nn.Linear(1, 2), nn.Sequential(nn.ReLU(), nn.Identity()))",
    "nn.Sequential(OrderedDict(a=nn.ReLU(), b=nn.Linear(1, 1)))",
    "nn.ModuleList()", "nn.ModuleList([nn.Linear(1, 1), nn.Linear(1, 1), nn.ReLU(), nn.Sequential(nn.ReLU()), nn.Sequential(nn.ReLU())])",
    "nn.ModuleDict()", "nn.ModuleDict({'a': nn.ReLU(), 'b': nn.ModuleList([nn.Linear(1, 1)])})", "nn.Module()",
    "Plain()", "WithExtra()", "WithExtra(nn.ReLU())", "TwoLines()", "TwoLines(nn.ReLU())", "Mine(1, 1)", "WithNone()",
]


def classes(nn):
    """Classes as a user writes them, over either library's nn."""
    class Plain(nn.Module):
        def __init__(self, *children):
            super().__init__()
            for i, child in enumerate(children):
                self.add_module(f"child{i}", child)

    class WithExtra(Plain):
        def extra_repr(self):
            return "size=3"

    class TwoLines(Plain):
        def extra_repr(self):
            return "size=3\nother=4"

    class WithNone(nn.Module):
        def __init__(self):
            super().__init__()
            self.child = nn.ReLU()
            self.child = None

    class Mine(nn.Linear):
        pass

    return {c.__name__: c for c in (Plain, WithExtra, TwoLines, WithNone, Mine)}


if __name__ == "__main__":
    from collections import OrderedDict

    import torch
    from torch import nn

    names = {"nn": nn, "torch": torch, "OrderedDict": OrderedDict, **classes(nn)}
    recorded = {expression: repr(eval(expression, names)) for expression in EXPRESSIONS}
    path = pathlib.Path(__file__).with_name("reprs.json")
    path.write_text(json.dumps(recorded, indent=1, ensure_ascii=False) + "\n")

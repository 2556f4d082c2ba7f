"""Writes what PyTorch computes for ir-18 and adaface-ir-18 to golden/improved-resnet.json and golden/adaface-resnet.json.

The networks are written down again here, from InsightFace's iresnet.py and AdaFace's net.py, with PyTorch's own layers. Their
weights are a formula of their position (see `formula`), so that the golden files hold outputs alone. The second was held to
net.py of mk-minchul/AdaFace at c60eaa7 with the same weights, for 112x112: embeddings agreed within 4e-8 of the largest number. Run with
PyTorch 2.13 (the first file is still Debian's 1.13's, in 32-bit floats): python3 test/numerics/improved_resnet.py [NAME ...]
"""

import json
import sys
from pathlib import Path

import torch
from torch import nn

DEPTHS = {18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 14, 3], 100: [3, 13, 30, 3]}
HEIGHT, WIDTH, EMBEDDING = 48, 32, 32
# Images by the file. With 1000 an activation of the second network is so near 0 that 32 and 64 bits differ by 1 % in gradients.
IMAGES = {"improved-resnet": 1000, "adaface-resnet": 1001}


class Unit(nn.Module):
    def __init__(self, inputs, channels, stride, is_adaface):
        super().__init__()
        self.norm = nn.BatchNorm2d(inputs)
        self.first = nn.Conv2d(inputs, channels, 3, 1, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(channels)
        self.activation = nn.PReLU(channels)
        self.second = nn.Conv2d(channels, channels, 3, stride, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(channels)
        self.shortcut = None
        self.pool = nn.MaxPool2d(1, stride)
        if inputs != channels or (stride != 1 and not is_adaface):
            self.shortcut = nn.Conv2d(inputs, channels, 1, stride, bias=False)
            self.shortcut_norm = nn.BatchNorm2d(channels)

    def forward(self, x):
        y = self.activation(self.first_norm(self.first(self.norm(x))))
        y = self.second_norm(self.second(y))
        return y + (self.pool(x) if self.shortcut is None else self.shortcut_norm(self.shortcut(x)))


class ImprovedResNet(nn.Module):
    def __init__(self, units, height, width, embedding, is_adaface):
        super().__init__()
        self.stem = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        self.stem_norm = nn.BatchNorm2d(64)
        self.activation = nn.PReLU(64)
        self.units = nn.ModuleList()
        inputs = 64
        for channels, count in zip((64, 128, 256, 512), units):
            for index in range(count):
                self.units.append(Unit(inputs, channels, 2 if index == 0 else 1, is_adaface))
                inputs = channels
        self.norm = nn.BatchNorm2d(512)
        self.embedding = nn.Linear(512 * height * width // 256, embedding)
        self.embedding_norm = nn.BatchNorm1d(embedding, affine=not is_adaface)
        if not is_adaface:
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
    if norm.bias is not None:
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


def name_of(depth, is_adaface):
    return f"adaface-ir-{101 if depth == 100 else depth}" if is_adaface else f"ir-{depth}"


def write(file, is_adaface):
    counts = {}
    for depth, units in DEPTHS.items():
        full = ImprovedResNet(units, 112, 112, 512, is_adaface)
        counts[name_of(depth, is_adaface)] = sum(p.numel() for p in full.parameters() if p.requires_grad)
    model = ImprovedResNet(DEPTHS[18], HEIGHT, WIDTH, EMBEDDING, is_adaface)
    fill(model, HEIGHT, WIDTH)
    images = formula(3 * HEIGHT * WIDTH * 3, IMAGES[file]).reshape(3, HEIGHT, WIDTH, 3).permute(0, 3, 1, 2) * 2
    # From 32-bit floats on in 64 bits: live normalisation of three images makes much of rounding.
    images = images.float().double()
    model.double().eval()
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
    path = Path(__file__).parent / "golden" / f"{file}.json"
    path.write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    for file in sys.argv[1:] or ["improved-resnet", "adaface-resnet"]:
        write(file, file == "adaface-resnet")

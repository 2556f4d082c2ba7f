"""PyTorch's side of `main.mjs`: the same networks and step, written with PyTorch's own layers.

Prints what a step cost as one line of JSON. Debian: apt-get install python3-torch
"""

import argparse
import json
import math
import resource
import sys
import time
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).parents[2] / "test" / "numerics"))
from improved_resnet import DEPTHS, ImprovedResNet  # noqa: E402

CLASSES = 1000
SCALE, MARGIN = 32, 0.45
WARM_UP_STEPS = 2


def activated(inputs, channels, kernel, stride=1, padding=0, groups=1, activation=True):
    layers = [
        nn.Conv2d(inputs, channels, kernel, stride, padding, groups=groups, bias=False),
        nn.BatchNorm2d(channels),
    ]
    return nn.Sequential(*layers, *([nn.PReLU(channels)] if activation else []))


class Bottleneck(nn.Module):
    def __init__(self, inputs, channels, stride, expansion):
        super().__init__()
        hidden = inputs * expansion
        self.is_residual = stride == 1 and inputs == channels
        self.path = nn.Sequential(
            activated(inputs, hidden, 1),
            activated(hidden, hidden, 3, stride, 1, hidden),
            activated(hidden, channels, 1, activation=False),
        )

    def forward(self, x):
        return x + self.path(x) if self.is_residual else self.path(x)


def mobile_face_net(size, embedding=128):
    layers = [activated(3, 64, 3, 2, 1), activated(64, 64, 3, 1, 1, 64)]
    inputs = 64
    for expansion, channels, repeats, stride in [(2, 64, 5, 2), (4, 128, 1, 2), (2, 128, 6, 1), (4, 128, 1, 2), (2, 128, 2, 1)]:
        for index in range(repeats):
            layers.append(Bottleneck(inputs, channels, stride if index == 0 else 1, expansion))
            inputs = channels
    layers.append(activated(128, 512, 1))
    layers.append(activated(512, 512, size // 16, groups=512, activation=False))
    layers.append(activated(512, embedding, 1, activation=False))
    return nn.Sequential(*layers, nn.Flatten())


def network(name, size):
    if name == "mobilefacenet":
        return mobile_face_net(size), 128
    depth = int(name.removeprefix("ir-"))
    return ImprovedResNet(DEPTHS[depth], size, size, 512, is_adaface=False), 512


def arc_face_loss(embeddings, weight, labels):
    cosines = functional.normalize(embeddings) @ functional.normalize(weight, dim=0)
    target = cosines.gather(1, labels[:, None])
    sine = torch.sqrt(torch.clamp((1 - target) * (1 + target), min=1e-12))
    shifted = target * math.cos(MARGIN) - sine * math.sin(MARGIN)
    line = target - MARGIN * math.sin(math.pi - MARGIN)
    moved = torch.where(target > math.cos(math.pi - MARGIN), shifted, line)
    return functional.cross_entropy(SCALE * cosines.scatter(1, labels[:, None], moved), labels)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--backbone", default="mobilefacenet")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--size", type=int, default=112)
    parser.add_argument("--normalisation", default="live")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()

    torch.manual_seed(1)
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    model, embedding = network(options.backbone, options.size)
    model.to(options.device)
    model.train()
    if options.normalisation == "frozen":
        for module in model.modules():
            if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
                module.eval()
    weight = nn.Parameter(torch.randn(embedding, CLASSES, device=options.device) * 0.01)
    learnt = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.SGD([*learnt, weight], lr=0.01, momentum=0.9, weight_decay=4e-5)
    images = torch.randn(options.batch, 3, options.size, options.size, device=options.device)
    labels = torch.arange(options.batch, device=options.device) * 31 % CLASSES

    def step():
        optimiser.zero_grad(set_to_none=True)
        loss = arc_face_loss(model(images), weight, labels)
        loss.backward()
        optimiser.step()
        return loss.item()

    for _ in range(WARM_UP_STEPS):
        loss = step()
    losses, durations = [loss], []
    end_at = time.perf_counter() + options.seconds
    cpu_start = time.process_time()
    while len(durations) < options.steps if options.steps else time.perf_counter() < end_at:
        start = time.perf_counter()
        losses.append(step())
        durations.append((time.perf_counter() - start) * 1000)
    cpu_ms = (time.process_time() - cpu_start) * 1000
    durations.sort()
    print(
        json.dumps(
            {
                "device": options.device,
                "backbone": options.backbone,
                "normalisation": options.normalisation,
                "batch": options.batch,
                "stepMs": durations[len(durations) // 2],
                "fastestStepMs": durations[0],
                "cpuMsPerStep": cpu_ms / len(durations),
                "steps": len(durations),
                "peakMebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "firstLoss": losses[0],
                "lastLoss": losses[-1],
                "torch": torch.__version__,
            }
        )
    )


if __name__ == "__main__":
    main()

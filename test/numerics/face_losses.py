"""The face losses in PyTorch, in 64-bit floats, written from their papers and sharing no code with src/learning.

Angles are computed as angles (arc cosine), classes are picked by index and gradients are PyTorch's.

Usage: face_losses.py            rewrites golden/face-losses.json
       face_losses.py --check    exits with 1 where it is not what this computes, to 9 digits

Needs PyTorch (Debian: apt-get install python3-torch; made with 1.13). The tests need only the JSON file.
"""
import json
import math
import pathlib
import sys

import torch
from torch.nn import functional as F

GOLDEN = pathlib.Path(__file__).parent / "golden" / "face-losses.json"
torch.set_default_dtype(torch.float64)


def unit_cosines(x, w):
    return F.normalize(x, dim=1) @ F.normalize(w, dim=0)


def own(cosines, y):
    return cosines[torch.arange(len(y)), y]


def with_own(logits, y, value):
    changed = logits.clone()
    changed[torch.arange(len(y)), y] = value
    return changed


def classic_arc(cos_y, m):
    theta = torch.acos(cos_y)
    return torch.where(theta + m < math.pi, torch.cos(theta + m), cos_y - m * math.sin(math.pi - m))


def softmax(x, w, y, real, state):
    return x @ w, state


def normface(x, w, y, real, state, scale=64):
    return scale * unit_cosines(x, w), state


def cosface(x, w, y, real, state, scale=64, marginCosine=0.4):
    cosines = unit_cosines(x, w)
    return scale * with_own(cosines, y, own(cosines, y) - marginCosine), state


def arcface(x, w, y, real, state, scale=64, marginRadians=0.5):
    cosines = unit_cosines(x, w)
    return scale * with_own(cosines, y, classic_arc(own(cosines, y), marginRadians)), state


def sphereface(x, w, y, real, state, scale=64, angleFactor=4, initialAnnealing=1000, annealingDecay=0.12,
               finalAnnealing=5):
    steps = state.get("steps", 0)
    cosines = unit_cosines(x, w)
    theta = torch.acos(own(cosines, y))
    k = torch.floor(theta.detach() * angleFactor / math.pi)
    psi = (-1) ** k * torch.cos(angleFactor * theta) - 2 * k
    annealing = max(finalAnnealing, initialAnnealing / (1 + annealingDecay * steps))
    blended = (annealing * own(cosines, y) + psi) / (1 + annealing)
    return scale * with_own(cosines, y, blended), {"steps": steps + 1}


def adaface(x, w, y, real, state, scale=64, margin=0.4, concentration=0.333, statisticsRate=0.01, eps=1e-3):
    norms = torch.clip(torch.linalg.norm(x, dim=1), min=0.001, max=100).detach()
    mean = norms[real].mean().item()
    std = norms[real].std().item()
    mu = mean * statisticsRate + (1 - statisticsRate) * state.get("meanNorm", 20)
    sigma = std * statisticsRate + (1 - statisticsRate) * state.get("normDeviation", 100)
    z = torch.clip((norms - mu) / (sigma + eps) * concentration, -1, 1)
    cosines = unit_cosines(x, w).clamp(-1 + eps, 1 - eps)
    theta = torch.clip(torch.acos(own(cosines, y)) - margin * z, min=eps, max=math.pi - eps)
    target = torch.cos(theta) - (margin + margin * z)
    return scale * with_own(cosines, y, target), {"meanNorm": mu, "normDeviation": sigma}


def curricularface(x, w, y, real, state, scale=64, marginRadians=0.5, statisticsRate=0.01):
    cosines = unit_cosines(x, w)
    cos_y = own(cosines, y)
    with torch.no_grad():
        t = cos_y[real].mean().item() * statisticsRate + (1 - statisticsRate) * state.get("meanTargetCosine", 0)
        hard = cosines > torch.cos(torch.acos(cos_y) + marginRadians)[:, None]
    negatives = cosines.clone()
    negatives[hard] = cosines[hard] * (t + cosines[hard])
    return scale * with_own(negatives, y, classic_arc(cos_y, marginRadians)), {"meanTargetCosine": t}


def mean_loss(loss, options, x, w, batch, state):
    y, real = torch.tensor(batch["labels"]), torch.tensor(batch["sampleMask"]).bool()
    logits, state = loss(x, w, y, real, state, **options)
    return F.cross_entropy(logits[real], y[real]), state


def symmetry(left, right, rho, compare):
    if compare == "unit":
        left, right = F.normalize(left, dim=1), F.normalize(right, dim=1)
    split = rho > 0
    return (rho[split] * ((left - right)[split] ** 2).sum(dim=1)).mean() / 2


CONFIGURATIONS = [
    ("softmax", {}),
    ("normface", {}),
    ("cosface", {}),
    ("arcface", {}),
    ("arcface", {"scale": 32, "marginRadians": 0.45}),
    ("arcface", {"scale": 8, "marginRadians": 1.4}),
    ("sphereface", {}),
    ("sphereface", {"scale": 8, "initialAnnealing": 0, "finalAnnealing": 0}),
    ("sphereface", {"scale": 8, "angleFactor": 3, "initialAnnealing": 10, "annealingDecay": 1, "finalAnnealing": 2}),
    ("adaface", {}),
    ("adaface", {"scale": 32, "margin": 0.5, "concentration": 1, "statisticsRate": 0.5}),
    ("curricularface", {}),
    ("curricularface", {"scale": 16, "marginRadians": 0.3, "statisticsRate": 0.5}),
]


def coarse(tensor):
    """Multiples of 1/1024, which 32-bit floats hold exactly."""
    return torch.round(tensor * 1024) / 1024


def made_up_batch(seed, samples, dimension, classes, steps, padding=0):
    random = torch.Generator().manual_seed(seed)
    weight = coarse(torch.randn(dimension, classes, generator=random) * 0.3)
    labels = torch.randint(classes, (samples,), generator=random)
    embeddings = []
    for _ in range(steps):
        centres = F.normalize(weight, dim=0).T[labels]
        noise = F.normalize(torch.randn(samples, dimension, generator=random), dim=1)
        # From close to its class to behind it, of norms from 2 to 60.
        near = torch.linspace(1, -1, samples)[:, None]
        directions = F.normalize(near * centres + 0.7 * noise, dim=1)
        norms = 2 + 58 * torch.rand(samples, 1, generator=random) ** 2
        embeddings.append(coarse(directions * norms).tolist())
    mask = [1] * (samples - padding) + [0] * padding
    return {"weight": weight.tolist(), "labels": labels.tolist(), "sampleMask": mask, "embeddings": embeddings}


BATCHES = [
    made_up_batch(1, samples=5, dimension=4, classes=3, steps=4),
    made_up_batch(2, samples=8, dimension=12, classes=6, steps=1, padding=2),
    made_up_batch(3, samples=3, dimension=24, classes=10, steps=1),
]


def rounded(value):
    if isinstance(value, torch.Tensor):
        value = value.tolist()
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.9g}")


def gradients(value, *operands):
    return [rounded(gradient) for gradient in torch.autograd.grad(value, operands)]


def run_steps(loss, options, batch):
    state, steps = {}, []
    for embeddings in batch["embeddings"]:
        x = torch.tensor(embeddings, requires_grad=True)
        w = torch.tensor(batch["weight"], requires_grad=True)
        value, state = mean_loss(loss, options, x, w, batch, state)
        by_x, by_w = gradients(value, x, w)
        steps.append({"loss": rounded(value), "embeddingGradient": by_x, "weightGradient": by_w,
                      "state": {name: rounded(number) for name, number in state.items()}})
    return steps


def run_symmetry():
    random = torch.Generator().manual_seed(4)
    left = coarse(10 * torch.randn(4, 6, generator=random)).requires_grad_()
    right = coarse(10 * torch.randn(4, 6, generator=random)).requires_grad_()
    rho = torch.tensor([0.75, 0.25, 0.0, 0.5])
    results = []
    for compare in ("raw", "unit"):
        value = symmetry(left, right, rho, compare)
        by_left, by_right = gradients(value, left, right)
        results.append({"compare": compare, "loss": rounded(value), "leftGradient": by_left, "rightGradient": by_right})
    return {"left": left.tolist(), "right": right.tolist(), "rho": rho.tolist(), "results": results}


def run_total():
    """Eq. 12 on the second batch: samples 0 and 1 are left halves, 2 and 3 their right halves."""
    batch, rho, results = BATCHES[1], torch.tensor([0.625, 0.375]), []
    for name in ("arcface", "adaface", "cosface"):
        x = torch.tensor(batch["embeddings"][0], requires_grad=True)
        w = torch.tensor(batch["weight"], requires_grad=True)
        face, _ = mean_loss(globals()[name], {}, x, w, batch, {})
        value = face + symmetry(x[0:2], x[2:4], rho, "raw")
        by_x, by_w = gradients(value, x, w)
        results.append({"name": name, "loss": rounded(value), "embeddingGradient": by_x, "weightGradient": by_w})
    return {"batch": 1, "rho": rho.tolist(), "results": results}


def content():
    runs = [{"name": name, "options": options, "batch": index, "steps": run_steps(globals()[name], options, batch)}
            for name, options in CONFIGURATIONS for index, batch in enumerate(BATCHES)]
    return {"batches": BATCHES, "runs": runs, "symmetry": run_symmetry(), "total": run_total()}


def main():
    if sys.argv[1:] == ["--check"]:
        if json.loads(GOLDEN.read_text()) != content():
            sys.exit(f"{GOLDEN.name} is not what this script computes")
        return
    GOLDEN.write_text(json.dumps(content(), separators=(",", ":")) + "\n")


main()

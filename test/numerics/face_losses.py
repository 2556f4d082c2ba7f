"""The face losses in PyTorch, in 64-bit floats, written from their papers and sharing no code with src/learning.

Angles are computed as angles (arc cosine), classes are picked by index and gradients are PyTorch's. Where a docstring names
a file of a published code, the function agreed with that file, run in PyTorch on faces that its clamps leave alone, to 1e-14
of value and gradients.

Usage: face_losses.py            rewrites golden/face-losses.json
       face_losses.py --check    exits with 1 where it is not what this computes, to 9 digits

Needs PyTorch (Debian: apt-get install python3-torch; made with 2.13). The tests need only the JSON file.
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


def psi(angle):
    """cos as far as pi, falling on from there."""
    k = torch.floor(angle.detach() / math.pi)
    return (-1) ** k * torch.cos(angle) - 2 * k


def sphereface(x, w, y, real, state, scale=64, angleFactor=1.7, initialAnnealing=0, annealingDecay=0.12,
               finalAnnealing=0, gradientThroughMargin=0):
    """With the defaults what opensphere computes (opensphere/module/head/sphereface.py, ydwen/opensphere at a679e82)."""
    steps = state.get("steps", 0)
    cosines = unit_cosines(x, w)
    cos_y = own(cosines, y)
    annealing = max(finalAnnealing, initialAnnealing / (1 + annealingDecay * steps))
    blended = (annealing * cos_y + psi(angleFactor * torch.acos(cos_y))) / (1 + annealing)
    if not gradientThroughMargin:
        blended = cos_y + (blended - cos_y).detach()
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


def unifiedmargin(x, w, y, real, state, scale=64, angleFactor=1, marginRadians=0.5, marginCosine=0, conflictCosine=1):
    """InsightFace's CombinedMarginLoss where m_1 = 1 and m_3 = 0 or m_2 = 0, and none is beyond pi; in general Eq. 4."""
    cosines = unit_cosines(x, w)
    conflict = (cosines > conflictCosine) & (F.one_hot(y, cosines.shape[1]) == 0)
    target = psi(angleFactor * torch.acos(own(cosines, y)) + marginRadians) - marginCosine
    return scale * with_own(cosines * ~conflict, y, target), state


def magface(x, w, y, real, state, scale=64, lowestNorm=10, highestNorm=110, lowestMarginRadians=0.45,
            highestMarginRadians=0.8, regulariserWeight=35):
    """MagLinear and MagLoss of models/magface.py (IrvingMeng/MagFace at 99bae61), with the easy margin."""
    norms = torch.linalg.norm(x, dim=1).clamp(lowestNorm, highestNorm)
    share = (norms - lowestNorm) / (highestNorm - lowestNorm)
    margin = lowestMarginRadians + (highestMarginRadians - lowestMarginRadians) * share
    cosines = unit_cosines(x, w)
    cos_y = own(cosines, y)
    target = torch.where(cos_y > 0, torch.cos(torch.acos(cos_y) + margin), cos_y)
    added = regulariserWeight * (norms / highestNorm**2 + 1 / norms)
    return scale * with_own(cosines, y, target), state, added


def softplus_pairs(cosines, same, other, scale, margin, bias):
    positive = scale * (cosines - margin) - bias
    negative = scale * cosines - bias
    return (same * torch.log(1 + torch.exp(-positive)) + other * torch.log(1 + torch.exp(negative))).sum(dim=1)


def uniface(x, w, y, real, state, scale=64, marginCosine=0.4, negativeWeight=1, bias=None):
    """Unified_Cross_Entropy_Loss of head.py (CVI-SZU/UniFace at 00ade47), which also clamps logits to +-s."""
    cosines = unit_cosines(x, w)
    same = F.one_hot(y, cosines.shape[1])
    threshold = math.log(cosines.shape[1] * 10) + bias
    return None, state, softplus_pairs(cosines, same, negativeWeight * (1 - same), scale, marginCosine, threshold)


def unitsface(x, w, y, real, state, scale=64, marginCosine=0.4, sampleMarginCosine=0.1, bias=None):
    """Normalized_Softmax_Loss and Unified_Threshold_Integrated_Sample_to_Sample_Loss of head.py (CVI-SZU/UniTSFace at
    a53e97e), the memory of which is here the batch itself; that also clamps logits to +-s."""
    logits, _ = cosface(x, w, y, real, state, scale, marginCosine)
    units = F.normalize(x, dim=1)
    cosines = units @ units.detach().T
    counted = (real[:, None] & real[None, :]).double()
    alike = (y[:, None] == y[None, :]).double()
    same, other = counted * alike * (1 - torch.eye(len(y))), counted * (1 - alike)
    first = state.get("firstBias", 0)
    if first + bias.item() <= 0 and other.any():
        rows = [torch.logsumexp(scale * cosines[i][other[i] > 0], 0) for i in range(len(y)) if other[i].any()]
        first = torch.stack(rows).mean().item() - bias.item()
    added = softplus_pairs(cosines, same, other, scale, sampleMarginCosine, first + bias)
    return logits, {"firstBias": first}, added


# What is trained beside the class weights, by the loss.
SCALARS = {"uniface": ["bias"], "unitsface": ["bias"]}
SCALAR = 0.25


def mean_loss(loss, options, x, w, batch, state):
    y, real = torch.tensor(batch["labels"]), torch.tensor(batch["sampleMask"]).bool()
    logits, state, *added = loss(x, w, y, real, state, **options)
    value = sum(term[real].mean() for term in added)
    return value if logits is None else F.cross_entropy(logits[real], y[real]) + value, state


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
    ("sphereface", {"scale": 30, "angleFactor": 2.3, "gradientThroughMargin": 1}),
    ("sphereface", {"angleFactor": 4, "initialAnnealing": 1000, "finalAnnealing": 5, "gradientThroughMargin": 1}),
    ("sphereface", {"scale": 8, "angleFactor": 4, "gradientThroughMargin": 1}),
    ("sphereface", {"scale": 8, "angleFactor": 3, "initialAnnealing": 10, "annealingDecay": 1, "finalAnnealing": 2,
                    "gradientThroughMargin": 1}),
    ("adaface", {}),
    ("adaface", {"scale": 32, "margin": 0.5, "concentration": 1, "statisticsRate": 0.5}),
    ("curricularface", {}),
    ("curricularface", {"scale": 16, "marginRadians": 0.3, "statisticsRate": 0.5}),
    ("unifiedmargin", {}),
    ("unifiedmargin", {"scale": 16, "angleFactor": 1.3, "marginRadians": 0.3, "marginCosine": 0.1}),
    ("unifiedmargin", {"scale": 16, "conflictCosine": 0.4}),
    ("magface", {}),
    ("magface", {"scale": 16, "lowestNorm": 5, "highestNorm": 40, "regulariserWeight": 2}),
    ("uniface", {}),
    ("uniface", {"scale": 16, "marginCosine": 0.2, "negativeWeight": 0.5}),
    ("unitsface", {}),
    ("unitsface", {"scale": 16, "marginCosine": 0.2, "sampleMarginCosine": 0.3}),
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


def run_steps(name, options, batch):
    loss, names = globals()[name], SCALARS.get(name, [])
    state, steps = {}, []
    for embeddings in batch["embeddings"]:
        x = torch.tensor(embeddings, requires_grad=True)
        w = torch.tensor(batch["weight"], requires_grad=True)
        scalars = {scalar: torch.tensor(SCALAR, requires_grad=True) for scalar in names}
        value, state = mean_loss(loss, {**options, **scalars}, x, w, batch, state)
        by_x, by_w, *by_scalars = gradients(value, x, w, *scalars.values())
        steps.append({"loss": rounded(value), "embeddingGradient": by_x, "weightGradient": by_w,
                      **({"scalarGradients": dict(zip(names, by_scalars))} if names else {}),
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
    runs = [{"name": name, "options": options, "batch": index, "steps": run_steps(name, options, batch),
             **({"scalars": {scalar: SCALAR for scalar in SCALARS[name]}} if name in SCALARS else {})}
            for name, options in CONFIGURATIONS for index, batch in enumerate(BATCHES)]
    return {"batches": BATCHES, "runs": runs, "symmetry": run_symmetry(), "total": run_total()}


def main():
    if sys.argv[1:] == ["--check"]:
        if json.loads(GOLDEN.read_text()) != content():
            sys.exit(f"{GOLDEN.name} is not what this script computes")
        return
    GOLDEN.write_text(json.dumps(content(), separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()

"""The verification protocol's figures in NumPy, written from the definitions and sharing no code with the service.

Usage: verification_metrics.py            rewrites golden/verification-pairs.json and golden/verification-metrics.json
       verification_metrics.py --check    exits with 1 where they are not what it computes
       verification_metrics.py FILE       prints the figures of the pairs in FILE as JSON
"""
import json
import pathlib
import sys

import numpy as np

GOLDEN = pathlib.Path(__file__).parent / "golden"
RATES = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6]
REPLICATES, SEED = 200, 20240916


def made_up_pairs():
    """900 pairs of 60 persons with embeddings around a centre a person, and scores of a second model."""
    rng = np.random.default_rng(7)
    centres = rng.normal(size=(60, 16))
    faces = centres[:, None] + 1.1 * rng.normal(size=(60, 6, 16))
    faces /= np.linalg.norm(faces, axis=2, keepdims=True)
    faces = faces.astype(np.float32)
    pairs = []
    for fold in range(10):
        for index in range(90):
            same = index < 45
            a = rng.integers(60)
            b = a if same else (a + 1 + rng.integers(59)) % 60
            i, j = rng.choice(6, 2, replace=False)
            x, y = faces[a, i].astype(np.float64), faces[b, j].astype(np.float64)
            similarity = float(np.clip(x @ y / np.sqrt((x @ x) * (y @ y)), -1, 1))
            # Ties occur in practice, and they are where implementations differ.
            similarity = round(similarity, 2) if index % 3 == 0 else similarity
            other = float(np.clip(similarity + 0.1 * rng.normal(), -1, 1))
            pairs.append({"a": f"p{a:02}", "b": f"p{b:02}", "genuine": bool(same), "similarity": similarity, "other": other})
    # A face that was not found matches nobody.
    for index in (3, 50, 400):
        pairs[index]["similarity"] = -1.0
    embeddings = [[float(value) for value in face] for person in faces for face in person[:2]]
    classes = [f"p{index // 2:02}" for index in range(len(embeddings))]
    return {"pairs": pairs, "embeddings": embeddings, "classes": classes}


def k_fold(similarity, genuine, folds=10):
    distance = 2 - 2 * similarity
    thresholds = np.arange(400) * 0.01
    right = (distance[None, :] < thresholds[:, None]) == genuine[None, :]
    parts = np.array_split(np.arange(len(similarity)), folds)
    chosen, accuracy = [], []
    for part in parts:
        rest = np.setdiff1d(np.arange(len(similarity)), part)
        best = int(np.argmax(right[:, rest].sum(axis=1)))
        chosen.append(float(thresholds[best]))
        accuracy.append(float(right[best, part].mean()))
    return {"thresholds": chosen, "accuracies": accuracy, "mean": float(np.mean(accuracy)), "std": float(np.std(accuracy))}


def tar_at(similarity, genuine, weight, rate):
    """Highest true accept rate of all thresholds whose false match rate is not above the given one."""
    best = 0.0
    threshold = None
    for t in np.unique(similarity)[::-1]:
        accepted = similarity >= t
        false_match = weight[accepted & ~genuine].sum() / weight[~genuine].sum()
        if false_match > rate * (1 + 1e-12):
            break
        best = weight[accepted & genuine].sum() / weight[genuine].sum()
        threshold = float(t)
    return {"rate": rate, "trueAcceptRate": float(best), "threshold": threshold}


def equal_error(similarity, genuine, weight):
    previous = (0.0, 1.0)
    for t in np.unique(similarity)[::-1]:
        accepted = similarity >= t
        point = (weight[accepted & ~genuine].sum() / weight[~genuine].sum(),
                 weight[~accepted & genuine].sum() / weight[genuine].sum())
        if point[0] >= point[1]:
            (x0, y0), (x1, y1) = previous, point
            part = (y0 - x0) / ((x1 - x0) + (y0 - y1))
            return float(x0 + part * (x1 - x0))
        previous = point
    raise ValueError("no equal error rate")


def area(similarity, genuine, weight):
    """The Mann-Whitney statistic, ties half."""
    s_genuine, s_impostor = similarity[genuine], similarity[~genuine]
    w = weight[genuine][:, None] * weight[~genuine][None, :]
    wins = (s_genuine[:, None] > s_impostor[None, :]) + 0.5 * (s_genuine[:, None] == s_impostor[None, :])
    return float((w * wins).sum() / w.sum())


def mulberry32(seed):
    state = seed & 0xFFFFFFFF
    while True:
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        t = ((state ^ (state >> 15)) * (1 | state)) & 0xFFFFFFFF
        t = (((t + ((t ^ (t >> 7)) * (61 | t))) & 0xFFFFFFFF) ^ t) & 0xFFFFFFFF
        yield ((t ^ (t >> 14)) & 0xFFFFFFFF) / 2**32


def bootstrap(first, second):
    names = np.unique(np.concatenate([first, second]))
    a, b = np.searchsorted(names, first), np.searchsorted(names, second)
    random = mulberry32(SEED)
    for _ in range(REPLICATES):
        drawn = np.bincount([int(next(random) * len(names)) for _ in names], minlength=len(names)).astype(np.float64)
        yield np.where(a == b, drawn[a], drawn[a] * drawn[b])


def interval(values):
    low, high = np.quantile(values, [0.025, 0.975])
    return [float(low), float(high)]


def logistic(similarity, genuine, ridge=1e-9):
    weight = np.where(genuine, 0.5 / genuine.sum(), 0.5 / (~genuine).sum())
    design = np.stack([similarity, np.ones_like(similarity)], axis=1)
    beta = np.zeros(2)
    penalty = np.diag([ridge, 0.0])
    for _ in range(200):
        p = 1 / (1 + np.exp(-design @ beta))
        gradient = design.T @ (weight * (genuine - p)) - penalty @ beta
        hessian = (design * (weight * p * (1 - p))[:, None]).T @ design + penalty
        beta = beta + np.linalg.solve(hessian, gradient)
    return [float(beta[0]), float(beta[1])]


def binomial_two_sided(b, c):
    from fractions import Fraction
    from math import comb
    tail = sum(comb(b + c, k) for k in range(min(b, c) + 1))
    return float(min(Fraction(1), Fraction(2 * tail, 2 ** (b + c))))


def figures(data):
    similarity = np.array([pair["similarity"] for pair in data["pairs"]])
    other = np.array([pair["other"] for pair in data["pairs"]])
    genuine = np.array([pair["genuine"] for pair in data["pairs"]])
    first = np.array([pair["a"] for pair in data["pairs"]])
    second = np.array([pair["b"] for pair in data["pairs"]])
    ones = np.ones(len(similarity))
    supported = [rate for rate in RATES if (~genuine).sum() * rate >= 1 - 1e-9]
    folds = k_fold(similarity, genuine)
    right = {}
    for name, scores in (("first", similarity), ("second", other)):
        t = k_fold(scores, genuine)["thresholds"]
        parts = np.array_split(np.arange(len(scores)), 10)
        limit = np.concatenate([np.full(len(part), t[index]) for index, part in enumerate(parts)])
        right[name] = ((2 - 2 * scores) < limit) == genuine
    weights = list(bootstrap(first, second))
    gain = right["second"].astype(float) - right["first"].astype(float)
    only_first, only_second = int((gain < 0).sum()), int((gain > 0).sum())
    vectors = np.array(data["embeddings"], dtype=np.float32).astype(np.float64)
    classes = np.array(data["classes"])
    means = np.array([vectors[classes == name].mean(axis=0) for name in np.unique(classes)])
    own = means[np.searchsorted(np.unique(classes), classes)]
    return {
        "kFold": folds,
        "trueAcceptRates": [tar_at(similarity, genuine, ones, rate) for rate in supported],
        "equalErrorRate": equal_error(similarity, genuine, ones),
        "areaUnderCurve": area(similarity, genuine, ones),
        "bootstrap": {
            "equalErrorRate": interval([equal_error(similarity, genuine, w) for w in weights]),
            "trueAcceptRate1e-2": interval([tar_at(similarity, genuine, w, 1e-2)["trueAcceptRate"] for w in weights]),
        },
        "logistic": logistic(similarity, genuine),
        "comparison": {
            "onlyFirst": only_first,
            "onlySecond": only_second,
            "pValue": binomial_two_sided(only_first, only_second),
            "difference": float(gain.mean()),
            "interval": interval([float((gain * w).sum() / w.sum()) for w in weights]),
        },
        "classVariance": {
            "interClass": float(((means - means.mean(axis=0)) ** 2).sum(axis=1).mean()),
            "intraClass": float(((vectors - own) ** 2).sum(axis=1).mean()),
        },
    }


def main():
    files = [(GOLDEN / "verification-pairs.json", made_up_pairs()), ]
    files.append((GOLDEN / "verification-metrics.json", figures(files[0][1])))
    if sys.argv[1:] == ["--check"]:
        for path, content in files:
            if json.loads(path.read_text()) != content:
                sys.exit(f"{path.name} is not what this script computes")
        return
    if len(sys.argv) == 2:
        print(json.dumps(figures(json.loads(pathlib.Path(sys.argv[1]).read_text()))))
        return
    for path, content in files:
        path.write_text(json.dumps(content) + "\n")


main()

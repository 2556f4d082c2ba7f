"""Reads cases from stdin and answers with what examples/embed.py makes of them, both JSON; for embed-in-python.spec.ts."""
import base64
import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))
import embed  # noqa: E402


def image_of(case):
    return np.frombuffer(base64.b64decode(case["pixels"]), np.uint8).reshape(case["height"], case["width"], 3)


def text(array):
    return base64.b64encode(array.tobytes()).decode()


def answer(case):
    if case["do"] == "align":
        return text(embed.align(image_of(case), embed.landmark_array(case["landmarks"]), case["alignment"]))
    if case["do"] == "preprocess":
        return text(embed.preprocess(image_of(case)[None], case["input"]))
    return text(embed.Backbone(case["folder"]).embed(image_of(case)[None]))


json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)

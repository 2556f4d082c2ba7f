"""Writes golden/pickles.json: small validation files as different Pythons write them, and pickles that must be refused.

Needs NumPy. Images are made-up bytes: what is tested is the reading of the container.
"""
import base64
import collections
import json
import os
import pathlib
import pickle

import numpy as np

IMAGES = [bytes([0xFF, 0xD8, index, 10 * index]) * 3 for index in range(4)]
SAME = [True, False]


class Hostile:
    def __reduce__(self):
        return os.system, ("echo hostile > /tmp/symface-hostile-pickle",)


class HostileBuild:
    def __reduce__(self):
        return eval, ("__import__('os').getpid()",)


def python2(images, same):
    """Protocol 2 with byte strings, as Python 2's cPickle writes (images, labels)."""
    out = b"\x80\x02]q\x01("
    for image in images:
        out += b"U" + bytes([len(image)]) + image
    return out + b"e]q\x02(" + b"".join(b"\x88" if label else b"\x89" for label in same) + b"e\x86q\x03."


arrays = [np.frombuffer(image, dtype=np.uint8) for image in IMAGES]
good = {f"bytes, protocol {protocol}": pickle.dumps((IMAGES, SAME), protocol=protocol) for protocol in (2, 3, 4, 5)}
good |= {f"arrays, protocol {protocol}": pickle.dumps((arrays, SAME), protocol=protocol) for protocol in (2, 3, 4, 5)}
good["labels as an array"] = pickle.dumps((IMAGES, np.array(SAME)), protocol=4)
good["labels as NumPy scalars"] = pickle.dumps((IMAGES, list(np.array(SAME))), protocol=4)
good["a list of lists"] = pickle.dumps([IMAGES, SAME], protocol=4)
good["bytearrays, protocol 5"] = pickle.dumps(([bytearray(image) for image in IMAGES], SAME), protocol=5)
good["Python 2 strings"] = python2(IMAGES, SAME)

bad = {
    "os.system": pickle.dumps(Hostile(), protocol=4),
    "eval among the images": pickle.dumps(([HostileBuild()], SAME), protocol=2),
    "a dictionary": pickle.dumps({"images": IMAGES}, protocol=4),
    "a class": pickle.dumps((collections.OrderedDict(), SAME), protocol=4),
    "a set": pickle.dumps(({1, 2}, SAME), protocol=4),
    "too few labels": pickle.dumps((IMAGES, [True]), protocol=4),
    "too many labels": pickle.dumps((IMAGES, SAME + SAME), protocol=4),
    "no pair": pickle.dumps(([], []), protocol=4),
    "an image of text": pickle.dumps(([*IMAGES[:3], "text"], SAME), protocol=4),
    "an empty image": pickle.dumps(([*IMAGES[:3], b""], SAME), protocol=4),
    "an array of floats": pickle.dumps(([*arrays[:3], np.zeros(3)], SAME), protocol=4),
    "labels of text": pickle.dumps((IMAGES, ["yes", "no"]), protocol=4),
    "three parts": pickle.dumps((IMAGES, SAME, 1), protocol=4),
    "protocol 0": pickle.dumps((IMAGES, SAME), protocol=0),
    "a text file": b"10\t300\nAbel_Pacheco\t1\t4\n",
    "a JPEG": IMAGES[0],
    "a length beyond the file": b"\x80\x03]q\x00B\xff\xff\xff\xff...",
    "a length beyond memory": b"\x80\x05\x8e\xff\xff\xff\xff\xff\xff\xff\xffabc.",
    "no stop": b"\x80\x04]",
    "nothing": b"",
}
encoded = {
    "images": [base64.b64encode(image).decode() for image in IMAGES],
    "same": SAME,
    "good": {name: base64.b64encode(content).decode() for name, content in good.items()},
    "bad": {name: base64.b64encode(content).decode() for name, content in bad.items()},
}
(pathlib.Path(__file__).parent / "golden" / "pickles.json").write_text(json.dumps(encoded, indent=1) + "\n")

"""Embeds faces with a model folder that `symface train` exported, without the service:
npx symface detect a.jpg b.jpg --json > faces.jsonl && python3 examples/embed.py runs/mine/model faces.jsonl
"""
import json
import sys
from pathlib import Path

import numpy as np

POINTS = ("leftEye", "rightEye", "nose", "leftMouthCorner", "rightMouthCorner")


def landmark_array(landmarks):
    """The five landmarks {name: {x, y}} as [5, 2]; left is the viewer's."""
    return np.array([[landmarks[name]["x"], landmarks[name]["y"]] for name in POINTS], dtype=np.float64)


def similarity_transform(points, targets):
    """The least-squares rotation, scale and translation, as complex numbers: a point z goes to turn * z + shift."""
    z, w = (array[:, 0] + 1j * array[:, 1] for array in (points, targets))
    turn = np.vdot(z - z.mean(), w - w.mean()) / np.vdot(z - z.mean(), z - z.mean()).real
    return turn, w.mean() - turn * z.mean()


def align(image, landmarks, alignment):
    """The crop [height, width, 3] of an image [H, W, 3] of bytes whose landmarks [5, 2] lie on the template's.

    Bilinear, black beyond the border; where the face is shrunk more than twice, blocks of pixels are averaged first.
    """
    width, height = alignment["width"], alignment["height"]
    turn, shift = similarity_transform(landmarks, landmark_array(alignment["landmarks"]))
    column, row = np.meshgrid(np.arange(width), np.arange(height))
    place = (column + 1j * row - shift) / turn  # the centre of each pixel of the crop, in the image
    factor = max(int(np.ceil(abs(1 / turn) / 2)), 1)
    if factor > 1:
        image, start = averaged(image, place, factor)
        place = (place - start - (factor - 1) / 2 * (1 + 1j)) / factor
    return bilinear(image, place.real, place.imag)


def averaged(image, place, factor):
    """The part of the image that the crop shows, in means of factor x factor pixels, and where it starts."""
    height, width = image.shape[:2]
    left, top = (max(int(np.floor(p.min())) - factor, -factor) for p in (place.real, place.imag))
    right, bottom = (
        min(int(np.ceil(p.max())) + factor, size + factor) for p, size in ((place.real, width), (place.imag, height))
    )
    columns, rows = (-(-(end - start) // factor) for start, end in ((left, right), (top, bottom)))
    part = np.zeros((rows * factor, columns * factor, 3))
    inside = image[max(top, 0) : top + rows * factor, max(left, 0) : left + columns * factor]
    part[max(-top, 0) :, max(-left, 0) :][: inside.shape[0], : inside.shape[1]] = inside
    means = part.reshape(rows, factor, columns, factor, 3).mean((1, 3))
    return np.floor(means + 0.5), left + 1j * top


def bilinear(image, x, y):
    """The image at the coordinates x and y, rounded to bytes."""
    height, width = image.shape[:2]
    padded = np.zeros((height + 2, width + 2, 3))
    padded[1:-1, 1:-1] = image
    outside = (x <= -1) | (y <= -1) | (x >= width) | (y >= height)
    x, y = (np.where(outside, -1, coordinates) + 1 for coordinates in (x, y))
    column, row = np.floor(x).astype(int), np.floor(y).astype(int)
    u, v = (x - column)[..., None], (y - row)[..., None]
    beside, below = np.minimum(column + 1, width + 1), np.minimum(row + 1, height + 1)
    value = (1 - u) * (1 - v) * padded[row, column] + u * (1 - v) * padded[row, beside]
    value += (1 - u) * v * padded[below, column] + u * v * padded[below, beside]
    return np.floor(value + 0.5).astype(np.uint8)


def preprocess(crops, pixels):
    """Crops [n, height, width, 3] of bytes, RGB, as the tensor that the manifest's `input` asks for."""
    ordered = crops if pixels["channelOrder"] == "RGB" else crops[..., ::-1]
    tensor = ((ordered - np.array(pixels["mean"])) / np.array(pixels["scale"])).astype(np.float32)
    return np.ascontiguousarray(tensor.transpose(0, 3, 1, 2)) if pixels["layout"] == "NCHW" else tensor


class Backbone:
    """A model folder: `backbone.onnx` and `manifest.json`."""

    def __init__(self, folder):
        import onnxruntime

        self.manifest = json.loads((Path(folder) / "manifest.json").read_text())
        options = onnxruntime.SessionOptions()
        options.add_session_config_entry("session.set_denormal_as_zero", "1")
        graph = str(Path(folder) / self.manifest["graph"]["fileName"])
        self.session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def embed(self, crops):
        """Unit embeddings [n, D] of aligned crops [n, height, width, 3]; flips are summed before they are normalised."""
        embeddings = self._run(crops)
        if self.manifest["embedding"]["testTimeAugmentation"] == "horizontal-flip":
            embeddings = embeddings + self._run(crops[:, :, ::-1])
        return embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)

    def _run(self, crops):
        tensor = preprocess(crops, self.manifest["input"])
        return self.session.run(None, {self.session.get_inputs()[0].name: tensor})[0].reshape(len(crops), -1)


def main(folder, faces_file):
    from PIL import Image, ImageOps

    backbone = Backbone(folder)
    names, crops = [], []
    for line in Path(faces_file).read_text().splitlines():
        found = json.loads(line)
        if not found["faces"]:
            continue
        photograph = ImageOps.exif_transpose(Image.open(found["file"])).convert("RGB")
        landmarks = landmark_array(found["faces"][0]["landmarks"])
        names.append(found["file"])
        crops.append(align(np.asarray(photograph), landmarks, backbone.manifest["alignment"]))
    similarities = (embeddings := backbone.embed(np.stack(crops))) @ embeddings.T
    for first in range(len(names)):
        for second in range(first + 1, len(names)):
            print(f"{similarities[first, second]:.4f}  {names[first]}  {names[second]}")


if __name__ == "__main__":
    main(*sys.argv[1:3])

/** The detectors that are compared, each a `detect(image)` that gives faces with five landmarks. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createFaceDetector } from '../../dist/inference/detect/create-face-detector.js';
import { decodeBlazeFace } from '../../dist/inference/detect/blazeface.js';
import {
  boxOfMesh,
  cropAroundCandidate,
  decodeFaceMesh,
  landmarksOfMesh,
} from '../../dist/inference/detect/face-mesh.js';
import { detectorDecoders } from '../../dist/inference/detect/detector-decoders.js';
import { LetterboxedFaceDetector } from '../../dist/inference/detect/letterboxed-face-detector.js';
import { OnnxSession } from '../../dist/inference/runtime/onnx-session.js';
import { PixelTensorEncoder } from '../../dist/inference/runtime/pixel-tensor.js';
import { sampleCrop } from '../../dist/core/faces/aligned-crop.js';
import { suppressOverlaps } from '../../dist/core/faces/non-maximum-suppression.js';
import { retinaFacePreset } from '../../dist/core/models/presets.js';
import { LANDMARK_INPUT_PIXELS, loadLandmarks68, loadSsd, SSD_INPUT_PIXELS } from './face-api-networks.mjs';

const oneThread = { intraOpThreads: 1 };
const MINIMUM_PROBABILITY = 0.5;
/** face-api's own default is 0.5; its boxes are less sure of themselves than BlazeFace's. */
const SSD_MINIMUM_PROBABILITY = 0.3;
const MAXIMUM_OVERLAP = 0.3;
const centredPixels = {
  layout: 'NCHW',
  channelOrder: 'RGB',
  mean: [127.5, 127.5, 127.5],
  scale: [127.5, 127.5, 127.5],
};
const unitPixels = { layout: 'NCHW', channelOrder: 'RGB', mean: [0, 0, 0], scale: [255, 255, 255] };
const meanFreePixels = { ...unitPixels, mean: [122.782, 117.001, 104.298] };

export async function loadRetinaFace(path) {
  const graph = await readFile(path);
  const sha256 = createHash('sha256').update(graph).digest('hex');
  const manifest = { ...retinaFacePreset, graphs: { detector: { fileName: 'retinaface.onnx', sha256 } } };
  return new LetterboxedFaceDetector(
    await OnnxSession.load(graph, oneThread),
    manifest,
    detectorDecoders.retinaface,
  );
}

/** @param stored the registered BlazeFace with FaceMesh */
export async function loadCandidates(stored) {
  const graph = (role) =>
    OnnxSession.load(`${stored.folder}/${stored.version.manifest.graphs[role].fileName}`, oneThread);
  const proposeBySsd = await ssdProposer();
  const proposeByBlazeFace = blazeFaceProposer(await graph('detector'));
  const fitMesh = meshFitter(await graph('landmarks'));
  const fit68 = await landmark68Fitter();
  return {
    'SSD + 68 points': pipeline(proposeBySsd, fit68),
    'SSD + FaceMesh': pipeline(proposeBySsd, fitMesh),
    'BlazeFace, one look + FaceMesh': pipeline(proposeByBlazeFace, fitMesh),
    'BlazeFace, windows + FaceMesh (chosen)': await createFaceDetector(stored, oneThread),
  };
}

function pipeline(propose, fit) {
  return {
    async detect(image) {
      const faces = [];
      for (const candidate of suppressOverlaps(await propose(image), MAXIMUM_OVERLAP)) {
        const face = await fit(image, candidate);
        if (face !== undefined) faces.push(face);
      }
      return suppressOverlaps(faces, MAXIMUM_OVERLAP);
    },
  };
}

/** The photograph in the network's square input; `scale` takes input pixels to the photograph's. */
function squareInput(image, side, placement) {
  const scale = Math.max(image.width, image.height) / side;
  const [x, y] =
    placement === 'centre' ? [(image.width - scale * side) / 2, (image.height - scale * side) / 2] : [0, 0];
  const crop = sampleCrop(image, pixelCentres({ a: scale, b: 0, translationX: x, translationY: y }), {
    width: side,
    height: side,
  });
  return { crop, scale, x, y };
}

function pixelCentres({ a, b, translationX, translationY }) {
  return {
    a,
    b,
    translationX: translationX + (a - b) / 2 - 0.5,
    translationY: translationY + (a + b) / 2 - 0.5,
  };
}

function blazeFaceProposer(session) {
  const encoder = new PixelTensorEncoder(centredPixels);
  return async (image) => {
    const { crop, scale, x, y } = squareInput(image, 256, 'centre');
    const outputs = await session.run(encoder.encode([{ image: crop, mirrored: false }]));
    const place = (point) => ({ x: x + scale * point.x, y: y + scale * point.y });
    return decodeBlazeFace(outputs, MINIMUM_PROBABILITY).map((candidate) => ({
      box: {
        ...place(candidate.box),
        width: scale * candidate.box.width,
        height: scale * candidate.box.height,
      },
      leftEye: place(candidate.leftEye),
      rightEye: place(candidate.rightEye),
      probability: candidate.probability,
    }));
  };
}

async function ssdProposer() {
  const { session, anchors } = await loadSsd();
  const encoder = new PixelTensorEncoder(centredPixels);
  return async (image) => {
    const { crop, scale } = squareInput(image, SSD_INPUT_PIXELS, 'top-left');
    const [boxes, classes] = await session.run(encoder.encode([{ image: crop, mirrored: false }]));
    const candidates = [];
    for (let row = 0; row < anchors.length / 4; row++) {
      const probability = 1 / (1 + Math.exp(-classes.data[3 * row + 1]));
      if (probability < SSD_MINIMUM_PROBABILITY) continue;
      candidates.push(
        ssdCandidate(
          anchors.subarray(4 * row, 4 * row + 4),
          boxes.data.subarray(4 * row, 4 * row + 4),
          scale,
          probability,
        ),
      );
    }
    return candidates;
  };
}

/** Anchors as top, left, bottom, right in shares of the input; offsets in tenths, log sizes in fifths. */
function ssdCandidate(
  [top, left, bottom, right],
  [offsetY, offsetX, logHeight, logWidth],
  scale,
  probability,
) {
  const unit = scale * SSD_INPUT_PIXELS;
  const width = Math.exp(logWidth / 5) * (right - left) * unit;
  const height = Math.exp(logHeight / 5) * (bottom - top) * unit;
  const centreX = ((left + right) / 2 + (offsetX / 10) * (right - left)) * unit;
  const centreY = ((top + bottom) / 2 + (offsetY / 10) * (bottom - top)) * unit;
  const box = { x: centreX - width / 2, y: centreY - height / 2, width, height };
  // It says nothing of the eyes, so its faces are taken as upright.
  return { box, leftEye: { x: box.x, y: centreY }, rightEye: { x: box.x + width, y: centreY }, probability };
}

function meshFitter(session) {
  const encoder = new PixelTensorEncoder(unitPixels);
  return async (image, candidate) => {
    const cropToImage = cropAroundCandidate(candidate);
    const crop = sampleCrop(image, pixelCentres(cropToImage), { width: 192, height: 192 });
    const mesh = decodeFaceMesh(
      await session.run(encoder.encode([{ image: crop, mirrored: false }])),
      cropToImage,
    );
    if (mesh.presence < MINIMUM_PROBABILITY) return undefined;
    return {
      box: boxOfMesh(mesh),
      landmarks: landmarksOfMesh(mesh),
      probability: candidate.probability * mesh.presence,
    };
  };
}

async function landmark68Fitter() {
  const session = await loadLandmarks68();
  const encoder = new PixelTensorEncoder(meanFreePixels);
  return async (image, { box, probability }) => {
    const side = Math.max(box.width, box.height);
    const x = box.x + (box.width - side) / 2;
    const y = box.y + (box.height - side) / 2;
    const scale = side / LANDMARK_INPUT_PIXELS;
    const size = { width: LANDMARK_INPUT_PIXELS, height: LANDMARK_INPUT_PIXELS };
    const crop = sampleCrop(image, pixelCentres({ a: scale, b: 0, translationX: x, translationY: y }), size);
    const [{ data }] = await session.run(encoder.encode([{ image: crop, mirrored: false }]));
    const meanOf = (first, last) => {
      const count = last - first + 1;
      const sum = { x: 0, y: 0 };
      for (let point = first; point <= last; point++) {
        sum.x += (x + side * data[2 * point]) / count;
        sum.y += (y + side * data[2 * point + 1]) / count;
      }
      return sum;
    };
    const landmarks = {
      leftEye: meanOf(36, 41),
      rightEye: meanOf(42, 47),
      nose: meanOf(30, 30),
      leftMouthCorner: meanOf(48, 48),
      rightMouthCorner: meanOf(54, 54),
    };
    return { box, landmarks, probability };
  };
}

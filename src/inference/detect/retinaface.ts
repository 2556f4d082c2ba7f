import { closeUpAnchor } from '../../core/faces/close-up-anchor.js';
import type { DetectedFace } from '../../core/faces/face.js';
import {
  CENTRE_VARIANCE,
  type FaceAnchor,
  retinaFaceAnchors,
  SIZE_VARIANCE,
} from '../../core/faces/retinaface-anchors.js';
import type { FloatTensor } from '../runtime/onnx-session.js';
import {
  fourOfRow,
  landmarksOfRow,
  LANDMARK_ROW_LENGTH,
  outputOfShape,
  type InputSize,
} from './detector-outputs.js';

/**
 * Decodes RetinaFace mobilenet0.25 (Deng et al., arXiv 1905.00641; anchors as in Pytorch_Retinaface).
 *
 * Outputs, N = all anchors of strides 8, 16 and 32 in turn: boxes [1, N, 4] as centre offset and log size,
 * class probabilities [1, N, 2] as (background, face), landmarks [1, N, 10] as offsets from the anchor's centre.
 */
export function decodeRetinaFace(
  outputs: readonly FloatTensor[],
  { width, height }: InputSize,
  minimumProbability: number,
): DetectedFace[] {
  return decodeAnchors(anchorsOf(width, height), outputs, minimumProbability);
}

/** Those of the last size: a network's input has one size, or few, and 16,800 anchors take longer to make than to read. */
let known: { readonly width: number; readonly height: number; readonly anchors: readonly FaceAnchor[] } = {
  width: 0,
  height: 0,
  anchors: [],
};

function anchorsOf(width: number, height: number): readonly FaceAnchor[] {
  if (known.width !== width || known.height !== height)
    known = { width, height, anchors: retinaFaceAnchors(width, height) };
  return known.anchors;
}

/** Decodes what a network says of a close-up: the outputs of RetinaFace for one anchor, where the face should be. */
export function decodeCloseUp(
  outputs: readonly FloatTensor[],
  { width }: InputSize,
  minimumProbability: number,
): DetectedFace[] {
  return decodeAnchors([closeUpAnchor(width)], outputs, minimumProbability);
}

function decodeAnchors(
  anchors: readonly FaceAnchor[],
  outputs: readonly FloatTensor[],
  minimumProbability: number,
): DetectedFace[] {
  const boxes = outputOfShape(outputs, anchors.length, 4);
  const classes = outputOfShape(outputs, anchors.length, 2);
  const landmarks = outputOfShape(outputs, anchors.length, LANDMARK_ROW_LENGTH);
  const faces: DetectedFace[] = [];
  // Of thousands of anchors a handful have a face: nothing is made for the others.
  for (let row = 0; row < anchors.length; row++) {
    const probability = classes[2 * row + 1] ?? 0;
    const anchor = anchors[row];
    if (anchor === undefined || !(probability >= minimumProbability)) continue;
    faces.push({ ...faceAt(anchor, fourOfRow(boxes, row), landmarks, row), probability });
  }
  return faces;
}

function faceAt(
  { centreX, centreY, side }: FaceAnchor,
  [offsetX, offsetY, logWidth, logHeight]: ReturnType<typeof fourOfRow>,
  landmarks: Float32Array,
  row: number,
): Pick<DetectedFace, 'box' | 'landmarks'> {
  const width = side * Math.exp(SIZE_VARIANCE * logWidth);
  const height = side * Math.exp(SIZE_VARIANCE * logHeight);
  const reach = CENTRE_VARIANCE * side;
  return {
    box: {
      x: centreX + reach * offsetX - width / 2,
      y: centreY + reach * offsetY - height / 2,
      width,
      height,
    },
    landmarks: landmarksOfRow(landmarks, row, (x, y) => ({
      x: centreX + reach * x,
      y: centreY + reach * y,
    })),
  };
}

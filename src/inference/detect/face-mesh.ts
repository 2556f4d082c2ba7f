import { applyTransform, type SimilarityTransform } from '../../core/faces/similarity-transform.js';
import type { BoundingBox, Landmarks, Point } from '../../core/faces/landmarks.js';
import type { FloatTensor } from '../runtime/onnx-session.js';
import type { FaceCandidate } from './blazeface.js';
import { outputOfShape } from './detector-outputs.js';

export const FACE_MESH_INPUT_PIXELS = 192;
const POINT_COUNT = 468;
/** x, y and depth, in pixels of the crop. */
const NUMBERS_PER_POINT = 3;
/** Side of the crop over the longer side of the face's box; what FaceMesh was trained with (MediaPipe). */
const CROP_ENLARGEMENT = 1.5;

/** A face as FaceMesh sees it. */
export interface FaceMesh {
  /** 468 points in pixels of the photograph. */
  readonly points: readonly Point[];
  /** Whether the crop shows a face at all, 0 to 1. */
  readonly presence: number;
}

/** A point of the mesh and its share in a mean. */
type WeightedPoint = readonly [index: number, weight: number];

/**
 * The five landmarks as means of mesh points: an eye is its corners and the middle of its lids; the nose tip lies
 * between points 4 and 1, where RetinaFace's is on average (docs/results/detectors.md). Left and right are the
 * viewer's.
 */
const landmarkRecipes: Readonly<Record<keyof Landmarks, readonly WeightedPoint[]>> = {
  leftEye: [33, 133, 159, 145].map((index) => [index, 0.25]),
  rightEye: [362, 263, 386, 374].map((index) => [index, 0.25]),
  nose: [
    [4, 0.68],
    [1, 0.32],
  ],
  leftMouthCorner: [[61, 1]],
  rightMouthCorner: [[291, 1]],
};

/** Outer corners of the eyes. */
const LEFT_EYE_CORNER = 33;
const RIGHT_EYE_CORNER = 263;

/**
 * Reads FaceMesh's outputs (Kartynnik et al., arXiv 1907.06724), as `src/training/pretrained` compiles it.
 * @param outputs points [1, 1404] in pixels of the 192x192 crop and presence [1, 1]
 * @param cropToImage where the crop lies in the photograph
 * @throws Failure MODEL_INVALID where the outputs are others
 */
export function decodeFaceMesh(outputs: readonly FloatTensor[], cropToImage: SimilarityTransform): FaceMesh {
  const coordinates = outputOfShape(outputs, 1, POINT_COUNT * NUMBERS_PER_POINT);
  const [presence = NaN] = outputOfShape(outputs, 1, 1);
  const points = Array.from({ length: POINT_COUNT }, (_, index) => {
    const offset = index * NUMBERS_PER_POINT;
    return applyTransform(cropToImage, { x: coordinates[offset] ?? NaN, y: coordinates[offset + 1] ?? NaN });
  });
  return { points, presence };
}

/** The five landmarks, in pixels of the photograph. */
export function landmarksOfMesh({ points }: FaceMesh): Landmarks {
  const meanOf = (recipe: readonly WeightedPoint[]): Point =>
    recipe.reduce(
      (sum, [index, weight]) => {
        const point = points[index] ?? { x: NaN, y: NaN };
        return { x: sum.x + weight * point.x, y: sum.y + weight * point.y };
      },
      { x: 0, y: 0 },
    );
  return {
    leftEye: meanOf(landmarkRecipes.leftEye),
    rightEye: meanOf(landmarkRecipes.rightEye),
    nose: meanOf(landmarkRecipes.nose),
    leftMouthCorner: meanOf(landmarkRecipes.leftMouthCorner),
    rightMouthCorner: meanOf(landmarkRecipes.rightMouthCorner),
  };
}

/** The smallest box around the mesh: forehead to chin, cheek to cheek. */
export function boxOfMesh({ points }: FaceMesh): BoundingBox {
  return boundingBox(points);
}

/** The square around a candidate's box, turned so that the eyes lie level, as a transform from its crop. */
export function cropAroundCandidate({ box, leftEye, rightEye }: FaceCandidate): SimilarityTransform {
  const centre = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const rotationRadians = Math.atan2(rightEye.y - leftEye.y, rightEye.x - leftEye.x);
  return uprightCrop(centre, Math.max(box.width, box.height), rotationRadians);
}

/**
 * The crop of {@link cropAroundCandidate} around a mesh, which tells a face's place better than the candidate does.
 */
export function cropAroundMesh({ points }: FaceMesh): SimilarityTransform {
  const left = points[LEFT_EYE_CORNER] ?? { x: 0, y: 0 };
  const right = points[RIGHT_EYE_CORNER] ?? { x: 1, y: 0 };
  const rotationRadians = Math.atan2(right.y - left.y, right.x - left.x);
  const rotation = rotationBy(rotationRadians);
  const upright = boundingBox(points.map((point) => applyTransform(rotationBy(-rotationRadians), point)));
  const centre = applyTransform(rotation, {
    x: upright.x + upright.width / 2,
    y: upright.y + upright.height / 2,
  });
  return uprightCrop(centre, Math.max(upright.width, upright.height), rotationRadians);
}

function uprightCrop(centre: Point, faceSidePixels: number, rotationRadians: number): SimilarityTransform {
  const scale = (CROP_ENLARGEMENT * faceSidePixels) / FACE_MESH_INPUT_PIXELS;
  const a = scale * Math.cos(rotationRadians);
  const b = scale * Math.sin(rotationRadians);
  const half = FACE_MESH_INPUT_PIXELS / 2;
  return { a, b, translationX: centre.x - (a - b) * half, translationY: centre.y - (a + b) * half };
}

function rotationBy(radians: number): SimilarityTransform {
  return { a: Math.cos(radians), b: Math.sin(radians), translationX: 0, translationY: 0 };
}

function boundingBox(points: readonly Point[]): BoundingBox {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const x = Math.min(...xs);
  const y = Math.min(...ys);
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

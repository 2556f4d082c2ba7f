import { landmarkPoints, type Landmarks, type Point } from './landmarks.js';

/** Which way a head is turned, in degrees; 0, 0, 0 looks straight into the camera. */
export interface HeadPose {
  /** Positive when the face turns to the image's right; in [-90, 90]. */
  readonly yawDegrees: number;
  /** Positive when the face looks up. */
  readonly pitchDegrees: number;
  /** Positive when the face is turned clockwise in the image. */
  readonly rollDegrees: number;
}

/** x to the image's right, y down, z away from the camera. */
type Vector3 = readonly [number, number, number];

/**
 * An average face's five points, mean at the origin, in units of 1.8 mm: 35.24 between the eyes, as in ArcFace's crop (63 mm). From eyes
 * to mouth it measures 0.99 of that, the mouth 0.87, and the nose tip lies 0.62 of the way down: medians of 385 faces that look into the
 * camera (CFP 001 to 150 and 150 persons of CelebA) as the default detector sees them. ArcFace's template, whose face is longer and whose
 * nose is higher, would have them all look down by 20 degrees. In depth the nose tip stands 28 mm and the mouth corners 5 mm before the eyes.
 */
export const averageFace: readonly Vector3[] = centred([
  [-17.62, 0, 0],
  [17.62, 0, 0],
  [0, 21.63, -15.6],
  [-15.35, 34.9, -2.8],
  [15.35, 34.9, -2.8],
]);

/** Rows of (M^T M)^-1 M^T for the [5, 3] matrix M of the average face: what least squares multiplies with. */
const pseudoInverse = pseudoInverseOf(averageFace);

/**
 * Head pose from five landmarks: the rotation of an average rigid face that, seen from far away (scaled
 * orthographic projection, DeMenthon and Davis' POS), fits the landmarks best in the least-squares sense.
 *
 * Exact for a face of the average shape seen from far. Nose length and eye-to-nose distance differ between people,
 * and near cameras add perspective: expect about 10 degrees of error near the front, in pitch most, and little
 * meaning beyond 60 degrees, where detectors guess the hidden eye.
 *
 * @param landmarks in pixels of the photograph, or of any upright crop of it
 * @throws RangeError where the landmarks are not finite or lie on one line
 */
export function estimateHeadPose(landmarks: Landmarks): HeadPose {
  const points = landmarkPoints(landmarks);
  // image = [r1; r2] model + t: the rows of the camera, scale included.
  const r1 = cameraRow(points, ({ x }) => x);
  const r2 = cameraRow(points, ({ y }) => y);
  return poseOfAxes(...orthonormalPair(r1, r2));
}

/** Least-squares [1, 3] camera row for one image coordinate. The model's mean is 0, so no translation enters. */
function cameraRow(points: readonly Point[], coordinate: (point: Point) => number): Vector3 {
  const row = (weights: readonly number[]): number =>
    points.reduce((sum, point, index) => sum + (weights[index] ?? 0) * coordinate(point), 0);
  const [x, y, z] = pseudoInverse;
  return [row(x), row(y), row(z)];
}

/** The orthonormal rows nearest to r1 and r2: (A A^T)^(-1/2) A, with the closed form of a 2x2 square root. */
function orthonormalPair(r1: Vector3, r2: Vector3): [Vector3, Vector3] {
  const p = dot(r1, r1);
  const q = dot(r1, r2);
  const s = dot(r2, r2);
  const rootDeterminant = Math.sqrt(p * s - q * q);
  const rootTrace = Math.sqrt(p + s + 2 * rootDeterminant);
  if (!(rootDeterminant > 1e-9 * (p + s)) || !Number.isFinite(rootTrace)) {
    throw new RangeError('the landmarks must be finite and not on one line');
  }
  // sqrt(G) = (G + sqrt(det G) I) / rootTrace; its inverse swaps the diagonal and negates the rest.
  const scale = 1 / (rootTrace * rootDeterminant);
  const first = (s + rootDeterminant) * scale;
  const second = (p + rootDeterminant) * scale;
  const mixed = -q * scale;
  return [combine(first, r1, mixed, r2), combine(mixed, r1, second, r2)];
}

/** Euler angles of R = Rz(roll) Ry(-yaw) Rx(-pitch), whose first two rows are given. */
function poseOfAxes(r1: Vector3, r2: Vector3): HeadPose {
  const r3 = cross(r1, r2);
  return {
    yawDegrees: degrees(Math.atan2(r3[0], Math.hypot(r1[0], r2[0]))),
    pitchDegrees: degrees(-Math.atan2(r3[1], r3[2])),
    rollDegrees: degrees(Math.atan2(r2[0], r1[0])),
  };
}

function degrees(radians: number): number {
  return (radians * 180) / Math.PI;
}

function dot(a: Vector3, b: Vector3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Vector3, b: Vector3): Vector3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function combine(weightA: number, a: Vector3, weightB: number, b: Vector3): Vector3 {
  return [weightA * a[0] + weightB * b[0], weightA * a[1] + weightB * b[1], weightA * a[2] + weightB * b[2]];
}

function centred(points: readonly Vector3[]): readonly Vector3[] {
  const mean = (axis: 0 | 1 | 2): number =>
    points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  const [x, y, z] = [mean(0), mean(1), mean(2)];
  return points.map((point) => [point[0] - x, point[1] - y, point[2] - z]);
}

/**
 * The pseudoinverse of a centred figure whose x axis is its mirror plane's normal: M^T M then couples y and z only.
 */
function pseudoInverseOf(points: readonly Vector3[]): readonly [number[], number[], number[]] {
  const moment = (a: 0 | 1 | 2, b: 0 | 1 | 2): number =>
    points.reduce((sum, point) => sum + point[a] * point[b], 0);
  const [xx, yy, yz, zz] = [moment(0, 0), moment(1, 1), moment(1, 2), moment(2, 2)];
  const determinant = yy * zz - yz * yz;
  return [
    points.map(([x]) => x / xx),
    points.map(([, y, z]) => (zz * y - yz * z) / determinant),
    points.map(([, y, z]) => (yy * z - yz * y) / determinant),
  ];
}

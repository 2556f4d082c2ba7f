import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { landmarksInCrop } from './aligned-crop.js';
import { arcFaceTemplate } from './alignment-template.js';
import { type Landmarks, landmarksFromPoints, type Point } from './landmarks.js';
import { averageFace, estimateHeadPose, type HeadPose } from './head-pose.js';

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/**
 * Turns the face up, then to the image's right, then clockwise, each with elementary trigonometry of its own, and
 * photographs it. x is to the right, y down, z away from the camera; the nose points to the camera (-z).
 * @param distance of the camera in face units; infinite for the scaled orthographic view
 */
function photograph(
  face: readonly (readonly number[])[],
  { yawDegrees, pitchDegrees, rollDegrees }: HeadPose,
  distance = Infinity,
): Landmarks {
  const [yaw, pitch, roll] = [radians(yawDegrees), radians(pitchDegrees), radians(rollDegrees)];
  const points = face.map(([x0, y0, z0]): Point => {
    // Looking up: what is in front (-z) rises (-y), what is above (-y) goes back (+z).
    const y1 = y0! * Math.cos(pitch) + z0! * Math.sin(pitch);
    const z1 = z0! * Math.cos(pitch) - y0! * Math.sin(pitch);
    // Turning to the image's right: what is in front (-z) goes right (+x), what is right (+x) goes back (+z).
    const x2 = x0! * Math.cos(yaw) - z1 * Math.sin(yaw);
    const z2 = z1 * Math.cos(yaw) + x0! * Math.sin(yaw);
    // Clockwise in the image: what is right (+x) goes down (+y).
    const x3 = x2 * Math.cos(roll) - y1 * Math.sin(roll);
    const y3 = y1 * Math.cos(roll) + x2 * Math.sin(roll);
    const magnification = distance === Infinity ? 2.5 : (2.5 * distance) / (distance + z2);
    return { x: 400 + magnification * x3, y: 300 + magnification * y3 };
  });
  return landmarksFromPoints(points as unknown as readonly [Point, Point, Point, Point, Point]);
}

function largestError(found: HeadPose, expected: HeadPose): number {
  return Math.max(
    Math.abs(found.yawDegrees - expected.yawDegrees),
    Math.abs(found.pitchDegrees - expected.pitchDegrees),
    Math.abs(found.rollDegrees - expected.rollDegrees),
  );
}

const angle = (limit: number) => fc.double({ min: -limit, max: limit, noNaN: true });
const anyPose = (yaw: number, pitch: number, roll: number) =>
  fc.record({ yawDegrees: angle(yaw), pitchDegrees: angle(pitch), rollDegrees: angle(roll) });

describe('estimateHeadPose', () => {
  it.each([
    { faces: '269 of CFP, frontal', eyes: 1.0135, nose: 0.6165, mouth: 0.9051 },
    { faces: '116 of CelebA, within 10 degrees', eyes: 0.997, nose: 0.6247, mouth: 0.8691 },
  ])('is straight, within 2 degrees, for the medians of $faces', ({ eyes, nose, mouth }) => {
    // In units of the distance from between the eyes to between the mouth's corners.
    const pose = estimateHeadPose({
      leftEye: { x: -eyes / 2, y: 0 },
      rightEye: { x: eyes / 2, y: 0 },
      nose: { x: 0, y: nose },
      leftMouthCorner: { x: -mouth / 2, y: 1 },
      rightMouthCorner: { x: mouth / 2, y: 1 },
    });
    expect(largestError(pose, { yawDegrees: 0, pitchDegrees: 0, rollDegrees: 0 })).toBeLessThan(2);
  });

  it("neither turns nor tilts ArcFace's template", () => {
    const { yawDegrees, rollDegrees } = estimateHeadPose(arcFaceTemplate.landmarks);
    expect(Math.max(Math.abs(yawDegrees), Math.abs(rollDegrees))).toBeLessThan(1);
  });

  it('a right eye lower than the left is a positive roll', () => {
    const rolled = photograph(averageFace, { yawDegrees: 0, pitchDegrees: 0, rollDegrees: 20 });
    expect(rolled.rightEye.y).toBeGreaterThan(rolled.leftEye.y);
    expect(estimateHeadPose(rolled).rollDegrees).toBeCloseTo(20, 9);
  });

  it('recovers every rotation of the average face seen from far', () => {
    fc.assert(
      fc.property(anyPose(85, 80, 175), (pose) => {
        expect(largestError(estimateHeadPose(photograph(averageFace, pose)), pose)).toBeLessThan(1e-6);
      }),
    );
  });

  it('errs by under 6 degrees for a camera 1 m away, turned up to 30 degrees', () => {
    fc.assert(
      fc.property(anyPose(30, 30, 45), (pose) => {
        // A unit is 1.8 mm.
        const found = estimateHeadPose(photograph(averageFace, pose, 1000 / 1.8));
        expect(largestError(found, pose)).toBeLessThan(6);
      }),
    );
  });

  it('errs by under 12 degrees for faces 10 % off the average, turned up to 30 degrees', () => {
    const stretch = fc.double({ min: 0.9, max: 1.1, noNaN: true });
    fc.assert(
      fc.property(anyPose(30, 20, 45), fc.tuple(stretch, stretch, stretch), (pose, [sx, sy, sz]) => {
        const face = averageFace.map(([x, y, z]) => [x * sx, y * sy, z * sz]);
        expect(largestError(estimateHeadPose(photograph(face, pose)), pose)).toBeLessThan(12);
      }),
    );
  });

  it('knows no size and no place, and keeps yaw and pitch in the upright crop', () => {
    const pose = { yawDegrees: 25, pitchDegrees: -10, rollDegrees: 40 };
    const inCrop = estimateHeadPose(landmarksInCrop(photograph(averageFace, pose), arcFaceTemplate));
    expect(Math.abs(inCrop.rollDegrees)).toBeLessThan(10);
    expect(inCrop.yawDegrees).toBeGreaterThan(20);
    expect(inCrop.pitchDegrees).toBeLessThan(-5);
  });

  it.each([
    ['coincide', [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]],
    ['lie on one line', [0, 1, 2, 3, 4], [0, 2, 4, 6, 8]],
    ['are not numbers', [0, 1, Number.NaN, 3, 4], [0, 2, 4, 6, 9]],
  ])('rejects landmarks that %s', (_, xs, ys) => {
    const points = xs.map((x, index) => ({ x, y: ys[index]! }));
    const landmarks = landmarksFromPoints(points as unknown as readonly [Point, Point, Point, Point, Point]);
    expect(() => estimateHeadPose(landmarks)).toThrow(RangeError);
  });
});

import { expect, it } from 'vitest';
import {
  dotCentre,
  markedLandmarks,
  markedPhotographs,
} from '../../../../test/support/marked-photographs.js';
import { landmarkPoints } from '../../../core/faces/landmarks.js';
import { blankCanvas, imageOfCanvas } from './canvas.js';
import { paintPhotograph } from './paint-photograph.js';
import { placedLandmarks, placementOf, rollDegrees } from './placement.js';

const whole = { x: 0, y: 0, width: 160, height: 160 };

/** Dots' colours in the order of a mirror image: left and right have changed places. */
const mirroredDots = [1, 0, 2, 4, 3];

it.each([
  { scale: 1, rotationDegrees: 0, mirrored: false },
  { scale: 1, rotationDegrees: 0, mirrored: true },
  { scale: 0.3, rotationDegrees: 37, mirrored: false },
  { scale: 0.3, rotationDegrees: -37, mirrored: true },
  { scale: 0.7, rotationDegrees: 170, mirrored: true },
  { scale: 2.1, rotationDegrees: 10, mirrored: true },
])('paints each landmark where its label is: %o', (drawing) => {
  const { pixels, photographs } = markedPhotographs();
  const canvas = blankCanvas(224);
  const placement = placementOf(drawing, 160, { x: 80, y: 80 }, { x: 111, y: 113.4 });
  paintPhotograph(canvas, pixels, photographs[0]!, placement, {
    region: whole,
    beyond: 'nothing',
    shape: 'rectangle',
    featherPixels: 0,
    tone: undefined,
  });
  const labelled = landmarkPoints(placedLandmarks(placement, markedLandmarks));
  labelled.forEach((point, index) => {
    const dot = drawing.mirrored ? mirroredDots[index]! : index;
    const seen = dotCentre(imageOfCanvas(canvas), dot, point, 6 * drawing.scale + 4);
    expect(seen).toBeDefined();
    expect(Math.hypot(seen!.x - point.x, seen!.y - point.y)).toBeLessThan(0.35);
  });
});

it('turns clockwise', () => {
  const turned = placedLandmarks(
    placementOf({ scale: 2, rotationDegrees: 50, mirrored: false }, 160, { x: 0, y: 0 }, { x: 9, y: 5 }),
    markedLandmarks,
  );
  expect(rollDegrees(turned) - rollDegrees(markedLandmarks)).toBeCloseTo(50, 9);
  // Straight below the eyes lies the mouth of an upright face, to their left of one that lies on its right ear.
  const eyes = { leftEye: { x: 0, y: 0 }, rightEye: { x: 2, y: 0 } };
  const upright = {
    ...eyes,
    nose: { x: 1, y: 1 },
    leftMouthCorner: { x: 0, y: 2 },
    rightMouthCorner: { x: 2, y: 2 },
  };
  expect(rollDegrees(upright)).toBeCloseTo(0, 9);
});

it('fades an ellipse out towards its edge, and leaves the corners', () => {
  const { pixels, photographs } = markedPhotographs();
  const canvas = blankCanvas(160);
  const placement = placementOf(
    { scale: 1, rotationDegrees: 0, mirrored: false },
    160,
    { x: 0, y: 0 },
    { x: 0, y: 0 },
  );
  paintPhotograph(canvas, pixels, photographs[0]!, placement, {
    region: whole,
    beyond: 'nothing',
    shape: 'ellipse',
    featherPixels: 20,
    tone: undefined,
  });
  const redAt = (x: number, y: number): number => canvas.pixels[(y * 160 + x) * 3]!;
  expect(redAt(2, 2)).toBe(0);
  expect(redAt(30, 80)).toBe(60);
  // Ten pixels inside the edge of a radius of eighty: half of 60.
  expect(redAt(10, 80)).toBeGreaterThan(27);
  expect(redAt(10, 80)).toBeLessThan(34);
});

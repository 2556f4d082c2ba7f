import { describe, expect, it } from 'vitest';

import { applyTransform, invertTransform } from '../../core/faces/similarity-transform.js';
import {
  boxOfMesh,
  cropAroundCandidate,
  cropAroundMesh,
  decodeFaceMesh,
  landmarksOfMesh,
} from './face-mesh.js';

const identity = { a: 1, b: 0, translationX: 0, translationY: 0 };

/** All points at the crop's middle but those given. */
function meshOutputs(points: Record<number, readonly [number, number]>, presence = 1) {
  const data = new Float32Array(1404).fill(96);
  for (const [index, [x, y]] of Object.entries(points)) data.set([x, y, 0], Number(index) * 3);
  return [
    { data, dimensions: [1, 1404] },
    { data: Float32Array.of(presence), dimensions: [1, 1] },
  ];
}

/** Eye corners and lids, nose, mouth corners, forehead and chin of a face that fills the middle of the crop. */
const face: Record<number, readonly [number, number]> = {
  33: [60, 80],
  133: [84, 80],
  159: [72, 76],
  145: [72, 84],
  362: [108, 80],
  263: [132, 80],
  386: [120, 76],
  374: [120, 84],
  4: [96, 100],
  1: [96, 110],
  61: [78, 126],
  291: [114, 126],
  10: [96, 40],
  152: [96, 150],
};

describe('FaceMesh', () => {
  it('gives the five landmarks as means of its points, left and right as the viewer sees them', () => {
    const landmarks = landmarksOfMesh(decodeFaceMesh(meshOutputs(face), identity));
    expect(landmarks.leftEye).toEqual({ x: 72, y: 80 });
    expect(landmarks.rightEye).toEqual({ x: 120, y: 80 });
    expect(landmarks.nose.x).toBeCloseTo(96, 10);
    expect(landmarks.nose.y).toBeCloseTo(103.2, 10);
    expect(landmarks.leftMouthCorner).toEqual({ x: 78, y: 126 });
    expect(landmarks.rightMouthCorner).toEqual({ x: 114, y: 126 });
  });

  it('places the points in the photograph', () => {
    const cropToImage = { a: 2, b: 0, translationX: 100, translationY: -50 };
    const mesh = decodeFaceMesh(meshOutputs(face, 0.25), cropToImage);
    expect(mesh.presence).toBe(0.25);
    expect(boxOfMesh(mesh)).toEqual({ x: 220, y: 30, width: 144, height: 220 });
  });

  it('cuts a candidate out 1.5 times its longer side, turned by the eyes', () => {
    const crop = cropAroundCandidate({
      box: { x: 80, y: 60, width: 40, height: 80 },
      leftEye: { x: 100, y: 90 },
      rightEye: { x: 100, y: 110 },
      probability: 1,
    });
    const centre = applyTransform(crop, { x: 96, y: 96 });
    expect(centre.x).toBeCloseTo(100, 10);
    expect(centre.y).toBeCloseTo(100, 10);
    // A quarter turn: the eyes' direction in the photograph is the crop's x axis; 120 photograph pixels on 192.
    const rightOfCentre = applyTransform(crop, { x: 192, y: 96 });
    expect(rightOfCentre.x).toBeCloseTo(100, 10);
    expect(rightOfCentre.y).toBeCloseTo(160, 10);
  });

  it('cuts out the same part again from a mesh, however the photograph is turned', () => {
    const angle = 0.6;
    const cropToImage = { a: Math.cos(angle), b: Math.sin(angle), translationX: 300, translationY: 40 };
    const again = cropAroundMesh(decodeFaceMesh(meshOutputs(face), cropToImage));
    const eyes = [33, 263].map((index) => {
      const [x = 0, y = 0] = face[index] ?? [];
      return applyTransform(invertTransform(again), applyTransform(cropToImage, { x, y }));
    });
    expect(eyes[0]!.y).toBeCloseTo(eyes[1]!.y, 8);
    // The mesh is 110 pixels high, so the crop is 165 wide and shows the eyes' 72 pixels larger.
    expect(eyes[1]!.x - eyes[0]!.x).toBeCloseTo((72 * 192) / 165, 8);
  });
});

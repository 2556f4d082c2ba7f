import { describe, expect, it } from 'vitest';

import { landmarkPoints } from '../../core/faces/landmarks.js';
import { retinaFaceAnchors } from '../../core/faces/retinaface-anchors.js';
import { decodeRetinaFace } from '../../inference/detect/retinaface.js';
import { emptyAnchorTargets, type LabelledFace, writeAnchorTargets } from './anchor-targets.js';

const SIDE = 128;
const anchors = retinaFaceAnchors(SIDE, SIDE);

/** A square face with points of its own about its middle. */
function face(centreX: number, centreY: number, side: number, ignored = false): LabelledFace {
  const at = (x: number, y: number) => ({ x: centreX + x * side, y: centreY + y * side });
  return {
    box: { x: centreX - side / 2, y: centreY - side / 2, width: side, height: side },
    landmarks: {
      leftEye: at(-0.21, -0.12),
      rightEye: at(0.19, -0.13),
      nose: at(0.01, 0.08),
      leftMouthCorner: at(-0.17, 0.26),
      rightMouthCorner: at(0.16, 0.27),
    },
    ignored,
  };
}

function targetsOf(faces: readonly LabelledFace[]) {
  const targets = emptyAnchorTargets(1, anchors.length);
  writeAnchorTargets(anchors, faces, targets, 0);
  return targets;
}

/** Rows of the anchors whose class is this. */
function rowsOf(classes: Float32Array, value: number): number[] {
  return [...classes.keys()].filter((row) => classes[row] === value);
}

describe('writeAnchorTargets', () => {
  it('says what decodeRetinaFace reads: every anchor of a face gives its box and points back', () => {
    const faces = [
      face(30, 40, 33),
      { ...face(80, 70, 70), box: { x: 50, y: 30, width: 60, height: 78 } },
      face(100, 20, 14),
    ];
    const targets = targetsOf(faces);
    const probabilities = Float32Array.from({ length: 2 * anchors.length }, (_, index) =>
      index % 2 === 1 && targets.classes[index >> 1] === 1 ? 0.9 : 0,
    );
    const found = decodeRetinaFace(
      [
        { data: targets.boxes, dimensions: [1, anchors.length, 4] },
        { data: probabilities, dimensions: [1, anchors.length, 2] },
        { data: targets.landmarks, dimensions: [1, anchors.length, 10] },
      ],
      { width: SIDE, height: SIDE },
      0.5,
    );
    expect(found.length).toBe(rowsOf(targets.classes, 1).length);
    const reached = new Set<LabelledFace>();
    for (const { box, landmarks } of found) {
      const truth = faces.find((candidate) => Math.abs(candidate.box.x - box.x) < 1e-3)!;
      reached.add(truth);
      for (const key of ['x', 'y', 'width', 'height'] as const)
        expect(box[key]).toBeCloseTo(truth.box[key], 3);
      const points = landmarkPoints(truth.landmarks!);
      for (const [index, { x, y }] of landmarkPoints(landmarks).entries()) {
        expect(x).toBeCloseTo(points[index]!.x, 3);
        expect(y).toBeCloseTo(points[index]!.y, 3);
      }
    }
    expect(reached.size).toBe(faces.length);
  });

  it('takes anchors from an overlap of 0.35 on and leaves out those between it and background', () => {
    // The anchor of side 64 at (40, 40), and a face of side 64 that is moved: overlap (64 - d) / (64 + d).
    const row = anchors.findIndex(
      ({ centreX, centreY, side }) => centreX === 40 && centreY === 40 && side === 64,
    );
    const classAt = (moved: number) => targetsOf([face(40 + moved, 40, 64)]).classes[row];
    expect(classAt(30)).toBe(1); // 0.362
    expect(classAt(33)).toBe(-1); // 0.320
    expect(classAt(40)).toBe(0); // 0.231
  });

  it('leaves no face to none: the anchor that overlaps most is its own, however little', () => {
    // 6 pixels in the anchor of 16: 36 / 256.
    const rows = rowsOf(targetsOf([face(36, 36, 6)]).classes, 1);
    expect(rows.map((row) => anchors[row])).toEqual([{ centreX: 36, centreY: 36, side: 16 }]);
  });

  it('keeps anchors on an ignored face out, also on one that is smaller than all, but not those of a face', () => {
    const ignored = targetsOf([face(40, 40, 60, true)]).classes;
    expect(rowsOf(ignored, 1)).toEqual([]);
    expect(rowsOf(ignored, -1).map((row) => anchors[row])).toContainEqual({
      centreX: 40,
      centreY: 40,
      side: 64,
    });
    expect(rowsOf(targetsOf([face(36, 36, 5, true)]).classes, -1).length).toBeGreaterThan(0);
    const both = targetsOf([face(40, 40, 60), face(44, 40, 60, true)]).classes;
    expect(rowsOf(both, 1)).toEqual(rowsOf(targetsOf([face(40, 40, 60)]).classes, 1));
  });

  it('asks for landmarks only where a face has some', () => {
    const { box, ignored } = face(40, 40, 60);
    const targets = targetsOf([{ box, ignored }, face(100, 100, 30)]);
    const asked = rowsOf(targets.landmarkMask, 1);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.every((row) => anchors[row]!.centreX > 80)).toBe(true);
    expect(rowsOf(targets.classes, 1).length).toBeGreaterThan(asked.length);
  });
});

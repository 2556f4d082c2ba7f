import { expect, it } from 'vitest';
import { landmarksFromPoints, type Point } from '../../../core/faces/landmarks.js';
import { facesInCell, type SheetCell, sheetsOf } from './label-sheet.js';

const blank = (width: number, height: number, value = 0) => ({
  width,
  height,
  pixels: new Uint8Array(width * height * 3).fill(value),
});

/** Where a point of the photograph lies on the sheet. */
function onSheet({ placed, mirrored, width, height }: SheetCell, { x, y }: Point): Point {
  const along = mirrored ? width - x : x;
  return { x: placed.x + (along * placed.width) / width, y: placed.y + (y * placed.height) / height };
}

it('lays two small photographs and their mirror images on a sheet, and a large one on one of its own', () => {
  const sheets = sheetsOf([blank(160, 160), blank(89, 109), blank(900, 1200), blank(100, 400)]);
  expect(sheets.map(({ cells }) => cells.map(({ photograph }) => photograph))).toEqual([
    [2],
    [2],
    [0, 0, 1, 1],
    [3, 3],
  ]);
  expect(sheets[2]!.cells.map(({ mirrored }) => mirrored)).toEqual([false, true, false, true]);
});

it('enlarges photographs and leaves a border', () => {
  const [sheet] = sheetsOf([blank(100, 100, 255)]);
  const { placed } = sheet!.cells[0]!;
  // 12 % of 320 are 38 on each side.
  expect(placed).toEqual({ x: 38, y: 38, width: 244, height: 244 });
  expect(sheet!.image.pixels[(38 * 640 + 38) * 3]).toBe(255);
  expect(sheet!.image.pixels[(37 * 640 + 38) * 3]).not.toBe(255);
});

it('places faces back, out of the mirror image with left and right changed', () => {
  const [sheet] = sheetsOf([blank(160, 120), blank(160, 120)]);
  const left = { x: 50, y: 40 };
  const right = { x: 90, y: 42 };
  for (const cell of sheet!.cells) {
    const [a, b] = cell.mirrored ? [right, left] : [left, right];
    const points = [a, b, { x: 70, y: 60 }, a, b].map((point) => onSheet(cell, point));
    const landmarks = landmarksFromPoints([points[0]!, points[1]!, points[2]!, points[3]!, points[4]!]);
    const corners = [onSheet(cell, { x: 40, y: 20 }), onSheet(cell, { x: 110, y: 90 })];
    const box = {
      x: Math.min(corners[0]!.x, corners[1]!.x),
      y: corners[0]!.y,
      width: Math.abs(corners[1]!.x - corners[0]!.x),
      height: corners[1]!.y - corners[0]!.y,
    };
    const face = { box, landmarks, probability: 1 };
    for (const other of sheet!.cells) {
      const found = facesInCell([face], other);
      if (other !== cell) {
        expect(found).toEqual([]);
        continue;
      }
      expect(found[0]!.box.x).toBeCloseTo(40, 6);
      expect(found[0]!.box.width).toBeCloseTo(70, 6);
      expect(found[0]!.landmarks.leftEye.x).toBeCloseTo(50, 6);
      expect(found[0]!.landmarks.rightEye.x).toBeCloseTo(90, 6);
      expect(found[0]!.landmarks.rightMouthCorner.y).toBeCloseTo(42, 6);
    }
  }
});

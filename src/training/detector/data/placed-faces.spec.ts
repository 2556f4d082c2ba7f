import { describe, expect, it } from 'vitest';
import { markedBox, markedLandmarks } from '../../../../test/support/marked-photographs.js';
import { placedFaces, roleOfFace } from './placed-faces.js';
import { placementOf } from './placement.js';

const clear = { rollDegrees: 0, visibleShare: 1, sidePixels: 60, agreed: true };

describe('roleOfFace', () => {
  it.each([
    [clear, 'face'],
    [{ ...clear, rollDegrees: 45 }, 'face'],
    [{ ...clear, rollDegrees: -45 }, 'face'],
    [{ ...clear, rollDegrees: 80 }, 'ignored'],
    [{ ...clear, rollDegrees: -99 }, 'ignored'],
    [{ ...clear, rollDegrees: 110 }, 'background'],
    [{ ...clear, rollDegrees: 180 }, 'background'],
    // 315 degrees are 45 the other way, 190 are 170.
    [{ ...clear, rollDegrees: 315 }, 'face'],
    [{ ...clear, rollDegrees: 190 }, 'background'],
    [{ ...clear, rollDegrees: -300 }, 'ignored'],
    [{ ...clear, visibleShare: 0.5 }, 'face'],
    [{ ...clear, visibleShare: 0.3 }, 'ignored'],
    [{ ...clear, visibleShare: 0.1 }, 'background'],
    [{ ...clear, sidePixels: 7 }, 'ignored'],
    [{ ...clear, agreed: false }, 'ignored'],
    [{ ...clear, agreed: false, rollDegrees: 150 }, 'background'],
  ] as const)('of %o is %s', (situation, role) => {
    expect(roleOfFace(situation)).toBe(role);
  });
});

describe('placedFaces', () => {
  const face = { box: markedBox, landmarks: markedLandmarks, probability: 1, agreed: true };
  const photograph = { width: 160, height: 160, faces: [face] };
  const whole = { x: 0, y: 0, width: 160, height: 160 };
  const at = (x: number, y: number, rotationDegrees = 0) =>
    placementOf({ scale: 1, rotationDegrees, mirrored: false }, 160, { x: 80, y: 80 }, { x, y });

  it('moves the box with the photograph', () => {
    const [placed] = placedFaces({ placement: at(100, 110), region: whole, photograph }, 200);
    expect(placed!.box).toEqual({ x: 68, y: 70, width: 64, height: 80 });
    expect(placed!.landmarks!.nose).toEqual({ x: 102, y: 114.5 });
    expect(placed!.ignored).toBe(false);
  });

  it('clips the box, and asks for no landmarks that are not in the image', () => {
    // The box reaches from x = -32 to 32: half of it is seen. The eye at 64.5 lies at -15.5, too far beyond.
    const [placed] = placedFaces({ placement: at(0, 100), region: whole, photograph }, 180);
    expect(placed!.box).toEqual({ x: 0, y: 60, width: 32, height: 80 });
    expect(placed!.ignored).toBe(false);
    expect(placed!.landmarks).toBeUndefined();
  });

  it('leaves out what is too far turned, and ignores what is in between', () => {
    expect(placedFaces({ placement: at(100, 100, 150), region: whole, photograph }, 200)).toEqual([]);
    const [lying] = placedFaces({ placement: at(100, 100, 90), region: whole, photograph }, 200);
    expect(lying).toMatchObject({ ignored: true });
    // A quarter turn changes the sides of the box.
    expect(lying!.box.width).toBeCloseTo(80, 9);
    expect(lying!.box.height).toBeCloseTo(64, 9);
    expect(lying!.landmarks).toBeUndefined();
  });

  it('ignores a face of which a third is painted, and drops one of which a tenth is', () => {
    const third = { ...whole, height: 40 + 80 / 3 };
    expect(placedFaces({ placement: at(100, 100), region: third, photograph }, 200)).toMatchObject([
      { ignored: true },
    ]);
    const tenth = { ...whole, height: 48 };
    expect(placedFaces({ placement: at(100, 100), region: tenth, photograph }, 200)).toEqual([]);
  });
});

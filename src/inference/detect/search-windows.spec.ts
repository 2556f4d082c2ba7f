import { describe, expect, it } from 'vitest';

import { firstLook, secondLook, type SearchWindow } from './search-windows.js';

function covers(windows: readonly SearchWindow[], x: number, y: number, sidePixels: number): boolean {
  return windows.some(
    (window) =>
      x >= window.x &&
      y >= window.y &&
      x + sidePixels <= window.x + window.sidePixels &&
      y + sidePixels <= window.y + window.sidePixels,
  );
}

describe('search windows', () => {
  it('look once at a small photograph, with a margin all around', () => {
    expect(firstLook(250, 250)).toEqual([{ x: -62.5, y: -62.5, sidePixels: 375 }]);
  });

  it('look at the quarters of a larger one as well', () => {
    const windows = firstLook(1000, 1000);
    expect(windows.map(({ sidePixels }) => sidePixels)).toEqual([1500, 600, 600, 600, 600]);
    expect(windows.slice(1).map(({ x, y }) => [x, y])).toEqual([
      [0, 0],
      [400, 0],
      [0, 400],
      [400, 400],
    ]);
  });

  it('centre a window on the axis that it covers', () => {
    expect(firstLook(1000, 500).slice(1)).toEqual([
      { x: 0, y: -50, sidePixels: 600 },
      { x: 400, y: -50, sidePixels: 600 },
    ]);
  });

  it('show any face of a third of the window whole in some window', () => {
    for (const [width, height] of [
      [4844, 2022],
      [1434, 2333],
    ] as const) {
      const windows = secondLook(width, height).filter(
        ({ sidePixels }) => sidePixels < 0.2 * Math.max(width, height),
      );
      const face = 0.3 * Math.min(...windows.map(({ sidePixels }) => sidePixels));
      for (let y = 0; y + face <= height; y += 37) {
        for (let x = 0; x + face <= width; x += 37) expect(covers(windows, x, y, face)).toBe(true);
      }
    }
  });

  it('leave out windows that only add faces too small to verify', () => {
    expect(secondLook(250, 250).map(({ sidePixels }) => sidePixels)).toEqual([750]);
    const sides = new Set(secondLook(1000, 800).map(({ sidePixels }) => sidePixels));
    expect([...sides]).toEqual([3000, 300]);
  });
});

import { expect, it } from 'vitest';
import { withCover } from './occlusions.js';

const face = { box: { x: 10, y: 10, width: 100, height: 100 }, ignored: false };

it('keeps a face of which six tenths are covered, and ignores one of which more are', () => {
  const cover = (width: number) => ({ x: 0, y: 0, width: 10 + width, height: 200 });
  expect(withCover(face, cover(60))).toEqual(face);
  expect(withCover(face, cover(61))).toEqual({ box: face.box, ignored: true });
});

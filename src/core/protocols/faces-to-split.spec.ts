import { expect, it } from 'vitest';

import { facesToSplit } from './faces-to-split.js';

it('takes symmetric faces of persons who are known', () => {
  const measured = [{ rho: 0.9 }, { rho: 0.2 }, undefined, { rho: undefined }, { rho: 0.3 }, { rho: 0.8 }];
  expect(facesToSplit(measured, (face) => (face === 5 ? undefined : 'ada'))).toEqual([0, 4]);
});

it('takes some of many, evenly spaced', () => {
  const faces = facesToSplit(new Array(1000).fill({ rho: 1 }), String);
  expect(faces).toHaveLength(200);
  expect(faces.slice(0, 3)).toEqual([0, 5, 10]);
  expect(faces.at(-1)).toBe(995);
});

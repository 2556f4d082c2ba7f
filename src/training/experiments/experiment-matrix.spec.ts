import { describe, expect, it } from 'vitest';

import { type Axis, cellsOf, pairsAlong } from './experiment-matrix.js';

const axes: readonly Axis[] = [
  {
    name: 'loss',
    values: [
      { name: 'arcface', settings: { loss: { name: 'arcface' } } },
      { name: 'adaface', settings: { loss: { name: 'adaface' } } },
    ],
  },
  {
    name: 'symmetry',
    values: [
      { name: 'without', settings: { symmetry: null } },
      { name: 'with', settings: { symmetry: { tau: 0.2 } } },
      { name: 'split', settings: { symmetry: { weight: 0 } } },
    ],
  },
];
const base = { epochs: 3, loss: { name: 'arcface', scale: 32 }, symmetry: { compare: 'unit' } };

describe('cellsOf', () => {
  it('combines every value with every other, the last axis varying fastest', () => {
    const cells = cellsOf(base, axes);
    expect(cells.map(({ name }) => name)).toEqual([
      'arcface--without',
      'arcface--with',
      'arcface--split',
      'adaface--without',
      'adaface--with',
      'adaface--split',
    ]);
    expect(cells[1]).toEqual({
      name: 'arcface--with',
      values: { loss: 'arcface', symmetry: 'with' },
      settings: { epochs: 3, loss: { name: 'arcface', scale: 32 }, symmetry: { compare: 'unit', tau: 0.2 } },
    });
    expect(cells[3]?.settings).toEqual({ epochs: 3, loss: { name: 'adaface' } });
  });

  it('is the base alone without axes', () => {
    expect(cellsOf(base, [])).toEqual([{ name: 'base', values: {}, settings: base }]);
  });
});

describe('pairsAlong', () => {
  it('pairs cells that differ in that axis only, the baseline first', () => {
    const pairs = pairsAlong(cellsOf(base, axes), 'symmetry', 'without');
    expect(pairs.map(({ baseline, other }) => [baseline.name, other.name])).toEqual([
      ['arcface--without', 'arcface--with'],
      ['arcface--without', 'arcface--split'],
      ['adaface--without', 'adaface--with'],
      ['adaface--without', 'adaface--split'],
    ]);
  });
});

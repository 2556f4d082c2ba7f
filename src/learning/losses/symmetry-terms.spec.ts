import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';

import { evaluateTerm, someSplitFaces } from '../../../test/support/symmetry-term-cases.js';
import { createSymmetryTerm, SYMMETRY_TERM_NAMES, type SymmetryTermName } from './symmetry-terms.js';

describe('the symmetry terms', () => {
  it('are those of the files, and others are refused by name', () => {
    expect([...SYMMETRY_TERM_NAMES].sort()).toEqual(['anchor', 'contrastive', 'raw', 'unit']);
    expect(() => createSymmetryTerm('cosine' as SymmetryTermName)).toThrow(
      'there is no symmetry term cosine: it must be one of anchor, contrastive, raw, unit',
    );
    expect(() => createSymmetryTerm('unit', { temperature: 1 })).toThrow(
      'the symmetry term unit has no setting temperature',
    );
  });
});

describe.each(SYMMETRY_TERM_NAMES)('%s', (name) => {
  const term = createSymmetryTerm(name);

  it('is 0 with gradient 0 where no slot is used', () => {
    const { value, leftGradient, rightGradient } = evaluateTerm(term, {
      ...someSplitFaces,
      weights: [0, 0, 0, 0],
    });
    expect(value).toBeCloseTo(0, 12);
    for (const element of [...leftGradient, ...rightGradient].flat()) expect(element).toBeCloseTo(0, 12);
  });

  it('is finite, gradient and all, for embeddings of 0', () => {
    const nothing = someSplitFaces.left.map((row) => row.map(() => 0));
    const { value, leftGradient } = evaluateTerm(term, { ...someSplitFaces, left: nothing, right: nothing });
    for (const element of [value, ...leftGradient.flat()]) expect(element).toSatisfy(Number.isFinite);
  });

  it('is 0 without slots', () => {
    const none = tf.zeros<tf.Rank.R2>([0, 2]);
    const value = term.compute({ left: none, right: none, whole: none, weights: tf.tensor1d([]) });
    expect(value.dataSync()[0]).toBe(0);
  });
});

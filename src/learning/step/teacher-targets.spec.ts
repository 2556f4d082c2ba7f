import { describe, expect, it } from 'vitest';

import { someBatch } from '../../../test/support/small-training-spec.js';
import { centred, withTargets } from './teacher-targets.js';

const close = (actual: Float32Array, expected: readonly number[]) => {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, index) => {
    expect(actual[index]).toBeCloseTo(value, 6);
  });
};

describe('centred targets', () => {
  it('are less their mean, at unit length', () => {
    // The mean of (1, 0), (0, 1) and (0.8, 0.6) is (0.6, 1.6 / 3).
    const { dimension, embeddings } = centred({
      dimension: 2,
      embeddings: Float32Array.of(1, 0, 0, 1, 0.8, 0.6),
    });
    const moved = [[0.4, -1.6 / 3], [-0.6, 1.4 / 3], [0.2, 0.2 / 3]]; // prettier-ignore
    expect(dimension).toBe(2);
    close(
      embeddings,
      moved.flatMap(([x, y]) => [x! / Math.hypot(x!, y!), y! / Math.hypot(x!, y!)]),
    );
  });

  it('tell apart what lies to one side of the origin', () => {
    const angles = [-0.2, -0.1, 0.1, 0.2];
    const given = Float32Array.from(angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]));
    const { embeddings } = centred({ dimension: 2, embeddings: given });
    const cosine = (values: Float32Array) => values[0]! * values[6]! + values[1]! * values[7]!;
    expect(cosine(given)).toBeGreaterThan(0.9);
    expect(cosine(embeddings)).toBeLessThan(-0.9);
  });

  it('are refused where a face is the mean of all', () => {
    expect(() => centred({ dimension: 2, embeddings: Float32Array.of(1, 0, 1, 0) })).toThrow(RangeError);
  });
});

describe('a batch with targets', () => {
  /** Two slots: the first holds a split face, samples 0 and 2; the last sample is padding. */
  const batch = someBatch(0);
  const faces = Uint32Array.of(0, 1, 0, 2, 3, 2, 1, 3);
  const embeddings = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);

  it('has those of the whole faces, none of halves and padding', () => {
    const { targets, ...others } = withTargets(batch, faces, { dimension: 2, embeddings });
    expect(others).toEqual(batch);
    expect([...targets!.mask]).toEqual([0, 1, 0, 1, 1, 1, 1, 0]);
    expect([...targets!.embeddings]).toEqual([0, 0, 3, 4, 0, 0, 5, 6, 7, 8, 5, 6, 3, 4, 0, 0]);
  });

  it('has those of all faces where none is split', () => {
    const { targets } = withTargets(someBatch(0, 0), faces, { dimension: 2, embeddings });
    expect([...targets!.mask]).toEqual([1, 1, 1, 1, 1, 1, 1, 0]);
  });
});

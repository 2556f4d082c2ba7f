import { describe, expect, it } from 'vitest';
import { calibrationPairs, impostorPairs, similaritiesOf } from './calibration-pairs.js';

const identities = ['ada', 'ada', 'bob', 'cyd', 'cyd'];

function pairsOf(flat: Uint32Array): readonly (readonly [number, number])[] {
  return Array.from({ length: flat.length / 2 }, (_, pair) => [flat[2 * pair]!, flat[2 * pair + 1]!]);
}

describe('impostorPairs', () => {
  it('are all pairs of different persons among the faces that there are', () => {
    expect(pairsOf(impostorPairs([0, 1, 2, 4], identities, 100, 1))).toEqual([
      [0, 2],
      [0, 4],
      [1, 2],
      [1, 4],
      [2, 4],
    ]);
  });

  it('are as many as are wanted where there are more, each as likely, and the same for the same seed', () => {
    const many = Array.from({ length: 300 }, (_, face) => `person ${Math.floor(face / 2)}`);
    const faces = many.map((_, face) => face).filter((face) => face !== 7);
    const drawn = pairsOf(impostorPairs(faces, many, 20_000, 1));
    expect(drawn).toHaveLength(20_000);
    expect(drawn.every(([a, b]) => many[a] !== many[b] && a !== 7 && b !== 7)).toBe(true);
    const counts = new Map<number, number>();
    for (const face of drawn.flat()) counts.set(face, (counts.get(face) ?? 0) + 1);
    // 40,000 faces of 299: 134 each, with a standard deviation of 12.
    expect(counts.size).toBe(299);
    expect(Math.min(...counts.values())).toBeGreaterThan(134 - 5 * 12);
    expect(Math.max(...counts.values())).toBeLessThan(134 + 5 * 12);
    expect(pairsOf(impostorPairs(faces, many, 20_000, 1))).toEqual(drawn);
    expect(pairsOf(impostorPairs(faces, many, 20_000, 2))).not.toEqual(drawn);
  });
});

describe('similaritiesOf', () => {
  const faces = [
    { embedding: Float32Array.of(0.6, 0.8), appearance: [0.5, 1] },
    { embedding: Float32Array.of(1, 0), appearance: [0.5, 0.25] },
    undefined,
  ];

  it('are cosines, beside what is to be expected', () => {
    const { similarities, expected } = similaritiesOf(faces, Uint32Array.of(0, 1, 1, 1));
    expect([...similarities]).toEqual([Math.fround(0.6), 1]);
    expect([...expected]).toEqual([0.5, 0.3125]);
  });

  it('are of faces only', () => {
    expect(() => similaritiesOf(faces, Uint32Array.of(0, 2))).toThrow(RangeError);
  });
});

describe('calibrationPairs', () => {
  const face = (x: number) => ({
    embedding: Float32Array.of(x, Math.sqrt(1 - x * x)),
    embeddingNorm: 1,
    rho: undefined,
    quality: { faceSizePixels: undefined, sharpness: 1, absoluteYawDegrees: undefined },
    appearance: [0.5],
  });
  const images = identities.map((identity) => ({ name: identity, identity }));
  const measured = [face(1), face(0.9), face(0.1), undefined, face(0.5)];
  const pairs = [
    { first: 0, second: 1, genuine: true },
    { first: 3, second: 4, genuine: true },
    { first: 0, second: 2, genuine: false },
    { first: 2, second: 3, genuine: false },
  ];

  it("are the protocol's genuine ones and all impostor ones, of images with a face", () => {
    const found = calibrationPairs(images, pairs, measured)!;
    expect([...found.genuine.similarities]).toEqual([Math.fround(0.9)]);
    expect(found.impostor.similarities).toHaveLength(5);
  });

  it("are the protocol's where one image says nobody", () => {
    const unnamed = images.map((image, index) => (index === 4 ? { ...image, identity: undefined } : image));
    const found = calibrationPairs(unnamed, pairs, measured)!;
    expect([...found.impostor.similarities]).toEqual([Math.fround(0.1)]);
  });
});

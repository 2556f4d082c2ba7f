import { describe, expect, it } from 'vitest';

interface Curve {
  readonly area: number;
  readonly points: readonly { readonly discarded: number; readonly falseNonMatchRate: number }[];
}

interface Report {
  readonly genuinePairs: number;
  readonly falseNonMatchRate: number;
  readonly curves: Readonly<Record<string, Curve>>;
}

const program = new URL('../../bench/quality/error-curves.mjs', import.meta.url).href;
const { errorVersusDiscard } = (await import(/* @vite-ignore */ program)) as {
  readonly errorVersusDiscard: (faces: readonly unknown[], falseMatchRate: number) => Report;
};

/** Ten persons of two photographs each, all strangers 0.1 alike; the second photographs of persons 0 and 1 resemble nobody. */
const faces = Array.from({ length: 20 }, (_, index) => {
  const [person, photograph] = [index >> 1, index % 2];
  const isPoor = photograph === 1 && person < 2;
  const embedding = new Float32Array(13);
  embedding[isPoor ? 10 + person : person] = isPoor ? 1 : Math.sqrt(0.9);
  embedding[12] = isPoor ? 0 : Math.sqrt(0.1);
  return {
    identity: String(person),
    image: `${person}/${photograph}`,
    embedding,
    quality: {
      utility: isPoor ? 5 : 50 + index,
      // The best ones fail.
      sharpness: isPoor ? 900 : index,
      faceSizePixels: 90,
      detectionProbability: 0.9,
      brightness: 125,
      pose: { yawDegrees: 0 },
      embeddingNorm: 7,
      occlusion: { mouth: 0, nose: 0, eyes: 0 },
      detailPixels: 60,
    },
  };
});

describe('errorVersusDiscard', () => {
  const report = errorVersusDiscard(faces, 1e-3);

  it('compares each person with herself: two of ten pairs fail', () => {
    expect(report.genuinePairs).toBe(10);
    expect(report.falseNonMatchRate).toBeCloseTo(0.2, 9);
  });

  it('discards the failing pairs first where the signal tells them', () => {
    const { points, area } = report.curves['utility']!;
    // 2 of 10, 1 of 9, 0 of 8 and 0 of 7 are left.
    expect(area).toBeCloseTo((2 / 10 + 1 / 9) / 4, 9);
    expect(points[0]).toEqual({ discarded: 0, falseNonMatchRate: 0.2 });
    expect(points.at(-1)).toEqual({ discarded: 0.3, falseNonMatchRate: 0 });
  });

  it('keeps them where the signal prefers them', () => {
    // A pair is as good as its worse face: of pairs 0 and 1 it is the other one.
    expect(report.curves['sharpness']!.area).toBeCloseTo((2 / 10 + 1 / 9) / 4, 9);
    const backwards = faces.map((face, index) => ({
      ...face,
      quality: { ...face.quality, sharpness: 100 - index },
    }));
    const { area } = errorVersusDiscard(backwards, 1e-3).curves['sharpness']!;
    expect(area).toBeCloseTo((2 / 10 + 2 / 9 + 2 / 8 + 2 / 7) / 4, 9);
  });
});

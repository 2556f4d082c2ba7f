import { describe, expect, it } from 'vitest';
import { comparePairScores } from './compare-pair-scores.js';
import type { MeasuredImage } from './measured-image.js';
import { type MeasuredProtocol, verificationReport } from './verification-report.js';

/** At an angle in the plane, so that similarities are cosines of differences. */
function face(angleDegrees: number, quality: Partial<MeasuredImage['quality']> = {}): MeasuredImage {
  const radians = (angleDegrees * Math.PI) / 180;
  return {
    embedding: Float32Array.of(Math.cos(radians), Math.sin(radians)),
    embeddingNorm: 10 + angleDegrees,
    rho: 0.5,
    quality: { faceSizePixels: 100, sharpness: 200, absoluteYawDegrees: 0, ...quality },
    appearance: [0.5],
  };
}

/** Person k at 30k degrees, two images 4 degrees apart; genuine pairs of each, impostor pairs of neighbours. */
function protocol(persons: number, overrides: Partial<MeasuredProtocol> = {}): MeasuredProtocol {
  const images = Array.from({ length: persons * 2 }, (_, index) => ({
    name: `image-${index}`,
    identity: `person-${Math.floor(index / 2)}`,
  }));
  const pairs = Array.from({ length: persons }, (_, person) => [
    { first: person * 2, second: person * 2 + 1, genuine: true },
    { first: person * 2, second: ((person + 1) % persons) * 2, genuine: false },
  ]).flat();
  return {
    images,
    pairs,
    foldCount: 2,
    measured: images.map((_, index) => face(Math.floor(index / 2) * 30 + (index % 2) * 4)),
    digests: images.map((_, index) => Uint8Array.of(index)),
    facelessPolicy: 'different',
    ...overrides,
  };
}

describe('verificationReport', () => {
  it('counts a pair without a face as "different", or leaves it out, as the policy says', () => {
    const base = protocol(6);
    // Image 1 belongs to one genuine pair only.
    const measured = base.measured.map((image, index) => (index === 1 ? undefined : image));
    const different = verificationReport({ ...base, measured }).report;
    expect(different).toMatchObject({ genuinePairCount: 6, impostorPairCount: 6, facelessPairCount: 1 });
    expect(different.accuracy.mean).toBeCloseTo(11 / 12, 12);
    const excluded = verificationReport({ ...base, measured, facelessPolicy: 'excluded' }).report;
    expect(excluded).toMatchObject({ genuinePairCount: 5, impostorPairCount: 6, facelessPairCount: 1 });
    expect(excluded.accuracy.mean).toBe(1);
  });

  it('sorts pairs into thirds by their worse face, the worst first', () => {
    const base = protocol(6);
    const measured = base.measured.map((_, index) =>
      face(Math.floor(index / 2) * 30 + (index % 2) * 4, { sharpness: index, absoluteYawDegrees: index }),
    );
    const { qualitySlices } = verificationReport({ ...base, measured }).report;
    const of = (measure: string) => qualitySlices.filter((slice) => slice.measure === measure);
    // Sharpness of the pairs' worse faces: genuine 0, 2, 4, 6, 8, 10; impostor 0, 2, 4, 6, 8, 0.
    expect(of('sharpness').map(({ from, to, pairCount }) => [from, to, pairCount])).toEqual([
      [0, 2, 4],
      [2, 6, 4],
      [6, 10, 4],
    ]);
    // Turned the most: genuine 1, 3, 5, 7, 9, 11; impostor 2, 4, 6, 8, 10, 10.
    expect(of('yaw-degrees').map(({ from, to }) => [from, to])).toEqual([
      [11, 9],
      [8, 5],
      [4, 1],
    ]);
    expect(of('face-size-pixels')).toHaveLength(3);
  });

  it('slices aligned crops by what was measured on them only', () => {
    const base = protocol(4);
    const measured = base.measured.map((image) => ({
      ...image!,
      rho: undefined,
      quality: { faceSizePixels: undefined, sharpness: 1, absoluteYawDegrees: undefined },
    }));
    const { qualitySlices, frontnessSlices } = verificationReport({ ...base, measured }).report;
    expect(new Set(qualitySlices.map(({ measure }) => measure))).toEqual(
      new Set(['sharpness', 'embedding-norm']),
    );
    expect(frontnessSlices).toEqual([]);
  });

  it('names the worst pairs', () => {
    const base = protocol(4);
    const measured = base.measured.map((image, index) => (index === 3 ? face(75) : image));
    const { falseMatches, falseNonMatches } = verificationReport({ ...base, measured }).report.worstPairs;
    expect(falseNonMatches[0]).toMatchObject({
      first: { name: 'image-2' },
      second: { name: 'image-3', sha256: '03' },
    });
    expect(falseNonMatches[0]!.similarity).toBeCloseTo(Math.cos(Math.PI / 4), 6);
    expect(falseMatches[0]!.similarity).toBeCloseTo(Math.cos(Math.PI / 6), 6);
    expect(falseMatches).toHaveLength(4);
  });

  it('gives variances where every image has a person', () => {
    const base = protocol(4);
    expect(verificationReport(base).report.classVariance!.intraClass).toBeCloseTo(
      // Half of 4 degrees to the mean of both: |u - (u + v) / 2|^2 = sin(2 degrees)^2.
      Math.sin((2 * Math.PI) / 180) ** 2,
      6,
    );
    const images = base.images.map(({ name }) => ({ name, identity: undefined }));
    const { report, outcomes } = verificationReport({ ...base, images });
    expect(report.classVariance).toBeUndefined();
    expect(report.equalErrorRateInterval).toBeUndefined();
    expect(outcomes.identities).toBeUndefined();
  });
});

describe('comparePairScores', () => {
  const base = protocol(12);
  const good = verificationReport(base).outcomes;

  it('finds no difference between a model and itself', () => {
    expect(comparePairScores(good, good)).toMatchObject({
      pairCount: 24,
      onlyFirst: 0,
      onlySecond: 0,
      pValue: 1,
      accuracyDifference: 0,
      accuracyInterval: { lower: 0, upper: 0 },
      trueAcceptRateDifferences: [{ falseMatchRate: 1e-1, difference: 0 }],
    });
  });

  it('finds the one that errs more, and by how much', () => {
    // The second image of every third person, two in each fold, lies far from the first.
    const measured = base.measured.map((image, index) =>
      index % 6 === 1 ? face(Math.floor(index / 2) * 30 + 90) : image,
    );
    const bad = verificationReport({ ...base, measured }).outcomes;
    const comparison = comparePairScores(bad, good);
    expect(comparison).toMatchObject({ onlyFirst: 0, onlySecond: 4, accuracyDifference: 4 / 24 });
    // All of four on one side: 2 / 2^4.
    expect(comparison.pValue).toBeCloseTo(2 / 16, 12);
    expect(comparison.accuracyInterval!.upper).toBeGreaterThan(4 / 24);
    expect(comparison.trueAcceptRateDifferences[0]!.difference).toBeCloseTo(4 / 12, 12);
  });

  it('refuses other pairs', () => {
    const other = verificationReport(protocol(11)).outcomes;
    expect(() => comparePairScores(good, other)).toThrow(RangeError);
  });
});

describe('the calibration of a report', () => {
  it('knows all impostor pairs where every image has a person, and passes over images without a face', () => {
    const base = protocol(6);
    // Of 12 faces 66 pairs, 6 of them genuine; the face of image 1 was not found: 11 pairs less, 1 of them genuine.
    const measured = base.measured.map((image, index) => (index === 1 ? undefined : image));
    expect(verificationReport(base).report.calibration).toBeUndefined();
    const large = protocol(16);
    expect(verificationReport(large).report.calibration?.impostorPairCount).toBe((32 * 31) / 2 - 16);
    const faceless = { ...large, measured: [...measured.slice(0, 2), ...large.measured.slice(2)] };
    expect(verificationReport(faceless).report.calibration?.impostorPairCount).toBe((31 * 30) / 2 - 15);
  });

  it("knows the protocol's impostor pairs where it is not said who is on an image", () => {
    const base = protocol(400);
    const images = base.images.map(({ name }) => ({ name, identity: undefined }));
    const { calibration } = verificationReport({ ...base, images }).report;
    // 400 pairs of 40 false matches at 1e-1; 4 at 1e-2 are too few.
    expect(calibration?.impostorPairCount).toBe(400);
    expect(calibration?.thresholds.map(({ falseMatchRate }) => falseMatchRate)).toEqual([1e-1]);
  });

  it('is none where it is not known how a face looks', () => {
    const base = protocol(40);
    const measured = base.measured.map((image, index) => ({
      ...image!,
      appearance: index === 3 ? undefined : image!.appearance,
    }));
    expect(verificationReport(base).report.calibration).toBeDefined();
    expect(verificationReport({ ...base, measured }).report.calibration).toBeUndefined();
  });
});

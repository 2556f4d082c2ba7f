import { isSymmetric } from '../faces/frontness.js';
import type { MeasuredImage } from './measured-image.js';
import type { ScoredProtocol } from './scored-protocol.js';

/** Pairs of which so many faces are symmetric, and how many of them are decided rightly. */
export interface FrontnessSlice {
  readonly symmetricFaceCount: number;
  readonly pairCount: number;
  readonly accuracy: number;
}

/** What pairs are sorted by: the worse of their two faces. */
export type SlicedMeasure = 'face-size-pixels' | 'sharpness' | 'yaw-degrees' | 'embedding-norm';

/** A third of the pairs by one measure, from the worst third on. */
export interface QualitySlice {
  readonly measure: SlicedMeasure;
  /** The least and, in `to`, the greatest measure of the worse face over the pairs of this third. */
  readonly from: number;
  readonly to: number;
  readonly pairCount: number;
  readonly genuinePairCount: number;
  readonly accuracy: number;
}

type Measured = readonly (MeasuredImage | undefined)[];

/**
 * Slices of the pairs by how many of their two faces are symmetric; none where frontness was not measured.
 */
export function frontnessSlices(
  { pairs }: ScoredProtocol,
  measured: Measured,
  decisions: readonly boolean[],
): readonly FrontnessSlice[] {
  if (measured.some((image) => image !== undefined && image.rho === undefined)) return [];
  const isSymmetricFace = (image: number): number => Number(isSymmetric(measured[image]?.rho ?? 0));
  const counts = pairs.map(({ first, second }) => isSymmetricFace(first) + isSymmetricFace(second));
  return [0, 1, 2].flatMap((symmetricFaceCount) => {
    const decided = decisions.filter((_, pair) => counts[pair] === symmetricFaceCount);
    if (decided.length === 0) return [];
    return [{ symmetricFaceCount, pairCount: decided.length, accuracy: shareOfTrue(decided) }];
  });
}

/** The measure of a face, and whether less of it is worse. */
const measures: Readonly<
  Record<
    SlicedMeasure,
    { readonly of: (image: MeasuredImage) => number | undefined; readonly lessIsWorse: boolean }
  >
> = {
  'face-size-pixels': { of: ({ quality }) => quality.faceSizePixels, lessIsWorse: true },
  sharpness: { of: ({ quality }) => quality.sharpness, lessIsWorse: true },
  'yaw-degrees': { of: ({ quality }) => quality.absoluteYawDegrees, lessIsWorse: false },
  'embedding-norm': { of: ({ embeddingNorm }) => embeddingNorm, lessIsWorse: true },
};

const parts = 3;

/** Thirds of the pairs whose faces were both found, by each measure that was taken. */
export function qualitySlices(
  protocol: ScoredProtocol,
  measured: Measured,
  decisions: readonly boolean[],
): readonly QualitySlice[] {
  return (Object.keys(measures) as SlicedMeasure[]).flatMap((measure) =>
    thirdsBy(measure, protocol, measured, decisions),
  );
}

function thirdsBy(
  measure: SlicedMeasure,
  { pairs }: ScoredProtocol,
  measured: Measured,
  decisions: readonly boolean[],
): readonly QualitySlice[] {
  const { of, lessIsWorse } = measures[measure];
  const valued = pairs.flatMap(({ first, second, genuine }, pair) => {
    const values = [measured[first], measured[second]].map((image) => image && of(image));
    const [a, b] = values;
    if (a === undefined || b === undefined) return [];
    return [
      { value: lessIsWorse ? Math.min(a, b) : Math.max(a, b), genuine, isRight: decisions[pair] ?? false },
    ];
  });
  if (valued.length < parts) return [];
  valued.sort((a, b) => (lessIsWorse ? a.value - b.value : b.value - a.value));
  return Array.from({ length: parts }, (_, part) => {
    const slice = valued.slice(
      Math.round((part * valued.length) / parts),
      Math.round(((part + 1) * valued.length) / parts),
    );
    return {
      measure,
      from: slice[0]?.value ?? Number.NaN,
      to: slice.at(-1)?.value ?? Number.NaN,
      pairCount: slice.length,
      genuinePairCount: slice.filter(({ genuine }) => genuine).length,
      accuracy: shareOfTrue(slice.map(({ isRight }) => isRight)),
    };
  });
}

function shareOfTrue(values: readonly boolean[]): number {
  return values.filter(Boolean).length / values.length;
}

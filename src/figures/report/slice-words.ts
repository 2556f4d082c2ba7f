import type { FrontnessSlice, SlicedMeasure } from '../../core/protocols/report-slices.js';

/** The measures that pairs are sliced by, in words, with their units. */
export const slicedMeasures: Readonly<
  Record<SlicedMeasure, { readonly name: string; readonly unit: string }>
> = {
  'face-size-pixels': { name: 'face size', unit: 'px' },
  sharpness: { name: 'sharpness', unit: '' },
  'yaw-degrees': { name: 'yaw', unit: '°' },
  'embedding-norm': { name: 'embedding norm', unit: '' },
};

/** As {@link slicedMeasures}, for columns of numbers without one: "yaw, °". */
export function measureWithUnit(measure: SlicedMeasure): string {
  const { name, unit } = slicedMeasures[measure];
  return unit === '' ? name : `${name}, ${unit}`;
}

const symmetricFaces = ['neither symmetric', 'one symmetric', 'both symmetric'] as const;

/** How many faces of a pair are symmetric, in words: all of them were found, whatever this says. */
export function symmetryWords({ symmetricFaceCount }: Pick<FrontnessSlice, 'symmetricFaceCount'>): string {
  return symmetricFaces[symmetricFaceCount] ?? '';
}

import type { SlicedMeasure } from '../../core/protocols/report-slices.js';

/** The measures that pairs are sliced by, in words. */
export const measureWords: Readonly<Record<SlicedMeasure, string>> = {
  'face-size-pixels': 'face size, px',
  sharpness: 'sharpness',
  'yaw-degrees': 'yaw, degrees',
  'embedding-norm': 'embedding norm',
};

/** How many of a pair's faces are symmetric, in words. */
export const symmetricFaceWords = ['no face', 'one face', 'both faces'] as const;

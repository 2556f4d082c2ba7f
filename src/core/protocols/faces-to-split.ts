import { isSymmetric } from '../faces/frontness.js';
import type { MeasuredImage } from './measured-image.js';

/** So many faces tell a network's symmetry within a point or two, and cost little beside a benchmark. */
const mostFaces = 200;

/**
 * The faces whose halves a network is asked of: symmetric ones of persons who are known, evenly spaced where there are many.
 * @param measured one a face; undefined where none was found
 * @param identityOf whom a face shows
 * @returns their places
 */
export function facesToSplit(
  measured: readonly (Pick<MeasuredImage, 'rho'> | undefined)[],
  identityOf: (face: number) => string | undefined,
): readonly number[] {
  const symmetric = measured.flatMap((image, face) => {
    const isKnown = image?.rho !== undefined && identityOf(face) !== undefined;
    return isKnown && isSymmetric(image.rho) ? [face] : [];
  });
  const count = Math.min(mostFaces, symmetric.length);
  return Array.from({ length: count }, (_, index) => Math.floor((index * symmetric.length) / count)).flatMap(
    (place) => symmetric[place] ?? [],
  );
}

import type { RgbImage } from '../../core/images/rgb-image.js';
import { evenlyOverIdentities } from '../../core/protocols/choice/evenly-over-identities.js';
import { type EvaluationSet, heldOutSet } from '../evaluation/evaluation-set.js';

/**
 * Faces that are embedded by each network, in about a minute by eleven MobileFaceNets on one core with mirror images. More
 * would tell little more: what is uncertain is which persons they are of.
 */
const mostFaces = 600;

/** Faces of the identities held out, and whose each is. */
export interface FacesToChooseBy {
  readonly images: readonly RgbImage[];
  readonly persons: readonly string[];
}

/** As many faces of each identity held out as there is room for. @throws RangeError where none are held out */
export function facesToChooseBy(sets: readonly EvaluationSet[]): FacesToChooseBy {
  const heldOut = sets.find(({ name }) => name === heldOutSet);
  if (heldOut === undefined) throw new RangeError('no identities are held out');
  const all = heldOut.images.map(({ identity }) => identity ?? '');
  const chosen = evenlyOverIdentities(all, mostFaces);
  return {
    images: chosen.flatMap((face) => heldOut.faces[face]?.image ?? []),
    persons: chosen.flatMap((face) => (heldOut.faces[face] === undefined ? [] : [all[face] ?? ''])),
  };
}

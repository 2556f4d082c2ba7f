import { backboneDesignsByFile } from '../generated/backbone-designs.js';
import type { BackboneDesign } from './backbone.js';

/** Every backbone that can be trained here: what the files of `designs/` define. */
export const BACKBONE_DESIGNS: readonly BackboneDesign[] = backboneDesignsByFile.flat();

/** @throws RangeError where there is none of that name */
export function backboneDesign(name: string): BackboneDesign {
  const design = BACKBONE_DESIGNS.find((candidate) => candidate.name === name);
  if (design !== undefined) return design;
  const known = BACKBONE_DESIGNS.map((candidate) => candidate.name).join(', ');
  throw new RangeError(`there is no backbone ${name}; there are ${known}`);
}

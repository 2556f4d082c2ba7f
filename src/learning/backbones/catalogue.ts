import { backboneDesignsByFile } from '../generated/backbone-designs.js';
import type { BackboneArchitecture } from './backbone.js';

/** Every backbone that can be trained here: what the files of `designs/` define. */
export const BACKBONE_ARCHITECTURES: readonly BackboneArchitecture[] = backboneDesignsByFile.flat();

/** @throws RangeError where there is none of that name */
export function backboneArchitecture(name: string): BackboneArchitecture {
  const design = BACKBONE_ARCHITECTURES.find((candidate) => candidate.name === name);
  if (design !== undefined) return design;
  const known = BACKBONE_ARCHITECTURES.map((candidate) => candidate.name).join(', ');
  throw new RangeError(`there is no backbone ${name}; there are ${known}`);
}

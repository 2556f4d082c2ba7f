import type { BackboneDesign } from './backbone.js';
import { improvedResNets } from './improved-resnet.js';
import { mobileFaceNet } from './mobile-face-net.js';
import { shuffleFaceNets } from './shuffle-face-net.js';
import { vargFaceNet } from './varg-face-net.js';

/** Every backbone that can be trained here, the lightest families first. */
export const BACKBONE_DESIGNS: readonly BackboneDesign[] = [
  mobileFaceNet,
  ...shuffleFaceNets,
  vargFaceNet,
  ...improvedResNets,
];

/** @throws RangeError where there is none of that name */
export function backboneDesign(name: string): BackboneDesign {
  const design = BACKBONE_DESIGNS.find((candidate) => candidate.name === name);
  if (design !== undefined) return design;
  const known = BACKBONE_DESIGNS.map((candidate) => candidate.name).join(', ');
  throw new RangeError(`there is no backbone ${name}; there are ${known}`);
}

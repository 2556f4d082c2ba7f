import { expect } from 'vitest';

import { type BackboneArchitecture, createBackbone } from '../../src/learning/backbones/backbone.js';

/** What a paper says of a network; of the two counts of its work it gives one. */
export interface PublishedSize {
  readonly parameters: number;
  readonly multiplyAdds?: number;
  /** FLOPs where a multiply-add counts as two. */
  readonly operations?: number;
}

/** Compares a design with its default embedding, on 112x112, with what was published. */
export function expectPublishedSize(design: BackboneArchitecture, published: PublishedSize): void {
  const { parameters, multiplyAdds, operations } = published;
  const backbone = createBackbone(design);
  // Papers cut and round to two figures: 0.5 M stands for 0.53 M.
  expect(Math.abs(backbone.parameterCount / parameters - 1)).toBeLessThan(0.06);
  expect(Math.abs(backbone.multiplyAdds / (multiplyAdds ?? operations! / 2) - 1)).toBeLessThan(0.01);
}

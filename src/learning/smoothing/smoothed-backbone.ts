import type { Backbone } from '../backbones/backbone.js';
import { smoothCrops } from './smooth-crops.js';

/**
 * A backbone that sees smoothed crops. It has the parameters of the one that it is made of: the smoothing is not trained.
 * @param deviationPixels of `smoothCrops`; 0: the backbone itself
 */
export function smoothedBackbone(backbone: Backbone, deviationPixels: number): Backbone {
  if (deviationPixels === 0) return backbone;
  return {
    ...backbone,
    forward: (images, variables, mode) =>
      backbone.forward(smoothCrops(images, deviationPixels), variables, mode),
  };
}

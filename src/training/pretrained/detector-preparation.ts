import { Failure } from '../../core/failure.js';
import { shippedSource } from './packaged-sources.js';
import type { Preparation } from './preparation.js';
import type { ShippedDetector } from './shipped-detector.js';

/**
 * A detector that comes with SymFace: its graphs, one for each size that it looks in, are compiled of the same weights.
 * @param name of its folder under models/
 */
export function detectorPreparation(name: string, shipped: ShippedDetector): Preparation {
  const source = shippedSource(name, shipped);
  return {
    source,
    stepCount: 1,
    make: async (onStep) => {
      onStep(name);
      const { compileShippedDetector } = await import('./compile-networks.js');
      const { files, graphs, isItself } = await compileShippedDetector(shipped);
      if (!isItself) {
        throw new Failure(
          'MODEL_INVALID',
          `${name} answers otherwise here than where it was trained. Install this version of SymFace again.`,
        );
      }
      return { manifest: { ...shipped.manifestOf(graphs), source }, files };
    },
  };
}

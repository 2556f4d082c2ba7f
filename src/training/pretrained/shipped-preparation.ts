import { shippedSource } from './packaged-sources.js';
import { type Preparation, sha256Of } from './preparation.js';
import type { ShippedBackbone } from './shipped-backbone.js';

/**
 * A backbone that comes with SymFace.
 * @param name the compiled graph's in its bundle, without an ending
 */
export function shippedPreparation(name: string, shipped: ShippedBackbone): Preparation {
  const { design, weights, manifestOf } = shipped;
  const source = shippedSource(name, shipped);
  return {
    source,
    stepCount: 1,
    make: async (onStep) => {
      onStep(name);
      const { compileDesign, requireSelfCheckOf } = await import('./compile-networks.js');
      const fileName = `${name}.onnx`;
      // The digest of a graph that is not compiled yet matters to nobody.
      const graph = compileDesign(design, manifestOf(fileName, shipped.weightsSha256), weights());
      const manifest = { ...manifestOf(fileName, sha256Of(graph)), source };
      await requireSelfCheckOf(graph, manifest);
      return { manifest, files: new Map([[fileName, graph]]) };
    },
  };
}

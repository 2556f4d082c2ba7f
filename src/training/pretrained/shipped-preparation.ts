import { type Preparation, sha256Of } from './preparation.js';
import type { ShippedBackbone } from './shipped-backbone.js';

/** Raise it whenever the network or what the compiler makes of it changes: it is then compiled anew. */
const definitionVersion = 1;

/**
 * A backbone that comes with SymFace.
 * @param name the compiled graph's in its bundle, without an ending
 */
export function shippedPreparation(name: string, shipped: ShippedBackbone): Preparation {
  const { weights, weightsSha256, manifestOf } = shipped;
  const digest = weightsSha256.slice(0, 16);
  const source = `${shipped.source}; models/${name}, SHA-256 ${digest}, definition ${definitionVersion}`;
  return {
    source,
    stepCount: 1,
    make: async (onStep) => {
      onStep(name);
      const { compileDlibResNet, requireSelfCheckOf } = await import('./compile-networks.js');
      const fileName = `${name}.onnx`;
      const graph = compileDlibResNet(weights());
      const manifest = { ...manifestOf(fileName, sha256Of(graph)), source };
      await requireSelfCheckOf(graph, manifest);
      return { manifest, files: new Map([[fileName, graph]]) };
    },
  };
}

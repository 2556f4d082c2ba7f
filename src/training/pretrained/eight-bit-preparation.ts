import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { RegisteredModel } from '../../storage/models/model-registry.js';
import { Failure } from '../../core/failure.js';
import type { ValueRange } from '../../inference/quantise/affine-quantisation.js';
import { eightBitSource, readActivationRanges } from './packaged-sources.js';
import type { Preparation } from './preparation.js';

/**
 * A backbone with 8-bit convolutions.
 * @param backboneName whose folder says what its activations are on faces
 * @param source of it in 32 bits
 * @param inFloats it in 32 bits, once it is there
 * @throws Error where the file of ranges is missing
 */
export async function eightBitPreparation(
  backboneName: string,
  source: string,
  inFloats: () => Promise<RegisteredModel>,
): Promise<Preparation> {
  const text = await readActivationRanges(backboneName);
  const ownSource = eightBitSource(source, text);
  return {
    source: ownSource,
    stepCount: 1,
    make: async (onStep) => {
      const { version, folder: bundle } = await inFloats();
      const { manifest } = version;
      if (manifest.kind !== 'backbone')
        throw new Failure('MODEL_INVALID', `${version.id} is a detector, not a backbone`);
      onStep(`${manifest.displayName} in 8 bits`);
      const graph = await readFile(join(bundle, manifest.graph.fileName));
      const { quantiseWithRanges } = await import('../../inference/quantise/quantise-backbone.js');
      const quantised = await quantiseWithRanges(graph, manifest, rangesOf(text));
      return {
        manifest: { ...quantised.manifest, source: ownSource },
        files: new Map([[manifest.graph.fileName, quantised.graph]]),
      };
    },
  };
}

function rangesOf(text: string): ReadonlyMap<string, ValueRange> {
  const written = JSON.parse(text) as Readonly<Record<string, readonly [number, number]>>;
  return new Map(Object.entries(written).map(([name, [minimum, maximum]]) => [name, { minimum, maximum }]));
}

import type { BundleFile, ModelManifest } from '../../core/models/manifest.js';
import { joinedSource, npmSource } from './packaged-sources.js';
import { type Preparation, sha256Of } from './preparation.js';
import type { backboneNetworks } from './pretrained-models.js';
import { readWeightFile, type WeightFile } from './weight-file.js';

type KnownNetwork = (typeof backboneNetworks)[number];

interface ReadNetwork {
  readonly network: KnownNetwork;
  readonly weights: WeightFile;
}

/**
 * A model whose networks npm ships.
 * @throws Error where a package lacks a file
 */
export async function npmPreparation(
  networks: readonly KnownNetwork[],
  manifestOf: (
    graphs: ReadonlyMap<string, BundleFile>,
    provenance: { readonly license: string; readonly source: string },
  ) => ModelManifest,
): Promise<Preparation> {
  const read = await Promise.all(
    networks.map(async (network) => ({ network, weights: await readWeightFile(network.weights) })),
  );
  const source = joinedSource(read.map(({ network, weights }) => npmSource(network, weights)));
  const license = [...new Set(read.map(({ weights }) => weights.origin.license))].join(' AND ');
  return {
    source,
    stepCount: networks.length,
    make: async (onStep) => {
      const files = await compiled(read, onStep);
      const graphs = new Map(
        [...files].map(([fileName, bytes]) => [fileName, { fileName, sha256: sha256Of(bytes) }]),
      );
      return { manifest: manifestOf(graphs, { license, source }), files };
    },
  };
}

async function compiled(
  networks: readonly ReadNetwork[],
  onStep: (title: string) => void,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const { compileNetwork } = await import('./compile-networks.js');
  const files = new Map<string, Uint8Array>();
  for (const { network, weights } of networks) {
    onStep(network.title);
    files.set(network.fileName, await compileNetwork(network.fileName, weights));
  }
  return files;
}

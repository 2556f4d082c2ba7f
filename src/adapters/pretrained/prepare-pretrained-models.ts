import { createHash } from 'node:crypto';

import type { ModelRegistry, StoredModelVersion } from '../../application/ports/model-registry.js';
import type { BundleFile, ModelManifest } from '../../domain/model/manifest.js';
import {
  backboneManifest,
  backboneNetworks,
  detectorManifest,
  detectorNetworks,
} from './pretrained-models.js';
import type { PretrainedNetwork } from './pretrained-networks.js';
import { readWeightFile, type WeightFile } from './weight-file.js';

type KnownNetwork = (typeof backboneNetworks | typeof detectorNetworks)[number];

/** Reported as each network is compiled; nothing is reported where all is there already. */
export interface PreparationProgress {
  readonly title: string;
  /** Networks done. */
  readonly completed: number;
  /** Networks to do, in this call. */
  readonly total: number;
}

export interface PretrainedModels {
  readonly backbone: StoredModelVersion;
  readonly detector: StoredModelVersion;
}

interface ReadNetwork {
  readonly network: KnownNetwork;
  readonly weights: WeightFile;
}

/** A model whose networks are read but perhaps not compiled. */
interface Preparation {
  readonly networks: readonly ReadNetwork[];
  readonly source: string;
  readonly existing: StoredModelVersion | undefined;
  readonly manifestOf: (
    graphs: ReadonlyMap<string, BundleFile>,
    provenance: { readonly license: string; readonly source: string },
  ) => ModelManifest;
}

/**
 * Makes the models that npm ships ready to serve: reads their weights from the installed packages, compiles them to
 * ONNX, checks the result against tfjs and registers it. What was prepared from the same weights and
 * definitions before is taken from the registry, without loading tfjs.
 *
 * @throws Error where a package lacks a file, or a compiled network computes something else than tfjs
 */
export async function preparePretrainedModels(
  registry: ModelRegistry,
  onProgress: (progress: PreparationProgress) => void = () => undefined,
): Promise<PretrainedModels> {
  const registered = await registry.list();
  const preparations = {
    backbone: await plan(backboneNetworks, backboneManifest, registered),
    detector: await plan(detectorNetworks, detectorManifest, registered),
  };
  const pending = Object.values(preparations).filter(({ existing }) => existing === undefined);
  const total = pending.reduce((count, { networks }) => count + networks.length, 0);
  let completed = 0;
  const onCompile = (title: string): void => {
    onProgress({ title, completed: completed++, total });
  };
  return {
    backbone: await carryOut(preparations.backbone, registry, onCompile),
    detector: await carryOut(preparations.detector, registry, onCompile),
  };
}

/** What the manifests of {@link preparePretrainedModels} say of where their weights came from. */
export async function sourcesOfPretrainedModels(): Promise<ReadonlySet<string>> {
  const models = [backboneNetworks, detectorNetworks];
  return new Set(await Promise.all(models.map(async (networks) => (await readNetworks(networks)).source)));
}

async function readNetworks(
  networks: readonly KnownNetwork[],
): Promise<{ readonly read: readonly ReadNetwork[]; readonly source: string }> {
  const read = await Promise.all(
    networks.map(async (network) => ({ network, weights: await readWeightFile(network.weights) })),
  );
  return { read, source: read.map(({ network, weights }) => sourceOf(network, weights)).join('; ') };
}

async function plan(
  networks: readonly KnownNetwork[],
  manifestOf: Preparation['manifestOf'],
  registered: readonly StoredModelVersion[],
): Promise<Preparation> {
  const { read, source } = await readNetworks(networks);
  const existing = registered.find(({ version }) => version.manifest.source === source);
  return { networks: read, source, existing, manifestOf };
}

/** Says what a compiled network was made of; equal text means an equal network, so it is the cache's key. */
function sourceOf(
  { weights: { descriptionPath }, definitionVersion }: PretrainedNetwork,
  file: WeightFile,
): string {
  const { name, version } = file.origin;
  const digest = file.sha256.slice(0, 16);
  return `npm ${name}@${version} ${descriptionPath}, SHA-256 ${digest}, definition ${definitionVersion}`;
}

async function carryOut(
  { networks, source, existing, manifestOf }: Preparation,
  registry: ModelRegistry,
  onCompile: (title: string) => void,
): Promise<StoredModelVersion> {
  if (existing !== undefined) return existing;
  const { compileNetwork } = await import('./compile-networks.js');
  const files = new Map<string, Uint8Array>();
  for (const { network, weights } of networks) {
    onCompile(network.title);
    files.set(network.fileName, await compileNetwork(network.fileName, weights));
  }
  const graphs = new Map(
    [...files].map(([fileName, bytes]) => [fileName, { fileName, sha256: sha256Of(bytes) }]),
  );
  const license = [...new Set(networks.map(({ weights }) => weights.origin.license))].join(' AND ');
  const { stored } = await registry.register(manifestOf(graphs, { license, source }), files);
  return stored;
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

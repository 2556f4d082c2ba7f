import type { ModelRegistry, StoredModelVersion } from '../../application/ports/model-registry.js';
import type { Precision } from '../../domain/model/precision.js';
import { eightBitPreparation } from './eight-bit-preparation.js';
import { npmPreparation } from './npm-preparation.js';
import { carryOut, type Preparation, preparedBefore } from './preparation.js';
import {
  backboneManifest,
  backboneNetworks,
  detectorManifest,
  detectorNetworks,
} from './pretrained-models.js';

/** Reported as each network is compiled; nothing is reported where all is there already. */
export interface PreparationProgress {
  readonly title: string;
  /** Networks done. */
  readonly completed: number;
  /** Networks to do, in this call. */
  readonly total: number;
}

export interface PretrainedModels {
  /** What serves where nothing was activated. */
  readonly backbone: StoredModelVersion;
  readonly detector: StoredModelVersion;
}

export interface PreparationOptions {
  /** Of the backbone. Default: float32 */
  readonly precision?: Precision;
  readonly onProgress?: (progress: PreparationProgress) => void;
}

/**
 * Makes the models that npm ships ready to serve: reads their weights from the installed packages, compiles them to
 * ONNX, checks the result against tfjs and registers it. What was prepared from the same weights and
 * definitions before is taken from the registry, without loading tfjs.
 *
 * @throws Error where a file is missing, or a compiled network computes something else than tfjs; Failure MODEL_INVALID
 *   where it does in 8 bits
 */
export async function preparePretrainedModels(
  registry: ModelRegistry,
  { precision = 'float32', onProgress = () => undefined }: PreparationOptions = {},
): Promise<PretrainedModels> {
  const known = await preparations(async () => prepare(known.backbone));
  const { backbone, eightBit, detector } = known;
  const wanted = precision === 'int8' ? [backbone, eightBit, detector] : [backbone, detector];
  const registered = await registry.list();
  const pending = wanted.filter(({ source }) => preparedBefore(source, registered) === undefined);
  const total = pending.reduce((count, { stepCount }) => count + stepCount, 0);
  let completed = 0;
  const prepare = async (preparation: Preparation): Promise<StoredModelVersion> =>
    carryOut(preparation, registry, (title) => {
      onProgress({ title, completed: completed++, total });
    });
  // The first backbone that is registered is the one that serves where none was activated.
  const inFloats = await prepare(backbone);
  return {
    backbone: precision === 'int8' ? await prepare(eightBit) : inFloats,
    detector: await prepare(detector),
  };
}

/** What the manifests of {@link preparePretrainedModels} say of where their weights came from. */
export async function sourcesOfPretrainedModels(): Promise<ReadonlySet<string>> {
  const known = await preparations(() => Promise.reject(new Error('nothing is prepared here')));
  return new Set(Object.values(known).map(({ source }) => source));
}

/** @param inFloats the backbone in 32 bits, once it is needed */
async function preparations(
  inFloats: () => Promise<StoredModelVersion>,
): Promise<Readonly<Record<'backbone' | 'eightBit' | 'detector', Preparation>>> {
  const backbone = await npmPreparation(backboneNetworks, backboneManifest);
  return {
    backbone,
    eightBit: await eightBitPreparation(backbone.source, inFloats),
    detector: await npmPreparation(detectorNetworks, detectorManifest),
  };
}

import type { ModelRegistry, RegisteredModel } from '../../storage/models/model-registry.js';
import type { Precision } from '../../core/models/precision.js';
import { defaultBackboneName } from './default-backbone.js';
import { defaultDetectorName } from './default-detector.js';
import { detectorPreparation } from './detector-preparation.js';
import { eightBitPreparation } from './eight-bit-preparation.js';
import { npmPreparation } from './npm-preparation.js';
import { modelFolder } from './packaged-sources.js';
import { carryOut, type Preparation, preparedBefore } from './preparation.js';
import { backboneManifest, backboneNetworks } from './pretrained-models.js';
import { readShippedBackbone } from './shipped-backbone.js';
import { readShippedDetector } from './shipped-detector.js';
import { shippedPreparation } from './shipped-preparation.js';

/** The progress, reported as each network is compiled; nothing is reported where all is there already. */
export interface PreparationProgress {
  readonly title: string;
  /** Networks done. */
  readonly completed: number;
  /** Networks to do, in this call. */
  readonly total: number;
}

export interface PretrainedModels {
  /** What serves where nothing was activated. */
  readonly backbone: RegisteredModel;
  readonly detector: RegisteredModel;
}

export interface PreparationOptions {
  /** The precision of the backbone. Default: float32. */
  readonly precision?: Precision;
  readonly onProgress?: (progress: PreparationProgress) => void;
}

/**
 * Makes the models that come with SymFace ready to serve: the backbone and the detector that were trained here. Reads their
 * weights, compiles them to ONNX, checks the result and registers it. What was prepared from the same weights and definitions
 * before is taken from the registry, without loading tfjs.
 *
 * @throws Failure MODEL_INVALID where a file is not the one that was measured, or a network computes something else than it did
 *   where it was trained, or in 8 bits something else than in 32
 */
export async function preparePretrainedModels(
  registry: ModelRegistry,
  { precision = 'float32', onProgress = () => undefined }: PreparationOptions = {},
): Promise<PretrainedModels> {
  let [completed, total] = [0, 0];
  const prepare = async (preparation: Preparation): Promise<RegisteredModel> =>
    carryOut(preparation, registry, (title) => {
      onProgress({ title, completed: completed++, total });
    });
  const { shipped, shippedEightBit, detector } = await preparations(prepare);
  const wanted = precision === 'int8' ? [shipped, shippedEightBit] : [shipped];
  const registered = await registry.list();
  const pending = [...wanted, detector].filter(
    ({ source }) => preparedBefore(source, registered) === undefined,
  );
  total = pending.reduce((count, { stepCount }) => count + stepCount, 0);
  for (const preparation of wanted) await prepare(preparation);
  return {
    backbone: await prepare(precision === 'int8' ? shippedEightBit : shipped),
    detector: await prepare(detector),
  };
}

/**
 * Makes a backbone ready that an npm package ships. It serves once it is activated.
 * @throws Failure INVALID_ARGUMENT where the package is not installed
 */
export async function prepareNpmBackbone(
  registry: ModelRegistry,
  onStep: (title: string) => void,
): Promise<RegisteredModel> {
  return carryOut(await npmPreparation(backboneNetworks, backboneManifest), registry, onStep);
}

/** The backbone that was trained here (shipped), and the detector. */
type Preparations = Readonly<Record<'shipped' | 'shippedEightBit' | 'detector', Preparation>>;

/** @param prepare what another one is made from */
async function preparations(
  prepare: (preparation: Preparation) => Promise<RegisteredModel>,
): Promise<Preparations> {
  const folder = modelFolder(defaultBackboneName);
  const shipped = shippedPreparation(defaultBackboneName, await readShippedBackbone(folder));
  const inFloats = async (): Promise<RegisteredModel> => prepare(shipped);
  return {
    shipped,
    shippedEightBit: await eightBitPreparation(defaultBackboneName, shipped.source, inFloats),
    detector: detectorPreparation(
      defaultDetectorName,
      await readShippedDetector(modelFolder(defaultDetectorName)),
    ),
  };
}

import type { FaceAnalysis } from '../../inference/analyser/face-analysis.js';
import type { ModelPair } from '../../inference/workers/model-serving.js';
import type { Session } from '../session.js';

/** Faces are found and embedded by workers of this command's own. */
export interface LocalAnalysis {
  readonly analysis: FaceAnalysis;
  readonly models: ModelPair;
  /** Images that keep the workers busy. */
  readonly parallel: number;
}

/** One that is decoded while the other is in the networks. */
const imagesPerWorker = 2;

/**
 * Runs `use` with the models that come with SymFace on workers of this command's own, where no server is asked: those that a
 * service on this machine would begin with (its data folder, precision and workers are read from the same environment). They
 * are made ready first where they are not yet. The workers end with `use`.
 * @param chosen models in the place of those
 * @throws ConfigurationError; Failure MODEL_INVALID; what `use` throws
 */
export async function withLocalAnalysis<T>(
  { terminal }: Pick<Session, 'terminal'>,
  use: (local: LocalAnalysis) => Promise<T>,
  chosen: Partial<ModelPair> = {},
): Promise<T> {
  // Loaded here only: the engine and the preparation take time to load.
  const { readOfflineConfiguration } =
    await import('../../service/platform/configuration/offline-configuration.js');
  const { engineOptionsOf } = await import('../../service/models/engine-options.js');
  const { InferenceEngine } = await import('../../inference/workers/inference-engine.js');
  const { ModelFiles } = await import('../../storage/models/model-files.js');
  const { preparePretrainedModels } = await import('../../training/pretrained/prepare-pretrained-models.js');
  const configuration = readOfflineConfiguration();
  const { dataFolder, precision, workerCount } = configuration;
  const prepared = await preparePretrainedModels(new ModelFiles(dataFolder), {
    precision,
    onProgress: ({ title }) => {
      terminal.err(title);
    },
  });
  const models = { ...prepared, ...chosen };
  const say = (error: unknown): void => {
    terminal.err(`symface: ${error instanceof Error ? error.message : String(error)}`);
  };
  const engine = new InferenceEngine(engineOptionsOf(configuration), {
    onShed: () => undefined,
    onWorkerLost: say,
    onModelsChanged: () => undefined,
    onImages: () => undefined,
    onDefect: say,
  });
  try {
    await engine.serve(models);
    return await use({ analysis: engine, models, parallel: workerCount * imagesPerWorker });
  } finally {
    await engine.close();
  }
}

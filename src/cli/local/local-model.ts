import { withTemporaryFolder } from '../../storage/files/temporary-folder.js';
import { isModelVersionId } from '../../storage/models/stored-version.js';
import type { RegisteredModel } from '../../storage/models/model-registry.js';

/** How a command names a backbone without a server. */
export interface LocalModelOptions {
  /** The id of a version in the data folder, an ONNX file, or a training's model folder; the default backbone where absent. */
  readonly model?: string;
  /** JSON that describes the ONNX file. */
  readonly manifest?: string;
}

/**
 * Runs `use` with the backbone that a command names; undefined where it names none. A file is registered in a folder that is removed
 * afterwards, so that nothing of it stays in the data folder.
 * @throws Failure MODEL_NOT_FOUND, MODEL_INVALID, INVALID_ARGUMENT where a file cannot be read; what `use` throws
 */
export async function withLocalModel<T>(
  { model, manifest }: LocalModelOptions,
  use: (backbone: RegisteredModel | undefined) => Promise<T>,
): Promise<T> {
  if (model === undefined) return use(undefined);
  const { ModelFiles } = await import('../../storage/models/model-files.js');
  if (manifest === undefined && isModelVersionId(model)) {
    const { readOfflineConfiguration } =
      await import('../../service/platform/configuration/offline-configuration.js');
    return use(await new ModelFiles(readOfflineConfiguration().dataFolder).get(model));
  }
  const { readEmbeddingModel } = await import('../../training/export/embedding-model.js');
  const read = await readEmbeddingModel({ model, manifest });
  return withTemporaryFolder(async (folder) => {
    const files = new Map([[read.manifest.graph.fileName, read.graph]]);
    const { stored } = await new ModelFiles(folder).register(read.manifest, files);
    return use(stored);
  });
}

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { detectorFamilies, type DetectorFamily } from '../core/models/manifest.js';
import { detectorPresets } from '../core/models/presets.js';
import type { RegisteredModel } from '../storage/models/model-registry.js';
import { CommandFailure } from './command-failure.js';
import { errorCode } from './image-file.js';

/** Doubtful faces are wanted too: they are labelled as such. */
const MINIMUM_PROBABILITY = 0.3;

/**
 * A detector to label with.
 * @param model FAMILY=FILE, or the id of a registered model
 * @throws CommandFailure where it is neither; Failure MODEL_NOT_FOUND or MODEL_INVALID
 */
export async function labellingDetector(model: string): Promise<RegisteredModel> {
  const [family, ...rest] = model.split('=');
  const stored = rest.length > 0 ? await fromFile(family ?? '', rest.join('=')) : await registered(model);
  const { version } = stored;
  if (version.manifest.kind !== 'detector') throw new CommandFailure(`${model} is no detector.`);
  const manifest = { ...version.manifest, minimumProbability: MINIMUM_PROBABILITY };
  return { ...stored, version: { ...version, manifest } };
}

async function registered(id: string): Promise<RegisteredModel> {
  const { readOfflineConfiguration } =
    await import('../service/platform/configuration/offline-configuration.js');
  const { ModelFiles } = await import('../storage/models/model-files.js');
  return new ModelFiles(readOfflineConfiguration().dataFolder).get(id);
}

async function fromFile(family: string, file: string): Promise<RegisteredModel> {
  if (!isFamily(family))
    throw new CommandFailure(`${family} is no family of detectors: ${detectorFamilies.join(', ')}.`);
  const graph = await readFile(file).catch((cause: unknown) => {
    throw new CommandFailure(`Cannot read the model ${file} (${errorCode(cause)}). Check the path.`, {
      cause,
    });
  });
  const sha256 = createHash('sha256').update(graph).digest('hex');
  const fileName = basename(file);
  return {
    folder: dirname(resolve(file)),
    version: {
      id: fileName,
      contractDigest: sha256,
      createTime: new Date().toISOString(),
      manifest: {
        ...detectorPresets[family],
        displayName: fileName,
        license: 'unstated',
        source: fileName,
        graphs: { detector: { fileName, sha256 } },
      },
    },
  };
}

function isFamily(family: string): family is DetectorFamily {
  return detectorFamilies.some((known) => known === family);
}

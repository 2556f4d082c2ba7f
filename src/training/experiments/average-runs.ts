import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { z } from 'zod';

import type { CellAverage } from './experiment-results.js';
import { Failure } from '../../core/failure.js';
import type { BackboneManifest } from '../../core/models/manifest.js';
import { hasErrorCode, replaceFile, storageFailure } from '../../storage/files/durable-files.js';
import { parseManifest } from '../../storage/models/manifest-schema.js';
import { buildBackbone } from '../configuration/build-backbone.js';
import { exportedFiles } from '../export/export-model.js';
import type { LocatedConfiguration } from '../configuration/training-configuration.js';
import type { PlannedAverage, PlannedRun } from './experiment-file.js';
import { exportAveragedModel, type RunToAverage } from './averaged-model.js';

/** What a mean was made of and came to, so that it need not be measured again. */
const recordFile = 'mean.json';
const recordSchema = z.object({
  trainedShare: z.number(),
  runs: z.array(z.object({ seed: z.int(), weightsSha256: z.string() })),
  sets: z.record(z.string(), z.record(z.string(), z.number())),
});
type MeanRecord = z.infer<typeof recordSchema>;

/**
 * Checks, before hours are spent on runs, that the mean of their weights is a network.
 * @throws Failure INVALID_ARGUMENT where it is none
 */
export async function requireAveragedBackbone({ cell, runs }: PlannedAverage): Promise<void> {
  const [run] = runs;
  if (run === undefined) return;
  const { backbone, weights } = await buildBackbone(located(run));
  const reason =
    weights === undefined
      ? 'they begin from weights that each seed draws anew and have nothing in common: name weights to start from'
      : backbone.statistics.length > 0
        ? `${backbone.name} has running statistics (batch norm), whose mean is not what the mean of weights needs`
        : undefined;
  if (reason === undefined) return;
  const message = `averageWeights: the runs of ${cell} have no mean: ${reason}`;
  throw new Failure('INVALID_ARGUMENT', message);
}

/**
 * The network whose weights are the mean of those of a cell's runs, measured as they were and exported to the mean's folder.
 * What was made of the same runs before is not made again.
 *
 * @param experimentFolder with the runs, all of them finished
 * @param threads of ONNX Runtime; 0: as many as there are cores
 * @throws Failure MODEL_INVALID where a run's model is damaged, DATASET_INVALID, STORAGE_FULL
 */
export async function averageRuns(
  { cell, folder: named, runs, trainedShare }: PlannedAverage,
  experimentFolder: string,
  threads: number,
): Promise<CellAverage> {
  const trained = await Promise.all(runs.map(async (run) => trainedRun(run, experimentFolder)));
  const folder = join(experimentFolder, named);
  const madeOf = {
    trainedShare,
    runs: trained.map(({ seed, weightsSha256 }) => ({ seed, weightsSha256 })),
  };
  const kept = await keptRecord(folder);
  if (kept !== undefined && isDeepStrictEqual({ ...kept, sets: {} }, { ...madeOf, sets: {} }))
    return { cell, sets: kept.sets };
  const [run] = runs;
  if (run === undefined) throw new RangeError(`${cell} has no runs`);
  const average = { runs: trained, trainedShare };
  // A kill while the model is replaced must not leave it beside the figures of another.
  await rm(join(folder, recordFile), { force: true });
  const sets = await exportAveragedModel(located(run), average, join(folder, 'model'), threads);
  await keepRecord(folder, { ...madeOf, sets });
  return { cell, sets };
}

async function trainedRun({ seed, folder }: PlannedRun, experimentFolder: string): Promise<RunToAverage> {
  const modelFolder = join(experimentFolder, folder, 'model');
  try {
    const weightsFile = await readFile(join(modelFolder, exportedFiles.weights));
    const manifest = parseManifest(
      JSON.parse(await readFile(join(modelFolder, exportedFiles.manifest), 'utf8')),
    );
    const weightsSha256 = createHash('sha256').update(weightsFile).digest('hex');
    return { seed, weightsFile, weightsSha256, training: (manifest as BackboneManifest).training };
  } catch (cause) {
    const message = `${modelFolder} has no model that can be read; --restart trains it anew`;
    throw new Failure('MODEL_INVALID', message, {}, [], { cause });
  }
}

/** The configuration of a run has absolute paths. */
function located({ configuration, text }: PlannedRun): LocatedConfiguration {
  return { configuration, text, pathOf: (named) => resolve(named) };
}

async function keptRecord(folder: string): Promise<MeanRecord | undefined> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(join(folder, recordFile), 'utf8')));
  } catch (error) {
    // Cut short or of another version, it is made again.
    if (error instanceof SyntaxError || error instanceof z.ZodError || hasErrorCode(error, 'ENOENT'))
      return undefined;
    throw error;
  }
}

async function keepRecord(folder: string, record: MeanRecord): Promise<void> {
  const path = join(folder, recordFile);
  try {
    await mkdir(folder, { recursive: true });
    await replaceFile(path, `${JSON.stringify(record, null, 2)}\n`);
  } catch (error) {
    throw storageFailure(error, path);
  }
}

import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { Failure } from '../../core/failure.js';
import type { TrainingSpec } from '../../learning/step/training-spec.js';
import { type TrainingStage, trainingStages } from '../../learning/step/training-stages.js';
import type { TeacherTargets } from '../../learning/step/teacher-targets.js';
import type { TrainingEngine, TrainingState } from '../../learning/step/training-engine.js';
import {
  type StepProgress,
  TRAINING_START,
  type TrainingPosition,
} from '../../learning/step/training-run.js';
import { oneKey, SecretBox } from '../../storage/encryption/secret-box.js';
import type { AlignmentTemplate } from '../../core/faces/alignment-template.js';
import type { DataLoaderConfig } from '../data/data-loader-options.js';
import { openDataLoader } from '../data/open-data-loader.js';
import { suppressTfjsNotice } from '../../learning/engines/tfjs-notice.js';
import { type EvaluationSet, heldOutSet } from '../evaluation/evaluation-set.js';
import { CheckpointFolder } from './checkpoint-folder.js';
import { FirstStates } from './first-states.js';
import { buildBackbone } from '../configuration/build-backbone.js';
import { dataLoaderConfigOf } from '../configuration/data-loader-config.js';
import { buildEvaluationSets } from '../configuration/build-evaluation-sets.js';
import { buildTrainingSpec } from '../configuration/build-training-spec.js';
import { TrainingSession } from '../configuration/training-session.js';
import { buildTeacher } from '../configuration/build-teacher.js';
import { EagerTrainingEngine } from '../../learning/engines/eager-training-engine.js';
import { withListedIdentities } from '../overlap/identity-list-file.js';
import { startCompiledEngine } from '../../learning/engines/start-compiled-engine.js';
import { sharedBatches, shareOfMachine } from '../parallel/shared-batches.js';
import { sharedPosition } from '../parallel/shared-position.js';
import { RunEngine } from './run-engine.js';
import { RunLog } from './run-log.js';
import { smoothedNetwork } from './smoothed-network.js';
import { type TeacherDependencies, teacherTargets } from '../distillation/teacher-embeddings.js';
import {
  threadsOf,
  type TrainObserver,
  type TrainOptions,
  type TrainResult,
  type TrainStart,
} from '../configuration/train-options.js';
import {
  freezingOf,
  type LocatedConfiguration,
  type TrainingConfiguration,
} from '../configuration/training-configuration.js';

// The command line reaches the learning code through this folder only.
export type { StepProgress, TrainingPosition };
export type { TrainObserver, TrainOptions, TrainResult, TrainStart };

/**
 * Trains as a configuration says, from the newest checkpoint of the run's folder where there is one. A signal ends it
 * after the step that is computed, with a checkpoint and the model as it is then.
 * @throws Failure INVALID_ARGUMENT, DATASET_INVALID, TRAINING_DIVERGED, OUT_OF_MEMORY, STORAGE_FULL
 */
export async function train(
  given: LocatedConfiguration,
  options: TrainOptions,
  observer: TrainObserver,
  signal: AbortSignal,
): Promise<TrainResult> {
  const located = sharedOut(await withListedIdentities(given), options);
  const { configuration } = located;
  const { processes } = options;
  const isFirst = (processes?.rank ?? 0) === 0;
  suppressTfjsNotice();
  const checkpointsFolder = join(options.runFolder, 'checkpoints');
  if (options.restart && isFirst) await rm(checkpointsFolder, { recursive: true, force: true });
  const built = await buildBackbone(located);
  const { alignment, weights, origin } = built;
  const namedTeacher = await buildTeacher(located, built.backbone, built);
  const { encryptionKey } = options;
  const box = encryptionKey === undefined ? undefined : new SecretBox(oneKey(encryptionKey));
  const dataConfig = dataConfigOf(located, alignment, options);
  const data = await openDataLoader(dataConfig);
  try {
    const sets = isFirst ? await buildEvaluationSets(located, dataConfig, data, alignment) : [];
    if (isFirst) requireFacesToChooseBy(configuration, sets);
    const logPath = join(options.runFolder, 'log.jsonl');
    const { smoothing, backbone, teacher, runDigest } = await smoothedNetwork(
      { located, built, namedTeacher, data, sets, options, logPath, checkpointsFolder },
      signal,
    );
    const checkpoints = new CheckpointFolder(checkpointsFolder, runDigest, box);
    let own = isFirst ? await checkpoints.newest() : undefined;
    const resumed = processes === undefined ? own?.position : await sharedPosition(own?.position, processes);
    const spec = buildTrainingSpec(configuration, backbone, data.classCount, data.shape);
    const log = isFirst ? await resumedLog(logPath, resumed, observer) : RunLog.unwritten();
    if (smoothing.chosen !== undefined) {
      await log.append(smoothing.chosen);
      observer.onSmoothing?.(smoothing.chosen);
    }
    const head = { spec, data, threads: threadsOf(options), onProgress: observer.onHead };
    const states = new FirstStates({ configuration, head, weights, isFirst, resumed }, own?.state, signal);
    own = undefined;
    const targets =
      teacher &&
      (await targetsOf({ teacher, dataConfig, data, box }, configuration, options, observer, signal));
    // The first one may have embedded all faces meanwhile.
    await processes?.meet();
    const engine = await RunEngine.start(
      async (trainedLayers, from) => startEngine({ ...spec, trainedLayers }, from, options),
      stageOf(configuration, resumed).trainedLayers,
      async () => states.first(),
    );
    const run = new TrainingSession({
      configuration,
      options,
      observer,
      checkpoints,
      spec,
      network: built.backbone,
      smoothingPixels: smoothing.pixels,
      alignment,
      origin,
      teacher,
      targets,
      startingWeights: weights,
      startingParts: built.parts,
      startState: async () => states.start(),
      engine,
      data,
      log,
      sets,
    });
    try {
      return await run.toEnd(resumed, signal);
    } finally {
      await engine.close();
    }
  } finally {
    await data.close();
  }
}

/** What the run trains on: of several processes this one's share. */
function dataConfigOf(
  located: LocatedConfiguration,
  alignment: AlignmentTemplate,
  { encryptionKey, processes }: TrainOptions,
): DataLoaderConfig {
  return {
    ...dataLoaderConfigOf(located, alignment),
    ...(encryptionKey !== undefined && { encryptionKey }),
    ...(processes && { turns: processes, ...shareOfMachine(processes.localSize) }),
  };
}

/** The run's log up to where it goes on. */
async function resumedLog(
  path: string,
  resumed: TrainingPosition | undefined,
  observer: TrainObserver,
): Promise<RunLog> {
  return RunLog.resume(path, resumed?.step ?? 0, observer.onLogEntry?.bind(observer));
}

/** @throws Failure INVALID_ARGUMENT where its steps cannot be shared equally, or the engine trains in one process only */
function sharedOut(located: LocatedConfiguration, { processes, engine }: TrainOptions): LocatedConfiguration {
  if (processes === undefined) return located;
  if (engine === 'tfjs')
    throw new Failure(
      'INVALID_ARGUMENT',
      'Several processes train by the compiled engine only: leave out --engine.',
    );
  if (located.configuration.learningRate.initial === 'auto')
    throw new Failure(
      'INVALID_ARGUMENT',
      'learningRate.initial: auto: one process finds the rate. Begin the run in one process, or find it there and write the number.',
    );
  const { configuration } = located;
  const isSynchronised = configuration.backbone.normalisation === 'synchronised';
  return { ...located, configuration: sharedBatches(configuration, processes.size, isSynchronised) };
}

function requireFacesToChooseBy(
  { weightInterpolation }: TrainingConfiguration,
  sets: readonly EvaluationSet[],
): void {
  if (weightInterpolation?.choose === undefined || sets.some(({ name }) => name === heldOutSet)) return;
  throw new Failure(
    'INVALID_ARGUMENT',
    'weightInterpolation.choose needs at least two identities that are held out, and pairs of their faces: set data.identities.holdOut and evaluate.heldOutPairs.',
  );
}

function stageOf(configuration: TrainingConfiguration, position = TRAINING_START): TrainingStage {
  const stages = trainingStages(configuration.epochs, freezingOf(configuration));
  const stage = stages.find(({ untilEpoch }) => position.epoch < untilEpoch) ?? stages.at(-1);
  if (stage === undefined) throw new RangeError('a training has a stage');
  return stage;
}

async function targetsOf(
  given: Pick<TeacherDependencies, 'teacher' | 'dataConfig' | 'data' | 'box'>,
  { distillation }: TrainingConfiguration,
  options: TrainOptions,
  { onTeacher }: TrainObserver,
  signal: AbortSignal,
): Promise<TeacherTargets | undefined> {
  const folder = join(options.runFolder, 'teacher');
  // What the first process has embedded, the others read.
  if ((options.processes?.rank ?? 0) > 0) await options.processes?.meet();
  const parts = { ...given, folder, threads: threadsOf(options), onProgress: onTeacher };
  const targets = await teacherTargets(parts, distillation?.centre === true, signal);
  if (options.processes?.rank === 0) await options.processes.meet();
  return targets;
}

async function startEngine(
  spec: TrainingSpec,
  state: TrainingState,
  { engine, processes }: TrainOptions,
): Promise<TrainingEngine> {
  try {
    return engine === 'tfjs'
      ? EagerTrainingEngine.start(spec, state)
      : await startCompiledEngine(spec, state, engine, processes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Failure('INVALID_ARGUMENT', error.message, {}, [], { cause: error });
  }
}

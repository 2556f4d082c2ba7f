import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { Failure } from '../../core/failure.js';
import { initialState } from '../../learning/step/initial-state.js';
import type { Learner } from '../../learning/step/learner.js';
import type { TeacherTargets } from '../../learning/step/teacher-targets.js';
import type { TrainingEngine, TrainingState } from '../../learning/step/training-engine.js';
import type { StepProgress, TrainingPlace } from '../../learning/step/training-run.js';
import { SecretBox } from '../../storage/encryption/secret-box.js';
import { openTrainingData } from '../data/open-training-data.js';
import { skipBackendAdvice } from '../../learning/engines/backend-advice.js';
import { CheckpointFolder } from './checkpoint-folder.js';
import { atClassMeans } from '../data/class-mean-head.js';
import { configuredBackbone } from '../configuration/configured-backbone.js';
import { configuredData } from '../configuration/configured-data.js';
import { configuredEarlyStopping } from '../configuration/configured-early-stopping.js';
import { configuredEvaluation } from '../configuration/configured-evaluation.js';
import { configuredLearner } from '../configuration/configured-learner.js';
import { ConfiguredRun } from '../configuration/configured-run.js';
import { configuredTeacher } from '../configuration/configured-teacher.js';
import { EagerTrainingEngine } from '../../learning/engines/eager-training-engine.js';
import { withListedIdentities } from '../overlap/identity-list-file.js';
import { OrtTrainingEngine } from '../../learning/engines/ort-training-engine.js';
import { runDigestOf } from './run-digest.js';
import { RunLog } from './run-log.js';
import { type TeacherParts, teacherTargets } from '../distillation/teacher-embeddings.js';
import {
  threadsOf,
  type TrainObserver,
  type TrainOptions,
  type TrainOutcome,
  type TrainStart,
} from '../configuration/train-options.js';
import {
  headInitialisation,
  type LocatedConfiguration,
  type TrainingConfiguration,
} from '../configuration/training-configuration.js';

// The command line reaches the learning code through this folder only.
export type { StepProgress, TrainingPlace };
export type { TrainObserver, TrainOptions, TrainOutcome, TrainStart };

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
): Promise<TrainOutcome> {
  const located = await withListedIdentities(given);
  const { configuration } = located;
  skipBackendAdvice();
  const checkpointsFolder = join(options.runFolder, 'checkpoints');
  if (options.restart) await rm(checkpointsFolder, { recursive: true, force: true });
  const { backbone, alignment, weights, origin, graphSha256 } = await configuredBackbone(located);
  const teacher = await configuredTeacher(located, backbone);
  const { encryptionKey } = options;
  const box = encryptionKey === undefined ? undefined : new SecretBox(encryptionKey);
  const configured = configuredData(located, alignment);
  const dataConfig = encryptionKey === undefined ? configured : { ...configured, encryptionKey };
  const data = await openTrainingData(dataConfig);
  try {
    const digests = { graphSha256, replaySha256: data.replay?.sha256, teacherSha256: teacher?.sha256 };
    const runDigest = runDigestOf(configuration, digests);
    const checkpoints = new CheckpointFolder(checkpointsFolder, runDigest, box);
    const resumed = await checkpoints.newest();
    const learner = configuredLearner(configuration, backbone, data.classCount, data.shape);
    const log = await RunLog.resume(join(options.runFolder, 'log.jsonl'), resumed?.place.step ?? 0);
    const sets = await configuredEvaluation(located, dataConfig, data, alignment);
    const stopping = configuredEarlyStopping(configuration, sets, resumed?.evaluations);
    const drawn = initialState(learner, configuration.seed, weights);
    const startsAtMeans = resumed === undefined && headInitialisation(configuration) === 'class-means';
    const parts = { learner, data, threads: threadsOf(options), onProgress: observer.onHead };
    const state = startsAtMeans ? await atClassMeans(drawn, parts, signal) : (resumed?.state ?? drawn);
    const targets =
      teacher &&
      (await targetsOf({ teacher, dataConfig, data, box }, configuration, options, observer, signal));
    const engine = await startEngine(learner, state, options);
    const run = new ConfiguredRun({
      configuration,
      options,
      observer,
      checkpoints,
      learner,
      alignment,
      origin,
      teacher,
      targets,
      startingWeights: weights,
      engine,
      data,
      log,
      sets,
      stopping,
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

async function targetsOf(
  given: Pick<TeacherParts, 'teacher' | 'dataConfig' | 'data' | 'box'>,
  { distillation }: TrainingConfiguration,
  options: TrainOptions,
  { onTeacher }: TrainObserver,
  signal: AbortSignal,
): Promise<TeacherTargets | undefined> {
  const folder = join(options.runFolder, 'teacher');
  const parts = { ...given, folder, threads: threadsOf(options), onProgress: onTeacher };
  return teacherTargets(parts, distillation?.centre === true, signal);
}

async function startEngine(
  learner: Learner,
  state: TrainingState,
  { engine }: TrainOptions,
): Promise<TrainingEngine> {
  try {
    return engine === 'tfjs'
      ? EagerTrainingEngine.start(learner, state)
      : await OrtTrainingEngine.start(learner, state, engine);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Failure('INVALID_ARGUMENT', error.message, {}, [], { cause: error });
  }
}

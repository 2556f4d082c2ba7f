import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { Failure } from '../../domain/failure.js';
import type { BackboneManifest } from '../../domain/model/manifest.js';
import type { Weights } from '../../domain/model/weights.js';
import { initialState } from '../../learning/training/initial-state.js';
import { HEAD, type Learner } from '../../learning/training/learner.js';
import type { TrainingEngine, TrainingState } from '../../learning/training/training-engine.js';
import {
  runTraining,
  type StepProgress,
  TRAINING_START,
  type TrainingPlace,
} from '../../learning/training/training-run.js';
import { openHeldOutFaces } from '../training-data/held-out-faces.js';
import { openTrainingData } from '../training-data/open-training-data.js';
import type { TrainingData, TrainingDataConfig } from '../training-data/training-data.js';
import { skipBackendAdvice } from './backend-advice.js';
import { type Checkpoint, CheckpointFolder } from './checkpoint-folder.js';
import { configuredBackbone, configuredLearner } from './configured-learner.js';
import { EagerTrainingEngine } from './eager-training-engine.js';
import { type EvaluationSet, loadBenchmark, loadHeldOut } from './evaluation-set.js';
import { exportModel, trainedManifest } from './export-model.js';
import { type EvaluationResult, measureEvaluationSets } from './measure-evaluation-set.js';
import { OrtTrainingEngine, type OrtEngineOptions } from './ort-training-engine.js';
import { RunLog } from './run-log.js';
import { compileServingGraph } from './serving-graph.js';
import { evaluationEntry, StepAverage } from './step-average.js';
import {
  type LocatedConfiguration,
  runDigestOf,
  type TrainingConfiguration,
} from './training-configuration.js';

// The command line reaches the learning code through this folder only.
export type { StepProgress, TrainingPlace };

export interface TrainOptions {
  /** Where everything of the run goes. */
  readonly runFolder: string;
  /** Forgets the checkpoints that are there. */
  readonly restart: boolean;
  /** `tfjs`: evaluated on the backend that is current. */
  readonly engine: OrtEngineOptions | 'tfjs';
}

/** What a run says of itself while it goes on. */
export interface TrainObserver {
  onStart(start: TrainStart): void;
  onStep(progress: StepProgress): void;
  onEvaluation(place: TrainingPlace, results: readonly EvaluationResult[]): void;
}

export interface TrainStart {
  readonly parameterCount: number;
  readonly classCount: number;
  readonly faceCount: number;
  readonly symmetricCount: number;
  /** N' (Eq. 8) */
  readonly samplesPerEpoch: number;
  readonly batchesPerEpoch: number;
  readonly epochs: number;
  readonly heldOutIdentityCount: number;
  readonly from: TrainingPlace;
}

export interface TrainOutcome {
  readonly place: TrainingPlace;
  readonly isDone: boolean;
  /** With what the network that was trained can be imported. */
  readonly modelFolder: string;
  readonly log: RunLog;
  readonly configuration: TrainingConfiguration;
}

/** How often the log has an entry. */
const logEverySteps = 10;

/**
 * Trains as a configuration says, from the newest checkpoint of the run's folder where there is one. A signal ends it
 * after the step that is computed, with a checkpoint and the model as it is then.
 * @throws Failure INVALID_ARGUMENT, DATASET_INVALID, TRAINING_DIVERGED, OUT_OF_MEMORY, STORAGE_FULL
 */
export async function train(
  located: LocatedConfiguration,
  options: TrainOptions,
  observer: TrainObserver,
  signal: AbortSignal,
): Promise<TrainOutcome> {
  const { configuration } = located;
  skipBackendAdvice();
  const checkpointsFolder = join(options.runFolder, 'checkpoints');
  if (options.restart) await rm(checkpointsFolder, { recursive: true, force: true });
  const checkpoints = new CheckpointFolder(checkpointsFolder, runDigestOf(configuration));
  const resumed = await checkpoints.newest();
  const { backbone, weights } = await configuredBackbone(located);
  const dataConfig = dataConfigOf(located);
  const data = await openTrainingData(dataConfig);
  try {
    const learner = configuredLearner(configuration, backbone, data.classCount, data.shape);
    const log = await RunLog.resume(join(options.runFolder, 'log.jsonl'), resumed?.place.step ?? 0);
    const sets = await evaluationSets(located, dataConfig, data, learner);
    const state = resumed?.state ?? initialState(learner, configuration.seed, weights);
    const engine = await startEngine(learner, state, options);
    const run = new ConfiguredRun({
      configuration,
      options,
      observer,
      checkpoints,
      learner,
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

interface RunParts {
  readonly configuration: TrainingConfiguration;
  readonly options: TrainOptions;
  readonly observer: TrainObserver;
  readonly checkpoints: CheckpointFolder;
  readonly learner: Learner;
  readonly engine: TrainingEngine;
  readonly data: TrainingData;
  readonly log: RunLog;
  readonly sets: readonly EvaluationSet[];
}

/** One call of {@link train}, once everything is open. */
class ConfiguredRun {
  private readonly average = new StepAverage();

  constructor(private readonly parts: RunParts) {}

  async toEnd(resumed: Checkpoint | undefined, signal: AbortSignal): Promise<TrainOutcome> {
    const { configuration, checkpoints, data, engine, log, options } = this.parts;
    const from = resumed?.place ?? TRAINING_START;
    this.announce(from);
    const { epochs, learningRate, checkpointEverySteps } = configuration;
    const evaluateEverySteps = configuration.evaluateEverySteps ?? data.batchesPerEpoch;
    const place = await runTraining(
      {
        engine,
        data: {
          batchesIn: () => data.batchesPerEpoch,
          batches: async function* (epoch, fromBatch, stop) {
            for await (const batch of data.batches(epoch, fromBatch, stop)) {
              yield { batch, waitedMs: batch.waitedMs };
            }
          },
        },
        saveCheckpoint: async (at, state) => checkpoints.save(at, state),
        onStep: async (progress) => this.onStep(progress),
        evaluate: async (at, state) => this.evaluate(at, state),
      },
      { epochs, learningRate, checkpointEverySteps, evaluateEverySteps },
      from,
      signal,
    );
    const isDone = place.epoch >= epochs;
    const modelFolder = join(options.runFolder, 'model');
    await this.export(modelFolder, place, await engine.state());
    return { place, isDone, modelFolder, log, configuration };
  }

  private announce(from: TrainingPlace): void {
    const { configuration, data, learner, observer } = this.parts;
    observer.onStart({
      parameterCount: learner.backbone.parameterCount,
      classCount: data.classCount,
      faceCount: data.faceCount,
      symmetricCount: data.symmetricCount,
      samplesPerEpoch: data.layout.sampleCount,
      batchesPerEpoch: data.batchesPerEpoch,
      epochs: configuration.epochs,
      heldOutIdentityCount: data.heldOutIdentities.length,
      from,
    });
  }

  private async onStep(progress: StepProgress): Promise<void> {
    const { data, log, observer } = this.parts;
    this.average.add(progress, data.shape.batchSize);
    observer.onStep(progress);
    const { step } = progress.place;
    if (step % logEverySteps === 0) await log.append(this.average.take(progress, data.batchesPerEpoch));
  }

  private async evaluate(place: TrainingPlace, state: TrainingState): Promise<void> {
    const { log, observer, options, sets } = this.parts;
    if (sets.length === 0) return;
    const { graph, manifest } = this.servingModel(place, state);
    const threads = options.engine === 'tfjs' ? 0 : options.engine.threads;
    const results = await measureEvaluationSets(graph, manifest, sets, threads);
    for (const result of results) await log.append(evaluationEntry(place, result));
    observer.onEvaluation(place, results);
  }

  private async export(folder: string, place: TrainingPlace, state: TrainingState): Promise<void> {
    const { graph, manifest, weights } = this.servingModel(place, state);
    await exportModel(folder, graph, weights, manifest);
  }

  private servingModel(
    { step }: TrainingPlace,
    state: TrainingState,
  ): { readonly graph: Uint8Array; readonly manifest: BackboneManifest; readonly weights: Weights } {
    const { configuration, learner } = this.parts;
    const weights = new Map([...state.weights].filter(([name]) => name !== HEAD));
    const graph = compileServingGraph(learner.backbone, weights);
    const { name, license, loss, symmetry } = configuration;
    const term = symmetry === undefined ? '' : ' + SymFace';
    const source = `symface train ${name}: ${learner.backbone.name}, ${loss.name}${term}, ${step} steps, seed ${configuration.seed}`;
    return { graph, weights, manifest: trainedManifest(learner.backbone, graph, { name, license, source }) };
  }
}

function dataConfigOf({ configuration, pathOf }: LocatedConfiguration): TrainingDataConfig {
  const { data, backbone, symmetry, batchSize, flip, seed } = configuration;
  const { format, kind, tags, identities } = data;
  const path = pathOf(data.path);
  const [imageHeight, imageWidth] = backbone.input === '112x112' ? [112, 112] : [112, 96];
  const location =
    format === 'identity-folder'
      ? { format, path, subfolder: data.subfolder ?? '' }
      : format === 'identity-list'
        ? { format, path, imageFolder: data.images === undefined ? '' : pathOf(data.images) }
        : { format, path };
  return {
    location,
    imageKind: kind,
    ...(tags === undefined ? {} : { tagsPath: pathOf(tags) }),
    identities: {
      ...(identities.include === undefined ? {} : { include: identities.include }),
      ...(identities.exclude === undefined ? {} : { exclude: identities.exclude }),
      ...(identities.holdOut === undefined ? {} : { holdOut: identities.holdOut }),
    },
    imageHeight,
    imageWidth,
    batchSize,
    seed,
    flip,
    tau: symmetry?.tau ?? 0.2,
    splitFraction: symmetry?.splitFraction ?? 0,
  };
}

async function evaluationSets(
  { configuration, pathOf }: LocatedConfiguration,
  dataConfig: TrainingDataConfig,
  data: TrainingData,
  { backbone }: Learner,
): Promise<readonly EvaluationSet[]> {
  const { benchmarks, heldOutPairs } = configuration.evaluate;
  const sets: EvaluationSet[] = [];
  if (data.heldOutIdentities.length > 1 && heldOutPairs > 0) {
    const heldOut = await openHeldOutFaces(dataConfig, data.heldOutIdentities);
    // Always the same pairs, whatever the run's seed: runs are compared on them.
    sets.push(await loadHeldOut(heldOut, heldOutPairs, 1, backbone.inputSize));
  }
  for (const benchmark of benchmarks) sets.push(await loadBenchmark(benchmark, pathOf, backbone.inputSize));
  return sets;
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

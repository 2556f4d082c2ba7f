import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { Failure } from '../../domain/failure.js';
import type { BackboneManifest } from '../../domain/model/manifest.js';
import type { Weights } from '../../domain/model/weights.js';
import { stepsIn } from '../../learning/training/accumulation.js';
import { withDropout } from '../../learning/training/dropout-mask.js';
import { initialState } from '../../learning/training/initial-state.js';
import { backboneWeightsOf, type Learner } from '../../learning/training/learner.js';
import type { TrainingEngine, TrainingState } from '../../learning/training/training-engine.js';
import {
  runTraining,
  type StepProgress,
  TRAINING_START,
  type TrainingPlace,
} from '../../learning/training/training-run.js';
import { SecretBox } from '../encryption/secret-box.js';
import { openHeldOutFaces } from '../training-data/held-out-faces.js';
import { openTrainingData } from '../training-data/open-training-data.js';
import type { TrainingData, TrainingDataConfig } from '../training-data/training-data.js';
import { skipBackendAdvice } from './backend-advice.js';
import { type Checkpoint, CheckpointFolder } from './checkpoint-folder.js';
import { atClassMeans, type HeadProgress } from './class-mean-head.js';
import { configuredBackbone } from './configured-backbone.js';
import { configuredData } from './configured-data.js';
import { configuredLearner } from './configured-learner.js';
import { EagerTrainingEngine } from './eager-training-engine.js';
import { type EvaluationSet, loadBenchmark, loadHeldOut } from './evaluation-set.js';
import { exportModel, trainedManifest } from './export-model.js';
import { withListedIdentities } from './identity-list-file.js';
import { type EvaluationResult, measureEvaluationSets } from './measure-evaluation-set.js';
import { OrtTrainingEngine, type OrtEngineOptions } from './ort-training-engine.js';
import { RunLog } from './run-log.js';
import { selfCheckFor } from './self-check-embeddings.js';
import { compileServingGraph } from './serving-graph.js';
import { evaluationEntry, StepAverage } from './step-average.js';
import {
  headInitialisation,
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
  /** That enrolled faces are encrypted with; checkpoints of a run on them are encrypted with it too. */
  readonly encryptionKey?: Uint8Array;
}

/** What a run says of itself while it goes on. */
export interface TrainObserver {
  /** Before the start, where the head begins as class means. */
  readonly onHead?: HeadProgress;
  onStart(start: TrainStart): void;
  onStep(progress: StepProgress): void;
  onEvaluation(place: TrainingPlace, results: readonly EvaluationResult[]): void;
  /** The run goes on once this resolves. */
  onCheckpoint?(place: TrainingPlace): Promise<void>;
}

export interface TrainStart {
  readonly parameterCount: number;
  readonly classCount: number;
  readonly faceCount: number;
  readonly symmetricCount: number;
  /** N' (Eq. 8) */
  readonly samplesPerEpoch: number;
  readonly stepsPerEpoch: number;
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
  const { backbone, weights, origin, graphSha256 } = await configuredBackbone(located);
  const { encryptionKey } = options;
  const box = encryptionKey === undefined ? undefined : new SecretBox(encryptionKey);
  const checkpoints = new CheckpointFolder(checkpointsFolder, runDigestOf(configuration, graphSha256), box);
  const resumed = await checkpoints.newest();
  const configured = configuredData(located, backbone.inputSize);
  const dataConfig = encryptionKey === undefined ? configured : { ...configured, encryptionKey };
  const data = await openTrainingData(dataConfig);
  try {
    const learner = configuredLearner(configuration, backbone, data.classCount, data.shape);
    const log = await RunLog.resume(join(options.runFolder, 'log.jsonl'), resumed?.place.step ?? 0);
    const sets = await evaluationSets(located, dataConfig, data, learner);
    const drawn = initialState(learner, configuration.seed, weights);
    const startsAtMeans = resumed === undefined && headInitialisation(configuration) === 'class-means';
    const parts = { learner, data, threads: threadsOf(options), onProgress: observer.onHead };
    const state = startsAtMeans ? await atClassMeans(drawn, parts, signal) : (resumed?.state ?? drawn);
    const engine = await startEngine(learner, state, options);
    const run = new ConfiguredRun({
      configuration,
      options,
      observer,
      checkpoints,
      learner,
      origin,
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
  /** What the network is or where it came from. */
  readonly origin: string;
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
    const { configuration, checkpoints, data, engine, learner, log, observer, options } = this.parts;
    const from = resumed?.place ?? TRAINING_START;
    this.announce(from);
    if (resumed === undefined && configuration.evaluate.start) {
      await this.evaluate(TRAINING_START, await engine.state());
    }
    const { epochs, learningRate, checkpointEverySteps, accumulateSteps } = configuration;
    const stepsPerEpoch = stepsIn(accumulateSteps, data.batchesPerEpoch);
    const evaluateEverySteps = configuration.evaluateEverySteps ?? stepsPerEpoch;
    const place = await runTraining(
      {
        engine,
        data: {
          batchesIn: () => data.batchesPerEpoch,
          batches: async function* (epoch, fromBatch, stop) {
            let index = fromBatch;
            for await (const batch of data.batches(epoch, fromBatch, stop)) {
              const dropped = withDropout(batch, learner, configuration.seed, { epoch, batch: index++ });
              yield { batch: dropped, waitedMs: batch.waitedMs };
            }
          },
        },
        saveCheckpoint: async (at, state) => {
          await checkpoints.save(at, state);
          await observer.onCheckpoint?.(at);
        },
        onStep: async (progress) => this.onStep(progress),
        evaluate: async (at, state) => this.evaluate(at, state),
      },
      { epochs, learningRate, checkpointEverySteps, evaluateEverySteps, accumulateSteps },
      from,
      signal,
    );
    const isDone = place.epoch >= epochs;
    if (isDone) await this.evaluateMissing(place);
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
      stepsPerEpoch: stepsIn(configuration.accumulateSteps, data.batchesPerEpoch),
      epochs: configuration.epochs,
      heldOutIdentityCount: data.heldOutIdentities.length,
      from,
    });
  }

  private async onStep(progress: StepProgress): Promise<void> {
    const { data, log, observer } = this.parts;
    this.average.add(progress, progress.batchCount * data.shape.batchSize);
    observer.onStep(progress);
    const { step } = progress.place;
    if (step % logEverySteps === 0) await log.append(this.average.take(progress, data.batchesPerEpoch));
  }

  /** What a kill kept from being measured at the end, and sets that a finished run's configuration has since. */
  private async evaluateMissing(place: TrainingPlace): Promise<void> {
    const { engine, log, sets } = this.parts;
    const isMeasured = (set: string): boolean =>
      log.entries.some(
        (entry) => entry.kind === 'evaluation' && entry.set === set && entry.step === place.step,
      );
    const missing = sets.filter(({ name }) => !isMeasured(name));
    await this.evaluate(place, await engine.state(), missing);
  }

  private async evaluate(
    place: TrainingPlace,
    state: TrainingState,
    sets: readonly EvaluationSet[] = this.parts.sets,
  ): Promise<void> {
    const { log, observer, options } = this.parts;
    if (sets.length === 0) return;
    const { graph, manifest } = this.servingModel(place, state);
    const results = await measureEvaluationSets(graph, manifest, sets, threadsOf(options));
    for (const result of results) await log.append(evaluationEntry(place, result));
    observer.onEvaluation(place, results);
  }

  private async export(folder: string, place: TrainingPlace, state: TrainingState): Promise<void> {
    const { graph, manifest, weights } = this.servingModel(place, state);
    const selfCheck = await selfCheckFor(this.parts.learner.backbone, weights, graph, manifest);
    await exportModel(folder, graph, weights, { ...manifest, ...(selfCheck && { selfCheck }) });
  }

  private servingModel(
    { step }: TrainingPlace,
    state: TrainingState,
  ): { readonly graph: Uint8Array; readonly manifest: BackboneManifest; readonly weights: Weights } {
    const { configuration, learner, origin } = this.parts;
    const weights = backboneWeightsOf(state);
    const graph = compileServingGraph(learner.backbone, weights);
    const { name, license, loss, symmetry } = configuration;
    const term = symmetry === undefined ? '' : ' + SymFace';
    const source = `symface train ${name}: ${origin}, ${loss.name}${term}, ${step} steps, seed ${configuration.seed}`;
    return { graph, weights, manifest: trainedManifest(learner.backbone, graph, { name, license, source }) };
  }
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

/** For what is computed by ONNX Runtime besides the steps. */
function threadsOf({ engine }: TrainOptions): number {
  return engine === 'tfjs' ? 0 : engine.threads;
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

import type { AlignmentTemplate } from '../../core/faces/alignment-template.js';
import { join } from 'node:path';

import type { BackboneManifest } from '../../core/models/manifest.js';
import type { Weights } from '../../core/models/weights.js';
import { stepsIn } from '../../learning/step/accumulation.js';
import { withDropout } from '../../learning/step/dropout-mask.js';
import { backboneWeightsOf, type TrainingSpec } from '../../learning/step/training-spec.js';
import { type TeacherTargets, withTargets } from '../../learning/step/teacher-targets.js';
import type { TrainingEngine, TrainingState } from '../../learning/step/training-engine.js';
import {
  runTraining,
  type StepProgress,
  type SuppliedBatch,
  TRAINING_START,
  type TrainingPosition,
} from '../../learning/step/training-run.js';
import {
  chooseTrainedNetwork,
  projectedNetwork,
  type ServingNetwork,
} from '../choice/choose-trained-network.js';
import { cropsToFit } from '../choice/fitted-projection.js';
import type { EmbeddingProjection } from '../../learning/projection/within-class-whitening.js';
import { interpolatedWeights } from '../../learning/step/weight-interpolation.js';
import type { DataLoader } from '../data/data-loader.js';
import type { Checkpoint, CheckpointFolder } from '../runs/checkpoint-folder.js';
import type { Teacher } from './build-teacher.js';
import type { EvaluationSet } from '../evaluation/evaluation-set.js';
import { describeTraining } from '../runs/describe-training.js';
import { exportModel, trainedManifest } from '../export/export-model.js';
import { collapseInEvaluation, collapseInSteps, type CollapseWarning } from '../evaluation/collapse.js';
import { measureEvaluationSets } from '../evaluation/measure-evaluation-set.js';
import type { ChoiceEntry, ReplayEntry, RunLog } from '../runs/run-log.js';
import { selfCheckFor } from '../export/self-check-embeddings.js';
import { compileServingGraph } from '../../learning/backbones/serving-graph.js';
import { evaluationEntry, StepAverage } from '../runs/step-average.js';
import { threadsOf, type TrainObserver, type TrainOptions, type TrainResult } from './train-options.js';
import type { TrainingConfiguration } from './training-configuration.js';

export interface SessionDependencies {
  readonly configuration: TrainingConfiguration;
  readonly options: TrainOptions;
  readonly observer: TrainObserver;
  readonly checkpoints: CheckpointFolder;
  readonly spec: TrainingSpec;
  /** The template that faces are aligned to. */
  readonly alignment: AlignmentTemplate;
  /** What the network is or where it came from. */
  readonly origin: string;
  /** What is distilled; undefined where nothing is. */
  readonly teacher: Pick<Teacher, 'origin'> | undefined;
  /** What it says of the faces; undefined also where a signal came before it had said all. */
  readonly targets: TeacherTargets | undefined;
  /** The weights that it starts from; undefined where they were drawn. */
  readonly startingWeights: Weights | undefined;
  /** The projection that stood behind them. */
  readonly startingProjection: EmbeddingProjection | undefined;
  readonly engine: TrainingEngine;
  readonly data: DataLoader;
  readonly log: RunLog;
  readonly sets: readonly EvaluationSet[];
}

/** A network as it was after a step. */
interface TrainedStep {
  readonly step: number;
  /** The arrays of the backbone. */
  readonly weights: Weights;
}

/** How often the log has an entry. */
const logEverySteps = 10;

/** One call of `train`, once everything is open. */
export class TrainingSession {
  private readonly average = new StepAverage();
  /** The share of the way that was found; undefined before, and where it is not looked for. */
  private choice: ChoiceEntry | undefined;
  /** What stands behind the network: what stood there at the start, until another one is chosen. */
  private projection: EmbeddingProjection | undefined;

  constructor(private readonly parts: SessionDependencies) {
    this.projection = parts.startingProjection;
  }

  async toEnd(resumed: Checkpoint | undefined, signal: AbortSignal): Promise<TrainResult> {
    const { configuration, log, options } = this.parts;
    const from = resumed?.position ?? TRAINING_START;
    const replay = this.replayEntry();
    if (replay !== undefined && !log.entries.some(({ kind }) => kind === 'replay')) await log.append(replay);
    this.announce(from, replay);
    await this.evaluateBefore(resumed?.position);
    const position = await this.trainFrom(from, signal);
    const isDone = position.epoch >= configuration.epochs && (await this.findShare(position, signal));
    if (isDone) await this.evaluateMissing(position);
    const modelFolder = join(options.runFolder, 'model');
    await this.export(modelFolder, await this.stepAt(position));
    return { position, isDone, choice: this.choice, modelFolder, log, configuration };
  }

  /** Finds how far to go, where that is to be found. @returns whether it is known, so that no signal came before */
  private async findShare({ step }: TrainingPosition, signal: AbortSignal): Promise<boolean> {
    const { configuration, engine, log, observer, startingWeights: start } = this.parts;
    const choose = configuration.weightInterpolation?.choose;
    if (choose === undefined || start === undefined) return true;
    const { data, alignment, options, sets, startingProjection } = this.parts;
    const chosen = await chooseTrainedNetwork(
      {
        ...{ start, startingProjection, sets, falseMatchRate: choose.falseMatchRate },
        trained: backboneWeightsOf(await engine.state()),
        serving: (weights) => this.bareModel({ step, weights }),
        fitted: choose.projection ? await cropsToFit(data, alignment) : undefined,
        threads: threadsOf(options),
        onMeasured: observer.onChoosing?.bind(observer),
      },
      signal,
    );
    if (chosen === undefined) return false;
    this.choice = { kind: 'choice', step, ...chosen.entry };
    this.projection = chosen.projection;
    await log.append(this.choice);
    observer.onChoice?.(this.choice);
    return true;
  }

  private async trainFrom(from: TrainingPosition, signal: AbortSignal): Promise<TrainingPosition> {
    const { configuration, checkpoints, data, engine, observer } = this.parts;
    const { epochs, learningRate, checkpointEverySteps, accumulateSteps } = configuration;
    const checkpointEveryMs = configuration.checkpointEveryMinutes * 60_000;
    const { evaluateEverySteps } = this;
    return runTraining(
      {
        engine,
        data: {
          batchesIn: () => data.batchesPerEpoch,
          batches: (epoch, fromBatch, stop) => this.batches(epoch, fromBatch, stop),
        },
        saveCheckpoint: async (position, state) => {
          await checkpoints.save({ position, state });
          await observer.onCheckpoint?.(position);
        },
        onStep: async (progress) => this.onStep(progress),
        evaluate: async (position, state) => {
          // What comes out of the last step is known once the share is.
          if (!this.isBeforeChoice(position)) await this.evaluate(position, state);
        },
      },
      {
        epochs,
        learningRate,
        checkpointEverySteps,
        checkpointEveryMs,
        evaluateEverySteps,
        accumulateSteps,
      },
      from,
      signal,
    );
  }

  private isBeforeChoice({ epoch, batch }: TrainingPosition): boolean {
    const { configuration, data } = this.parts;
    if (configuration.weightInterpolation?.choose === undefined) return false;
    return epoch >= configuration.epochs - (batch >= data.batchesPerEpoch ? 1 : 0);
  }

  /** The batches of an epoch, with what is not made of the images. */
  private async *batches(epoch: number, fromBatch: number, stop: AbortSignal): AsyncGenerator<SuppliedBatch> {
    const { configuration, data, spec, targets } = this.parts;
    let index = fromBatch;
    for await (const made of data.batches(epoch, fromBatch, stop)) {
      const { faces, waitedMs, ...batch } = made;
      const taught = targets === undefined ? batch : withTargets(batch, faces, targets);
      yield { batch: withDropout(taught, spec, configuration.seed, { epoch, batch: index++ }), waitedMs };
    }
  }

  private get evaluateEverySteps(): number {
    const { configuration, data } = this.parts;
    return configuration.evaluateEverySteps ?? stepsIn(configuration.accumulateSteps, data.batchesPerEpoch);
  }

  private replayEntry(): ReplayEntry | undefined {
    const { replay, faceCount } = this.parts.data;
    return replay && { kind: 'replay', step: 0, faceShare: replay.faceCount / faceCount, ...replay };
  }

  private announce(from: TrainingPosition, replay: ReplayEntry | undefined): void {
    const { configuration, data, spec, observer } = this.parts;
    observer.onStart({
      parameterCount: spec.backbone.parameterCount,
      classCount: data.classCount,
      faceCount: data.faceCount,
      symmetricCount: data.symmetricCount,
      samplesPerEpoch: data.layout.sampleCount,
      stepsPerEpoch: stepsIn(configuration.accumulateSteps, data.batchesPerEpoch),
      epochs: configuration.epochs,
      heldOutIdentityCount: data.heldOutIdentities.length,
      replay,
      remarks: data.remarks,
      from,
    });
  }

  private async onStep(progress: StepProgress): Promise<void> {
    const { data, log, observer } = this.parts;
    this.average.add(progress, progress.batchCount * data.shape.batchSize);
    observer.onStep(progress);
    const { step } = progress.position;
    if (step % logEverySteps !== 0) return;
    const entry = this.average.take(progress, data.batchesPerEpoch);
    await log.append(entry);
    await this.warn(step, collapseInSteps(entry, data.shape.splitSlots > 0));
  }

  /** Says each sign of a collapse once, also where a run goes on. */
  private async warn(step: number, warnings: readonly CollapseWarning[]): Promise<void> {
    const { log, observer } = this.parts;
    for (const warning of warnings) {
      const { sign, text } = warning;
      if (log.entries.some((entry) => entry.kind === 'warning' && entry.sign === sign)) continue;
      await log.append({ kind: 'warning', step, ...warning });
      observer.onWarning?.(text);
    }
  }

  /** What the run starts from; or where it goes on, an evaluation there that failed. */
  private async evaluateBefore(resumed: TrainingPosition | undefined): Promise<void> {
    const { configuration, engine } = this.parts;
    if (resumed === undefined) {
      if (configuration.evaluate.start) await this.evaluate(TRAINING_START, await engine.state());
    } else if (
      resumed.step > 0 &&
      resumed.step % this.evaluateEverySteps === 0 &&
      !this.isBeforeChoice(resumed)
    ) {
      await this.evaluateMissing(resumed);
    }
  }

  /** What a kill kept from being measured, and sets that the configuration has since. */
  private async evaluateMissing(position: TrainingPosition): Promise<void> {
    const { engine, sets } = this.parts;
    const missing = sets.filter(({ name }) => !this.isLogged(name, position));
    await this.evaluate(position, await engine.state(), missing);
  }

  private async evaluate(
    position: TrainingPosition,
    state: TrainingState,
    sets: readonly EvaluationSet[] = this.parts.sets,
  ): Promise<void> {
    const { log, observer, options } = this.parts;
    if (sets.length === 0) return;
    const trained = { step: position.step, weights: this.weightsToServe(state) };
    const { graph, manifest } = this.servingModel(trained);
    const results = await measureEvaluationSets(graph, manifest, sets, threadsOf(options));
    for (const result of results) {
      await log.append(evaluationEntry(position, result));
    }
    await observer.onEvaluation(position, results);
    // Drawn weights tell nobody apart, and have not collapsed.
    if (position.step > 0) await this.warn(position.step, results.flatMap(collapseInEvaluation));
  }

  private isLogged(set: string, { step }: TrainingPosition): boolean {
    return this.parts.log.entries.some(
      (entry) => entry.kind === 'evaluation' && entry.set === set && entry.step === step,
    );
  }

  private async stepAt({ step }: TrainingPosition): Promise<TrainedStep> {
    return { step, weights: this.weightsToServe(await this.parts.engine.state()) };
  }

  /** What is measured and comes out: the network's weights, or a part of the way to them. */
  private weightsToServe(state: TrainingState): Weights {
    const { configuration, startingWeights } = this.parts;
    const share = this.choice?.trainedShare ?? configuration.weightInterpolation?.trainedShare;
    const trained = backboneWeightsOf(state);
    if (share === undefined || startingWeights === undefined) return trained;
    return interpolatedWeights(startingWeights, trained, share);
  }

  private async export(folder: string, trained: TrainedStep): Promise<void> {
    const { graph, manifest } = this.servingModel(trained);
    const { weights } = trained;
    const selfCheck = await selfCheckFor(
      { backbone: this.parts.spec.backbone, weights, projection: this.projection },
      graph,
      manifest,
    );
    await exportModel(folder, graph, withProjectionMatrix(weights, this.projection), {
      ...manifest,
      ...(selfCheck && { selfCheck }),
    });
  }

  private servingModel(trained: TrainedStep): ServingNetwork {
    return this.describedModel(trained, projectedNetwork(this.compiled(trained), this.projection));
  }

  private bareModel(trained: TrainedStep): ServingNetwork {
    return this.describedModel(trained, this.compiled(trained));
  }

  private compiled({ weights }: TrainedStep): Uint8Array {
    return compileServingGraph(this.parts.spec.backbone, weights);
  }

  private describedModel({ step }: TrainedStep, graph: Uint8Array): ServingNetwork {
    const { configuration, data, spec, alignment, origin, teacher } = this.parts;
    const trainedShare = this.choice?.trainedShare ?? configuration.weightInterpolation?.trainedShare;
    const training = { start: origin, steps: step, data, teacher: teacher?.origin, trainedShare };
    const described = describeTraining(configuration, training);
    const manifest = trainedManifest(spec.backbone, alignment, graph, described);
    return { graph, manifest: asServed(manifest, configuration.backbone, this.choice?.normRatio ?? 1) };
  }
}

/** Other tools need the last layer too. */
function withProjectionMatrix(weights: Weights, projection: EmbeddingProjection | undefined): Weights {
  if (projection === undefined) return weights;
  const { dimension, matrix } = projection;
  return new Map([...weights, ['projection/matrix', { shape: [dimension, dimension], values: matrix }]]);
}

/**
 * An imported network's manifest may say otherwise of mirror images than the usual one, and how long embeddings are.
 * @param normRatio how much longer they have become
 */
function asServed(
  manifest: BackboneManifest,
  backbone: TrainingConfiguration['backbone'],
  normRatio: number,
): BackboneManifest {
  if (!('onnx' in backbone)) return manifest;
  const { testTimeAugmentation = manifest.embedding.testTimeAugmentation, typicalNorm: before } = backbone;
  const typicalNorm = before && {
    mean: before.mean * normRatio,
    standardDeviation: before.standardDeviation * normRatio,
  };
  const embedding = { ...manifest.embedding, testTimeAugmentation, ...(typicalNorm && { typicalNorm }) };
  return { ...manifest, embedding };
}

import { join } from 'node:path';

import type { Weights } from '../../core/models/weights.js';
import { stepsIn } from '../../learning/step/accumulation.js';
import type { LearningRateSchedule } from '../../learning/step/learning-rate.js';
import { trainingStages } from '../../learning/step/training-stages.js';
import type { TeacherTargets } from '../../learning/step/teacher-targets.js';
import type { TrainingState } from '../../learning/step/training-engine.js';
import {
  runTraining,
  type StepProgress,
  TRAINING_START,
  type TrainingPosition,
} from '../../learning/step/training-run.js';
import { chooseTrainedNetwork } from '../choice/choose-trained-network.js';
import { cropsToFit } from '../choice/fitted-projection.js';
import { hasKnownLooks, loadFaceLooks } from '../choice/face-looks.js';
import type { CheckpointFolder } from '../runs/checkpoint-folder.js';
import type { EvaluationSet } from '../evaluation/evaluation-set.js';
import { measureEvaluationSets } from '../evaluation/measure-evaluation-set.js';
import type { ReplayEntry, RunLog } from '../runs/run-log.js';
import { RunNetworks, type RunNetworkParts } from './run-networks.js';
import type { RunEngine } from '../runs/run-engine.js';
import { firstLearningRate } from '../runs/first-learning-rate.js';
import { freezingOf, scheduleOf } from './training-configuration.js';
import { CollapseWatch } from '../runs/collapse-watch.js';
import { RunBatches } from '../runs/run-batches.js';
import { evaluationEntry, StepAverage } from '../runs/step-average.js';
import { threadsOf, type TrainObserver, type TrainOptions, type TrainResult } from './train-options.js';

export interface SessionDependencies extends RunNetworkParts {
  readonly options: TrainOptions;
  readonly observer: TrainObserver;
  readonly checkpoints: CheckpointFolder;
  /** What a teacher says of the faces; undefined also where a signal came before it had said all. */
  readonly targets: TeacherTargets | undefined;
  readonly engine: RunEngine;
  /** The state before the first step. */
  readonly startState: () => Promise<TrainingState>;
  readonly log: RunLog;
  readonly sets: readonly EvaluationSet[];
}

/** How often the log has an entry at least; of a short run more often, so that its curves are none of two points. */
const mostStepsToEntry = 10;
const entriesOfShortRun = 20;

/** One call of `train`, once everything is open. */
export class TrainingSession {
  private readonly average = new StepAverage();
  private readonly collapse: CollapseWatch;
  private readonly networks: RunNetworks;
  private readonly batches: RunBatches;

  constructor(private readonly parts: SessionDependencies) {
    this.networks = new RunNetworks(parts);
    this.batches = new RunBatches(parts);
    const { data, log, observer } = parts;
    this.collapse = new CollapseWatch({
      log,
      onWarning: (text) => observer.onWarning?.(text),
      batchesPerEpoch: data.batchesPerEpoch,
      batchSize: data.shape.batchSize,
      hasSplitFaces: data.shape.splitSlots > 0,
    });
  }

  /** @param resumed where it goes on */
  async toEnd(resumed: TrainingPosition | undefined, signal: AbortSignal): Promise<TrainResult> {
    const { configuration, log, options } = this.parts;
    const from = resumed ?? TRAINING_START;
    const replay = this.replayEntry();
    if (replay !== undefined && !log.entries.some(({ kind }) => kind === 'replay')) await log.append(replay);
    this.announce(from, replay);
    if (this.isFirst) await this.evaluateBefore(resumed);
    await options.processes?.meet();
    const batches = (epoch: number, stop: AbortSignal) => this.batches.of(epoch, 0, stop);
    const learningRate = await firstLearningRate({ ...this.parts, batches }, signal);
    const position = learningRate === undefined ? from : await this.trainFrom(from, learningRate, signal);
    if (!this.isFirst) return this.resultOf(position, position.epoch >= configuration.epochs);
    const isDone = position.epoch >= configuration.epochs && (await this.findShare(position, signal));
    if (isDone) await this.evaluateMissing(position);
    await this.networks.export(this.modelFolder, { step: position.step, weights: await this.weightsNow() });
    return this.resultOf(position, isDone);
  }

  /** Of several processes the first one measures, writes and reports. */
  private get isFirst(): boolean {
    return (this.parts.options.processes?.rank ?? 0) === 0;
  }

  private get modelFolder(): string {
    return join(this.parts.options.runFolder, 'model');
  }

  private resultOf(position: TrainingPosition, isDone: boolean): TrainResult {
    const { log, configuration } = this.parts;
    return {
      position,
      isDone,
      choice: this.networks.choice,
      modelFolder: this.modelFolder,
      log,
      configuration,
    };
  }

  /** Finds how far to go, where that is to be found. @returns whether it is known, so that no signal came before */
  private async findShare({ step }: TrainingPosition, signal: AbortSignal): Promise<boolean> {
    const { configuration, log, observer, startingWeights: start } = this.parts;
    const choose = configuration.weightInterpolation?.choose;
    if (choose === undefined || start === undefined) return true;
    const { data, alignment, options, sets, startingParts, smoothingPixels } = this.parts;
    const chosen = await chooseTrainedNetwork(
      {
        ...{ start, startingParts, smoothingPixels, sets, falseMatchRate: choose.falseMatchRate },
        trained: await this.weightsNow(),
        serving: (weights) => this.networks.bare({ step, weights }),
        fitted: choose.projection || choose.gating ? await cropsToFit(data, alignment) : undefined,
        projects: choose.projection,
        generalLooks: choose.gating && hasKnownLooks(alignment) ? await loadFaceLooks() : undefined,
        threads: threadsOf(options),
        onMeasured: observer.onChoosing?.bind(observer),
      },
      signal,
    );
    if (chosen === undefined) return false;
    const choice = { kind: 'choice', step, ...chosen.entry } as const;
    this.networks.choose(choice, chosen.parts);
    await log.append(choice);
    observer.onChoice?.(choice);
    return true;
  }

  /** Trains stage by stage. @param initial the first rate of the schedule */
  private async trainFrom(
    from: TrainingPosition,
    initial: number,
    signal: AbortSignal,
  ): Promise<TrainingPosition> {
    const { configuration, engine } = this.parts;
    const schedule = scheduleOf(configuration, initial);
    let position = from;
    for (const { trainedLayers, untilEpoch } of trainingStages(
      configuration.epochs,
      freezingOf(configuration),
    )) {
      if (position.epoch >= untilEpoch) continue;
      await engine.train(trainedLayers);
      position = await this.trainStage(position, untilEpoch, schedule, signal);
      // It was stopped.
      if (position.epoch < untilEpoch) break;
    }
    return position;
  }

  private async trainStage(
    from: TrainingPosition,
    epochs: number,
    learningRate: LearningRateSchedule,
    signal: AbortSignal,
  ): Promise<TrainingPosition> {
    const { configuration, checkpoints, data, engine, observer } = this.parts;
    const { checkpointEverySteps, accumulateSteps } = configuration;
    const checkpointEveryMs = configuration.checkpointEveryMinutes * 60_000;
    const { evaluateEverySteps } = this;
    const { processes } = this.parts.options;
    return runTraining(
      {
        engine,
        ...(processes && { processes }),
        data: {
          batchesIn: () => data.batchesPerEpoch,
          batches: (epoch, fromBatch, stop) => this.batches.of(epoch, fromBatch, stop),
        },
        saveCheckpoint: async (position, state) => {
          if (!this.isFirst) return;
          await checkpoints.save({ position, state });
          await observer.onCheckpoint?.(position);
        },
        onStep: async (progress) => this.onStep(progress),
        evaluate: async (position, weights) => {
          // What comes out of the last step is known once the share is.
          if (this.isFirst && !this.isBeforeChoice(position)) await this.evaluate(position, weights);
          await processes?.meet();
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

  private get evaluateEverySteps(): number {
    return this.parts.configuration.evaluateEverySteps ?? this.stepsPerEpoch;
  }

  private get logEverySteps(): number {
    const steps = this.parts.configuration.epochs * this.stepsPerEpoch;
    return Math.min(mostStepsToEntry, Math.max(1, Math.floor(steps / entriesOfShortRun)));
  }

  private get stepsPerEpoch(): number {
    const { configuration, data } = this.parts;
    return stepsIn(configuration.accumulateSteps, data.batchesPerEpoch);
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
      stepsPerEpoch: this.stepsPerEpoch,
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
    if (step % this.logEverySteps === 0) await log.append(this.average.take(progress, data.batchesPerEpoch));
    await this.collapse.afterStep(progress);
  }

  /** What the run starts from; or where it goes on, an evaluation there that failed. */
  private async evaluateBefore(resumed: TrainingPosition | undefined): Promise<void> {
    const { configuration, engine } = this.parts;
    if (resumed === undefined) {
      if (configuration.evaluate.start) await this.evaluate(TRAINING_START, await engine.backboneWeights());
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
    const { sets } = this.parts;
    const missing = sets.filter(({ name }) => !this.isLogged(name, position));
    await this.evaluate(position, await this.weightsNow(), missing);
  }

  private async evaluate(
    position: TrainingPosition,
    weights: Weights,
    sets: readonly EvaluationSet[] = this.parts.sets,
  ): Promise<void> {
    const { log, observer, options } = this.parts;
    if (sets.length === 0) return;
    const trained = { step: position.step, weights };
    const { graph, manifest } = this.networks.serving(trained);
    const results = await measureEvaluationSets(graph, manifest, sets, threadsOf(options));
    for (const result of results) {
      await log.append(evaluationEntry(position, result));
    }
    await observer.onEvaluation(position, results);
    await this.collapse.afterEvaluation(position.step, results);
  }

  private isLogged(set: string, { step }: TrainingPosition): boolean {
    return this.parts.log.entries.some(
      (entry) => entry.kind === 'evaluation' && entry.set === set && entry.step === step,
    );
  }

  /** What was trained until now. */
  private async weightsNow(): Promise<Weights> {
    return this.parts.engine.backboneWeights();
  }
}

import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { compileDetectionGraph } from '../../learning/detectors/detection-graph.js';
import {
  averagedWeights,
  DetectorEngine,
  type DetectorTrainingSpec,
  initialDetectorState,
} from '../../learning/detectors/detector-engine.js';
import { closeUpNetwork } from '../../learning/detectors/close-up-network.js';
import type { DetectorNetwork } from '../../learning/detectors/detector-network.js';
import { retinaFace } from '../../learning/detectors/retinaface.js';
import type { OrtEngineOptions } from '../../learning/engines/ort-engine-options.js';
import { suppressTfjsNotice } from '../../learning/engines/tfjs-notice.js';
import { cosineRateAt } from '../../learning/step/learning-rate.js';
import type { TrainingState } from '../../learning/step/training-engine.js';
import { CheckpointFolder } from '../runs/checkpoint-folder.js';
import { RunLog } from '../runs/run-log.js';
import { locatedDetectorData } from './data/detector-data-configuration.js';
import { openDetectorSamples } from './data/open-detector-samples.js';
import { loadTrainingPhotographs, trainedOnPhotographs } from './data/training-photographs.js';
import { DetectorBatches } from './detector-batches.js';
import type { DetectorConfiguration, LocatedDetectorConfiguration } from './detector-configuration.js';
import { describeDetectorTraining } from './describe-detector-training.js';
import { exportDetector, MAXIMUM_OVERLAP } from './detector-export.js';
import type { DetectorEvaluationEntry, DetectorLogEntry, DetectorStepEntry } from './detector-log.js';
import type { DetectorSample } from './detector-sample.js';
import { DetectorStepMeans } from './detector-step-means.js';
import { measureDetector } from './measure-detector.js';

export interface TrainDetectorOptions {
  /** The folder that everything of the run goes to. */
  readonly runFolder: string;
  /** Forgets the checkpoints that are there. */
  readonly restart: boolean;
  readonly engine: OrtEngineOptions;
}

/** What a run says of itself while it goes on. */
export interface DetectorObserver {
  onStart(start: { readonly parameterCount: number; readonly steps: number; readonly from: number }): void;
  /** Told of every so many steps. */
  onSteps(entry: DetectorStepEntry): void;
  onEvaluation(entry: DetectorEvaluationEntry): void;
}

export interface TrainDetectorResult {
  /** Steps that are done */
  readonly step: number;
  readonly isDone: boolean;
  readonly modelFolder: string;
  readonly log: RunLog<DetectorLogEntry>;
}

/** How often the log has an entry. */
const LOG_EVERY_STEPS = 20;
/** Held-out samples are others than those of the run, whatever its seed. */
const EVALUATION_SEED = 987_654_321;

/**
 * Trains a detector as a configuration says, from the newest checkpoint of the run's folder where there is one. A signal ends
 * it after the step that is computed, with a checkpoint and the model as it is then. Of a run that is at its end the model is
 * written anew.
 * @throws Failure INVALID_ARGUMENT, DATASET_INVALID, TRAINING_DIVERGED, OUT_OF_MEMORY, STORAGE_FULL
 */
export async function trainDetector(
  { configuration, folder }: LocatedDetectorConfiguration,
  options: TrainDetectorOptions,
  observer: DetectorObserver,
  signal: AbortSignal,
): Promise<TrainDetectorResult> {
  suppressTfjsNotice();
  const checkpointsFolder = join(options.runFolder, 'checkpoints');
  if (options.restart) await rm(checkpointsFolder, { recursive: true, force: true });
  const checkpoints = new CheckpointFolder(checkpointsFolder, runDigestOf(configuration));
  const resumed = await checkpoints.newest();
  const from = resumed?.position.step ?? 0;
  const log = await RunLog.resume<DetectorLogEntry>(join(options.runFolder, 'log.jsonl'), from);
  const data = locatedDetectorData(configuration.data, folder);
  const trainedOn = await trainedOnPhotographs(data);
  const { steps, network, minimumProbability } = configuration;
  const { step, state } =
    resumed !== undefined && from >= steps
      ? { step: from, state: resumed.state }
      : await trainFrom(
          { step: from, state: resumed?.state },
          { configuration, data, checkpoints, log },
          options,
          observer,
          signal,
        );
  const modelFolder = join(options.runFolder, 'model');
  const origin = describeDetectorTraining(configuration, step, trainedOn);
  await exportDetector(modelFolder, network, averagedWeights(state), origin, minimumProbability);
  return { step, isDone: step >= steps, modelFolder, log };
}

/** A run whose folder is open; paths of the data hold wherever the process runs. */
interface OpenedRun {
  readonly configuration: DetectorConfiguration;
  readonly data: DetectorConfiguration['data'];
  readonly checkpoints: CheckpointFolder;
  readonly log: RunLog<DetectorLogEntry>;
}

/** Trains from a step, or from random weights where there is no state. @returns where it ended */
async function trainFrom(
  from: { readonly step: number; readonly state: TrainingState | undefined },
  { configuration, data, checkpoints, log }: OpenedRun,
  options: TrainDetectorOptions,
  observer: DetectorObserver,
  signal: AbortSignal,
): Promise<{ readonly step: number; readonly state: TrainingState }> {
  const photographs = await loadTrainingPhotographs(data);
  const heldOut = await heldOutSamples(data, configuration.evaluate.samples);
  const spec = specOf(configuration);
  const { seed, batchSize, threads, steps } = configuration;
  const engine = await DetectorEngine.start(
    spec,
    from.state ?? initialDetectorState(spec, seed),
    options.engine,
  );
  const shape = { seed, batchSize, sidePixels: data.sidePixels, anchors: spec.network.anchors };
  const batches = new DetectorBatches({ settings: data, photographs }, shape, threads);
  try {
    const { parameters } = spec.network;
    const parameterCount = parameters.reduce((sum, { shape: s }) => sum + s.reduce((a, b) => a * b, 1), 0);
    observer.onStart({ parameterCount, steps, from: from.step });
    const parts = { checkpoints, log, heldOut, engine, batches };
    const run = new DetectorRun(configuration, spec, options, observer, parts);
    const step = await run.toEnd(from.step, signal);
    return { step, state: engine.state() };
  } finally {
    await batches.close();
    await engine.close();
  }
}

interface RunParts {
  readonly checkpoints: CheckpointFolder;
  readonly log: RunLog<DetectorLogEntry>;
  readonly heldOut: readonly DetectorSample[];
  readonly engine: DetectorEngine;
  readonly batches: DetectorBatches;
}

class DetectorRun {
  private readonly average = new DetectorStepMeans();
  private savedStep: number;
  private savedAtMs = performance.now();

  constructor(
    private readonly configuration: DetectorConfiguration,
    private readonly spec: DetectorTrainingSpec,
    private readonly options: TrainDetectorOptions,
    private readonly observer: DetectorObserver,
    private readonly parts: RunParts,
  ) {
    this.savedStep = -1;
  }

  /** @returns steps that are done */
  async toEnd(from: number, signal: AbortSignal): Promise<number> {
    const { steps, evaluate, checkpointEverySteps, checkpointEveryMinutes } = this.configuration;
    let step = from;
    try {
      while (step < steps && !signal.aborted) {
        await this.step(step);
        step++;
        if (step % evaluate.everySteps === 0 || step === steps) await this.evaluate(step);
        const isDue = performance.now() - this.savedAtMs >= checkpointEveryMinutes * 60_000;
        if (isDue || step % checkpointEverySteps === 0) await this.save(step);
      }
    } finally {
      // Also where a step failed: the engine keeps the state before it.
      if (step > from && step !== this.savedStep) await this.save(step);
    }
    return step;
  }

  private async step(step: number): Promise<void> {
    const { batches, engine, log } = this.parts;
    const { learningRate, steps, batchSize } = this.configuration;
    const { batch, waitedMs } = await batches.take(step);
    const rate = cosineRateAt({ ...learningRate, steps }, step);
    const startedAtMs = performance.now();
    const report = await engine.step(batch, rate);
    this.average.add(report, { waitedMs, computedMs: performance.now() - startedAtMs });
    if ((step + 1) % LOG_EVERY_STEPS !== 0) return;
    const entry = this.average.take(step + 1, rate, batchSize);
    await log.append(entry);
    this.observer.onSteps(entry);
  }

  private async evaluate(step: number): Promise<void> {
    const { heldOut, engine, log } = this.parts;
    if (heldOut.length === 0) return;
    const graph = compileDetectionGraph(this.spec.network, averagedWeights(engine.state()));
    const { minimumProbability, network } = this.configuration;
    const measures = await measureDetector(
      graph,
      heldOut,
      { design: network.design, minimumProbability, maximumOverlap: MAXIMUM_OVERLAP },
      this.options.engine.threads,
    );
    const entry = { kind: 'evaluation', step, ...measures } as const;
    await log.append(entry);
    this.observer.onEvaluation(entry);
  }

  private async save(step: number): Promise<void> {
    const { checkpoints, engine } = this.parts;
    await checkpoints.save({ position: { epoch: 0, batch: step, step }, state: engine.state() });
    this.savedStep = step;
    this.savedAtMs = performance.now();
  }
}

function specOf(configuration: DetectorConfiguration): DetectorTrainingSpec {
  const { data, network, batchSize, loss, weightDecay, gradientClipNorm, averageDecay } = configuration;
  const { sidePixels } = data;
  return {
    network: detectorNetwork(network, sidePixels),
    batchSize,
    lossWeights: loss,
    weightDecay,
    gradientClipNorm,
    averageDecay,
  };
}

/** @throws RangeError where the network takes no images of that side */
function detectorNetwork(
  { design, ...options }: DetectorConfiguration['network'],
  sidePixels: number,
): DetectorNetwork {
  return design === 'close-up'
    ? closeUpNetwork(sidePixels)
    : retinaFace({ width: sidePixels, height: sidePixels }, options);
}

async function heldOutSamples(
  data: DetectorConfiguration['data'],
  count: number,
): Promise<readonly DetectorSample[]> {
  if (count === 0) return [];
  const source = await openDetectorSamples({ ...data, split: 'validation' });
  const samples: DetectorSample[] = [];
  for (let index = 0; index < count; index++) samples.push(await source.sample(EVALUATION_SEED, index));
  return samples;
}

/** Of what a checkpoint depends on: a run may go on with other data, and for longer. */
function runDigestOf({ name, seed, network }: DetectorConfiguration): string {
  return createHash('sha256')
    .update(JSON.stringify({ kind: 'detector', name, seed, network: digestedNetwork(network) }))
    .digest('hex');
}

/** A RetinaFace's settings without its name, as runs had them before there was another design. */
function digestedNetwork({ design, ...options }: DetectorConfiguration['network']): object {
  return design === 'retinaface' ? options : { design };
}

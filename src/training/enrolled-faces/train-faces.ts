import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import type { ProcessGroup } from '../../learning/engines/process-group.js';
import type { OrtEngineOptions } from '../../learning/engines/ort-engine-options.js';
import { parseTrainingConfiguration } from '../configuration/training-configuration.js';
import { type StepProgress, train, type TrainStart } from '../runs/train.js';
import {
  type MessageFromTrainer,
  reportFileName,
  runFolderName,
  type TrainerSetup,
} from './trainer-protocol.js';
import type { TrainingSteps } from './training-steps.js';

interface FaceTraining {
  /** What computes; `tfjs` where TensorFlow's backend is current. */
  readonly engine: OrtEngineOptions | 'tfjs';
  /** Those that train together; of them the first tells and reports. Default: this process alone */
  readonly processes?: ProcessGroup;
  readonly tell: (message: MessageFromTrainer) => void;
  /** Resolves once the checkpoint that was told of is kept. */
  readonly checkpointKept: () => Promise<void>;
  readonly stop: AbortSignal;
}

/**
 * Trains on enrolled faces as a job's configuration says.
 * @returns how it ended
 * @throws as `train`
 */
export async function trainFaces(
  { configuration: text, folder, encryptionKey }: TrainerSetup,
  { engine, processes, tell, checkpointKept, stop }: FaceTraining,
): Promise<Extract<MessageFromTrainer, { type: 'ended' }>> {
  const configuration = parseTrainingConfiguration(text, 'the training job');
  const runFolder = join(folder, runFolderName);
  let start: TrainStart | undefined;
  const speed = new RecentSpeed();
  const outcome = await train(
    { configuration, text, pathOf: (named) => resolve(folder, named) },
    { runFolder, restart: false, engine, encryptionKey, ...(processes && { processes }) },
    {
      onStart: (begun) => {
        start = begun;
      },
      onStep: (progress) => {
        if (start !== undefined) tell({ type: 'step', steps: stepsOf(progress, start, speed) });
      },
      onChoosing: (measured, networks) => {
        tell({ type: 'choosing', measured, networks });
      },
      onLogEntry: (entry) => {
        tell({ type: 'logged', entry });
      },
      onEvaluation: () => undefined,
      onCheckpoint: async () => {
        const kept = checkpointKept();
        tell({ type: 'checkpoint' });
        await kept;
      },
    },
    stop,
  );
  if ((processes?.rank ?? 0) === 0) {
    const { trainingHtml } = await import('../report/training-html.js');
    await writeFile(join(runFolder, reportFileName), trainingHtml(configuration, outcome.log.entries));
  }
  return { type: 'ended', isDone: outcome.isDone, steps: outcome.position.step };
}

/** Images per second of the last steps: single ones jump. */
class RecentSpeed {
  private readonly stepsMs: number[] = [];

  add({ computedMs, waitedMs }: StepProgress, images: number): number {
    this.stepsMs.push(computedMs + waitedMs);
    if (this.stepsMs.length > 20) this.stepsMs.shift();
    const meanMs = this.stepsMs.reduce((sum, ms) => sum + ms, 0) / this.stepsMs.length;
    return (1000 * images) / meanMs;
  }
}

function stepsOf(progress: StepProgress, start: TrainStart, speed: RecentSpeed): TrainingSteps {
  const { position, report } = progress;
  const { epochs, stepsPerEpoch, samplesPerEpoch } = start;
  return {
    done: position.step,
    total: epochs * stepsPerEpoch,
    epoch: Math.min(position.epoch + 1, epochs),
    epochs,
    loss: report.loss,
    faceLoss: report.faceLoss,
    symmetryLoss: report.symmetryLoss,
    imagesPerSecond: speed.add(progress, samplesPerEpoch / stepsPerEpoch),
  };
}

/**
 * Entry point of a process that fine-tunes a backbone on enrolled faces, for the service: what it computes does not stop
 * the gateway, and what it holds is gone with it.
 */
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import {
  type MessageFromTrainer,
  type MessageToTrainer,
  reportFileName,
  runFolderName,
  type TrainerSetup,
} from './trainer-protocol.js';
import { requireProvider } from '../../learning/engines/require-provider.js';
import { useTensorflowGpu } from '../../learning/engines/tensorflow-gpu.js';
import { type StepProgress, train, type TrainStart } from '../runs/train.js';
import { parseTrainingConfiguration } from '../configuration/training-configuration.js';
import { toRecord } from '../../core/failure-record.js';
import type { TrainingSteps } from './training-steps.js';

const stop = new AbortController();
let goOn: (() => void) | undefined;

function tell(message: MessageFromTrainer): void {
  if (process.connected) process.send?.(message);
}

/** Resolves once the message is on its way, so that the process may end. */
async function tellLast(message: MessageFromTrainer): Promise<void> {
  await new Promise<void>((resolve) => {
    if (process.send === undefined) resolve();
    else
      process.send(message, () => {
        resolve();
      });
  });
}

async function run({
  configuration: text,
  folder,
  encryptionKey,
  provider,
  threads,
}: TrainerSetup): Promise<void> {
  const configuration = parseTrainingConfiguration(text, 'the training job');
  const runFolder = join(folder, runFolderName);
  let start: TrainStart | undefined;
  const speed = new RecentSpeed();
  if (provider === 'tensorflow') await useTensorflowGpu();
  const outcome = await train(
    { configuration, text, pathOf: (named) => resolve(folder, named) },
    {
      runFolder,
      restart: false,
      engine: provider === 'tensorflow' ? 'tfjs' : { provider, threads },
      encryptionKey,
    },
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
      onCheckpoint: async () =>
        new Promise((resolve) => {
          goOn = resolve;
          tell({ type: 'checkpoint' });
        }),
    },
    stop.signal,
  );
  const { trainingHtml } = await import('../report/training-html.js');
  await writeFile(join(runFolder, reportFileName), trainingHtml(configuration, outcome.log.entries));
  await tellLast({
    type: 'ended',
    isDone: outcome.isDone,
    steps: outcome.position.step,
  });
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

process.on('message', (message: MessageToTrainer) => {
  switch (message.type) {
    case 'setup':
      void run(message.setup)
        .catch(async (error: unknown) => tellLast({ type: 'failed', error: toRecord(error) }))
        .finally(() => process.exit());
      return;
    case 'check-provider':
      void requireProvider(message.provider)
        .then(async () => tellLast({ type: 'provider-works' }))
        .catch(async (error: unknown) => tellLast({ type: 'failed', error: toRecord(error) }))
        .finally(() => process.exit());
      return;
    case 'stop':
      stop.abort();
      return;
    case 'checkpoint-kept':
      goOn?.();
  }
});
// Without its service nobody would keep what it learns.
process.once('disconnect', () => process.exit(1));
// A terminal sends Ctrl-C to the whole process group; the service decides when this ends.
process.on('SIGINT', () => undefined);

import { usableProvider } from './usable-provider.js';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import type { LocatedDetectorConfiguration } from '../../training/detector/detector-configuration.js';
import type { DetectorLogEntry } from '../../training/detector/detector-log.js';
import { trainDetector } from '../../training/detector/train-detector.js';
import { withLockedRun } from '../../training/runs/run-lock.js';
import { CommandFailure } from '../command-failure.js';
import { EXIT_INTERRUPTED, EXIT_OK } from '../exit-code.js';
import { interruptible } from '../interruption.js';
import type { Session } from '../session.js';
import type { TrainCommandOptions } from './train-command-options.js';

/** How often a line is written. */
const LINE_EVERY_MS = 15_000;

/** Trains a detector. @returns the exit code */
export async function runDetectorTraining(
  session: Session,
  located: LocatedDetectorConfiguration,
  options: TrainCommandOptions,
): Promise<number> {
  refuseOptionsOfBackbones(options);
  const runFolder = resolve(options.output ?? join('runs', located.configuration.name));
  return withLockedRun(runFolder, () => trainShown(session, located, options, runFolder));
}

/** Trains with its progress on the terminal. */
async function trainShown(
  { terminal }: Session,
  located: LocatedDetectorConfiguration,
  options: TrainCommandOptions,
  runFolder: string,
): Promise<number> {
  const { configuration } = located;
  const { threads } = options;
  if (options.precision === 'mixed')
    throw new CommandFailure('A detector is trained in single precision: leave out --precision.');
  const provider = await usableProvider(options.provider);
  let lastLineMs = performance.now();
  const outcome = await interruptible((signal) =>
    trainDetector(
      located,
      { runFolder, restart: options.restart === true, engine: { provider, threads } },
      {
        onStart: ({ parameterCount, steps, from }) => {
          terminal.err(`Training ${configuration.name}: ${parameterCount} parameters, ${steps} steps`);
          terminal.err(`  in ${runFolder}${from === 0 ? '' : `, from step ${from}`}`);
        },
        onSteps: (entry) => {
          if (performance.now() - lastLineMs < LINE_EVERY_MS) return;
          lastLineMs = performance.now();
          terminal.err(lineOf(entry, configuration.steps));
        },
        onEvaluation: (entry) => {
          terminal.err(lineOf(entry, configuration.steps));
        },
      },
      signal,
    ),
  );
  const { detectorTrainingHtml } = await import('../../training/report/detector-training-html.js');
  const report = join(runFolder, 'report.html');
  await writeFile(report, detectorTrainingHtml(configuration, outcome.log.entries)).catch(
    (cause: unknown) => {
      throw new CommandFailure(`Cannot write ${report}.`, { cause });
    },
  );
  if (!outcome.isDone) {
    terminal.err(`Stopped after ${outcome.step} steps. The same command goes on there.`);
    return EXIT_INTERRUPTED;
  }
  terminal.out(`Trained: ${outcome.step} steps. Model: ${outcome.modelFolder}; curves: ${report}`);
  return EXIT_OK;
}

/** @throws CommandFailure naming the option that says nothing of a detector's training */
function refuseOptionsOfBackbones({ engine, epochs, cell, findLearningRate }: TrainCommandOptions): void {
  if (findLearningRate === true)
    throw new CommandFailure('No learning rate of a detector is found: leave out --find-learning-rate.');
  if (engine === 'tfjs')
    throw new CommandFailure('A detector is trained by the compiled engine only: leave out --engine.');
  if (epochs !== undefined)
    throw new CommandFailure(
      'A detector is trained for a number of steps: in place of --epochs give --set steps=COUNT.',
    );
  if (cell !== undefined)
    throw new CommandFailure(
      'The file says "kind: detector" and is no experiment of several combinations: leave out --cell.',
    );
}

function lineOf(entry: DetectorLogEntry, steps: number): string {
  if (entry.kind === 'evaluation') {
    const [recall, precision] = [entry.recall, entry.precision].map((value) => (100 * value).toFixed(1));
    return `  step ${entry.step}: finds ${recall} % of ${entry.faceCount} held-out faces, ${precision} % of what it finds are faces, landmarks off by ${(100 * entry.landmarkError).toFixed(2)} % of the eyes' distance`;
  }
  const losses = `loss ${entry.loss.toFixed(3)} (class ${entry.classLoss.toFixed(3)}, box ${entry.boxLoss.toFixed(3)}, landmarks ${entry.landmarkLoss.toFixed(3)})`;
  return `  step ${entry.step}/${steps}: ${entry.imagesPerSecond.toFixed(1)} img/s, waited ${(100 * entry.waitedShare).toFixed(0)} %, ${losses}, rate ${entry.learningRate.toPrecision(2)}`;
}

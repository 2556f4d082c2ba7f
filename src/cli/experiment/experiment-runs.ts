import { readFile } from 'node:fs/promises';

import type { PlannedRun } from '../../training/experiments/experiment-file.js';
import type { ExperimentFolder } from '../../training/experiments/experiment-folder.js';
import { writeRunResult } from '../../training/runs/run-result.js';
import type { ExperimentRun } from '../../training/experiments/experiment-results.js';
import { EXIT_OK } from '../exit-code.js';
import { type ProcessEnd, trainInProcess } from './training-process.js';

export interface RunsOptions {
  /** How many runs are trained at the same time. */
  readonly jobs: number;
  /** The arguments of `symface train` besides its configuration and folder. */
  readonly trainArguments: readonly string[];
}

export interface RunsObserver {
  onBegin(run: PlannedRun): void;
  /** Is told of a run that has ended, and is waited for before the next run of its lane. */
  onEnd(run: PlannedRun, result: ExperimentRun): Promise<void>;
}

/**
 * Trains runs, so many at once; one that fails does not keep the others from going on. A signal stops those that run,
 * each with a checkpoint, and begins no other.
 * @throws the system's error where a run cannot be started or its folder not written
 */
export async function trainRuns(
  runs: readonly PlannedRun[],
  folder: ExperimentFolder,
  { jobs, trainArguments }: RunsOptions,
  observer: RunsObserver,
  signal: AbortSignal,
): Promise<void> {
  // An error in one lane must not leave the processes of others behind.
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const queue = runs.values();
  const lane = async (): Promise<void> => {
    for (const run of queue) {
      if (either.aborted) return;
      observer.onBegin(run);
      const result = await trainRun(run, folder, trainArguments, either);
      await observer.onEnd(run, result);
    }
  };
  const lanes = Array.from({ length: jobs }, async () =>
    lane().catch((error: unknown) => {
      failed.abort();
      throw error;
    }),
  );
  const rejected = (await Promise.allSettled(lanes)).find((result) => result.status === 'rejected');
  if (rejected !== undefined) throw rejected.reason;
}

async function trainRun(
  run: PlannedRun,
  folder: ExperimentFolder,
  trainArguments: readonly string[],
  signal: AbortSignal,
): Promise<ExperimentRun> {
  const { runFolder, configuration, output } = await folder.prepare(run);
  const own = ['--config', configuration, '--output', runFolder];
  const end = await trainInProcess([...own, ...trainArguments], output, signal);
  const result = await folder.stateOf(run);
  if (result.state !== 'unfinished' || signal.aborted) return result;
  // It was killed, or ended in a way that it did not foresee.
  const failure = { message: await lastWords(end, output) };
  await writeRunResult(runFolder, { state: 'failed', steps: 0, failure });
  return folder.stateOf(run);
}

async function lastWords({ code, signal }: ProcessEnd, output: string): Promise<string> {
  const lines = (await readFile(output, 'utf8')).trim().split('\n');
  const how =
    code === EXIT_OK
      ? 'ended without an outcome'
      : `ended ${code === null ? `by ${signal ?? ''}` : `with ${code}`}`;
  return [`symface train ${how}; see ${output}`, lines.at(-1)?.trim()].filter(Boolean).join(': ');
}

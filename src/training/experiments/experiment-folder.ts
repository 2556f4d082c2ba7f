import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { ExperimentRun } from './experiment-results.js';
import { Failure } from '../../core/failure.js';
import { hasErrorCode, replaceFile, storageFailure } from '../../storage/files/durable-files.js';
import { readRunLog } from '../runs/run-log.js';
import { readRunResult, removeRunResult } from '../runs/run-result.js';
import { readPairScores } from '../runs/pair-scores-file.js';
import type { RunScores } from './crossed-bootstrap.js';
import type { PlannedRun } from './experiment-file.js';
import { runMetrics } from './run-metrics.js';

const configurationFile = 'configuration.yaml';
const outputFile = 'output.log';
/** It is far above one line of a log. */
const tailBytes = 8192;

/** Absolute paths of a run. */
export interface PreparedRun {
  readonly runFolder: string;
  readonly configuration: string;
  /** The file that keeps what it prints. */
  readonly output: string;
}

/** The runs of an experiment, each in a folder of its own that `symface train` writes. */
export class ExperimentFolder {
  constructor(private readonly path: string) {}

  /**
   * Forgets what was trained before.
   * @throws the system's error
   */
  async restart(runs: readonly PlannedRun[]): Promise<void> {
    for (const { folder } of runs) await rm(join(this.path, folder), { recursive: true, force: true });
  }

  /** @throws Failure INVALID_ARGUMENT where a run was begun with another configuration */
  async requireSame(runs: readonly PlannedRun[]): Promise<void> {
    for (const { folder, text } of runs) {
      const path = join(this.path, folder, configurationFile);
      const before = await readFile(path, 'utf8').catch((error: unknown) => {
        if (hasErrorCode(error, 'ENOENT')) return text;
        throw error;
      });
      if (before === text) continue;
      const change = firstDifference(before, text);
      const message = `${path} is of another configuration (${change}). Choose another --output, or --restart to train all runs anew.`;
      throw new Failure('INVALID_ARGUMENT', message);
    }
  }

  /**
   * Makes a run's folder ready for `symface train`, without the outcome of an attempt before.
   * @throws Failure STORAGE_FULL; the system's error
   */
  async prepare({ folder, text }: PlannedRun): Promise<PreparedRun> {
    const runFolder = join(this.path, folder);
    const configuration = join(runFolder, configurationFile);
    try {
      await mkdir(runFolder, { recursive: true });
      await replaceFile(configuration, text);
      removeRunResult(runFolder);
    } catch (error) {
      throw storageFailure(error, runFolder);
    }
    return { runFolder, configuration, output: join(runFolder, outputFile) };
  }

  /** How far a run is by what it left: finished and failed runs have an outcome. */
  async stateOf({ cell, seed, folder }: PlannedRun): Promise<ExperimentRun> {
    const runFolder = join(this.path, folder);
    const outcome = await readRunResult(runFolder);
    if (outcome === undefined || outcome.state === 'stopped') return { cell, seed, state: 'unfinished' };
    if (outcome.state === 'failed') {
      const { failure = { message: 'no reason is known' } } = outcome;
      return { cell, seed, state: 'failed', failure };
    }
    const figures = runMetrics(await readRunLog(join(runFolder, 'log.jsonl')), outcome);
    return { cell, seed, state: 'finished', figures };
  }

  /** What a finished run said of the pairs of its evaluation sets, of its last step. */
  async scoresOf({ cell, seed, folder }: PlannedRun): Promise<RunScores | undefined> {
    const runFolder = join(this.path, folder);
    const outcome = await readRunResult(runFolder);
    if (outcome?.state !== 'finished') return undefined;
    return { cell, seed, sets: await readPairScores(runFolder, outcome.steps) };
  }

  /** Share of its epochs that a run has done, 0 to 1: by its log, or what it printed, which slow runs do more often. */
  async progressOf({ folder, configuration }: PlannedRun): Promise<number> {
    const log = await tailOf(join(this.path, folder, 'log.jsonl'));
    const epochs = lastMatch(log, /"epoch":([\d.]+)/gu)?.[1] ?? '0';
    const output = await tailOf(join(this.path, folder, outputFile));
    const [, step = '0', steps = '1'] = lastMatch(output, / step (\d+)\/(\d+),/gu) ?? [];
    return Math.min(1, Math.max(Number(epochs) / configuration.epochs, Number(step) / Number(steps)));
  }
}

function lastMatch(text: string, pattern: RegExp): RegExpMatchArray | undefined {
  return [...text.matchAll(pattern)].at(-1);
}

async function tailOf(path: string): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const { buffer, bytesRead } = await file.read({
        buffer: Buffer.alloc(tailBytes),
        position: Math.max(0, size - tailBytes),
      });
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return '';
    throw error;
  }
}

function firstDifference(before: string, after: string): string {
  const [had, has] = [before.split('\n'), after.split('\n')];
  const at = has.findIndex((line, index) => line !== had[index]);
  const line = at === -1 ? has.length : at;
  return `"${had[line]?.trim() ?? ''}" is now "${has[line]?.trim() ?? ''}"`;
}

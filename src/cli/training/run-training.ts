import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Failure } from '../../core/failure.js';
import type { ExecutionProvider } from '../../onnx/execution-provider.js';
import { toRecord } from '../../core/failure-record.js';
import {
  type LocatedConfiguration,
  readTrainingConfiguration,
} from '../../training/configuration/training-configuration.js';
import { readDetectorConfiguration } from '../../training/detector/detector-configuration.js';
import { readExperimentCell } from '../../training/experiments/experiment-file.js';
import { choiceLines, smoothingText } from '../../training/report/choice-report.js';
import { learningRateText } from '../../training/report/learning-rate-report.js';
import { evaluationLine, startLines } from '../../training/report/training-report.js';
import {
  readRunResult,
  removeRunResult,
  type RunResult,
  writeRunResult,
} from '../../training/runs/run-result.js';
import { requireData } from '../../training/configuration/require-data.js';
import { writePairScores } from '../../training/runs/pair-scores-file.js';
import { withLockedRun } from '../../training/runs/run-lock.js';
import {
  type StepProgress,
  train,
  type TrainOptions,
  type TrainResult,
  type TrainStart,
} from '../../training/runs/train.js';
import { shareOfCores } from '../../training/parallel/shared-batches.js';
import { launchedProcess } from '../../training/parallel/launched-process.js';
import type { MpiProcesses } from '../../training/parallel/mpi-processes.js';
import { CommandFailure } from '../command-failure.js';
import { describeError } from '../describe-error.js';
import { EXIT_INTERRUPTED, EXIT_OK } from '../exit-code.js';
import { interruptible } from '../interruption.js';
import type { Session } from '../session.js';
import { runDetectorTraining } from './run-detector-training.js';
import { usableProvider } from './usable-provider.js';
import { TrainingProgress } from '../training-progress.js';
import { withProcesses } from './with-processes.js';
import type { TrainCommandOptions } from './train-command-options.js';

const FIND_RATE = 'learningRate.initial=auto';

/** Trains, and writes the report. @returns the exit code */
export async function runTraining(session: Session, options: TrainCommandOptions): Promise<number> {
  const detector = await readDetectorConfiguration(options.config, options.set);
  if (detector !== undefined) {
    if (launchedProcess(process.env) !== undefined)
      throw new CommandFailure('A detector is trained in one process: start it without mpirun.');
    return runDetectorTraining(session, detector, options);
  }
  const set = options.findLearningRate === true ? [...options.set, FIND_RATE] : options.set;
  const located = await readConfiguration({ ...options, set });
  const epochs = options.epochs ?? located.configuration.epochs;
  const configuration = { ...located.configuration, epochs };
  const runFolder = resolve(options.output ?? join('runs', configuration.name));
  return withProcesses(session.terminal, async (processes) => {
    const provider = await usableProvider(options.provider);
    const isFirst = (processes?.rank ?? 0) === 0;
    if (options.provider === 'auto' && isFirst) session.terminal.err(`Computes on ${provider}.`);
    await requireData(located, isFirst);
    const parts = { session, located: { ...located, configuration }, options, provider, processes };
    if (processes !== undefined && processes.rank > 0) return trainSilently(parts, runFolder);
    return withLockedRun(runFolder, (isNew) => recordedTraining(parts, new RunRecord(runFolder, isNew)));
  });
}

interface TrainingParts {
  readonly session: Session;
  readonly located: LocatedConfiguration;
  readonly options: TrainCommandOptions;
  readonly provider: ExecutionProvider;
  readonly processes: MpiProcesses | undefined;
}

/** Trains in a process that another one reports for. */
async function trainSilently(parts: TrainingParts, runFolder: string): Promise<number> {
  const nothing = (): void => undefined;
  const observer = { onStart: nothing, onStep: nothing, onEvaluation: nothing };
  const { isDone } = await interruptible((signal) =>
    train(parts.located, trainOptionsOf(parts, runFolder), observer, signal),
  );
  return isDone ? EXIT_OK : EXIT_INTERRUPTED;
}

function trainOptionsOf({ options, provider, processes }: TrainingParts, runFolder: string): TrainOptions {
  const { precision } = options;
  // As many threads as there are cores would be as many for each process.
  const threads =
    processes !== undefined && options.threads === 0 ? shareOfCores(processes.localSize) : options.threads;
  const device = processes === undefined || provider === 'cpu' ? {} : { device: processes.localRank };
  return {
    runFolder,
    restart: options.restart === true,
    engine: options.engine === 'tfjs' ? 'tfjs' : { provider, precision, threads, ...device },
    ...(processes && { processes }),
  };
}

/** Trains, and records in the run's folder how it ended. */
async function recordedTraining(parts: TrainingParts, record: RunRecord): Promise<number> {
  const { session, located } = parts;
  try {
    const outcome = await trainShown(parts, record);
    const { trainingHtml } = await import('../../training/report/training-html.js');
    const report = join(record.runFolder, 'report.html');
    await writeFile(report, trainingHtml(located.configuration, outcome.log.entries)).catch(
      (cause: unknown) => {
        throw new CommandFailure(`Cannot write ${report}.`, { cause });
      },
    );
    await record.end(outcome.isDone ? 'finished' : 'stopped');
    return announceEnd(session, outcome, report);
  } catch (error) {
    await record.fail(error);
    throw error;
  }
}

async function readConfiguration({ config, cell, set }: TrainCommandOptions): Promise<LocatedConfiguration> {
  return cell === undefined ? readTrainingConfiguration(config, set) : readExperimentCell(config, cell, set);
}

/** Trains with its progress on the terminal. */
async function trainShown(parts: TrainingParts, record: RunRecord): Promise<TrainResult> {
  const { located, processes } = parts;
  const { terminal } = parts.session;
  const progress = new TrainingProgress(terminal);
  if (processes !== undefined) terminal.err(`${processes.size} processes train together.`);
  return interruptible(async (signal) => {
    try {
      return await train(
        located,
        trainOptionsOf(parts, record.runFolder),
        {
          onHead: (embedded, faceCount) => {
            progress.embedding('the head', embedded, faceCount);
          },
          onTeacher: (embedded, faceCount) => {
            progress.embedding('the teacher', embedded, faceCount);
          },
          onStart: (start) => {
            record.start(start);
            for (const line of startLines(start, record.runFolder)) terminal.err(line);
            progress.start(start);
          },
          onStep: (step) => {
            record.step(step);
            progress.step(step);
          },
          onWarning: (text) => {
            progress.line(`  Warning: ${text}`);
          },
          onLearningRate: (found) => {
            progress.line(`  ${learningRateText(found)}`);
          },
          onSmoothing: (found) => {
            progress.line(`  ${smoothingText(found)}`);
          },
          onChoice: (choice) => {
            for (const line of choiceLines(choice)) progress.line(line);
          },
          onEvaluation: async (position, results) => {
            for (const result of results) progress.line(evaluationLine(position, result));
            await writePairScores(record.runFolder, position.step, results);
          },
        },
        signal,
      );
    } finally {
      progress.stop();
    }
  });
}

function announceEnd({ terminal }: Session, outcome: TrainResult, report: string): number {
  const { step } = outcome.position;
  if (!outcome.isDone) {
    terminal.err(`Stopped after ${step} steps. The same command goes on there.`);
    return EXIT_INTERRUPTED;
  }
  terminal.out(`Trained: ${step} steps. Model: ${outcome.modelFolder}; curves: ${report}`);
  return EXIT_OK;
}

/** Keeps what is known of a run, to write how it ended. */
class RunRecord {
  private steps = 0;
  private data: RunResult['data'];
  private samplesPerStep = 0;

  /** @param isNew whether the folder was made for this run */
  constructor(
    readonly runFolder: string,
    private readonly isNew: boolean,
  ) {}

  start({ from, classCount, faceCount, symmetricCount, samplesPerEpoch, stepsPerEpoch }: TrainStart): void {
    removeRunResult(this.runFolder);
    this.steps = from.step;
    this.data = { classCount, faceCount, symmetricCount, samplesPerEpoch };
    this.samplesPerStep = samplesPerEpoch / stepsPerEpoch;
  }

  step({ position }: StepProgress): void {
    this.steps = position.step;
  }

  async end(state: RunResult['state'], more: Partial<Pick<RunResult, 'failure'>> = {}): Promise<void> {
    const { steps } = this;
    const samplesSeen = Math.round(steps * this.samplesPerStep);
    const data = this.data && { ...this.data, samplesSeen };
    await writeRunResult(this.runFolder, { state, steps, data, ...more });
  }

  /** Records why it failed; where that cannot be written (a full disk), the failure itself matters more. */
  async fail(error: unknown): Promise<void> {
    // It was refused: nothing is to be there, or what is there is of another run.
    const isRefused = this.data === undefined;
    if (isRefused && (this.isNew || (await readRunResult(this.runFolder)) !== undefined)) return;
    const failure = error instanceof Failure ? toRecord(error) : { message: describeError(error) };
    await this.end('failed', { failure }).catch(() => undefined);
  }
}

import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import {
  readRunOutcome,
  removeRunOutcome,
  type RunOutcome,
  writeRunOutcome,
} from '../../training/runs/run-outcome.js';
import type { StepProgress, TrainOptions, TrainOutcome, TrainStart } from '../../training/runs/train.js';
import type { LocatedConfiguration } from '../../training/configuration/training-configuration.js';
import { Failure } from '../../core/failure.js';
import { toRecord } from '../../core/failure-record.js';
import { CommandFailure } from '../command-failure.js';
import { describeError } from '../describe-error.js';
import { EXIT_INTERRUPTED, EXIT_OK } from '../exit-code.js';
import { interruptible } from '../interruption.js';
import { trainingHtml } from '../../training/report/training-html.js';
import { endText, evaluationLine, startLines } from '../../training/report/training-report.js';
import { listed, naturalNumber, positiveInteger, type Session } from '../session.js';
import { TrainingProgress } from '../training-progress.js';

interface CommandOptions {
  readonly config: string;
  readonly cell?: string;
  readonly out?: string;
  readonly restart?: true;
  readonly engine: 'ort' | 'tfjs';
  readonly provider: 'cpu' | 'cuda' | 'webgpu';
  readonly threads: number;
  readonly epochs?: number;
  readonly set: readonly string[];
}

const NOTES = `
The configuration says what is trained on what (docs/training.md); recipes/ has those of the paper's tables. Everything
goes to the run's folder: checkpoints, log.jsonl, report.html, and model/ with the ONNX graph, the weights (safetensors)
and the manifest. The same command goes on where a run was stopped; Ctrl-C leaves a checkpoint.

Examples:
  symface dataset tag /data/faces --format identities        first, for photographs and for split faces
  symface train --config recipes/paper/lightweight.yaml --set data.path=/data/faces_webface_112x112/train.rec
  symface train --config recipes/paper/table-2.yaml --cell ir-50-adaface--ms1mv2--with
  symface train --config my.yaml --out runs/mine --epochs 40   goes on with a run for more epochs
  symface models import runs/mine/model/backbone.onnx --manifest runs/mine/model/manifest.json`;

export function trainCommand(session: Session): Command {
  return new Command('train')
    .description('train a network with a face loss and the symmetry loss')
    .requiredOption('--config <file>', 'YAML: data, network, losses and schedule')
    .option(
      '--cell <name>',
      'where the file is an experiment: which of its combinations, from its first seed',
    )
    .option('--out <folder>', "the run's folder; else runs/NAME in the current one")
    .option('--restart', 'begin anew, forgetting the checkpoints that are there')
    .option('--epochs <count>', 'in place of the configuration’s', positiveInteger)
    .option(
      '--set <setting=value>',
      'in place of the configuration’s; may be given again and again',
      listed,
      [],
    )
    .addOption(
      new Option('--engine <engine>', 'compiled for ONNX Runtime, or evaluated by tfjs')
        .choices(['ort', 'tfjs'])
        .default('ort'),
    )
    .addOption(
      new Option('--provider <provider>', 'where ONNX Runtime computes')
        .choices(['cpu', 'cuda', 'webgpu'])
        .default('cpu'),
    )
    .option('--threads <count>', 'of an operation; 0: as many as there are cores', naturalNumber, 0)
    .addHelpText('after', NOTES)
    .action(async (options: CommandOptions) => {
      session.exitCode = await runTrain(session, options);
    });
}

async function runTrain(session: Session, options: CommandOptions): Promise<number> {
  const located = await readConfiguration(options);
  const epochs = options.epochs ?? located.configuration.epochs;
  const configuration = { ...located.configuration, epochs };
  const runFolder = resolve(options.out ?? join('runs', configuration.name));
  const record = new RunRecord(runFolder);
  try {
    const outcome = await trainShown(session, { ...located, configuration }, options, record);
    const report = join(runFolder, 'report.html');
    await writeFile(report, trainingHtml(configuration, outcome.log.entries)).catch((cause: unknown) => {
      throw new CommandFailure(`Cannot write ${report}.`, { cause });
    });
    await record.end(outcome.isDone ? 'finished' : 'stopped', { exportedStep: outcome.end?.exportedStep });
    return announceEnd(session, outcome, report);
  } catch (error) {
    await record.fail(error);
    throw error;
  }
}

async function readConfiguration({ config, cell, set }: CommandOptions): Promise<LocatedConfiguration> {
  // Loaded here only: tfjs takes a second to load.
  if (cell !== undefined) {
    const { readExperimentCell } = await import('../../training/experiments/experiment-file.js');
    return readExperimentCell(config, cell, set);
  }
  const { readTrainingConfiguration } =
    await import('../../training/configuration/training-configuration.js');
  return readTrainingConfiguration(config, set);
}

/** Trains with its progress on the terminal. */
async function trainShown(
  { terminal }: Session,
  located: LocatedConfiguration,
  options: CommandOptions,
  record: RunRecord,
): Promise<TrainOutcome> {
  const { train } = await import('../../training/runs/train.js');
  const progress = new TrainingProgress(terminal);
  const trainOptions: TrainOptions = {
    runFolder: record.runFolder,
    restart: options.restart === true,
    engine: options.engine === 'tfjs' ? 'tfjs' : { provider: options.provider, threads: options.threads },
  };
  return interruptible(async (signal) => {
    try {
      return await train(
        located,
        trainOptions,
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
          onEvaluation: (place, results) => {
            for (const result of results) progress.line(evaluationLine(place, result));
          },
        },
        signal,
      );
    } finally {
      progress.stop();
    }
  });
}

function announceEnd({ terminal }: Session, outcome: TrainOutcome, report: string): number {
  const { step } = outcome.place;
  if (!outcome.isDone) {
    terminal.err(`Stopped after ${step} steps. The same command goes on there.`);
    return EXIT_INTERRUPTED;
  }
  if (outcome.end !== undefined) terminal.err(`  ${endText(outcome.end)}`);
  terminal.out(`Trained: ${step} steps. Model: ${outcome.modelFolder}; curves: ${report}`);
  return EXIT_OK;
}

/** Keeps what is known of a run, to write how it ended. */
class RunRecord {
  private steps = 0;
  private data: RunOutcome['data'];

  constructor(readonly runFolder: string) {}

  start({ from, classCount, faceCount, symmetricCount, samplesPerEpoch }: TrainStart): void {
    removeRunOutcome(this.runFolder);
    this.steps = from.step;
    this.data = { classCount, faceCount, symmetricCount, samplesPerEpoch };
  }

  step({ place }: StepProgress): void {
    this.steps = place.step;
  }

  async end(
    state: RunOutcome['state'],
    more: Partial<Pick<RunOutcome, 'exportedStep' | 'failure'>> = {},
  ): Promise<void> {
    const { steps, data } = this;
    await writeRunOutcome(this.runFolder, { state, steps, data, ...more });
  }

  /** Where the outcome cannot be written (a full disk), the failure itself matters more. */
  async fail(error: unknown): Promise<void> {
    // It was refused, and what is there is of another run.
    if (this.data === undefined && (await readRunOutcome(this.runFolder)) !== undefined) return;
    const failure = error instanceof Failure ? toRecord(error) : { message: describeError(error) };
    await this.end('failed', { failure }).catch(() => undefined);
  }
}

import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { TrainOptions } from '../../adapters/training/train.js';
import { CommandFailure } from '../command-failure.js';
import { EXIT_OK } from '../exit-code.js';
import { interruptible } from '../interruption.js';
import { trainingHtml } from '../report/training-html.js';
import { evaluationLine, startLines } from '../report/training-report.js';
import type { Session } from '../session.js';
import { TrainingProgress } from '../training-progress.js';

interface CommandOptions {
  readonly config: string;
  readonly out?: string;
  readonly restart?: true;
  readonly engine: 'ort' | 'tfjs';
  readonly provider: 'cpu' | 'cuda' | 'webgpu';
  readonly threads: number;
  readonly epochs?: number;
}

/** What a process ends with that Ctrl-C ended (128 + SIGINT). */
const EXIT_INTERRUPTED = 130;

const NOTES = `
The configuration says what is trained on what (docs/training.md); recipes/ has those of the paper's tables. Everything
goes to the run's folder: checkpoints, log.jsonl, report.html, and model/ with the ONNX graph, the weights (safetensors)
and the manifest. The same command goes on where a run was stopped; Ctrl-C leaves a checkpoint.

Examples:
  symface dataset tag /data/faces --format identities        first, for photographs and for split faces
  symface train --config recipes/mobilefacenet-arcface-symface.yaml
  symface train --config my.yaml --out runs/mine --epochs 40   goes on with a run for more epochs
  symface models import runs/mine/model/backbone.onnx --manifest runs/mine/model/manifest.json`;

export function trainCommand(session: Session): Command {
  return new Command('train')
    .description('train a network with a face loss and the symmetry loss')
    .requiredOption('--config <file>', 'YAML: data, network, losses and schedule')
    .option('--out <folder>', "the run's folder; else runs/NAME in the current one")
    .option('--restart', 'begin anew, forgetting the checkpoints that are there')
    .option('--epochs <count>', 'in place of the configuration’s', positive)
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
    .option('--threads <count>', 'of an operation; 0: as many as there are cores', natural, 0)
    .addHelpText('after', NOTES)
    .action(async (options: CommandOptions) => {
      session.exitCode = await runTrain(session, options);
    });
}

async function runTrain(session: Session, options: CommandOptions): Promise<number> {
  // Loaded here only: tfjs takes a second to load.
  const { readTrainingConfiguration } = await import('../../adapters/training/training-configuration.js');
  const { train } = await import('../../adapters/training/train.js');
  const located = await readTrainingConfiguration(options.config);
  const epochs = options.epochs ?? located.configuration.epochs;
  const configuration = { ...located.configuration, epochs };
  const runFolder = resolve(options.out ?? join('runs', configuration.name));
  const { terminal } = session;
  const progress = new TrainingProgress(terminal);
  const trainOptions: TrainOptions = {
    runFolder,
    restart: options.restart === true,
    engine: options.engine === 'tfjs' ? 'tfjs' : { provider: options.provider, threads: options.threads },
  };
  const outcome = await interruptible(async (signal) => {
    try {
      return await train(
        { ...located, configuration },
        trainOptions,
        {
          onStart: (start) => {
            for (const line of startLines(start, runFolder)) terminal.err(line);
            progress.start(start);
          },
          onStep: (step) => {
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
  const report = join(runFolder, 'report.html');
  await writeFile(report, trainingHtml(configuration, outcome.log.entries)).catch((cause: unknown) => {
    throw new CommandFailure(`Cannot write ${report}.`, { cause });
  });
  const { step } = outcome.place;
  if (!outcome.isDone) {
    terminal.err(`Stopped after ${step} steps. The same command goes on there.`);
    return EXIT_INTERRUPTED;
  }
  terminal.out(`Trained: ${step} steps. Model: ${outcome.modelFolder}; curves: ${report}`);
  return EXIT_OK;
}

function natural(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('Give a whole number from 0 on.');
  return value;
}

function positive(text: string): number {
  const value = natural(text);
  if (value === 0) throw new InvalidArgumentError('Give a whole number above 0.');
  return value;
}

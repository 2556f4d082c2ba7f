import { writeFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import type { IdentityOverlap, OverlapOptions } from '../../training/overlap/identity-overlap.js';
import { CommandFailure } from '../command-failure.js';
import { EmbeddingProgress } from '../embedding-progress.js';
import { EXIT_INTERRUPTED, EXIT_OK } from '../exit-code.js';
import { errorCode } from '../image-file.js';
import { interruptible } from '../interruption.js';
import { overlapJson, overlapLines } from '../report/overlap-report.js';
import { cosine, falseMatchRate, naturalNumber, repeatable, type Session } from '../session.js';

interface CommandOptions {
  readonly config: string;
  readonly against: string;
  readonly model?: string;
  readonly manifest?: string;
  readonly falseAlarmRate: number;
  readonly threshold?: number;
  readonly output?: string;
  readonly threads: number;
  readonly set: readonly string[];
  readonly json?: true;
}

const NOTES = `
All faces are embedded, of all identities of the training data whatever the configuration chooses of them. An identity's
template is its mean unit embedding; it resembles someone where the most similar template of the evaluation set is above
the threshold. That is where the given share of the evaluation set's own identities resembles another one of it, so about
that share of the training identities is named by chance (docs/training-data.md). No server is asked.

Examples:
  symface dataset overlap --config my.yaml --against lfw --output overlap.yaml    with the network that is fine-tuned
  symface dataset overlap --config my.yaml --against lfw --model other.onnx --manifest other.json
  symface dataset overlap --config my.yaml --against agedb --threshold 0.55       where persons are not known
then, in the configuration: data: { identities: { exclude: { file: overlap.yaml } } }`;

export function overlapCommand(session: Session): Command {
  return new Command('overlap')
    .description('which identities of training data resemble someone in an evaluation set')
    .requiredOption('--config <file>', 'YAML of a training: its data and evaluation sets')
    .requiredOption('--against <name>', 'the evaluation set, as evaluate.benchmarks names it')
    .option('--model <path>', "ONNX backbone, or a run's model folder; else what the training starts from")
    .option('--manifest <file>', 'JSON that describes the ONNX file')
    .option(
      '--false-alarm-rate <rate>',
      'share of identities that may be named by chance',
      falseMatchRate,
      0.01,
    )
    .addOption(
      new Option('--threshold <cosine>', 'similarity in the place of a rate')
        .argParser(cosine)
        .conflicts('falseAlarmRate'),
    )
    .option('--output <file>', 'write the identities there, for data.identities.exclude')
    .option('--threads <count>', 'threads of an operation; 0: as many as there are cores', naturalNumber, 0)
    .addOption(repeatable('--set <setting=value>', "in place of the configuration's", 'none'))
    .option('--json', 'print one JSON object')
    .addHelpText('after', NOTES)
    .action(async (options: CommandOptions) => {
      session.exitCode = await runOverlap(session, options);
    });
}

async function runOverlap({ terminal }: Session, options: CommandOptions): Promise<number> {
  const { against, output } = options;
  const overlap = await shownOverlap({ terminal }, options);
  if (overlap === undefined) {
    terminal.err('Stopped: nothing is compared until all faces are embedded.');
    return EXIT_INTERRUPTED;
  }
  if (output !== undefined) await writeList(output, against, overlap);
  const lines = options.json ? [overlapJson(against, overlap)] : overlapLines(against, overlap);
  for (const line of lines) terminal.out(line);
  if (output !== undefined)
    terminal.err(`Leave them out with data: { identities: { exclude: { file: ${output} } } }`);
  return EXIT_OK;
}

/** @returns undefined where it was interrupted */
async function shownOverlap(
  { terminal }: Pick<Session, 'terminal'>,
  options: CommandOptions,
): Promise<IdentityOverlap | undefined> {
  // Loaded here only: tfjs takes a second to load.
  const { readTrainingConfiguration } =
    await import('../../training/configuration/training-configuration.js');
  const { identityOverlap } = await import('../../training/overlap/identity-overlap.js');
  const located = await readTrainingConfiguration(options.config, options.set);
  const progress = new EmbeddingProgress(terminal);
  const onProgress = (embedded: number, faceCount: number): void => {
    progress.update(embedded, faceCount);
  };
  return interruptible(async (signal) => {
    try {
      return await identityOverlap(located, overlapOptions(options), onProgress, signal);
    } catch (error) {
      if (signal.aborted && error === signal.reason) return undefined;
      throw error;
    } finally {
      progress.stop();
    }
  });
}

/** @throws CommandFailure for a manifest of no model */
function overlapOptions(options: CommandOptions): OverlapOptions {
  const { against, model, manifest, threads, threshold, falseAlarmRate } = options;
  if (model === undefined && manifest !== undefined)
    throw new CommandFailure('Name what --manifest describes: --model FILE.');
  return {
    against,
    model: model === undefined ? undefined : { model, manifest },
    rule: threshold === undefined ? { falseAlarmRate } : { threshold },
    threads,
  };
}

async function writeList(output: string, against: string, overlap: IdentityOverlap): Promise<void> {
  const { identityListText } = await import('../../training/overlap/identity-list-file.js');
  const heading = [
    `By symface dataset overlap:`,
    ...overlapLines(against, overlap).filter((line) => line !== ''),
  ];
  const identities = overlap.resembling.map(({ identity, similarity }) => ({
    identity,
    remark: similarity.toFixed(4),
  }));
  await writeFile(output, identityListText(identities, heading)).catch((cause: unknown) => {
    throw new CommandFailure(`Cannot write ${output} (${errorCode(cause)}). Check the path.`, { cause });
  });
}

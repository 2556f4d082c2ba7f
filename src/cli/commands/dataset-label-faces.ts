import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { passedOverText } from '../../datasets/identities/passed-over.js';
import type { LabellingDetectors } from '../../training/detector/labels/labelling-protocol.js';
import type { PhotographFolder } from '../../training/detector/labels/label-photographs.js';
import { CommandFailure } from '../command-failure.js';
import { EXIT_INTERRUPTED, EXIT_OK } from '../exit-code.js';
import { errorCode } from '../image-file.js';
import { ImageProgress } from '../image-progress.js';
import { interruptible } from '../interruption.js';
import { labellingDetector } from '../labelling-detector.js';
import { positiveInteger, repeatable, type Session } from '../session.js';

interface LabelOptions {
  readonly detector: string;
  readonly agreeWith: readonly string[];
  readonly output: string;
  readonly set?: string;
  readonly match?: string;
  readonly limit?: number;
  readonly processes: number;
}

const NOTES = `
Each photograph and its mirror image are looked at; the mean of both is the label. A face is agreed upon where the first
detector is sure of it (0.5) and another one overlaps it by half; its landmarks stay where another one's are nearer than 8 % of
the box's side. What one detector alone sees is a label too, on which a training asks for nothing. A detector is a registered
model's id, or FAMILY=FILE (retinaface, scrfd, yunet). The labels go to a file of JSON Lines (docs/detector-training.md).
Photographs that have their line are not looked at again, so that several folders can share a file and a run that was
interrupted goes on. No server is asked.

Examples:
  symface dataset label-faces /data/photographs --detector retinaface=retinaface.onnx \\
    --agree-with scrfd=scrfd.onnx --agree-with yunet=yunet.onnx --output labels.jsonl
  symface dataset label-faces /data/cfp --match '^(0|1|200)' --detector my-detector-0123456789ab --output labels.jsonl`;

export function labelFacesCommand(session: Session): Command {
  return new Command('label-faces')
    .description('label the faces of photographs by detectors, to train a detector on')
    .argument('<folders...>', 'folders of photographs, laid out in any way')
    .requiredOption('--detector <model>', 'its boxes and landmarks are the labels')
    .addOption(repeatable('--agree-with <model>', 'confirms them', 'none'))
    .requiredOption('--output <file>', 'where the labels go, or go on')
    .option('--set <name>', 'what the folder is called in the labels; else its own name')
    .option('--match <expression>', 'only files whose path in the folder the regular expression matches')
    .option(
      '--limit <count>',
      'at most so many photographs of a folder, always the same ones',
      positiveInteger,
    )
    .option('--processes <count>', 'that label, a core each', positiveInteger, availableParallelism())
    .addHelpText('after', NOTES)
    .action(async (folders: readonly string[], options: LabelOptions) => {
      session.exitCode = await runLabelling(session, folders, options);
    });
}

async function runLabelling(
  { terminal }: Session,
  paths: readonly string[],
  options: LabelOptions,
): Promise<number> {
  // Loaded here only: zod and the detectors take time to load.
  const { labelPhotographs, photographsIn } =
    await import('../../training/detector/labels/label-photographs.js');
  const { LabelFile } = await import('../../datasets/face-labels/label-file.js');
  const detectors = await detectorsOf(options);
  const folders = foldersOf(paths, options);
  const lists = await Promise.all(
    folders.map((folder) =>
      photographsIn(folder).catch((cause: unknown) => {
        throw new CommandFailure(`Cannot read ${folder.path} (${errorCode(cause)}). Check the path.`, {
          cause,
        });
      }),
    ),
  );
  const photographs = lists.flatMap((list) => list.photographs);
  const file = await LabelFile.resume(options.output);
  const known = photographs.filter((photograph) => file.has(photograph.set, photograph.file)).length;
  const progress = new ImageProgress(terminal.isInteractive, photographs.length);
  let done = known;
  try {
    return await interruptible(async (signal) => {
      const unreadable = await labelPhotographs(photographs, file, {
        detectors,
        processes: options.processes,
        signal,
        onLabelled: (count) => {
          done += count;
          progress.update(done, known);
        },
      });
      progress.stop();
      const others = passedOverText(lists.flatMap(({ passedOver }) => passedOver));
      if (others !== undefined) terminal.err(`Beside photographs: ${others}.`);
      for (const { path, message } of unreadable) terminal.err(`Left out ${path}: ${message}`);
      const labelled = done - known - unreadable.length;
      terminal.out(
        `${labelled} photographs labelled, ${known} known, ${unreadable.length} unreadable: ${options.output}`,
      );
      return signal.aborted ? EXIT_INTERRUPTED : EXIT_OK;
    });
  } finally {
    progress.stop();
    await file.close();
  }
}

async function detectorsOf({ detector, agreeWith }: LabelOptions): Promise<LabellingDetectors> {
  return {
    first: await labellingDetector(detector),
    others: await Promise.all(agreeWith.map(labellingDetector)),
  };
}

/** @throws CommandFailure where options do not go together */
function foldersOf(
  paths: readonly string[],
  { set, match, limit }: LabelOptions,
): readonly PhotographFolder[] {
  if (set !== undefined && paths.length > 1)
    throw new CommandFailure('--set names one folder; give the folders one at a time.');
  const only = match === undefined ? {} : { match: expressionOf(match) };
  return paths.map((path) => ({
    set: set ?? folderName(path),
    path,
    ...only,
    ...(limit === undefined ? {} : { limit }),
  }));
}

function expressionOf(match: string): RegExp {
  try {
    return new RegExp(match, 'u');
  } catch (cause) {
    throw new CommandFailure(`--match ${match} is no regular expression.`, { cause });
  }
}

function folderName(path: string): string {
  const name = path.split(/[\\/]/u).findLast((part) => part !== '' && part !== '.' && part !== '..');
  if (name === undefined) throw new CommandFailure(`Name the set of ${path}: --set NAME.`);
  return name;
}

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { CommandFailure } from '../command-failure.js';
import { EXIT_OK } from '../exit-code.js';
import { errorCode } from '../image-file.js';
import { backboneLines, operatorLine } from '../report/backbone-report.js';
import type { Session } from '../session.js';

const NOTES = `
Counted from the definitions that are trained and served. Multiply-adds are those of one image; where a paper gives
FLOPs, it may count each as two.`;

interface BackbonesOptions {
  readonly input: { readonly height: number; readonly width: number };
  readonly onnx?: string;
  readonly json?: true;
}

export function backbonesCommand(session: Session): Command {
  return new Command('backbones')
    .description('list the networks that can be trained, with their sizes')
    .addOption(
      new Option('--input <height>x<width>', 'pixels of the aligned crop')
        .argParser(inputSize)
        .default({ height: 112, width: 112 }, '112x112'),
    )
    .option('--onnx <file>', 'instead: what can be trained of an ONNX file (docs/trainable-imports.md)')
    .option('--json', 'print one JSON array; one object with --onnx')
    .addHelpText('after', NOTES)
    .action(async ({ input, onnx, json }: BackbonesOptions) => {
      if (onnx !== undefined) {
        await showImported(session, onnx, { input, ...(json && { json }) });
        return;
      }
      // Loaded here only: the definitions are tfjs functions, and tfjs takes a second to load.
      const { summariseBackbones } = await import('../../training/export/backbone-summary.js');
      const backbones = summariseBackbones(input);
      const lines = json ? [JSON.stringify(backbones)] : backboneLines(backbones);
      for (const line of lines) session.terminal.out(line);
      session.exitCode = EXIT_OK;
    });
}

async function showImported(
  session: Session,
  file: string,
  { input, json }: Omit<BackbonesOptions, 'onnx'>,
): Promise<void> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw new CommandFailure(`Cannot read ${file} (${errorCode(cause)}). Check the path.`, { cause });
  }
  const { summariseImportedBackbone } = await import('../../training/export/imported-summary.js');
  const summary = summariseImportedBackbone(bytes, { name: basename(file), inputSize: input });
  const lines = json
    ? [JSON.stringify(summary)]
    : [...backboneLines([summary]), '', operatorLine(summary.operators)];
  for (const line of lines) session.terminal.out(line);
  session.exitCode = EXIT_OK;
}

/** The number that the networks divide the crop's extents by. */
const REDUCTION = 16;

function inputSize(text: string): BackbonesOptions['input'] {
  const [, height, width] = (/^(\d{1,4})x(\d{1,4})$/u.exec(text) ?? []).map(Number);
  if (!height || !width || height % REDUCTION !== 0 || width % REDUCTION !== 0) {
    throw new InvalidArgumentError(`It must be two multiples of ${REDUCTION}, such as 112x96.`);
  }
  return { height, width };
}

import { Command, InvalidArgumentError } from 'commander';
import { EXIT_OK } from '../exit-code.js';
import { backboneLines } from '../report/backbone-report.js';
import type { Session } from '../session.js';

const NOTES = `
Counted from the definitions that are trained and served. Multiply-adds are those of one image; where a paper gives
FLOPs, it may count each as two (docs/backbones.md).`;

interface BackbonesOptions {
  readonly input: { readonly height: number; readonly width: number };
  readonly json?: true;
}

export function backbonesCommand(session: Session): Command {
  return new Command('backbones')
    .description('list the networks that can be trained, with their sizes')
    .option('--input <height>x<width>', 'pixels of the aligned crop', inputSize, { height: 112, width: 112 })
    .option('--json', 'print one JSON array')
    .addHelpText('after', NOTES)
    .action(async ({ input, json }: BackbonesOptions) => {
      // Loaded here only: the definitions are tfjs functions, and tfjs takes a second to load.
      const { summariseBackbones } = await import('../../adapters/training/backbone-summary.js');
      const backbones = summariseBackbones(input);
      const lines = json ? [JSON.stringify(backbones)] : backboneLines(backbones);
      for (const line of lines) session.terminal.out(line);
      session.exitCode = EXIT_OK;
    });
}

/** What the networks divide the crop's extents by. */
const REDUCTION = 16;

function inputSize(text: string): BackbonesOptions['input'] {
  const [, height, width] = (/^(\d{1,4})x(\d{1,4})$/u.exec(text) ?? []).map(Number);
  if (!height || !width || height % REDUCTION !== 0 || width % REDUCTION !== 0) {
    throw new InvalidArgumentError(`It must be two multiples of ${REDUCTION}, such as 112x96.`);
  }
  return { height, width };
}

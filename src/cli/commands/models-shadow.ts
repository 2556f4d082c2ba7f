import { Command, InvalidArgumentError } from 'commander';
import type { Shadow__Output } from '../../generated/symface/v1/Shadow.js';
import { idIn } from '../enrolment-names.js';
import { EXIT_OK } from '../exit-code.js';
import { modelVersionName } from '../model-name.js';
import { shortTime, tableLines } from '../report/table.js';
import { present, type Session } from '../session.js';
import { percent } from '../../core/protocols/figure-text.js';

interface JsonOption {
  readonly json?: true;
}

const NOTES = `
A candidate in the shadow decides a share of the live verifications once more, after they were answered, by its own
threshold; nobody gets its answers. How often it decides otherwise is known before it serves. Calls that state a threshold
are left out. One candidate at a time; docs/assessment.md.

Examples:
  symface models shadow start mobilefacenet-0123456789ab --share 0.1
  symface models shadow list
  symface models shadow stop`;

export function shadowCommand(session: Session): Command {
  return new Command('shadow')
    .description(
      'let a candidate decide a share of the live calls once more, to compare it with the model that serves',
    )
    .addCommand(startCommand(session))
    .addCommand(listCommand(session))
    .addCommand(stopCommand(session))
    .addHelpText('after', NOTES);
}

function startCommand(session: Session): Command {
  return new Command('start')
    .description('start with a candidate, in place of the one that runs')
    .argument('<id>', 'a backbone, as "symface models list" prints it')
    .option('--share <share>', 'share of the calls, above 0 and at most 1', shareOf, 0.1)
    .action(async (id: string, { share }: { readonly share: number }, command: Command) => {
      await session.callServer(command, async ({ assessment }) => {
        const started = present(
          (await assessment.startShadow({ modelVersion: modelVersionName(id), share })).shadow,
        );
        session.terminal.out(`${idIn(started.modelVersion)} decides ${100 * share} % of the calls.`);
        return EXIT_OK;
      });
    });
}

function listCommand(session: Session): Command {
  return new Command('list')
    .description('list the candidates, with what came of each')
    .option('--json', 'print one JSON object a line')
    .action(async ({ json }: JsonOption, command: Command) => {
      await session.callServer(command, async ({ assessment }) => {
        const { shadows } = await assessment.listShadows({});
        const lines = json ? shadows.map((shadow) => JSON.stringify(shadow)) : table(shadows);
        for (const line of lines) session.terminal.out(line);
        return EXIT_OK;
      });
    });
}

function stopCommand(session: Session): Command {
  return new Command('stop').description('end it').action(async (_options: unknown, command: Command) => {
    await session.callServer(command, async ({ assessment }) => {
      const { shadow: stopped } = await assessment.stopShadow({});
      const lines = stopped === null ? ['No candidate is in the shadow.'] : table([stopped]);
      for (const line of lines) session.terminal.out(line);
      return EXIT_OK;
    });
  });
}

function table(shadows: readonly Shadow__Output[]): readonly string[] {
  const headings = [
    'CANDIDATE',
    'STATE',
    'SHARE',
    'COMPARED',
    'FLIPS',
    'NEW MATCHES',
    'LOST MATCHES',
    'FAILED',
    'DROPPED',
    'MS',
    'SINCE',
  ];
  return tableLines(headings, shadows.map(rowOf));
}

function rowOf(shadow: Shadow__Output): string[] {
  const gained = shadow.matchedByCandidateOnlyCount;
  const lost = shadow.matchedByServingOnlyCount;
  const compared = shadow.matchedByBothCount + shadow.matchedByNeitherCount + gained + lost;
  const { flipRate, flipRateInterval: interval, servingLatencyMs, candidateLatencyMs } = shadow;
  const flips =
    flipRate === undefined || interval === null
      ? '-'
      : `${percent(flipRate)} (${percent(interval.lower)} to ${percent(interval.upper)})`;
  return [
    idIn(shadow.modelVersion),
    shadow.running ? 'running' : 'stopped',
    percent(shadow.share),
    String(compared),
    flips,
    String(gained),
    String(lost),
    String(shadow.failedCount),
    String(shadow.droppedCount),
    compared === 0 ? '-' : `${candidateLatencyMs.toFixed(0)} beside ${servingLatencyMs.toFixed(0)}`,
    shortTime(shadow.startTime),
  ];
}

/** @throws InvalidArgumentError */
function shareOf(text: string): number {
  const share = Number(text);
  if (share > 0 && share <= 1) return share;
  throw new InvalidArgumentError('Give a number above 0 and at most 1.');
}

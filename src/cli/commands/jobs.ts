import { writeFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { paginate } from '../../client/paginate.js';
import type { JobKind } from '../../generated/symface/v1/JobKind.js';
import type { JobState } from '../../generated/symface/v1/JobState.js';
import { CommandFailure } from '../command-failure.js';
import { idIn } from '../enrolment-names.js';
import { EXIT_OK } from '../exit-code.js';
import { announceEnd } from '../jobs/announce-job.js';
import { followJob } from '../jobs/follow-job.js';
import { jobStateWord } from '../jobs/job-words.js';
import { modelVersionName } from '../model-name.js';
import { jobHeadings, jobLines, jobRow } from '../report/job-report.js';
import { tableLines } from '../report/table.js';
import { present, type Session } from '../session.js';

const kinds = {
  training: 'JOB_KIND_TRAINING',
  assessment: 'JOB_KIND_ASSESSMENT',
  activation: 'JOB_KIND_ACTIVATION',
  benchmark: 'JOB_KIND_BENCHMARK',
  'key-rotation': 'JOB_KIND_KEY_ROTATION',
  indexing: 'JOB_KIND_INDEXING',
} as const satisfies Record<string, JobKind>;

const states = {
  queued: 'JOB_STATE_QUEUED',
  running: 'JOB_STATE_RUNNING',
  succeeded: 'JOB_STATE_SUCCEEDED',
  failed: 'JOB_STATE_FAILED',
  cancelled: 'JOB_STATE_CANCELLED',
} as const satisfies Record<string, JobState>;

interface JsonOption {
  readonly json?: true;
}

interface ListOptions extends JsonOption {
  readonly kind?: keyof typeof kinds;
  readonly state?: keyof typeof states;
  readonly model?: string;
}

interface ReportOptions {
  readonly log?: true;
  readonly output?: string;
}

const EXAMPLES = `
Examples:
  symface jobs list --kind assessment --model mobilefacenet-0123456789ab
  symface jobs watch 0b6e7f1c-...     until it has ended; Ctrl-C leaves it running
  symface jobs report 0b6e7f1c-... --output report.html
  symface jobs cancel 0b6e7f1c-...`;

export function jobsCommand(session: Session): Command {
  return new Command('jobs')
    .description('trainings, assessments, activations, benchmarks, key rotations and indexings')
    .addCommand(listCommand(session))
    .addCommand(showCommand(session))
    .addCommand(watchCommand(session))
    .addCommand(reportCommand(session))
    .addCommand(cancelCommand(session))
    .addHelpText('after', EXAMPLES);
}

function listCommand(session: Session): Command {
  return new Command('list')
    .description('the jobs, newest first')
    .addOption(new Option('--kind <kind>', 'of this kind only').choices(Object.keys(kinds)))
    .addOption(new Option('--state <state>', 'in this state only').choices(Object.keys(states)))
    .option('--model <id>', 'that were asked to do something with this model version only')
    .option('--json', 'print one JSON object a line')
    .action(async (options: ListOptions, command: Command) => {
      await session.callServer(command, async ({ job: client }) => {
        const rows: (readonly string[])[] = [];
        for await (const job of paginate(client.listJobs, selectionOf(options))) {
          if (options.json) session.terminal.out(JSON.stringify(job));
          else rows.push(jobRow(job));
        }
        for (const line of options.json ? [] : tableLines(jobHeadings, rows)) session.terminal.out(line);
        return EXIT_OK;
      });
    });
}

function selectionOf({ kind, state, model }: ListOptions) {
  return {
    ...(kind !== undefined && { kind: kinds[kind] }),
    ...(state !== undefined && { state: states[state] }),
    ...(model !== undefined && { modelVersion: modelVersionName(model) }),
  };
}

function showCommand(session: Session): Command {
  return new Command('show')
    .description('one job with what is known of it')
    .argument('<id>', 'as "symface jobs list" prints it')
    .option('--json', 'print one JSON object')
    .action(async (id: string, { json }: JsonOption, command: Command) => {
      await session.callServer(command, async ({ job: client }) => {
        const job = present((await client.getJob({ name: jobName(id) })).job);
        for (const line of json ? [JSON.stringify(job)] : jobLines(job)) session.terminal.out(line);
        return EXIT_OK;
      });
    });
}

function watchCommand(session: Session): Command {
  return new Command('watch')
    .description('show the progress of a job until it has ended')
    .argument('<id>', 'as "symface jobs list" prints it')
    .option('--json', 'print one JSON object at its end')
    .action(async (id: string, { json }: JsonOption, command: Command) => {
      await session.callServer(command, async ({ job: client }) => {
        const ended = await followJob(session.terminal, client, jobName(id));
        return announceEnd(session.terminal, client, ended, json ? 'json' : 'lines');
      });
    });
}

function reportCommand(session: Session): Command {
  return new Command('report')
    .description('the page with the curves of a training that has come to its end')
    .argument('<id>', 'as "symface jobs list" prints it')
    .option('--log', 'the figures behind the curves, a JSON object a line')
    .option('--output <file>', 'write it there; else it is printed')
    .action(async (id: string, { log, output }: ReportOptions, command: Command) => {
      await session.callServer(command, async ({ training }) => {
        const format = log ? 'TRAINING_REPORT_FORMAT_LOG' : 'TRAINING_REPORT_FORMAT_HTML';
        const chunks: Uint8Array[] = [];
        for await (const { chunk } of training.getTrainingReport({ name: jobName(id), format }))
          chunks.push(chunk);
        const content = Buffer.concat(chunks);
        if (output === undefined) session.terminal.out(content.toString('utf8').trimEnd());
        else await writeReport(output, content);
        return EXIT_OK;
      });
    });
}

async function writeReport(file: string, content: Uint8Array): Promise<void> {
  await writeFile(file, content).catch((cause: unknown) => {
    throw new CommandFailure(`Cannot write ${file}.`, { cause });
  });
}

function cancelCommand(session: Session): Command {
  return new Command('cancel')
    .description('end a job; what it would have changed stays as it is')
    .argument('<id>', 'as "symface jobs list" prints it')
    .action(async (id: string, _options: unknown, command: Command) => {
      await session.callServer(command, async ({ job: client }) => {
        const job = present((await client.cancelJob({ name: jobName(id) })).job);
        session.terminal.out(`${id}: ${jobStateWord(job)}.`);
        return EXIT_OK;
      });
    });
}

function jobName(id: string): string {
  return `jobs/${idIn(id)}`;
}

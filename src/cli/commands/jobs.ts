import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { paginate } from '../../client/paginate.js';
import { CommandFailure } from '../command-failure.js';
import { idIn } from '../enrolment-names.js';
import { EXIT_OK } from '../exit-code.js';
import { shortTime, tableLines } from '../report/table.js';
import { trainingJobLines, trainingStateWord } from '../report/training-job-report.js';
import { present, type Session } from '../session.js';
import { followTrainingJob } from '../training/follow-training-job.js';
import { announceTrainingEnd } from './retrain.js';

interface ReportOptions {
  readonly log?: true;
  readonly output?: string;
}

interface JsonOption {
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  symface jobs list
  symface jobs watch 0b6e7f1c-...     until it has ended; Ctrl-C leaves it running
  symface jobs report 0b6e7f1c-... --output report.html
  symface jobs cancel 0b6e7f1c-...`;

export function jobsCommand(session: Session): Command {
  return new Command('jobs')
    .description('the trainings of "symface retrain"')
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
    .option('--json', 'print one JSON object a line')
    .action(async ({ json }: JsonOption, command: Command) => {
      await session.callServer(command, async ({ training }) => {
        const rows: string[][] = [];
        for await (const job of paginate(training.listTrainingJobs, {})) {
          if (json) session.terminal.out(JSON.stringify(job));
          const candidate = job.result === null ? '' : idIn(job.result.modelVersion);
          const parent = idIn(job.parentModelVersion);
          rows.push([idIn(job.name), trainingStateWord(job), parent, candidate, shortTime(job.createTime)]);
        }
        const lines = json ? [] : tableLines(['ID', 'STATE', 'PARENT', 'CANDIDATE', 'CREATED'], rows);
        for (const line of lines) session.terminal.out(line);
        return EXIT_OK;
      });
    });
}

function showCommand(session: Session): Command {
  return new Command('show')
    .description('one job with what is known of it')
    .argument('<id>', 'as "symface jobs list" prints it')
    .option('--json', 'print one JSON object')
    .action(async (id: string, { json }: JsonOption, command: Command) => {
      await session.callServer(command, async ({ training }) => {
        const job = present((await training.getTrainingJob({ name: jobName(id) })).trainingJob);
        for (const line of json ? [JSON.stringify(job)] : trainingJobLines(job)) session.terminal.out(line);
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
      await session.callServer(command, async ({ training, assessment }) => {
        const job = present((await training.getTrainingJob({ name: jobName(id) })).trainingJob);
        const ended = await followTrainingJob(session.terminal, training, job);
        return announceTrainingEnd(session, assessment, ended, json === true);
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
    .description('end a job; nothing of it is kept')
    .argument('<id>', 'as "symface jobs list" prints it')
    .action(async (id: string, _options: unknown, command: Command) => {
      await session.callServer(command, async ({ training }) => {
        const job = present((await training.cancelTrainingJob({ name: jobName(id) })).trainingJob);
        session.terminal.out(`${id}: ${trainingStateWord(job)}.`);
        return EXIT_OK;
      });
    });
}

function jobName(id: string): string {
  return `trainingJobs/${idIn(id)}`;
}

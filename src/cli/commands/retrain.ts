import { Command } from 'commander';
import type { SymFaceServices } from '../../client/service-methods.js';
import type { CreateTrainingRequest } from '../../generated/symface/v1/CreateTrainingRequest.js';
import { CommandFailure } from '../command-failure.js';
import { EXIT_OK } from '../exit-code.js';
import { announceEnd, announceFollowed, announceQueued } from '../jobs/announce-job.js';
import { followJob } from '../jobs/follow-job.js';
import { modelVersionName } from '../model-name.js';
import { trainingDataLines } from '../report/training-data-report.js';
import { present, type Session } from '../session.js';
import { policyOf, withPolicyOptions } from '../training/policy-options.js';
import { retrainScheduleCommand } from './retrain-schedule.js';

interface RetrainOptions {
  readonly model?: string;
  readonly activate?: true;
  readonly detach?: true;
  readonly dryRun?: true;
  readonly folder?: string;
  readonly anyQuality?: true;
  readonly json?: true;
}

const NOTES = `
Only faces of subjects who consent to training are used (symface subjects consent <subject> yes). Some identities
are held out, a fifth or as many more, at most two fifths, as thresholds at the false match rate in force need, and the model
and what comes of it are compared on them. What comes of it is assessed beside the model that serves (symface models assess
--help) and serves once you activate it. How far to go from the old weights to the trained ones is found by the identities
held out, and may be not at all: then there is nothing to gain and nothing to do. --share says it instead, which leaves what
is poor to the assessment.
The exit status is 0 where there is nothing to gain or the assessment passed, 1 where it rejected, 2 where something failed.
Ctrl-C leaves the training running; symface jobs cancel ends it. docs/retraining.md tells more.

Examples:
  symface retrain
  symface retrain --epochs 4 --learning-rate 1e-4
  symface retrain --dry-run                               is there enough to train on?
  symface retrain --dry-run --folder photographs/         the same of photographs, without a server
  symface retrain --detach && symface jobs list
  symface retrain schedule set --cron "0 3 * * 0" --time-zone Europe/Berlin`;

export function retrainCommand(session: Session): Command {
  const command = new Command('retrain')
    .description('fine-tune the backbone that serves on the enrolled faces')
    .option('--model <id>', 'another backbone that the server has');
  return withPolicyOptions(command)
    .addCommand(retrainScheduleCommand(session))
    .option('--activate', 'activate what comes of it where its assessment passes it')
    .option('--detach', 'do not wait for it')
    .option('--dry-run', 'train nothing: say what there is to train on, or why it would be refused')
    .option(
      '--folder <path>',
      'with --dry-run: photographs, one folder a person, instead of what is enrolled; no server is asked',
    )
    .option('--any-quality', 'with --folder: as a collection would whose gate refuses nothing')
    .option('--json', 'print one JSON object')
    .addHelpText('after', NOTES)
    .action(async (options: RetrainOptions, command: Command) => {
      const { folder } = options;
      if (folder !== undefined) {
        if (options.dryRun !== true)
          throw new CommandFailure('--folder goes with --dry-run: what is trained on are enrolled faces.');
        // Loaded here only: what finds faces takes time to load.
        const { previewFolder } = await import('../training/preview-training.js');
        session.exitCode = await previewFolder(session, { ...options, folder });
        return;
      }
      await session.callServer(command, async ({ training, job: client }) => {
        const { terminal } = session;
        if (options.dryRun) return preview(session, training, options);
        const job = present((await training.createTraining(requestOf(options))).job);
        if (options.detach) {
          announceQueued(terminal, job, options.json === true);
          return EXIT_OK;
        }
        announceFollowed(terminal, job);
        const ended = await followJob(terminal, client, job.name);
        return announceEnd(terminal, client, ended, options.json ? 'json' : 'lines');
      });
    });
}

/** What the server would train on. */
async function preview(
  { terminal }: Session,
  training: SymFaceServices['training'],
  options: RetrainOptions,
): Promise<number> {
  const { data } = await training.createTraining({ ...requestOf(options), validateOnly: true });
  const counts = present(data);
  for (const line of options.json ? [JSON.stringify(counts)] : trainingDataLines(counts)) terminal.out(line);
  return EXIT_OK;
}

function requestOf(options: RetrainOptions): CreateTrainingRequest {
  const { model } = options;
  return {
    parentModelVersion: model === undefined ? '' : modelVersionName(model),
    policy: policyOf(options),
    activateWhenPassed: options.activate === true,
  };
}

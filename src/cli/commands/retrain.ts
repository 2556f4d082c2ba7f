import { Command } from 'commander';
import type { SymFaceServices } from '../../client/service-methods.js';
import type { CreateTrainingJobRequest } from '../../generated/symface/v1/CreateTrainingJobRequest.js';
import type { TrainingJob__Output } from '../../generated/symface/v1/TrainingJob.js';
import { idIn } from '../enrolment-names.js';
import { EXIT_ERROR, EXIT_OK } from '../exit-code.js';
import { modelVersionName } from '../model-name.js';
import { trainingJobLines } from '../report/training-job-report.js';
import { present, type Session } from '../session.js';
import { followTrainingJob } from '../training/follow-training-job.js';
import { type PolicyOptions, policyOf, withPolicyOptions } from '../training/policy-options.js';
import { announceAssessmentEnd, followAssessment } from './models-assess.js';
import { retrainScheduleCommand } from './retrain-schedule.js';

interface RetrainOptions extends PolicyOptions {
  readonly model?: string;
  readonly activate?: true;
  readonly detach?: true;
  readonly json?: true;
}

const NOTES = `
Only faces of subjects who consent to training are used (symface subjects consent <subject> yes). Some identities
are held out, and the model and what comes of it are compared on them. What comes of it is assessed beside the model that
serves (symface models assess --help) and serves once you activate it.
Ctrl-C leaves the training running; symface jobs cancel ends it. docs/retraining.md tells more.

Examples:
  symface retrain
  symface retrain --epochs 4 --learning-rate 1e-4
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
    .option('--json', 'print one JSON object')
    .addHelpText('after', NOTES)
    .action(async (options: RetrainOptions, command: Command) => {
      await session.callServer(command, async ({ training, assessment }) => {
        const created = present((await training.createTrainingJob(requestOf(options))).trainingJob);
        const id = idIn(created.name);
        if (options.detach) {
          if (options.json) session.terminal.out(JSON.stringify(created));
          else session.terminal.out(`Queued: ${id}. Watch it with: symface jobs watch ${id}`);
          return EXIT_OK;
        }
        session.terminal.err(`Training job ${id}; Ctrl-C leaves it running.`);
        const ended = await followTrainingJob(session.terminal, training, created);
        return announceTrainingEnd(session, assessment, ended, options.json === true);
      });
    });
}

/** Prints how a job ended, and waits for the assessment of what came of it. @returns the exit code */
export async function announceTrainingEnd(
  session: Session,
  client: SymFaceServices['assessment'],
  job: TrainingJob__Output,
  isJson: boolean,
): Promise<number> {
  const { terminal } = session;
  const exitCode = job.state === 'TRAINING_JOB_STATE_SUCCEEDED' ? EXIT_OK : EXIT_ERROR;
  for (const line of isJson ? [JSON.stringify(job)] : trainingJobLines(job)) terminal.out(line);
  if (isJson || job.result === null || job.result.assessment === '') return exitCode;
  terminal.err(`Assessment ${idIn(job.result.assessment)}; Ctrl-C leaves it running.`);
  const assessed = await followAssessment(terminal, client, job.result.assessment);
  announceAssessmentEnd(session, assessed, false);
  return exitCode;
}

function requestOf(options: RetrainOptions): CreateTrainingJobRequest {
  const { model } = options;
  return {
    parentModelVersion: model === undefined ? '' : modelVersionName(model),
    policy: policyOf(options),
    activateWhenPassed: options.activate === true,
  };
}

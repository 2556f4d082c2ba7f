import { counted } from '../../core/counted.js';
import { Command } from 'commander';
import type { SymFaceClient } from '../../client/symface-client.js';
import type { Job__Output } from '../../generated/symface/v1/Job.js';
import type { ModelVersion__Output } from '../../generated/symface/v1/ModelVersion.js';
import { CommandFailure } from '../command-failure.js';
import { idIn } from '../enrolment-names.js';
import { EXIT_OK } from '../exit-code.js';
import { announceQueued } from '../jobs/announce-job.js';
import { followJob } from '../jobs/follow-job.js';
import { modelVersionId, modelVersionName } from '../model-name.js';
import { errorReason } from '../report/error-line.js';
import { modelJson } from '../report/model-report.js';
import { present, type Session } from '../session.js';

const EXAMPLES = `
Calls go on meanwhile; none fails. Embeddings of different backbones are not comparable, so every enrolled face is
embedded anew from its stored crop before the new backbone serves. Ctrl-C leaves that running; "symface jobs cancel" ends
it.

Examples:
  symface models activate mobilefacenet-0123456789ab
  symface models roll-back`;

interface ActivateOptions {
  readonly unassessed?: true;
  readonly withoutThreshold?: true;
  readonly detach?: true;
  readonly json?: true;
}

export function activateModelCommand(session: Session): Command {
  return new Command('activate')
    .description('serve this model version from now on')
    .argument('<id>', 'as "symface models list" prints it')
    .option('--unassessed', 'also one that was fine-tuned here and has not passed its assessment')
    .option('--without-threshold', 'also one that has no threshold at the false match rate in force')
    .option('--detach', 'do not wait for the end')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, options: ActivateOptions, command: Command) => {
      await session.changeModels(command, async (client) => {
        await activateVersion(session, client, modelVersionName(id), options);
        return EXIT_OK;
      });
    });
}

export function rollBackCommand(session: Session): Command {
  return new Command('roll-back')
    .description('go back to the backbone that served before')
    .option('--detach', 'do not wait for the end')
    .option('--json', 'print one JSON object')
    .action(async (options: ActivateOptions, command: Command) => {
      await session.changeModels(command, async (client) => {
        const { job } = await client.model.rollBackActivation({});
        await followActivation(session, client, present(job), options);
        return EXIT_OK;
      });
    });
}

/** Has a version serve, and follows that to its end. @throws CommandFailure where it fails or is cancelled */
export async function activateVersion(
  session: Session,
  client: SymFaceClient,
  name: string,
  options: ActivateOptions,
): Promise<void> {
  const request = {
    modelVersion: name,
    skipAssessment: options.unassessed === true,
    allowWithoutThreshold: options.withoutThreshold === true,
  };
  const { job } = await client.model.createActivation(request);
  await followActivation(session, client, present(job), options);
}

/** @throws CommandFailure where it fails or is cancelled */
async function followActivation(
  session: Session,
  client: SymFaceClient,
  queued: Job__Output,
  options: ActivateOptions,
): Promise<void> {
  if (options.detach) {
    announceQueued(session.terminal, queued, options.json === true);
    return;
  }
  const job = await followJob(session.terminal, client.job, queued.name);
  if (job.state !== 'JOB_STATE_SUCCEEDED') throw new CommandFailure(failureLine(job));
  const activation = present(job.activation ?? null);
  const { modelVersion: name, previousModelVersion, leftFaceCount, withoutThreshold } = activation;
  const { modelVersion } = await client.model.getModelVersion({ name });
  printActivated(session, options, present(modelVersion), previousModelVersion);
  if (leftFaceCount > 0) session.terminal.err(facesLeftLine(leftFaceCount));
  if (withoutThreshold) session.terminal.err(withoutThresholdLine(modelVersionId(name)));
}

function printActivated(
  { terminal }: Session,
  { json }: ActivateOptions,
  version: ModelVersion__Output,
  previousName: string,
): void {
  const previousId = modelVersionId(previousName);
  const id = modelVersionId(version.name);
  terminal.out(
    json ? JSON.stringify({ modelVersion: modelJson(version), previousId }) : activationLine(id, previousId),
  );
}

function failureLine({ name, state, error }: Job__Output): string {
  if (state === 'JOB_STATE_CANCELLED' || error === null)
    return `Activation ${idIn(name)} was cancelled; nothing changed.`;
  return `Activation ${idIn(name)} failed (${errorReason(error)}): ${error.message} Nothing changed.`;
}

/** What no activation can do, which must not go unnoticed. */
function facesLeftLine(count: number): string {
  return (
    `Enrolled by embeddings of another model: ${counted(count, 'face')}, compared with nothing while this one serves. ` +
    'Enrol them from photographs, or by embeddings of this one.'
  );
}

/** Going back is never refused, so this must be said there, too. */
function withoutThresholdLine(id: string): string {
  return (
    `${id} has no calibrated threshold at the false match rate in force: requests that state none fail, or are decided by a ` +
    `bare one of its manifest. Here: symface calibrate --folder <folder> --model ${id}. The rates it has: symface operating-point.`
  );
}

/** What people read once a version serves. */
function activationLine(id: string, previousId: string): string {
  return `${id} is active${previousId === '' || previousId === id ? '' : `; before it was ${previousId}`}.`;
}

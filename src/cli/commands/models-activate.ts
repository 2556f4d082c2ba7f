import { Command } from 'commander';
import type { SymFaceClient } from '../../client/symface-client.js';
import type { Activation__Output } from '../../generated/symface/v1/Activation.js';
import type { ModelVersion__Output } from '../../generated/symface/v1/ModelVersion.js';
import { ActivationProgress } from '../activation-progress.js';
import { CommandFailure } from '../command-failure.js';
import { idIn } from '../enrolment-names.js';
import { EXIT_OK } from '../exit-code.js';
import { modelVersionId, modelVersionName } from '../model-name.js';
import { modelJson } from '../report/model-report.js';
import { present, type Session } from '../session.js';

const EXAMPLES = `
Calls go on meanwhile; none fails. Embeddings of different backbones are not comparable, so every enrolled face is
embedded anew from its stored crop before the new backbone serves. Ctrl-C leaves that running; "symface models
cancel-activation" ends it.

Examples:
  symface models activate mobilefacenet-0123456789ab
  symface models roll-back`;

interface ActivateOptions {
  readonly unassessed?: true;
  readonly detach?: true;
  readonly json?: true;
}

export function activateModelCommand(session: Session): Command {
  return new Command('activate')
    .description('serve this model version from now on')
    .argument('<id>', 'as "symface models list" prints it')
    .option('--unassessed', 'also one that was fine-tuned here and has not passed its assessment')
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
    .description('serve the backbone again that served before')
    .option('--detach', 'do not wait for the end')
    .option('--json', 'print one JSON object')
    .action(async (options: ActivateOptions, command: Command) => {
      await session.changeModels(command, async (client) => {
        const { activation } = await client.model.rollBackActivation({});
        await followActivation(session, client, present(activation), options);
        return EXIT_OK;
      });
    });
}

/** Detectors serve at once; a backbone's activation is followed to its end. */
export async function activateVersion(
  session: Session,
  client: SymFaceClient,
  name: string,
  options: ActivateOptions,
): Promise<void> {
  const version = present((await client.model.getModelVersion({ name })).modelVersion);
  if (version.kind === 'MODEL_KIND_BACKBONE') {
    const request = { modelVersion: name, skipAssessment: options.unassessed === true };
    const { activation } = await client.model.createActivation(request);
    await followActivation(session, client, present(activation), options);
    return;
  }
  const { modelVersion, previousName } = await client.model.activateModelVersion({ name });
  printActivated(session, options, present(modelVersion), previousName);
}

/** @throws CommandFailure where it fails or is cancelled */
async function followActivation(
  session: Session,
  client: SymFaceClient,
  created: Activation__Output,
  options: ActivateOptions,
): Promise<void> {
  if (options.detach) {
    const { terminal } = session;
    if (options.json) terminal.out(JSON.stringify({ activation: created.name }));
    else terminal.out(`Activation ${idIn(created.name)} is queued: symface models activations`);
    return;
  }
  const ended = await watched(session, client, created);
  if (ended.state !== 'ACTIVATION_STATE_SUCCEEDED') throw new CommandFailure(failureLine(ended));
  const { modelVersion } = await client.model.getModelVersion({ name: ended.modelVersion });
  printActivated(session, options, present(modelVersion), ended.previousModelVersion);
}

async function watched(
  { terminal }: Session,
  client: SymFaceClient,
  created: Activation__Output,
): Promise<Activation__Output> {
  const progress = new ActivationProgress(terminal);
  let last = created;
  try {
    for await (const { activation } of client.model.watchActivation({ name: created.name })) {
      last = present(activation);
      progress.show(last);
    }
  } finally {
    progress.stop();
  }
  return last;
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

function failureLine({ name, state, failureReason, failureMessage }: Activation__Output): string {
  if (state === 'ACTIVATION_STATE_CANCELLED')
    return `Activation ${idIn(name)} was cancelled; nothing changed.`;
  return `Activation ${idIn(name)} failed (${failureReason || 'internal error'}): ${failureMessage} Nothing changed.`;
}

/** What people read once a version serves. */
function activationLine(id: string, previousId: string): string {
  return `${id} is active${previousId === '' || previousId === id ? '' : `; before it was ${previousId}`}.`;
}

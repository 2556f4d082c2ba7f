import { Command } from 'commander';
import { paginate } from '../../client/paginate.js';
import type { Activation__Output } from '../../generated/symface/v1/Activation.js';
import { idIn } from '../enrolment-names.js';
import { EXIT_OK } from '../exit-code.js';
import { shortTime, tableLines } from '../report/table.js';
import { present, type Session } from '../session.js';

export function listActivationsCommand(session: Session): Command {
  return new Command('activations')
    .description('changes of the backbone, newest first')
    .option('--json', 'print one JSON array')
    .action(async (options: { readonly json?: true }, command: Command) => {
      await session.callServer(command, async ({ model }) => {
        const activations: Activation__Output[] = [];
        for await (const item of paginate(model.listActivations, {})) activations.push(item);
        const lines = options.json ? [JSON.stringify(activations)] : table(activations);
        for (const line of lines) session.terminal.out(line);
        return EXIT_OK;
      });
    });
}

export function cancelActivationCommand(session: Session): Command {
  return new Command('cancel-activation')
    .description(
      'end a change of the backbone that has not happened yet; what is embedded is kept for the next',
    )
    .argument('<id>', 'as "symface models activations" prints it')
    .action(async (id: string, _options: unknown, command: Command) => {
      await session.callServer(command, async ({ model }) => {
        const { activation } = await model.cancelActivation({ name: `activations/${id}` });
        const { state } = present(activation);
        session.terminal.out(
          state === 'ACTIVATION_STATE_RUNNING'
            ? `${id} is being cancelled.`
            : `${id} is ${stateWord(state)}.`,
        );
        return EXIT_OK;
      });
    });
}

function table(activations: readonly Activation__Output[]): readonly string[] {
  const rows = activations.map((item) => [
    idIn(item.name),
    idIn(item.modelVersion) + (item.rollBack ? ' (roll-back)' : ''),
    stateWord(item.state),
    `${item.embeddedFaceCount}/${item.faceCount}`,
    item.actor,
    shortTime(item.createTime),
    item.failureReason,
  ]);
  return tableLines(['ID', 'MODEL', 'STATE', 'FACES', 'BY', 'ORDERED', 'FAILURE'], rows);
}

function stateWord(state: Activation__Output['state']): string {
  return state.replace('ACTIVATION_STATE_', '').toLowerCase();
}

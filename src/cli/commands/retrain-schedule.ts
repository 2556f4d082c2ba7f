import { Command } from 'commander';
import { CommandFailure } from '../command-failure.js';
import { EXIT_OK } from '../exit-code.js';
import { trainingScheduleLines } from '../report/training-schedule-report.js';
import { positiveInteger, present, type Session } from '../session.js';
import { policyOf, withPolicyOptions } from '../training/policy-options.js';

interface SetOptions {
  readonly cron?: string;
  readonly timeZone?: string;
  readonly afterFaces?: number;
  readonly activate?: true;
  readonly json?: true;
}

interface OwnOptionsOfRetrain {
  readonly model?: string;
  readonly detach?: true;
}

const NOTES = `
Whichever replica works on trainings sees to the schedule; one training comes of each due time. A due time that passed
while none ran is caught up once. Where a training is refused, "show" says why, and the next due time is awaited.

Examples:
  symface retrain schedule set --cron "0 3 * * 0" --time-zone Europe/Berlin
  symface retrain schedule set --after-faces 500 --epochs 2
  symface retrain schedule show
  symface retrain schedule remove`;

export function retrainScheduleCommand(session: Session): Command {
  return new Command('schedule')
    .description('train without being asked: at fixed times, or once so many faces are new')
    .addCommand(showCommand(session))
    .addCommand(setCommand(session))
    .addCommand(removeCommand(session))
    .addHelpText('after', NOTES);
}

/**
 * Commander gives "symface retrain" the options that it knows, also where they stand after a subcommand.
 * @throws CommandFailure for one that only makes sense there
 */
function optionsOf(command: Command): SetOptions {
  const options = command.optsWithGlobals<SetOptions & OwnOptionsOfRetrain>();
  if (options.model === undefined && options.detach === undefined) return options;
  throw new CommandFailure(
    'The schedule trains the backbone that serves: it takes no --model and no --detach.',
  );
}

function showCommand(session: Session): Command {
  return new Command('show')
    .description('the schedule, and what came of its last due time')
    .option('--json', 'print one JSON object')
    .action(async (_options: unknown, command: Command) => {
      const { json } = optionsOf(command);
      await session.callServer(command, async ({ training }) => {
        const schedule = present((await training.getTrainingSchedule({})).trainingSchedule);
        const lines = json ? [JSON.stringify(schedule)] : trainingScheduleLines(schedule);
        for (const line of lines) session.terminal.out(line);
        return EXIT_OK;
      });
    });
}

function setCommand(session: Session): Command {
  const command = new Command('set')
    .description('make the schedule, or replace all of it; give --cron, --after-faces or both')
    .option('--cron <expression>', 'minute, hour, day of month, month, day of week: "0 3 * * 0"')
    .option('--time-zone <name>', 'that --cron is read in, as Europe/Berlin; else UTC')
    .option('--after-faces <count>', 'once so many faces are new since the last training', positiveInteger);
  return withPolicyOptions(command)
    .option('--activate', 'serve what comes of it where it passes the assessment')
    .option('--json', 'print one JSON object')
    .action(async (_options: unknown, command: Command) => {
      const options = optionsOf(command);
      const { cron, timeZone, afterFaces, activate, json } = options;
      await session.callServer(command, async ({ training }) => {
        const { trainingSchedule } = await training.updateTrainingSchedule({
          cron: cron ?? '',
          timeZone: timeZone ?? '',
          afterNewFaces: afterFaces ?? 0,
          policy: policyOf(options),
          activateWhenPassed: activate === true,
        });
        const schedule = present(trainingSchedule);
        const lines = json ? [JSON.stringify(schedule)] : trainingScheduleLines(schedule);
        for (const line of lines) session.terminal.out(line);
        return EXIT_OK;
      });
    });
}

function removeCommand(session: Session): Command {
  return new Command('remove')
    .description('train only when asked; trainings that it has queued stay')
    .action(async (_options: unknown, command: Command) => {
      await session.callServer(command, async ({ training }) => {
        await training.deleteTrainingSchedule({});
        session.terminal.out('No training is scheduled any more.');
        return EXIT_OK;
      });
    });
}

import { Command } from 'commander';
import { EXIT_OK } from '../exit-code.js';
import { announceEnd, announceFollowed, announceQueued } from '../jobs/announce-job.js';
import { followJob } from '../jobs/follow-job.js';
import { encryptionLines } from '../report/encryption-report.js';
import { present, type Session } from '../session.js';

interface JsonOption {
  readonly json?: true;
}

interface RotateOptions extends JsonOption {
  readonly detach?: true;
}

const EXAMPLES = `
The master key, which the settings name, seals data keys; these seal crops and templates. The whole way:
docs/how-to/rotate-the-encryption-key.md.

Examples:
  symface encryption status
  symface encryption rewrap      once every replica was started with the new master key
  symface encryption rotate      a new data key; Ctrl-C leaves the job running`;

export function encryptionCommand(session: Session): Command {
  return new Command('encryption')
    .description('the keys that encrypt the faces')
    .addCommand(statusCommand(session))
    .addCommand(rewrapCommand(session))
    .addCommand(rotateCommand(session))
    .addHelpText('after', EXAMPLES);
}

function statusCommand(session: Session): Command {
  return new Command('status')
    .description('which keys there are, and what each seals')
    .option('--json', 'print one JSON object')
    .action(async ({ json }: JsonOption, command: Command) => {
      await session.callServer(command, async ({ encryption }) => {
        const status = await encryption.getEncryptionStatus({});
        for (const line of json ? [JSON.stringify(status)] : encryptionLines(status))
          session.terminal.out(line);
        return EXIT_OK;
      });
    });
}

function rewrapCommand(session: Session): Command {
  return new Command('rewrap')
    .description(
      "seal the data keys by the server's master key, at once: the one of before opens nothing from then on",
    )
    .option('--json', 'print one JSON object')
    .action(async ({ json }: JsonOption, command: Command) => {
      await session.callServer(command, async ({ encryption }) => {
        const answer = await encryption.rewrapDataKeys({});
        const { masterKeyId, rewrappedKeyCount } = answer;
        const text =
          rewrappedKeyCount === 0
            ? `The master key ${masterKeyId} seals all keys already: nothing was changed. If it is not the new one, start this gateway again with that.`
            : `The master key ${masterKeyId} seals all keys now, ${rewrappedKeyCount} of them anew.`;
        session.terminal.out(json ? JSON.stringify(answer) : text);
        return EXIT_OK;
      });
    });
}

function rotateCommand(session: Session): Command {
  return new Command('rotate')
    .description('make a new data key, seal every crop and template by it, and destroy the old ones')
    .option('--detach', 'do not wait for the end')
    .option('--json', 'print one JSON object')
    .action(async ({ detach, json }: RotateOptions, command: Command) => {
      await session.callServer(command, async ({ encryption, job: jobs }) => {
        const job = present((await encryption.rotateDataKey({})).job);
        if (detach) {
          announceQueued(session.terminal, job, json === true);
          return EXIT_OK;
        }
        announceFollowed(session.terminal, job);
        const ended = await followJob(session.terminal, jobs, job.name);
        return announceEnd(session.terminal, jobs, ended, json ? 'json' : 'lines');
      });
    });
}

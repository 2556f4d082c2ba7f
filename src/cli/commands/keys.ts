import { Command, InvalidArgumentError, Option } from 'commander';
import { paginate } from '../../client/paginate.js';
import type { ApiKey__Output } from '../../generated/symface/v1/ApiKey.js';
import { idIn } from '../enrolment-names.js';
import { EXIT_OK } from '../exit-code.js';
import { shortTime, tableLines } from '../report/table.js';
import { present, type Session } from '../session.js';

interface CreateOptions {
  readonly role: keyof typeof ROLES;
  readonly tenant: string;
  readonly displayName?: string;
  readonly requestsPerSecond?: number;
  readonly imagesPerDay?: number;
  readonly offline?: true;
  readonly json?: true;
}

/** What keys may do: `device` what `client` may, and send embeddings in the place of photographs. */
const ROLES = {
  client: 'API_KEY_ROLE_CLIENT',
  device: 'API_KEY_ROLE_DEVICE',
  admin: 'API_KEY_ROLE_ADMIN',
} as const;

const EXAMPLES = `
client: faces, subjects and collections of its tenant. device: the same, and embeddings of its own in the place of photographs.
admin: everything.

The first key of a service that asks for keys is made beside it: --offline opens the database that the settings name
(docs/configuration.md); with the embedded database while the service is stopped.

Examples:
  symface keys create --role admin --offline
  symface keys create --tenant acme --display-name "door 1" --requests-per-second 20 --images-per-day 50000
  symface keys limit 0123456789abcdef --images-per-day 0
  symface keys revoke 0123456789abcdef`;

export function keysCommand(session: Session): Command {
  return new Command('keys')
    .description('API keys')
    .addCommand(createCommand(session))
    .addCommand(limitCommand(session))
    .addCommand(listCommand(session))
    .addCommand(revokeCommand(session))
    .addHelpText('after', EXAMPLES);
}

function createCommand(session: Session): Command {
  return new Command('create')
    .description('make a key; its secret is shown once')
    .addOption(new Option('--role <role>', 'what it may do').choices(Object.keys(ROLES)).default('client'))
    .option('--tenant <id>', 'whose collections it opens', 'default')
    .option('--display-name <name>', 'the name that people are shown')
    .addOption(requestsOption())
    .addOption(imagesOption())
    .option('--offline', 'in the database itself, without a running service')
    .option('--json', 'print one JSON object')
    .action(async (options: CreateOptions, command: Command) => {
      if (options.offline) {
        print(session, options, await createOffline(options, session));
        session.exitCode = EXIT_OK;
        return;
      }
      await session.callServer(command, async ({ admin }) => {
        const { apiKey, secret } = await admin.createApiKey({
          tenant: options.tenant,
          role: ROLES[options.role],
          displayName: options.displayName ?? '',
          requestsPerSecond: options.requestsPerSecond ?? 0,
          imagesPerDay: options.imagesPerDay ?? 0,
        });
        print(session, options, { id: idIn(present(apiKey).name), secret });
        return EXIT_OK;
      });
    });
}

async function createOffline(
  { tenant, role, displayName = '', requestsPerSecond = 0, imagesPerDay = 0 }: CreateOptions,
  session: Session,
): Promise<{ readonly id: string; readonly secret: string }> {
  // Loaded here only: the other commands are clients and should start fast.
  const { createKeyOffline } = await import('../../service/access/keys/offline-keys.js');
  const command = { tenant, role, displayName, requestsPerSecond, imagesPerDay };
  return createKeyOffline(command, (message) => {
    session.terminal.err(`symface: ${message}`);
  });
}

function print(
  session: Session,
  options: CreateOptions,
  { id, secret }: { readonly id: string; readonly secret: string },
): void {
  const { role, tenant } = options;
  if (options.json) {
    session.terminal.out(JSON.stringify({ id, role, tenant, secret }));
    return;
  }
  session.terminal.out(secret);
  session.terminal.err(
    `Key ${id} (${role}, tenant ${tenant}). The line above is its secret, shown this once.`,
  );
}

function listCommand(session: Session): Command {
  return new Command('list')
    .description('list the keys, revoked ones too')
    .option('--json', 'print one JSON object a key')
    .action(async (options: { readonly json?: true }, command: Command) => {
      await session.callServer(command, async ({ admin }) => {
        const keys: ApiKey__Output[] = [];
        for await (const key of paginate(admin.listApiKeys, {})) keys.push(key);
        const lines = options.json ? keys.map((key) => JSON.stringify(key)) : keyTable(keys);
        for (const line of lines) session.terminal.out(line);
        return EXIT_OK;
      });
    });
}

function requestsOption(): Option {
  return new Option(
    '--requests-per-second <n>',
    'calls that each replica takes a second; 0: unlimited',
  ).argParser(readLimit);
}

function imagesOption(): Option {
  return new Option('--images-per-day <n>', 'images that are looked at a day (UTC); 0: unlimited').argParser(
    readLimit,
  );
}

function readLimit(text: string): number {
  if (!/^\d{1,9}$/u.test(text)) throw new InvalidArgumentError('It takes a whole number, 0 for unlimited.');
  return Number(text);
}

function limitCommand(session: Session): Command {
  return new Command('limit')
    .description('change the limits of a key, within 5 seconds')
    .argument('<id>', 'as "symface keys list" prints it')
    .addOption(requestsOption())
    .addOption(imagesOption())
    .action(
      async (
        id: string,
        limits: Pick<CreateOptions, 'requestsPerSecond' | 'imagesPerDay'>,
        command: Command,
      ) => {
        await session.callServer(command, async ({ admin }) => {
          const { apiKey } = await admin.updateApiKey({ name: `apiKeys/${id}`, ...limits });
          session.terminal.out(`${id}: ${limitWords(present(apiKey))}.`);
          return EXIT_OK;
        });
      },
    );
}

function limitWords({ requestsPerSecond, imagesPerDay }: ApiKey__Output): string {
  const words = [
    ...(requestsPerSecond > 0 ? [`${requestsPerSecond}/s`] : []),
    ...(imagesPerDay > 0 ? [`${imagesPerDay} images/day`] : []),
  ];
  return words.length === 0 ? 'unlimited' : words.join(', ');
}

function keyTable(keys: readonly ApiKey__Output[]): readonly string[] {
  const rows = keys.map((key) => [
    idIn(key.name),
    key.role.replace('API_KEY_ROLE_', '').toLowerCase(),
    key.tenant,
    shortTime(key.createTime),
    key.revokeTime === '' ? '-' : shortTime(key.revokeTime),
    limitWords(key),
    key.displayName,
  ]);
  return tableLines(['ID', 'ROLE', 'TENANT', 'CREATED', 'REVOKED', 'LIMITS', 'NAME'], rows);
}

function revokeCommand(session: Session): Command {
  return new Command('revoke')
    .description('revoke a key for good, within 5 seconds')
    .argument('<id>', 'as "symface keys list" prints it')
    .action(async (id: string, _options: unknown, command: Command) => {
      await session.callServer(command, async ({ admin }) => {
        await admin.revokeApiKey({ name: `apiKeys/${id}` });
        session.terminal.out(`Revoked ${id}.`);
        return EXIT_OK;
      });
    });
}

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Attack, hold } from '../attack.js';

const command = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const models = fileURLToPath(new URL('../../../.symface/models', import.meta.url));

interface Case {
  /** Damages the folder of a service that has ended. */
  readonly damage: (folder: string) => Promise<unknown>;
  /** What the start says, and why it does not serve. */
  readonly says: RegExp;
}

const cases: Readonly<Record<string, Case>> = {
  'a lost database': {
    damage: async (folder) => rm(join(folder, 'database'), { recursive: true }),
    says: /embedded database in .* is gone/u,
  },
  'a lost pg_control': {
    damage: async (folder) => rm(join(folder, 'database/global/pg_control')),
    says: /is damaged: .*pg_control is missing/u,
  },
  'a lost key': { damage: async (folder) => rm(join(folder, 'encryption.key')), says: /key/u },
  'another key': {
    damage: async (folder) =>
      writeFile(join(folder, 'encryption.key'), Buffer.alloc(32, 9).toString('base64')),
    says: /key/u,
  },
  'a key that is none': {
    damage: async (folder) => writeFile(join(folder, 'encryption.key'), 'not a key'),
    says: /key file .*encryption\.key/u,
  },
};

export default {
  title: 'data folders with long paths, lost databases, lost and wrong keys, and two processes on one',
  isShort: false,
  hasOwnServices: true,
  limitSeconds: 240,
  run: async ({ startTarget, newFolder, afterwards }) => {
    const template = await newFolder();
    const first = await startTarget();
    await first
      .killAndRestart(async () =>
        cp(first.server.dataFolder, template, { recursive: true, filter: isNoSocket }),
      )
      .then(async (next) => next.stop());
    const seen: string[] = [];
    for (const [what, { damage, says }] of Object.entries(cases)) {
      const folder = await newFolder();
      await cp(template, folder, { recursive: true });
      await damage(folder);
      const said = await refusedStart(folder);
      hold(says.test(said), `${what} is told: ${said.slice(-400)}`);
      seen.push(what);
    }
    seen.push(await twoProcesses(template, await newFolder(), afterwards));
    return `refused with words: ${seen.join(', ')}`;
  },
} satisfies Attack;

/** @returns what a service says that does not start */
async function refusedStart(folder: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [command, 'serve'],
      { env: environment(folder), timeout: 40_000 },
      (error, stdout, stderr) => {
        if (error !== null && error.killed !== true && error.code !== 0) resolve(`${stdout}${stderr}`);
        else reject(new Error(`a service with a damaged folder starts: ${stdout}${stderr}`));
      },
    );
  });
}

/** The second of two on one folder, by a path that no socket may have. The first has a key that everybody may read. */
async function twoProcesses(
  template: string,
  parent: string,
  afterwards: (work: () => unknown) => void,
): Promise<string> {
  const folder = join(parent, 'l'.repeat(90), 'm'.repeat(90));
  await mkdir(folder, { recursive: true });
  await cp(template, folder, { recursive: true });
  await cp(models, join(folder, 'models'), { recursive: true });
  await chmod(join(folder, 'encryption.key'), 0o644);
  const child = spawn(process.execPath, [command, 'serve'], {
    env: environment(folder),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  afterwards(() => child.kill('SIGKILL'));
  let output = '';
  const serves = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (output.includes('SymFace serves.')) resolve();
      });
    child.once('exit', () => {
      reject(new Error(`the service in a folder of a long path does not start: ${output}`));
    });
  });
  await serves;
  const said = await refusedStart(folder);
  hold(
    said.includes('Another SymFace process uses the database'),
    `a second process is told: ${said.slice(-300)}`,
  );
  hold(output.includes('chmod 600'), 'a key that everybody can read is not remarked on');
  child.removeAllListeners('exit');
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
  return 'a second process on a path of 200 bytes';
}

function environment(folder: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    SYMFACE_DATA_DIR: folder,
    SYMFACE_GRPC_PORT: '0',
    SYMFACE_HTTP_PORT: '0',
    SYMFACE_WORKERS: '1',
  };
}

/** The lock of a killed service stays, and cannot be copied. */
function isNoSocket(path: string): boolean {
  return !path.endsWith('.socket');
}

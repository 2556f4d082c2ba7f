import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { anotherFile } from '../../support/another-file.js';
import { testEncryptionKey } from '../../support/encryption-key.js';
import { type Attack, hold, type Scene } from '../attack.js';
import { enrolSomebody, type Target } from '../target.js';

const command = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const limitMs = 240_000;

/** An empty place to restore into. */
interface Place {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Whether anything was made there. */
  readonly isBegun: () => Promise<boolean>;
  /** Does what the refusal says: takes away what is half restored. */
  readonly clear: () => Promise<void>;
}

export default {
  title: 'kill -9 in "symface restore": no service starts on the half, and the second try works',
  isShort: false,
  databases: ['embedded', 'postgres'],
  hasOwnServices: true,
  limitSeconds: 900,
  run: async (scene) => {
    const target = await scene.startTarget();
    const { person, personAgain } = scene.photographs;
    await enrolSomebody(target, [person, ...Array.from({ length: 7 }, () => anotherFile(personAgain))]);
    const folder = await scene.newFolder();
    const file = join(folder, 'backup.tar');
    const { server, keys } = target;
    const backup = await symface({}, 'backup', file, '--server', server.address, '--api-key', keys.admin);
    hold(backup.code === 0, `the backup ends ${backup.code}: ${backup.output}`);
    const whole = await placeFor(scene, target, 'whole');
    const beginMs = performance.now();
    const restored = await symface(whole.environment, 'restore', file);
    const wholeMs = performance.now() - beginMs;
    hold(restored.code === 0, `a restore ends ${restored.code}: ${restored.output}`);
    const expected = await contentOf(whole);
    const outcomes = new Map<string, number>();
    const kills = scene.isShort ? 2 : 4;
    for (let kill = 0; kill < kills; kill++) {
      const place = await placeFor(scene, target, `kill-${kill}`);
      // The first half is the start of the process and the reading of the file.
      const afterMs = wholeMs * (0.3 + (0.7 * (kill + Math.random())) / kills);
      const outcome = await killed(place, file, afterMs, expected);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    await target.stop();
    return [...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  },
} satisfies Attack;

/** Kills a restore, and looks at what it has left. @returns what that is */
async function killed(place: Place, file: string, afterMs: number, expected: string): Promise<string> {
  const child = spawn(process.execPath, [command, 'restore', file], {
    env: { ...process.env, ...place.environment },
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  await Promise.race([exited, sleep(afterMs)]);
  child.kill('SIGKILL');
  await exited;
  if (!(await place.isBegun())) {
    await requireRestores(place, file, expected);
    return 'not begun';
  }
  const opened = await look(place);
  if (opened.code === 0) {
    hold(opened.output === expected, `a service opens half of a backup after ${Math.round(afterMs)} ms`);
    return wasKilled(child) ? 'whole' : 'ended before';
  }
  const isTold =
    /half restored|There is no embedded database|has no tables of SymFace|is damaged|is gone|was not finished/u.test(
      opened.output,
    );
  hold(isTold, `after a killed restore the start says ${opened.output.slice(-400)}`);
  await place.clear();
  await requireRestores(place, file, expected);
  return 'refused';
}

function wasKilled({ signalCode }: ChildProcess): boolean {
  return signalCode !== null;
}

async function requireRestores(place: Place, file: string, expected: string): Promise<void> {
  const again = await symface(place.environment, 'restore', file);
  hold(again.code === 0, `the second restore ends ${again.code}: ${again.output.slice(-400)}`);
  hold((await contentOf(place)) === expected, 'the second restore has not restored all');
}

/** What is kept there, as counts of rows and names of models. */
async function contentOf(place: Place): Promise<string> {
  const { code, output } = await look(place);
  hold(code === 0, `what was restored does not open: ${output}`);
  return output;
}

/** Opens the database as a service does, and tells what it has. */
async function look({ environment, folder }: Place): Promise<Outcome> {
  const file = join(folder, `look-${randomUUID()}.tar`);
  const { code, output } = await symface(environment, 'backup', file, '--offline', '--json');
  if (code !== 0) return { code, output };
  const json = output.split('\n').find((line) => line.startsWith('{')) ?? '{}';
  const { rows, models } = JSON.parse(json) as { readonly rows?: unknown; readonly models?: unknown };
  return { code, output: JSON.stringify({ rows, models }) };
}

async function placeFor(scene: Scene, target: Target, name: string): Promise<Place> {
  const folder = await scene.newFolder();
  if (target.databaseUrl !== undefined) return postgresPlace(target.databaseUrl, name, folder);
  const database = join(folder, 'database');
  const place: Place = {
    folder,
    environment: { SYMFACE_DATA_DIR: folder },
    isBegun: () => Promise.resolve(existsSync(database)),
    clear: async () => rm(database, { recursive: true }),
  };
  await mkdir(folder, { recursive: true });
  await cp(join(target.server.dataFolder, 'encryption.key'), join(folder, 'encryption.key'));
  return place;
}

async function postgresPlace(databaseUrl: string, name: string, folder: string): Promise<Place> {
  const database = `${new URL(databaseUrl).pathname.slice(1)}-${name}`;
  const url = new URL(database, databaseUrl).href;
  const create = async (): Promise<void> => {
    await query(databaseUrl, `CREATE DATABASE "${database}"`);
  };
  await create();
  return {
    folder,
    environment: {
      DATABASE_URL: url,
      SYMFACE_ENCRYPTION_KEY: testEncryptionKey,
      SYMFACE_DATA_DIR: folder,
    },
    isBegun: async () => {
      const tables = await query(url, `SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1`);
      return tables > 0;
    },
    clear: async () => {
      await query(databaseUrl, `DROP DATABASE "${database}" WITH (FORCE)`);
      await create();
    },
  };
}

/** @returns how many rows it has */
async function query(connectionString: string, statement: string): Promise<number> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client
    .query(statement)
    .then(({ rows }) => rows.length)
    .finally(async () => client.end());
}

interface Outcome {
  readonly code: number;
  readonly output: string;
}

async function symface(environment: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [command, ...args],
      { env: { ...process.env, ...environment }, timeout: limitMs },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? -1), output: `${stdout}${stderr}` });
      },
    );
  });
}

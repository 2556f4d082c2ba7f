import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.js';
import { childrenOf } from './process-measures.js';
import { hasErrorCode } from '../../src/storage/files/durable-files.js';

/** Debian keeps the server's programs out of PATH. */
const debianFolder = '/usr/lib/postgresql';
/** `nobody`: the server refuses to run as root. */
const unprivilegedId = 65_534;
const startTimeoutMs = 30_000;

export const NO_POSTGRES_REASON =
  'no PostgreSQL server is installed here (Debian: apt-get install postgresql)';

/** The folder of `initdb` and `postgres`; undefined where there is none. */
export function postgresPrograms(): string | undefined {
  const versions = existsSync(debianFolder) ? readdirSync(debianFolder) : [];
  const folders = [
    ...versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(debianFolder, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(':'),
  ];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}

/** A PostgreSQL server of its own, on loopback, with nothing in it. */
export interface PostgresServer {
  /** A new, empty database. */
  createDatabase(name: string): string;
  /** The whole content of a database as SQL. */
  dump(name: string): string;
  /** Runs SQL as its superuser, in the database that it began with. */
  sql(statement: string): void;
  /** Stops all its processes where they stand: connections stay open and nothing answers. */
  freeze(): void;
  thaw(): void;
  /** Ends it as an operator does; it stays down until `start`. */
  halt(): Promise<void>;
  start(): Promise<void>;
  /** Ends it as a crash does, and starts it again on its data. */
  crashAndRestart(): Promise<void>;
  stop(): Promise<void>;
}

/** @param programs from {@link postgresPrograms} */
export async function startPostgresServer(programs: string): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'symface-postgres-'));
  const user = process.getuid?.() === 0 ? { uid: unprivilegedId, gid: unprivilegedId } : {};
  if ('uid' in user) chownSync(folder, unprivilegedId, unprivilegedId);
  const data = join(folder, 'data');
  const inFolder = { ...user, cwd: folder };
  execFileSync(
    join(programs, 'initdb'),
    ['--pgdata', data, '--username', 'symface', '--auth', 'trust', '--no-sync', '--encoding', 'UTF8'],
    { ...inFolder, stdio: 'ignore' },
  );
  const port = await freePort();
  const start = (): ChildProcess =>
    spawn(
      join(programs, 'postgres'),
      ['-D', data, '-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'],
      { ...inFolder, stdio: 'ignore' },
    );
  let server = start();
  const sql = (statement: string): void => {
    const args = ['-h', '127.0.0.1', '-p', String(port), '-U', 'symface', '-d', 'postgres', '-c', statement];
    execFileSync(join(programs, 'psql'), args, { ...inFolder, stdio: 'ignore' });
  };
  const becomesReady = async (): Promise<void> => {
    const giveUpAtMs = Date.now() + startTimeoutMs;
    for (;;) {
      try {
        sql('SELECT 1');
        return;
      } catch (error) {
        if (Date.now() > giveUpAtMs || server.exitCode !== null) throw error;
        await sleep(100);
      }
    }
  };
  await becomesReady();
  return {
    crashAndRestart: async () => {
      const exited = once(server, 'exit');
      // Immediate shutdown: nothing is written any more, and the next start recovers.
      server.kill('SIGQUIT');
      await exited;
      server = start();
      await becomesReady();
    },
    sql,
    freeze: () => {
      signalAll(server, 'SIGSTOP');
    },
    thaw: () => {
      signalAll(server, 'SIGCONT');
    },
    halt: async () => {
      const exited = once(server, 'exit');
      server.kill('SIGINT');
      await exited;
    },
    start: async () => {
      server = start();
      await becomesReady();
    },
    createDatabase: (name) => {
      sql(`CREATE DATABASE "${name}"`);
      return `postgres://symface@127.0.0.1:${port}/${name}`;
    },
    dump: (name) =>
      execFileSync(
        join(programs, 'pg_dump'),
        ['-h', '127.0.0.1', '-p', String(port), '-U', 'symface', name],
        {
          ...inFolder,
          encoding: 'latin1',
          maxBuffer: 1 << 28,
        },
      ),
    stop: async () => {
      if (server.exitCode !== null) {
        rmSync(folder, { recursive: true, force: true });
        return;
      }
      signalAll(server, 'SIGCONT');
      const exited = once(server, 'exit');
      // Fast shutdown: connections that are left are ended.
      server.kill('SIGINT');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The server has a process of its own for each connection. */
function signalAll(server: ChildProcess, signal: NodeJS.Signals): void {
  const { pid = 0 } = server;
  for (const one of [...childrenOf(pid), pid])
    try {
      process.kill(one, signal);
    } catch (error) {
      // A connection's process may have ended since it was listed.
      if (!hasErrorCode(error, 'ESRCH')) throw error;
    }
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.js';

const program = '/usr/sbin/pgbouncer';
export const NO_PGBOUNCER_REASON = 'no PgBouncer is installed here (Debian: apt-get install pgbouncer)';
const startTimeoutMs = 10_000;

export function hasPgBouncer(): boolean {
  return existsSync(program);
}

export interface PgBouncer {
  /** In place of the database's own. */
  readonly url: string;
  stop(): Promise<void>;
}

/** A PgBouncer before a database, that gives each transaction one of two connections, whichever is free. */
export async function startPgBouncer(databaseUrl: string): Promise<PgBouncer> {
  const { hostname, port, pathname, username } = new URL(databaseUrl);
  const folder = mkdtempSync(join(tmpdir(), 'symface-pgbouncer-'));
  // It does not run as root.
  chmodSync(folder, 0o755);
  const ownPort = await freePort();
  const settings = [
    '[databases]',
    `${pathname.slice(1)} = host=${hostname} port=${port} user=${username}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${ownPort}`,
    'unix_socket_dir =',
    'auth_type = any',
    'pool_mode = transaction',
    'default_pool_size = 2',
  ];
  writeFileSync(join(folder, 'pgbouncer.ini'), settings.join('\n'), { mode: 0o644 });
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child = spawn(program, [...user, '-q', join(folder, 'pgbouncer.ini')], { stdio: 'ignore' });
  await becomesReachable(ownPort);
  return {
    url: `postgres://${username}@127.0.0.1:${ownPort}${pathname}`,
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
      rmSync(folder, { recursive: true });
    },
  };
}

async function becomesReachable(port: number): Promise<void> {
  const giveUpAtMs = Date.now() + startTimeoutMs;
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch (error) {
      if (Date.now() > giveUpAtMs) throw error;
      await sleep(100);
    } finally {
      socket.destroy();
    }
  }
}

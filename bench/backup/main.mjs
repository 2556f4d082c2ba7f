// npm run bench:backup -- --faces 50000
// The time, size and memory of a backup and of a restore, as the command line does them, of a PostgreSQL with that many faces of
// 20 kB each: DATABASE_URL and RESTORE_URL name two empty databases, which are left filled.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';

const { values } = parseArgs({ options: { faces: { type: 'string', default: '10000' } } });
const faceCount = Number(values.faces);
const { DATABASE_URL: source, RESTORE_URL: target } = process.env;
if (source === undefined || target === undefined)
  throw new Error('set DATABASE_URL and RESTORE_URL to two empty databases');

const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'symface-bench-backup-'));
const file = join(folder, 'backup.tar');

/** Runs a command. @returns its seconds and the most memory that it had, in MiB (VmHWM) */
async function measured(args, databaseUrl) {
  const env = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    SYMFACE_DATA_DIR: folder,
    SYMFACE_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
  };
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, [command, ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const exited = once(child, 'exit');
  let memoryMib = 0;
  while (child.exitCode === null && child.signalCode === null) {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    memoryMib = Math.max(memoryMib, Number(/VmHWM:\s+(\d+)/u.exec(status)?.[1] ?? 0) / 1024);
    await Promise.race([exited, sleep(50)]);
  }
  if (child.exitCode !== 0) throw new Error(`symface ${args.join(' ')} ended with ${child.exitCode}`);
  return { seconds: (performance.now() - startedAtMs) / 1000, memoryMib };
}

async function fill() {
  await measured(['db', 'migrate'], source);
  const client = new pg.Client({ connectionString: source });
  await client.connect();
  await client.query(
    `INSERT INTO collections (tenant, id, display_name, quality_gate) VALUES ('default', 'bench', '', '{}')`,
  );
  await client.query(`INSERT INTO subjects (collection_uid, id, display_name) VALUES (1, 'all', '')`);
  // What is encrypted does not compress, and neither do these bytes.
  await client.query(
    `INSERT INTO faces (id, collection_uid, subject_uid, detector_version, sealed_crop)
     SELECT gen_random_uuid(), 1, 1, 'd', '\\x0200000001'::bytea || (SELECT string_agg(sha512((i * 1000 + j)::text::bytea), ''::bytea) FROM generate_series(1, 312) j)
     FROM generate_series(1, $1::int) i`,
    [faceCount],
  );
  await client.end();
}

try {
  await fill();
  const backup = await measured(['backup', file, '--offline'], source);
  const { size } = await stat(file);
  const check = await measured(['restore', file, '--check'], target);
  const restore = await measured(['restore', file], target);
  const tell = (name, { seconds, memoryMib }) => {
    console.log(
      `${name.padEnd(8)} ${seconds.toFixed(1).padStart(7)} s  ${memoryMib.toFixed(0).padStart(5)} MiB`,
    );
  };
  console.log(`${faceCount} faces of 20 kB, ${(size / 2 ** 20).toFixed(0)} MiB`);
  tell('backup', backup);
  tell('check', check);
  tell('restore', restore);
} finally {
  await rm(folder, { recursive: true });
}

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isFullSuite } from '../support/full-suite.js';
import { paginate } from '../../src/client/paginate.js';
import { SymFaceClient } from '../../src/client/symface-client.js';
import { anotherFile } from '../support/another-file.js';
import { testEncryptionKey } from '../support/encryption-key.js';
import {
  photographOfAnotherPerson,
  photographOfOnePerson,
  secondPhotographOfThatPerson,
} from '../support/npm-photographs.js';
import { createKeyOffline } from '../support/offline-keys.js';
import { NO_POSTGRES_REASON, postgresPrograms, startPostgresServer } from '../support/postgres-server.js';
import { type RunningServer, startRunningServer } from '../support/running-server.js';

const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const staff = 'collections/staff';

/** A command as its users run it. @returns its exit code and what it has printed */
async function symface(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const env = { ...process.env, ...environment };
  return promisify(execFile)(process.execPath, [command, ...args], { env }).then(
    ({ stdout, stderr }) => ({ exitCode: 0, stdout, stderr }),
    (error: unknown) => {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { exitCode: code, stdout, stderr };
    },
  );
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const programs = postgresPrograms();
if (programs === undefined) console.warn(`Skipping restored services on PostgreSQL: ${NO_POSTGRES_REASON}.`);

describe.skipIf(!isFullSuite)('a service that is backed up', () => {
  let folder: string;
  let file: string;
  let photographs: { readonly one: Buffer; readonly again: Buffer; readonly other: Buffer };
  let server: RunningServer;
  let secret: string;
  let before: Awaited<ReturnType<typeof answersOf>>;
  const secured = { SYMFACE_AUTHENTICATION: 'api-key' };

  const clientOf = ({ address }: RunningServer) =>
    new SymFaceClient({ server: address, apiKey: secret, timeoutMs: 60_000 });

  /** What a service with these faces answers. */
  async function answersOf(target: RunningServer) {
    const client = clientOf(target);
    const { one, again, other } = photographs;
    const identify = async (content: Buffer) => {
      const answer = await client.faceVerification.identify({ collection: staff, image: { content } });
      return answer.candidates.map(({ subject, similarity, matched }) => ({ subject, similarity, matched }));
    };
    const image = { content: other };
    const verified = await client.faceVerification.verifySubject({ subject: `${staff}/subjects/ada`, image });
    const { collection } = await client.enrollment.getCollection({ name: staff });
    const audit = await all(paginate(client.admin.listAuditEvents, {}));
    const keys = await all(paginate(client.admin.listApiKeys, {}));
    const { similarity, matched } = verified;
    const candidates = [await identify(one), await identify(again), await identify(other)];
    client.close();
    return {
      candidates,
      verified: { similarity, matched },
      counts: [collection?.subjectCount, collection?.faceCount],
      audit: audit.reverse(),
      keys,
    };
  }

  async function enrol(target: RunningServer, subject: string, content: Buffer): Promise<void> {
    const client = clientOf(target);
    const request = { parent: `${staff}/subjects/${subject}`, images: [{ content }], createSubject: true };
    const { results } = await client.enrollment.enrollFaces({ ...request, allowDuplicates: true });
    expect(results.filter(({ error }) => error)).toEqual([]);
    client.close();
  }

  const backUp = async (target: RunningServer, path: string, ...more: readonly string[]) =>
    symface(['backup', path, '--server', target.address, '--api-key', secret, ...more]);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-backup-test-'));
    file = join(folder, 'backup.tar');
    const [one, again, other] = await Promise.all([
      photographOfOnePerson(),
      secondPhotographOfThatPerson(),
      photographOfAnotherPerson(),
    ]);
    photographs = { one, again, other };
    server = await startRunningServer(
      { ...secured, SYMFACE_ENCRYPTION_KEY: testEncryptionKey },
      async (dataFolder) => {
        process.env['SYMFACE_ENCRYPTION_KEY'] = testEncryptionKey;
        secret = await createKeyOffline(dataFolder, 'admin');
        delete process.env['SYMFACE_ENCRYPTION_KEY'];
      },
    );
    const client = clientOf(server);
    await client.enrollment.createCollection({ collectionId: 'staff' });
    client.close();
    await enrol(server, 'ada', one);
    await enrol(server, 'grace', other);
    before = await answersOf(server);
    expect(before.candidates[0]?.[0]).toMatchObject({ subject: `${staff}/subjects/ada`, matched: true });
  });

  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  it('beside enrolments is restored into PostgreSQL, and from there into an embedded database, as it was', async () => {
    const enrolling = new AbortController();
    let acknowledged = 0;
    const traffic = (async () => {
      for (; !enrolling.signal.aborted; acknowledged++)
        await enrol(server, 'ada', anotherFile(photographs.one));
    })();
    await sleep(300);
    const { exitCode, stdout, stderr } = await backUp(server, file, '--json');
    const written = acknowledged;
    enrolling.abort();
    await traffic;
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(written).toBeGreaterThan(2);
    const summary = JSON.parse(stdout) as { rows: Record<string, number>; keyFingerprint: string };
    const faces = summary.rows['faces'] ?? 0;
    expect(faces).toBeGreaterThanOrEqual(2);
    expect(summary.rows['templates']).toBe(faces);
    expect(await readFile(file)).not.toContain(Buffer.from(testEncryptionKey));
    if (programs === undefined) return;

    const database = await startPostgresServer(programs);
    try {
      const postgres = {
        DATABASE_URL: database.createDatabase('restored'),
        SYMFACE_ENCRYPTION_KEY: testEncryptionKey,
      };
      const restored = await symface(['restore', file], {
        ...postgres,
        SYMFACE_DATA_DIR: join(folder, 'none'),
      });
      expect(restored).toMatchObject({ exitCode: 0 });
      const second = await startRunningServer({ ...secured, ...postgres });
      const there = await answersOf(second);
      expect(there.counts).toEqual([2, faces]);
      expect(there.candidates.map(([best]) => best)).toEqual(before.candidates.map(([best]) => best));
      expect(there.keys).toEqual(before.keys);
      expect(there.audit.slice(0, before.audit.length)).toEqual(before.audit);

      const back = join(folder, 'back.tar');
      expect(await backUp(second, back)).toMatchObject({ exitCode: 0 });
      const withBackup = await answersOf(second);
      await second.stop();
      const dataFolder = join(folder, 'back');
      const here = { SYMFACE_DATA_DIR: dataFolder, SYMFACE_ENCRYPTION_KEY: testEncryptionKey };
      expect(await symface(['restore', back], here)).toMatchObject({ exitCode: 0 });
      const third = await startRunningServer(
        { ...secured, SYMFACE_ENCRYPTION_KEY: testEncryptionKey },
        async (target) => {
          for (const name of ['database', 'models']) {
            await rm(join(target, name), { recursive: true });
            await cp(join(dataFolder, name), join(target, name), { recursive: true });
          }
        },
      );
      expect(await answersOf(third)).toEqual(withBackup);
      await third.stop();
    } finally {
      await database.stop();
    }
  }, 240_000);

  it('leaves no file and no copy where the command is killed or its client leaves, and goes on', async () => {
    const path = join(folder, 'killed.tar');
    const args = [command, 'backup', path, '--server', server.address, '--api-key', secret];
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    while (!(await readdir(folder)).includes('killed.tar.incoming')) await sleep(20);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await readdir(folder)).not.toContain('killed.tar');
    const copies = async () =>
      (await readdir(server.dataFolder)).filter((name) => name.startsWith('backup-copy-'));
    await expect.poll(copies, { timeout: 20_000, interval: 100 }).toEqual([]);
    // The gateway ends what nobody takes any more, and makes one backup at a time.
    const exitCode = async () => (await backUp(server, path)).exitCode;
    await expect.poll(exitCode, { timeout: 20_000, interval: 200 }).toBe(0);
    expect(await backUp(server, path)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/is there already/u) as string,
    });
  });

  it('is refused in words where the file was changed, the key is another or the target is not empty', async () => {
    const whole = await readFile(file);
    const changed = join(folder, 'changed.tar');
    const at = Math.floor(whole.length / 2);
    whole.writeUInt8(whole.readUInt8(at) ^ 1, at);
    await writeFile(changed, whole);
    const here = { SYMFACE_DATA_DIR: join(folder, 'refused'), SYMFACE_ENCRYPTION_KEY: testEncryptionKey };
    const damaged = await symface(['restore', changed], here);
    expect([damaged.exitCode, damaged.stderr]).toEqual([
      2,
      expect.stringMatching(/^symface: The backup is damaged: /u),
    ]);
    const otherKey = { ...here, SYMFACE_ENCRYPTION_KEY: Buffer.alloc(32, 9).toString('base64') };
    expect((await symface(['restore', file, '--check'], otherKey)).stderr).toMatch(
      /encrypted with the key [0-9a-f]{16}/u,
    );
    expect(await symface(['restore', file, '--check'], here)).toMatchObject({ exitCode: 0 });
    expect((await symface(['restore', `${file}.gone`], here)).stderr).toMatch(
      /Cannot read the backup .* \(ENOENT\)/u,
    );
    expect(await readdir(folder)).not.toContain('refused');
    const running = { ...here, SYMFACE_DATA_DIR: server.dataFolder };
    expect((await symface(['restore', file], running)).stderr).toMatch(
      /Another SymFace process uses the database/u,
    );
  });
});

import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reasonOf } from '../../../../test/support/reason-of.js';
import { MasterKey } from '../../../storage/encryption/master-key.js';
import { BackupKey } from './backup-key.js';
import { checkBackup } from './read-backup.js';
import { insertPart } from './restore-rows.js';

const key = new BackupKey(new MasterKey(new Uint8Array(32).fill(1)));
const head = {
  format: 'symface-backup',
  formatVersion: 1,
  serviceVersion: '0.1.0',
  createTime: '2026-01-01T00:00:00Z',
};
const rows = gzipSync('{"id":1}\n');
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

interface Part {
  readonly name: string;
  readonly content?: Uint8Array | string;
  readonly type?: 'file' | 'symlink' | 'directory';
}

const plainParts: readonly Part[] = [
  { name: 'symface-backup.json', content: JSON.stringify(head) },
  { name: 'tables/jobs/000001.jsonl.gz', content: rows },
  { name: 'artifacts/training/a/report.html', content: 'text' },
];

/** A backup of these parts, sealed as with the key. */
function sealed(parts: readonly Part[], change: object = {}, by = key): readonly Part[] {
  const manifest = JSON.stringify({
    ...head,
    database: 'embedded',
    migrations: ['FirstSchema1796500000000'],
    keyFingerprint: key.fingerprint,
    tables: [{ name: 'jobs', columns: ['id'], rowCount: 1, sequences: [] }],
    models: [],
    missingModels: [],
    artifactCount: 1,
    searchableCollectionCount: 0,
    contentBytes: 10,
    entries: parts.map(({ name, content = '' }) => {
      const bytes = Buffer.from(content);
      return { name, sizeBytes: bytes.length, sha256: sha256(bytes) };
    }),
    ...change,
  });
  const bytes = Buffer.from(manifest);
  const seal = JSON.stringify({ sha256: sha256(bytes), code: by.codeOf(bytes) });
  return [
    ...parts,
    { name: 'manifest.json', content: manifest },
    { name: 'manifest.seal.json', content: seal },
  ];
}

async function tarOf(parts: readonly Part[]): Promise<Buffer> {
  const tar = pack();
  for (const { name, content = '', type = 'file' } of parts)
    if (type === 'file') tar.entry({ name }, Buffer.from(content));
    else tar.entry({ name, type, linkname: '/etc/passwd' });
  tar.finalize();
  const pieces: Uint8Array[] = [];
  for await (const piece of tar as AsyncIterable<Uint8Array>) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('checkBackup', () => {
  let folder: string;
  let file: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-read-backup-'));
    file = join(folder, 'backup.tar');
  });
  afterAll(async () => rm(folder, { recursive: true }));

  async function reasonFor(content: Uint8Array): Promise<string | undefined> {
    await writeFile(file, content);
    return reasonOf(checkBackup(file, key));
  }

  it('takes a whole one and tells what it has', async () => {
    await writeFile(file, await tarOf(sealed(plainParts)));
    const { tables, keyFingerprint } = await checkBackup(file, key);
    expect([tables[0]?.rowCount, keyFingerprint]).toEqual([1, key.fingerprint]);
  });

  it('refuses one that is cut, wherever', async () => {
    const whole = await tarOf(sealed(plainParts));
    for (const length of [
      0,
      100,
      512,
      700,
      1024,
      1536,
      2600,
      4000,
      whole.length - 1536,
      whole.length - 2048,
    ]) {
      const reason = await reasonFor(whole.subarray(0, length));
      expect(['BACKUP_DAMAGED', 'BACKUP_INVALID']).toContain(reason);
      if (length > 1024) expect([length, reason]).toEqual([length, 'BACKUP_DAMAGED']);
    }
  });

  it('refuses one of which any byte of any content was changed', async () => {
    const parts = sealed(plainParts);
    const whole = await tarOf(parts);
    for (const { content = '' } of parts) {
      const at = whole.indexOf(Buffer.from(content)) + Math.floor(Buffer.from(content).length / 2);
      const changed = Buffer.from(whole);
      changed.writeUInt8(whole.readUInt8(at) ^ 1, at);
      expect(['BACKUP_DAMAGED', 'BACKUP_INVALID']).toContain(await reasonFor(changed));
    }
  });

  it.each<[string, readonly Part[]]>([
    ['a path that leads out', [{ name: 'artifacts/../../etc/cron.d/x', content: 'x' }]],
    ['an absolute path', [{ name: '/etc/passwd', content: 'x' }]],
    ['a graph of a path', [{ name: 'models/../x-0123456789ab/a.onnx', content: 'x' }]],
    ['a link', [{ name: 'artifacts/link', type: 'symlink' }]],
    ['a folder', [{ name: 'artifacts/folder', type: 'directory' }]],
    ['an entry twice', [plainParts[1]!]],
    ['an unknown entry', [{ name: 'notes.txt', content: 'x' }]],
  ])('refuses %s', async (_case, more) => {
    expect(await reasonFor(await tarOf(sealed([...plainParts, ...more])))).toBe('BACKUP_INVALID');
  });

  it('refuses what is no backup, or one without the beginning', async () => {
    expect(await reasonFor(randomBytes(5000))).toBe('BACKUP_INVALID');
    expect(await reasonFor(gzipSync(await tarOf(sealed(plainParts))))).toBe('BACKUP_INVALID');
    expect(await reasonFor(await tarOf(sealed(plainParts.slice(1))))).toBe('BACKUP_INVALID');
  });

  it('refuses zeros without an end, before or behind it, and what is no plain file', async () => {
    const whole = await tarOf(sealed(plainParts));
    for (const content of [Buffer.alloc(0), whole]) {
      await writeFile(file, content);
      await truncate(file, 8 * 2 ** 30);
      await expect(checkBackup(file, key)).rejects.toThrow(/megabytes of nothing/u);
    }
    expect(await reasonOf(checkBackup(folder, key))).toBe('BACKUP_INVALID');
  });

  it('refuses entries that the manifest has not, or has and are missing', async () => {
    const parts = sealed(plainParts);
    const stranger = { name: 'artifacts/other', content: 'x' };
    expect(await reasonFor(await tarOf([parts[0]!, stranger, ...parts.slice(1)]))).toBe('BACKUP_INVALID');
    expect(await reasonFor(await tarOf(parts.filter((_, index) => index !== 1)))).toBe('BACKUP_DAMAGED');
    expect(await reasonFor(await tarOf([...parts, stranger]))).toBe('BACKUP_INVALID');
  });

  it('refuses a format of a newer version and says so', async () => {
    const newer = { name: 'symface-backup.json', content: JSON.stringify({ ...head, formatVersion: 2 }) };
    await writeFile(file, await tarOf(sealed([newer, ...plainParts.slice(1)])));
    await expect(checkBackup(file, key)).rejects.toThrow(/restore it with a newer SymFace/u);
  });

  it('refuses another key, and a manifest that was not written with the key that it names', async () => {
    const other = new BackupKey(new MasterKey(new Uint8Array(32).fill(2)));
    await writeFile(file, await tarOf(sealed(plainParts)));
    expect(await reasonOf(checkBackup(file, other))).toBe('BACKUP_KEY_MISMATCH');
    expect(await reasonFor(await tarOf(sealed(plainParts, {}, other)))).toBe('BACKUP_INVALID');
    // Who has not the key, as the command that has just written it, checks the digests.
    expect((await checkBackup(file, undefined)).artifactCount).toBe(1);
  });

  it('does not write to the file', async () => {
    const whole = await tarOf(sealed(plainParts));
    await writeFile(file, whole);
    await checkBackup(file, key);
    expect(await readFile(file)).toEqual(whole);
  });
});

describe('insertPart', () => {
  const table = { name: 'jobs', columns: ['id'], rowCount: 0, sequences: [] };
  const sql = { rows: () => Promise.reject(new Error('nothing should be inserted')) };

  it('refuses a part that grows without bounds, and one that is no gzip', async () => {
    const bomb = gzipSync(Buffer.alloc(300 << 20), { level: 1 });
    expect(await reasonOf(insertPart(sql as never, table, bomb))).toBe('BACKUP_DAMAGED');
    expect(await reasonOf(insertPart(sql as never, table, Buffer.from('text')))).toBe('BACKUP_DAMAGED');
  });
});

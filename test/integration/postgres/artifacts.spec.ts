import { randomBytes, randomUUID } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import { PostgresArtifactStore } from '../../../src/service/platform/artifacts/postgres-artifact-store.js';
import { Failure } from '../../../src/core/failure.js';
import { collected, itStoresArtifacts, pieces } from '../../support/artifact-contract.js';
import { describeOnEveryDatabase } from '../../support/databases.js';
import { killWriterOf } from '../../support/killed-artifact-writer.js';

const mebibyte = 1 << 20;

describeOnEveryDatabase('artifacts', (test) => {
  let store: PostgresArtifactStore;
  beforeEach(() => {
    store = new PostgresArtifactStore(test.database);
  });

  const count = async (table: string): Promise<number> => {
    const [row] = await test.database.rows<{ count: string }>(`SELECT count(*) FROM ${table}`);
    return Number(row!.count);
  };

  itStoresArtifacts(() => store);

  it('are refused with a flipped byte or without a chunk', async () => {
    const name = `damage/${randomUUID()}`;
    await store.write(name, pieces(randomBytes(2 * mebibyte + 5)));
    const ofArtifact = 'artifact_id = (SELECT id FROM artifacts WHERE name = $1)';
    const change = async (sql: string) =>
      test.database.rows(`${sql} WHERE ${ofArtifact} AND index = 1`, [name]);
    const flip = 'UPDATE artifact_chunks SET bytes = set_bit(bytes, 77, 1 - get_bit(bytes, 77))';
    await change(flip);
    const received: Uint8Array[] = [];
    const reading = (async () => {
      for await (const piece of store.read(name)) received.push(piece);
    })();
    await expect(reading).rejects.toMatchObject({ reason: 'ARTIFACT_DAMAGED' });
    // The end is held back, so that nobody can take it for whole.
    expect(Buffer.concat(received)).toHaveLength(2 * mebibyte);
    await change(flip);
    expect(await collected(store.read(name))).toHaveLength(2 * mebibyte + 5);
    await change('DELETE FROM artifact_chunks');
    await expect(collected(store.read(name))).rejects.toMatchObject({ reason: 'ARTIFACT_DAMAGED' });
  });

  it('that are replaced while they are read never end as if whole', async () => {
    const name = `replaced/${randomUUID()}`;
    await store.write(name, pieces(Buffer.alloc(3 * mebibyte, 1)));
    const reading = store.read(name)[Symbol.asyncIterator]();
    await reading.next();
    await store.write(name, pieces(Buffer.alloc(3 * mebibyte, 2)));
    const rest = { [Symbol.asyncIterator]: () => reading };
    await expect(collected(rest)).rejects.toMatchObject({ reason: 'ARTIFACT_NOT_FOUND' });
  });

  it('let others have their turn while they are written and read', async () => {
    const name = `long/${randomUUID()}`;
    let turns = 0;
    const clock = setInterval(() => turns++, 1);
    await store.write(name, pieces(Buffer.alloc(8 * mebibyte), mebibyte));
    const whileWritten = turns;
    for await (const piece of store.read(name)) expect(piece.length).toBeLessThan(mebibyte);
    clearInterval(clock);
    expect(whileWritten).toBeGreaterThanOrEqual(7);
    expect(turns - whileWritten).toBeGreaterThanOrEqual(7);
  });

  it('leave no chunk behind when they are replaced, removed or fail', async () => {
    const before = await count('artifact_chunks');
    const name = `gone/${randomUUID()}`;
    await store.write(name, pieces(Buffer.alloc(2 * mebibyte)));
    await store.write(name, pieces(Buffer.alloc(2 * mebibyte)));
    expect(await count('artifact_chunks')).toBe(before + 8);
    await store.remove(name);
    async function* full(): AsyncGenerator<Uint8Array> {
      yield* pieces(Buffer.alloc(2 * mebibyte));
      const cause = Object.assign(new Error('could not extend file'), { code: '53100' });
      throw new Failure('DATABASE_UNAVAILABLE', 'no room', {}, [], { cause });
    }
    await expect(store.write(name, full())).rejects.toMatchObject({ reason: 'STORAGE_FULL' });
    expect(await count('artifact_chunks')).toBe(before);
  });

  it('use the room of what they replaced again', async ({ skip }) => {
    if (test.database.folder === undefined) skip('a PostgreSQL vacuums in its own time');
    const name = `replaced/${randomUUID()}`;
    const sizes: number[] = [];
    for (let write = 0; write < 6; write++) {
      await store.write(name, pieces(Buffer.alloc(4 * mebibyte, write)));
      const [row] = await test.database.rows<{ size: string }>(
        "SELECT pg_total_relation_size('artifact_chunks') AS size",
      );
      sizes.push(Number(row!.size));
    }
    expect(sizes[5]! - sizes[0]!).toBeLessThan(6 * mebibyte);
    await store.remove(name);
  });

  it('leave the embedded database the room that it needs to answer at all', async ({ skip }) => {
    if (test.database.folder === undefined) skip('a PostgreSQL says itself that its disk is full');
    const name = `full/${randomUUID()}`;
    const before = await count('artifact_chunks');
    const strict = new PostgresArtifactStore(test.database, Number.MAX_SAFE_INTEGER);
    await expect(strict.write(name, pieces(Buffer.of(1)))).rejects.toMatchObject({ reason: 'STORAGE_FULL' });
    expect(await count('artifact_chunks')).toBe(before);
    await store.write(name, pieces(Buffer.of(1)));
  });

  it('of a writer that was killed are not there, and are removed once they are old', async () => {
    const { databaseUrl, dataFolder } = test.settings;
    const name = `killed/${randomUUID()}`;
    const artifactsBefore = await count('artifacts');
    const before = await count('artifact_chunks');
    if (databaseUrl === undefined) {
      // One process at a time has the embedded database.
      await test.database.close();
      await killWriterOf('embedded', dataFolder, name);
      await test.reopen();
      store = new PostgresArtifactStore(test.database);
    } else {
      await killWriterOf('postgres', databaseUrl, name);
    }
    await expect(collected(store.read(name))).rejects.toMatchObject({ reason: 'ARTIFACT_NOT_FOUND' });
    expect(await store.list(name)).toEqual([]);
    expect(await count('artifact_chunks')).toBeGreaterThan(before + 3);
    await test.database.rows(
      "UPDATE artifacts SET write_time = now() - interval '2 hours' WHERE sha256 IS NULL",
    );
    await store.write('sweeper', pieces(Buffer.of(1)));
    await store.remove('sweeper');
    expect(await count('artifact_chunks')).toBe(before);
    expect(await count('artifacts')).toBe(artifactsBefore);
  });
});

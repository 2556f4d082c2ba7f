import { randomUUID } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import { setImmediate as othersHadTheirTurn } from 'node:timers/promises';
import { IsNull, Not } from 'typeorm';
import type { ArtifactStore } from '../../../storage/artifacts/artifact-store.js';
import { type Artifact, artifactNotFound, requireArtifactName } from '../../../storage/artifacts/artifact.js';
import { Failure } from '../../../core/failure.js';
import { DigestedContent, verified } from '../../../storage/artifacts/digested-content.js';
import { hasErrorCode } from '../../../storage/files/durable-files.js';
import { bytes, counter, integer, type RowOf, table, text, time, uuid } from '../database/table.js';
import type { Database } from '../database/database.js';

/** The artifacts; one without a digest is being written, or its writer died. */
export const artifacts = table(
  'artifacts',
  {
    id: uuid().primary(),
    name: text(),
    sha256: bytes().optional(),
    sizeBytes: counter().optional(),
    createTime: time(),
    writeTime: time(),
  },
  { indices: [{ columns: ['name'], unique: true, where: '(sha256 IS NOT NULL)' }] },
);

export const artifactChunks = table('artifact_chunks', {
  artifactId: uuid().primary().references('artifacts', 'CASCADE'),
  index: integer().primary(),
  bytes: bytes(),
});

type ArtifactRow = RowOf<typeof artifacts>;

/** The embedded database holds up the gateway while it takes one: about 10 ms. */
const chunkBytes = 1 << 18;
/** PGlite never answers again once its disk is full: so much is left for its log and for everybody else's rows. */
const embeddedReserveBytes = 64 << 20;
/**
 * It is far longer than a writer rests between two chunks, so what is not whole at this age was left by one that
 * died.
 */
const abandonedAfter = '1 hour';

/**
 * Artifacts in the database, in chunks. Each chunk is a statement of its own, since a transaction over all of
 * them would keep the embedded database's one connection from everybody else. That database answers without ever
 * letting the event loop go on, so between two chunks the store does. A row without a digest is being written.
 */
export class PostgresArtifactStore implements ArtifactStore {
  constructor(
    private readonly database: Database,
    private readonly reserveBytes = embeddedReserveBytes,
  ) {}

  async write(name: string, content: AsyncIterable<Uint8Array>): Promise<Artifact> {
    requireArtifactName(name);
    const id = randomUUID();
    try {
      await this.removeAbandoned();
      await this.database.insert(artifacts, { id, name });
      const digested = new DigestedContent(content);
      await this.writeChunks(id, digested);
      return await this.publish(id, name, digested);
    } catch (error) {
      // Where this fails too, the next writer removes it.
      await this.discard(id).catch(() => undefined);
      throw storageFailure(error);
    } finally {
      await this.reclaim();
    }
  }

  async *read(name: string): AsyncGenerator<Uint8Array> {
    requireArtifactName(name);
    const row = await this.database.first(artifacts, { where: { name, sha256: Not(IsNull()) } });
    if (row === undefined) throw artifactNotFound(name);
    yield* verified(toArtifact(row), this.readChunks(row));
  }

  async list(prefix: string): Promise<readonly Artifact[]> {
    const rows = await this.database.rowsOf(
      artifacts.all,
      `SELECT ${artifacts.all.sql()} FROM artifacts WHERE sha256 IS NOT NULL AND starts_with(name, $1) ORDER BY name COLLATE "C"`,
      [prefix],
    );
    return rows.map(toArtifact);
  }

  async remove(name: string): Promise<void> {
    requireArtifactName(name);
    await this.database.delete(artifacts, { name, sha256: Not(IsNull()) });
    await this.reclaim();
  }

  private async writeChunks(id: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    let index = 0;
    for await (const chunk of rechunked(content)) {
      await othersHadTheirTurn();
      await this.requireRoom();
      const written = await this.database.rows(
        `WITH alive AS (UPDATE artifacts SET write_time = now() WHERE id = $1 RETURNING id)
         INSERT INTO artifact_chunks (artifact_id, index, bytes) SELECT id, $2::integer, $3::bytea FROM alive RETURNING index`,
        [id, index++, chunk],
      );
      if (written.length === 0)
        throw new Error(`the artifact that is written was removed as abandoned: ${id}`);
    }
  }

  /** Puts it in place of the one with the name, in one transaction. */
  private async publish(id: string, name: string, digested: DigestedContent): Promise<Artifact> {
    return this.database.transaction(async (sql) => {
      // Of two writers of one name the second waits here and then replaces the first's.
      await sql.rows('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`artifact ${name}`]);
      await sql.delete(artifacts, { name, sha256: Not(IsNull()) });
      const whole = { sha256: Buffer.from(digested.sha256(), 'hex'), sizeBytes: digested.sizeBytes };
      const [row] = await sql.update(artifacts, { id }, { ...whole, createTime: () => 'now()' });
      if (row === undefined) throw new Error(`the artifact that was written is gone: ${id}`);
      return toArtifact(row);
    });
  }

  private async *readChunks({ id, name }: ArtifactRow): AsyncGenerator<Uint8Array> {
    for (let index = 0; ; index++) {
      await othersHadTheirTurn();
      const [chunk] = await this.database.rows<{ readonly bytes: Buffer | null }>(
        `SELECT bytes FROM artifacts LEFT JOIN artifact_chunks ON artifact_id = id AND index = $2 WHERE id = $1`,
        [id, index],
      );
      if (chunk === undefined) throw artifactNotFound(name);
      if (chunk.bytes === null) return;
      yield chunk.bytes;
    }
  }

  private async requireRoom(): Promise<void> {
    const { folder } = this.database;
    if (folder === undefined) return;
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize < this.reserveBytes) throw diskFull();
  }

  /** The embedded database has no autovacuum: what was replaced would take its room for ever. */
  private async reclaim(): Promise<void> {
    if (this.database.folder === undefined) return;
    // What was asked for is done; the next one reclaims this one's room too.
    await this.database.rows('VACUUM artifacts, artifact_chunks').catch(() => undefined);
  }

  private async removeAbandoned(): Promise<void> {
    await this.database.rows(
      `DELETE FROM artifacts WHERE sha256 IS NULL AND write_time < now() - $1::interval`,
      [abandonedAfter],
    );
  }

  private async discard(id: string): Promise<void> {
    await this.database.delete(artifacts, { id, sha256: IsNull() });
  }
}

/** The content in pieces of {@link chunkBytes}, the last one shorter. */
async function* rechunked(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let chunk = Buffer.alloc(chunkBytes);
  let filled = 0;
  for await (const piece of content) {
    for (let offset = 0; offset < piece.length;) {
      const part = piece.subarray(offset, offset + chunkBytes - filled);
      chunk.set(part, filled);
      filled += part.length;
      offset += part.length;
      if (filled < chunkBytes) continue;
      yield chunk;
      chunk = Buffer.alloc(chunkBytes);
      filled = 0;
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}

function toArtifact({ name, sha256, sizeBytes, createTime }: ArtifactRow): Artifact {
  if (sha256 === undefined || sizeBytes === undefined)
    throw new Error(`the artifact ${name} is still written`);
  return { name, sizeBytes, sha256: Buffer.from(sha256).toString('hex'), createTime };
}

/** SQLSTATE 53100: the database's disk is full. */
function storageFailure(error: unknown): unknown {
  return error instanceof Failure && hasErrorCode(error.cause, '53100') ? diskFull(error) : error;
}

function diskFull(cause?: Failure): Failure {
  const message = "The database's disk is full. What was written before is whole: make room and try again.";
  return new Failure('STORAGE_FULL', message, {}, [], { cause });
}

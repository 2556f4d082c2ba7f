import { createHash } from 'node:crypto';
import { Failure } from '../../../core/failure.js';
import type { Database, Sql } from './database.js';

/**
 * The table of searchable collections' index: their templates once more, unencrypted, in pgvector's type. It is no part
 * of the schema, since most databases have no pgvector: it is made when the first such collection is.
 */
export const indexTable = 'searchable_templates';

/** The largest embedding that pgvector's HNSW takes, in numbers. */
const maximumDimension = 2000;

/** @throws Failure SEARCH_UNAVAILABLE where the database has no pgvector, or the service may not install it */
export async function requireVectorIndex(database: Database): Promise<void> {
  const available = await database.rows("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'");
  if (available.length === 0) throw unavailable('the database server has no pgvector extension');
  try {
    await database.rows('CREATE EXTENSION IF NOT EXISTS vector');
  } catch (cause) {
    throw unavailable('the service may not create the extension; let an administrator do it', cause);
  }
  await database.rows(`CREATE TABLE IF NOT EXISTS ${indexTable} (
    face_id uuid NOT NULL REFERENCES faces (id) ON DELETE CASCADE,
    model_version text NOT NULL,
    collection_uid bigint NOT NULL,
    embedding vector NOT NULL,
    PRIMARY KEY (face_id, model_version)
  )`);
}

/**
 * The templates that an index has: one collection's under one model version, so that none is searched for another.
 */
export interface IndexedTemplates {
  readonly collectionUid: string;
  readonly modelVersion: string;
}

/** Adds a template, within the transaction of its enrolment. */
export async function addToIndex(
  sql: Sql,
  templates: IndexedTemplates,
  faceId: string,
  embedding: Float32Array,
): Promise<void> {
  await requireIndexOf(sql, templates, embedding.length);
  await sql.rows(
    `INSERT INTO ${indexTable} (face_id, model_version, collection_uid, embedding) VALUES ($1, $2, $3, $4::vector)`,
    [faceId, templates.modelVersion, templates.collectionUid, vectorText(embedding)],
  );
}

/** Whether there is an index for these templates. */
export async function hasIndexOf(sql: Sql, templates: IndexedTemplates): Promise<boolean> {
  const [row] = await sql.rows<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
    indexName(templates),
  ]);
  return row?.there === true;
}

/** Removes a collection's indexes, within the transaction that deletes it. */
export async function dropIndexes(sql: Sql, collectionUid: string): Promise<void> {
  const indexes = await sql.rows<{ name: string }>(
    'SELECT indexname AS name FROM pg_indexes WHERE tablename = $1 AND starts_with(indexname, $2)',
    [indexTable, indexPrefix(collectionUid)],
  );
  for (const { name } of indexes) await sql.rows(`DROP INDEX ${name}`);
}

/**
 * Removes templates from the index, within the transaction that deletes them. An index that is empty then goes with its
 * collection.
 */
export async function removeFromIndex(
  sql: Sql,
  templates: readonly { readonly faceId: string; readonly modelVersion: string }[],
): Promise<void> {
  const [table] = await sql.rows<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
    indexTable,
  ]);
  if (table?.there !== true) return;
  await sql.rows(
    `DELETE FROM ${indexTable} WHERE (face_id, model_version) IN (SELECT * FROM unnest($1::uuid[], $2::text[]))`,
    [templates.map(({ faceId }) => faceId), templates.map(({ modelVersion }) => modelVersion)],
  );
}

/** The embedding as pgvector reads it; every bit of a float32 survives. */
export function vectorText(embedding: Float32Array): string {
  return `[${embedding.join(',')}]`;
}

/** The condition that a partial index is chosen by; it must stand in the query itself, not in its parameters. */
export function indexCondition({ collectionUid, modelVersion }: IndexedTemplates): string {
  return `collection_uid = ${BigInt(collectionUid)} AND model_version = ${literal(modelVersion)}`;
}

async function requireIndexOf(sql: Sql, templates: IndexedTemplates, dimension: number): Promise<void> {
  if (dimension > maximumDimension) {
    throw unavailable(
      `the model's embeddings have ${dimension} numbers and the index takes ${maximumDimension}`,
    );
  }
  if (await hasIndexOf(sql, templates)) return;
  await sql.rows(
    `CREATE INDEX ${indexName(templates)} ON ${indexTable}
     USING hnsw ((embedding::vector(${dimension})) vector_cosine_ops) WHERE ${indexCondition(templates)}`,
  );
}

function indexName({ collectionUid, modelVersion }: IndexedTemplates): string {
  const digest = createHash('sha256').update(modelVersion).digest('hex').slice(0, 16);
  return `${indexPrefix(collectionUid)}${digest}`;
}

function indexPrefix(collectionUid: string): string {
  return `hnsw_${BigInt(collectionUid)}_`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function unavailable(reason: string, cause?: unknown): Failure {
  return new Failure(
    'SEARCH_UNAVAILABLE',
    `Approximate search is not available: ${reason}. Exact search needs nothing.`,
    {},
    [],
    cause === undefined ? undefined : { cause },
  );
}

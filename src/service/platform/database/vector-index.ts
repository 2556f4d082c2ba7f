import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../../core/failure.js';
import type { Database, Sql } from './database.js';
import { type HnswSetting, hnswSettings, newestSetting } from './hnsw-setting.js';

/**
 * The table of searchable collections' index: their templates once more, unencrypted, in pgvector's type. It is no part
 * of the schema, since most databases have no pgvector: it is made when the first such collection is.
 */
export const indexTable = 'searchable_templates';

/** The largest embedding that pgvector's HNSW takes, in numbers. */
const maximumDimension = 2000;
/**
 * Embeddings lie within their rows as long as these fit into a page: a search reads some hundred of them, and each that lies elsewhere costs it
 * an index's search and two rows more.
 */
const rowsWithEmbeddings = 'toast_tuple_target = 8160';
/** The rest between two looks at how far an index is. */
const lookEveryMs = 1_000;

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
  ) WITH (${rowsWithEmbeddings})`);
  // One that an earlier version made: its rows stay as they are.
  const [table] = await database.rows<{ readonly isNewest: boolean }>(
    `SELECT coalesce($1 = ANY (reloptions), false) AS "isNewest" FROM pg_class WHERE oid = to_regclass($2)`,
    [rowsWithEmbeddings.replaceAll(' ', ''), indexTable],
  );
  if (table?.isNewest === false) await database.rows(`ALTER TABLE ${indexTable} SET (${rowsWithEmbeddings})`);
}

/**
 * The templates that an index has: one collection's under one model version, so that none is searched for another.
 */
export interface IndexedTemplates {
  readonly collectionUid: string;
  readonly modelVersion: string;
}

/** A template that an index has. */
export interface IndexedTemplate {
  readonly faceId: string;
  readonly embedding: Float32Array;
}

/**
 * Adds a template, within the transaction of its enrolment. The first one of its collection and version makes the index, which costs
 * nothing then; where others are there, a job makes it ({@link buildIndex}).
 */
export async function addToIndex(
  sql: Sql,
  templates: IndexedTemplates,
  faceId: string,
  embedding: Float32Array,
): Promise<void> {
  await addAllToIndex(sql, templates, [{ faceId, embedding }]);
  if ((await indexesOf(sql, templates)).length > 0) return;
  const others = await sql.rows(
    'SELECT 1 FROM templates WHERE collection_uid = $1 AND model_version = $2 AND face_id <> $3 LIMIT 1',
    [templates.collectionUid, templates.modelVersion, faceId],
  );
  if (others.length > 0) return;
  const definition = { templates, dimension: embedding.length, setting: await newestSetting(sql) };
  await sql.rows(indexStatement(definition, ''));
}

/** Writes templates that it has not yet. @throws Failure SEARCH_UNAVAILABLE of embeddings that it cannot take */
export async function addAllToIndex(
  sql: Sql,
  { collectionUid, modelVersion }: IndexedTemplates,
  rows: readonly IndexedTemplate[],
): Promise<void> {
  const dimension = Math.max(0, ...rows.map(({ embedding }) => embedding.length));
  if (dimension > maximumDimension) {
    throw unavailable(
      `the model's embeddings have ${dimension} numbers and the index takes ${maximumDimension}`,
    );
  }
  const values = rows.map((_, index) => `($${2 * index + 3}::uuid, $${2 * index + 4}::vector)`);
  await sql.rows(
    `INSERT INTO ${indexTable} (face_id, model_version, collection_uid, embedding)
     SELECT face_id, $1, $2, embedding FROM (VALUES ${values.join(',')}) AS added (face_id, embedding)
     ON CONFLICT DO NOTHING`,
    [
      modelVersion,
      collectionUid,
      ...rows.flatMap(({ faceId, embedding }) => [faceId, sentVector(embedding)]),
    ],
  );
}

/** The setting of the index that has all of these templates; undefined where none has. Of several, of the best. */
export async function wholeIndexOf(sql: Sql, templates: IndexedTemplates): Promise<HnswSetting | undefined> {
  return (await indexesOf(sql, templates)).find(({ isWhole }) => isWhole)?.setting;
}

/** Whether {@link buildIndex} has nothing to do: the embedded database keeps the index that it has, whatever its setting. */
export async function isIndexBuilt(database: Database, templates: IndexedTemplates): Promise<boolean> {
  const whole = await wholeIndexOf(database, templates);
  return whole !== undefined && (database.folder !== undefined || whole === (await newestSetting(database)));
}

interface IndexBuild {
  readonly templates: IndexedTemplates;
  /** Of the embeddings. */
  readonly dimension: number;
  readonly signal: AbortSignal;
  /** Told now and then how many of the templates are in the index. */
  readonly onProgress: (done: number) => void;
}

/**
 * Makes the index of templates that are there. A PostgreSQL serves everybody meanwhile, and searches by an index of an earlier setting until
 * the new one is whole; the embedded database serves nobody. How fast it is depends on the server's maintenance_work_mem.
 * @throws the signal's reason
 */
export async function buildIndex(
  database: Database,
  { templates, dimension, signal, onProgress }: IndexBuild,
): Promise<void> {
  const concurrently = database.folder === undefined ? 'CONCURRENTLY' : '';
  const setting = await newestSetting(database);
  const name = indexName(templates, setting);
  const dropAll = async (isToGo: (index: FoundIndex) => boolean): Promise<void> => {
    for (const index of (await indexesOf(database, templates)).filter(isToGo))
      await database.rows(`DROP INDEX ${concurrently} IF EXISTS ${indexName(templates, index.setting)}`);
  };
  // What an earlier attempt has left, which was ended.
  await dropAll(({ isWhole }) => !isWhole);
  signal.throwIfAborted();
  const statement = indexStatement({ templates, dimension, setting }, concurrently);
  const building = database.rows(statement).then(
    () => true,
    (error: unknown) => {
      signal.throwIfAborted();
      throw error;
    },
  );
  building.catch(() => undefined);
  while (!(await Promise.race([building, sleep(lookEveryMs, false, { ref: false })])))
    await lookAtBuild(database, name, signal, onProgress);
  await dropAll((index) => index.setting !== setting);
}

async function lookAtBuild(
  database: Database,
  name: string,
  { aborted }: AbortSignal,
  onProgress: IndexBuild['onProgress'],
): Promise<void> {
  const [row] = await database.rows<{ readonly done: number }>(
    `SELECT tuples_done::float8 AS done ${aborted ? ', pg_cancel_backend(pid)' : ''}
     FROM pg_stat_progress_create_index WHERE index_relid = to_regclass($1)`,
    [name],
  );
  if (row !== undefined) onProgress(row.done);
}

interface FoundIndex {
  readonly setting: HnswSetting;
  /** Else its making was ended, or goes on. */
  readonly isWhole: boolean;
}

/** The indexes that there are, the better setting first. */
async function indexesOf(sql: Sql, templates: IndexedTemplates): Promise<readonly FoundIndex[]> {
  const names = hnswSettings.map((setting) => indexName(templates, setting));
  const rows = await sql.rows<{ readonly place: number; readonly isWhole: boolean }>(
    `SELECT place::int, indisvalid AS "isWhole" FROM unnest($1::text[]) WITH ORDINALITY AS names (name, place)
       JOIN pg_index ON indexrelid = to_regclass(name) ORDER BY place`,
    [names],
  );
  return rows.flatMap(({ place, isWhole }) => {
    const setting = hnswSettings[place - 1];
    return setting === undefined ? [] : [{ setting, isWhole }];
  });
}

/** Removes a collection's indexes and its templates that are kept unencrypted, at once. */
export async function removeIndex(sql: Sql, collectionUid: string): Promise<void> {
  await dropIndexes(sql, collectionUid);
  if (!(await hasTable(sql))) return;
  await sql.rows(`DELETE FROM ${indexTable} WHERE collection_uid = $1`, [collectionUid]);
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
  if (!(await hasTable(sql))) return;
  await sql.rows(
    `DELETE FROM ${indexTable} WHERE (face_id, model_version) IN (SELECT * FROM unnest($1::uuid[], $2::text[]))`,
    [templates.map(({ faceId }) => faceId), templates.map(({ modelVersion }) => modelVersion)],
  );
}

/** It is made with the first searchable collection. */
async function hasTable(sql: Sql): Promise<boolean> {
  const [table] = await sql.rows<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
    indexTable,
  ]);
  return table?.there === true;
}

/**
 * The embedding as pgvector's vector_recv takes it, for a parameter that is cast to `vector`: the driver sends bytes as they are. Text would be five
 * times as long, and read number by number.
 */
export function sentVector(embedding: Float32Array): Buffer {
  const sent = Buffer.alloc(4 + embedding.length * 4);
  sent.writeUInt16BE(embedding.length, 0);
  for (const [index, value] of embedding.entries()) sent.writeFloatBE(value, 4 + index * 4);
  return sent;
}

/** @param sent by pgvector's vector_send: the dimension and an unused number, of 16 bits each, then float32, all big-endian */
export function readVector(sent: Uint8Array): Float32Array {
  const view = new DataView(sent.buffer, sent.byteOffset, sent.byteLength);
  return Float32Array.from({ length: view.getUint16(0) }, (_, index) => view.getFloat32(4 + index * 4));
}

/** The condition that a partial index is chosen by; it must stand in the query itself, not in its parameters. */
export function indexCondition({ collectionUid, modelVersion }: IndexedTemplates): string {
  return `collection_uid = ${BigInt(collectionUid)} AND model_version = ${literal(modelVersion)}`;
}

interface IndexDefinition {
  readonly templates: IndexedTemplates;
  /** Of the embeddings. */
  readonly dimension: number;
  readonly setting: HnswSetting;
}

function indexStatement(
  { templates, dimension, setting }: IndexDefinition,
  concurrently: 'CONCURRENTLY' | '',
): string {
  const { type, storageParameters } = setting;
  return `CREATE INDEX ${concurrently} IF NOT EXISTS ${indexName(templates, setting)} ON ${indexTable}
     USING hnsw ((embedding::${type}(${dimension})) ${type}_cosine_ops) ${storageParameters} WHERE ${indexCondition(templates)}`;
}

function indexName({ collectionUid, modelVersion }: IndexedTemplates, { nameSuffix }: HnswSetting): string {
  const digest = createHash('sha256').update(modelVersion).digest('hex').slice(0, 16);
  return `${indexPrefix(collectionUid)}${digest}${nameSuffix}`;
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

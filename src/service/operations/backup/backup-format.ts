import { z } from 'zod';
import { Failure } from '../../../core/failure.js';
import { requireArtifactName } from '../../../storage/artifacts/artifact.js';
import { isModelVersionId } from '../../../storage/models/stored-version.js';

/**
 * A backup is a tar file of these entries, in this order (docs/backup.md):
 *
 *     symface-backup.json                     what it is: a BackupHead
 *     tables/<table>/<part>.jsonl.gz          rows as JSON lines; tables in the order of their foreign keys
 *     models/<version>/<file>.onnx            the graphs of registered versions
 *     artifacts/<name>                        checkpoints, reports and what else the artifact store has
 *     manifest.json                           what all of it is: a BackupManifest, with the digest of each entry before
 *     manifest.seal.json                      the manifest's digest, and a code that only who has the key can make
 */
export const headName = 'symface-backup.json';
export const manifestName = 'manifest.json';
export const sealName = 'manifest.seal.json';
export const formatName = 'symface-backup';
export const formatVersion = 1;

/** Parts end once they have so many bytes of lines: a part is in memory whole. */
export const partBytes = 8 << 20;
/** What the lines of a part may take at most: a row of a few megabytes makes a larger part, nothing makes one of this size. */
export const maximumPartBytes = 256 << 20;
/** What one graph of a model may take: graphs are in memory whole. */
export const maximumGraphBytes = 1 << 30;
export const maximumManifestBytes = 64 << 20;
export const maximumSmallEntryBytes = 1 << 16;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/u);
const identifier = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/u);
const count = z.int().min(0);

const head = {
  format: z.literal(formatName),
  formatVersion: z.literal(formatVersion),
  /** Of the SymFace that made it. */
  serviceVersion: z.string().max(64),
  createTime: z.iso.datetime(),
};

const headSchema = z.object(head);
export type BackupHead = z.infer<typeof headSchema>;

const manifestSchema = z.object({
  ...head,
  database: z.enum(['embedded', 'postgresql']),
  /** Names of the migrations that have made its tables, oldest first. */
  migrations: z.array(z.string().max(200)).min(1),
  /** Tells which key opens what is sealed in it: docs/backup.md, "The key". */
  keyFingerprint: z.string().regex(/^[0-9a-f]{16}$/u),
  tables: z.array(
    z.object({
      name: identifier,
      columns: z.array(identifier).min(1),
      rowCount: count,
      /** The last numbers that the database has given, as decimal digits: none is given twice. */
      sequences: z.array(z.object({ column: identifier, lastValue: z.string().regex(/^\d{1,19}$/u) })),
    }),
  ),
  /** Ids of the model versions whose graphs are in it, and of those whose graphs were not to be found. */
  models: z.array(z.string()),
  missingModels: z.array(z.string()),
  artifactCount: count,
  /** Collections whose pgvector index is to be made again. */
  searchableCollectionCount: count,
  /** The bytes of all rows as text, and of all files. */
  contentBytes: count,
  entries: z.array(z.object({ name: z.string().max(300), sizeBytes: count, sha256 })),
});
export type BackupManifest = z.infer<typeof manifestSchema>;

const sealSchema = z.object({ sha256, code: sha256 });
type BackupSeal = z.infer<typeof sealSchema>;

/** What an entry's name says that it is. */
export type EntryPlace =
  | { readonly kind: 'head' | 'manifest' | 'seal' }
  | { readonly kind: 'rows'; readonly table: string }
  | { readonly kind: 'graph'; readonly id: string; readonly fileName: string }
  | { readonly kind: 'artifact'; readonly artifact: string };

const fixedNames: ReadonlyMap<string, EntryPlace> = new Map([
  [headName, { kind: 'head' }],
  [manifestName, { kind: 'manifest' }],
  [sealName, { kind: 'seal' }],
]);
const rowsPattern = /^tables\/(?<table>[a-z][a-z0-9_]{0,62})\/\d{6,9}\.jsonl\.gz$/u;
const graphPattern = /^models\/(?<id>[^/]+)\/(?<fileName>[A-Za-z0-9_][A-Za-z0-9._-]{0,99}\.onnx)$/u;
const artifactPrefix = 'artifacts/';

/** @throws Failure BACKUP_INVALID for a name that no backup has, such as one that leads out of a folder */
export function placeOf(name: string): EntryPlace {
  const fixed = fixedNames.get(name);
  if (fixed !== undefined) return fixed;
  const table = rowsPattern.exec(name)?.groups?.['table'];
  if (table !== undefined) return { kind: 'rows', table };
  const { id, fileName } = graphPattern.exec(name)?.groups ?? {};
  if (id !== undefined && fileName !== undefined && isModelVersionId(id))
    return { kind: 'graph', id, fileName };
  const artifact = name.startsWith(artifactPrefix) ? name.slice(artifactPrefix.length) : '';
  if (isArtifactName(artifact)) return { kind: 'artifact', artifact };
  throw invalidBackup(`it has an entry "${name.slice(0, 100)}", which no backup has`);
}

function isArtifactName(name: string): boolean {
  try {
    requireArtifactName(name);
    return true;
  } catch {
    return false;
  }
}

/** @param part from 1 on */
export function rowsName(table: string, part: number): string {
  return `tables/${table}/${String(part).padStart(6, '0')}.jsonl.gz`;
}

export function graphName(id: string, fileName: string): string {
  return `models/${id}/${fileName}`;
}

export function artifactEntryName(artifact: string): string {
  return `${artifactPrefix}${artifact}`;
}

/** @throws Failure BACKUP_INVALID where it is none, or of a format that this version does not know */
export function parseHead(text: string): BackupHead {
  return parsed(headSchema, text, headName);
}

/** @throws Failure BACKUP_INVALID */
export function parseManifest(text: string): BackupManifest {
  return parsed(manifestSchema, text, manifestName);
}

/** @throws Failure BACKUP_INVALID */
export function parseSeal(text: string): BackupSeal {
  return parsed(sealSchema, text, sealName);
}

function parsed<T>(schema: z.ZodType<T>, text: string, name: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidBackup(`its ${name} is no JSON`);
  }
  requireKnownFormat(value);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalidBackup(
    `its ${name} is not as a backup has it: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
  );
}

/** One of a later format says so, and is not merely "wrong". */
function requireKnownFormat(value: unknown): void {
  const version =
    typeof value === 'object' && value !== null && 'formatVersion' in value ? value.formatVersion : undefined;
  if (typeof version !== 'number' || version <= formatVersion) return;
  throw invalidBackup(
    `it is of the format ${version}, and this SymFace reads formats to ${formatVersion}: restore it with a newer SymFace`,
  );
}

/** @param what in a few words */
export function invalidBackup(what: string, cause?: unknown): Failure {
  return new Failure(
    'BACKUP_INVALID',
    `The file is no backup that this SymFace restores: ${what}. Nothing was restored from it.`,
    {},
    [],
    { cause },
  );
}

/** @param what in a few words */
export function damagedBackup(what: string, cause?: unknown): Failure {
  return new Failure(
    'BACKUP_DAMAGED',
    `The backup is damaged: ${what}. Take another copy of it, or an older backup.`,
    {},
    [],
    { cause },
  );
}

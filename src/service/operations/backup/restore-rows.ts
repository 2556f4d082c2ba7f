import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Sql } from '../../platform/database/database.js';
import { type BackupManifest, damagedBackup, maximumPartBytes } from './backup-format.js';
import { quoted } from './table-shape.js';

/** What one INSERT takes, in characters of its rows. */
const insertCharacters = 2 << 20;

/**
 * Inserts a part's rows as they were, numbers that the database had counted up too.
 * @returns how many
 * @throws Failure BACKUP_DAMAGED
 */
export async function insertPart(
  sql: Sql,
  { name, columns }: BackupManifest['tables'][number],
  compressed: Uint8Array,
): Promise<number> {
  const text = await unzipped(name, compressed);
  const listed = columns.map(quoted).join(', ');
  const statement =
    `INSERT INTO ${quoted(name)} (${listed}) OVERRIDING SYSTEM VALUE ` +
    `SELECT ${listed} FROM json_populate_recordset(NULL::${quoted(name)}, $1::json)`;
  let count = 0;
  for (const lines of batches(text)) {
    await sql.rows(statement, [`[${lines.join(',')}]`]);
    count += lines.length;
  }
  return count;
}

/** Lets the database count on from where it was. */
export async function restoreSequences(
  sql: Sql,
  { name, sequences }: BackupManifest['tables'][number],
): Promise<void> {
  for (const { column, lastValue } of sequences) {
    await sql.rows('SELECT setval(pg_get_serial_sequence(quote_ident($1), $2), $3::bigint)', [
      name,
      column,
      lastValue,
    ]);
  }
}

async function unzipped(table: string, compressed: Uint8Array): Promise<string> {
  try {
    return (await promisify(gunzip)(compressed, { maxOutputLength: maximumPartBytes })).toString('utf8');
  } catch (cause) {
    throw damagedBackup(`a part of ${table} cannot be decompressed, or is larger than parts are`, cause);
  }
}

function* batches(text: string): Generator<readonly string[]> {
  let lines: string[] = [];
  let characters = 0;
  for (let start = 0; start < text.length;) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    lines.push(text.slice(start, end));
    characters += end - start;
    start = end + 1;
    if (characters < insertCharacters) continue;
    yield lines;
    [lines, characters] = [[], 0];
  }
  if (lines.length > 0) yield lines;
}

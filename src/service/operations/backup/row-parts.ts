import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Transaction } from '../../platform/database/database.js';
import { maximumPartBytes, partBytes } from './backup-format.js';
import { quoted } from './table-shape.js';

/** What one FETCH brings: about so many bytes, in at most so many rows. */
const [fetchBytes, maximumFetchRows] = [2 << 20, 2_000];
const firstFetchRows = 32;

/** Rows of a table as JSON lines, compressed. */
export interface RowPart {
  readonly compressed: Uint8Array;
  readonly rowCount: number;
  readonly textBytes: number;
}

/** A table's rows in parts, read by a cursor: neither they nor a statement over them are ever whole in memory. */
export async function* rowParts(sql: Transaction, table: string): AsyncGenerator<RowPart> {
  let lines: string[] = [];
  let textBytes = 0;
  for await (const rows of fetched(sql, table)) {
    for (const line of rows) {
      lines.push(line);
      textBytes += Buffer.byteLength(line) + 1;
      if (textBytes < partBytes) continue;
      yield await compressedPart(table, lines, textBytes);
      [lines, textBytes] = [[], 0];
    }
  }
  if (lines.length > 0) yield compressedPart(table, lines, textBytes);
}

/** The rows as JSON, which PostgreSQL makes and reads without a loss. */
async function* fetched(sql: Transaction, table: string): AsyncGenerator<readonly string[]> {
  await sql.rows(
    `DECLARE backed_up NO SCROLL CURSOR FOR SELECT row_to_json(row_of)::text AS line FROM ${quoted(table)} AS row_of`,
  );
  let count = firstFetchRows;
  for (;;) {
    const rows = await sql.rows<{ readonly line: string }>(`FETCH ${count} FROM backed_up`);
    if (rows.length === 0) break;
    yield rows.map(({ line }) => line);
    const bytes = rows.reduce((sum, { line }) => sum + line.length, 0);
    count = Math.max(1, Math.min(maximumFetchRows, Math.floor((fetchBytes * rows.length) / bytes)));
  }
  await sql.rows('CLOSE backed_up');
}

async function compressedPart(table: string, lines: readonly string[], textBytes: number): Promise<RowPart> {
  if (textBytes > maximumPartBytes) throw new Error(`a row of ${table} is larger than a backup takes`);
  // Most of it is ciphertext as hex digits: more effort than the least saves next to nothing.
  const compressed = await promisify(gzip)(`${lines.join('\n')}\n`, { level: 1 });
  return { compressed, rowCount: lines.length, textBytes };
}

import type { Sql } from '../../platform/database/database.js';

/** A table as the database has it, whatever the version that made it. */
export interface TableShape {
  readonly name: string;
  /** Columns that can be written: generated ones are left out. */
  readonly columns: readonly string[];
  /** Columns that count up, each with its sequence. */
  readonly sequences: readonly { readonly column: string; readonly sequence: string }[];
}

/** The shapes of those of the tables that are there, in the order given. */
export async function tableShapes(sql: Sql, names: readonly string[]): Promise<readonly TableShape[]> {
  const rows = await sql.rows<{ table: string; column: string; sequence: string | null }>(
    `SELECT c.relname::text AS table, a.attname::text AS column,
       pg_get_serial_sequence(quote_ident(n.nspname) || '.' || quote_ident(c.relname), a.attname::text) AS sequence
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = current_schema() AND c.relkind = 'r' AND c.relname = ANY ($1::text[])
       AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     ORDER BY c.relname, a.attnum`,
    [names],
  );
  return names.flatMap((name) => {
    const own = rows.filter(({ table }) => table === name);
    const sequences = own.flatMap(({ column, sequence }) =>
      sequence === null ? [] : [{ column, sequence }],
    );
    return own.length === 0 ? [] : [{ name, columns: own.map(({ column }) => column), sequences }];
  });
}

/** A name as SQL writes it, whatever is in it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

import type { DataSource, EntityManager } from 'typeorm';
import { Failure } from '../../../core/failure.js';

/** Runs SQL; within a transaction or outside of one. */
export interface Sql {
  /** @returns the rows, also of INSERT, UPDATE and DELETE with RETURNING */
  rows<Row>(statement: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
}

/** Class 08: connection; 40: deadlock; 53: out of disk, memory or connections; 57P: the server stops or starts. */
const unavailablePattern = /^(?:08|40|53|57P)/u;
const networkCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN']);
const connectionMessages =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered/u;

/** A Postgres, embedded or not. */
export class Database implements Sql {
  constructor(
    private readonly dataSource: DataSource,
    /** For people: where the data are. */
    readonly description: string,
    private readonly closeStorage: () => Promise<void>,
    /** Of the embedded one. */
    readonly folder?: string,
  ) {}

  async rows<Row>(statement: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
    return translated(() => queried(this.dataSource.manager, statement, parameters));
  }

  /** Commits where the work resolves, else changes nothing. */
  async transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return translated(() =>
      this.dataSource.transaction((manager) =>
        work({ rows: (statement, parameters = []) => queried(manager, statement, parameters) }),
      ),
    );
  }

  /** Whether it answers now. */
  async answers(): Promise<boolean> {
    return this.rows('SELECT 1').then(
      () => true,
      () => false,
    );
  }

  async close(): Promise<void> {
    await this.dataSource.destroy();
    await this.closeStorage();
  }
}

/** The SQLSTATE of a database error, or undefined. */
function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

async function queried<Row>(
  manager: EntityManager,
  statement: string,
  parameters: readonly unknown[],
): Promise<readonly Row[]> {
  const result: unknown = await manager.query(statement, [...parameters]);
  // TypeORM answers [rows, count] for UPDATE and DELETE.
  const changed = Array.isArray(result) && result.length === 2 && Array.isArray(result[0]);
  return (changed ? result[0] : result) as readonly Row[];
}

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    throw new Failure(
      'DATABASE_UNAVAILABLE',
      'The database does not answer or has no room left. Nothing was changed. Try again later.',
      {},
      [],
      { cause: error },
    );
  }
}

function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const state = sqlStateOf(error);
  if (state !== undefined) return networkCodes.has(state) || unavailablePattern.test(state);
  return connectionMessages.test(error.message);
}

import { setTimeout as sleep } from 'node:timers/promises';
import type {
  DataSource,
  EntityManager,
  FindManyOptions,
  FindOneOptions,
  FindOptionsWhere,
  InsertQueryBuilder,
  ObjectLiteral,
  QueryPartialEntity,
} from 'typeorm';
import { Failure } from '../../../core/failure.js';
import { currentCall } from '../telemetry/call-record.js';
import { translatedDatabaseError } from './database-error.js';
import { openedFiles } from './embedded-files.js';
import type { Selection, Table } from './table.js';

/** Limits of a role or a server, each of which would end a reading that goes on for hours. */
const timeLimits = ['statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout'];
/**
 * A process that was frozen, or whose machine has gone, within a transaction holds its locks, and with them everybody's enrolments,
 * for as long as PostgreSQL waits for it: without a limit for ever.
 */
export const idleInTransactionMs = 30_000;
/** What does not answer within this does not serve. */
const probeTimeoutMs = 5_000;

/** Why it may be unavailable to everybody, and not to one statement. */
const lossCauses: ReadonlySet<string> = new Set(['no-answer', 'read-only', 'outcome-unknown', 'folder-gone']);

/** Why the database is of no use now: no answer, no changes, or an embedded one whose folder was taken away. */
export type DatabaseHindrance = 'no-answer' | 'read-only' | 'folder-gone';

/** What changes nothing, whatever becomes of it. */
const readingStatement = /^\s*SELECT\b/iu;

/** Reads and writes tables; within a transaction or outside of one. Every method may throw Failure DATABASE_UNAVAILABLE. */
export abstract class Sql {
  constructor(protected readonly manager: EntityManager) {}

  /** Commits where the work resolves, else changes nothing. Within a transaction it is a part of that one. */
  abstract transaction<T>(work: (sql: Transaction) => Promise<T>): Promise<T>;

  /** @returns the rows as the driver gives them, also of INSERT, UPDATE and DELETE with RETURNING */
  async rows<Row>(statement: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
    return this.run(async () => {
      const result: unknown = await this.manager.query(statement, [...parameters]);
      // TypeORM answers [rows, count] for UPDATE and DELETE.
      const changed = Array.isArray(result) && result.length === 2 && Array.isArray(result[0]);
      return (changed ? result[0] : result) as readonly Row[];
    }, !readingStatement.test(statement));
  }

  /** @param statement one that lists the columns as they have it, and perhaps `Extra` ones */
  async rowsOf<Row extends object, Extra = unknown>(
    columns: Selection<Row>,
    statement: string,
    parameters: readonly unknown[] = [],
  ): Promise<readonly (Row & Extra)[]> {
    const rows = await this.rows<Row & Extra>(statement, parameters);
    for (const row of rows) columns.read(row);
    return rows;
  }

  async find<Row extends ObjectLiteral>(
    table: Table<Row, unknown>,
    options: FindManyOptions<Row> = {},
  ): Promise<readonly Row[]> {
    return this.run(() => this.manager.find(table, options));
  }

  async first<Row extends ObjectLiteral>(
    table: Table<Row, unknown>,
    options: FindOneOptions<Row>,
  ): Promise<Row | undefined> {
    return this.run(async () => (await this.manager.findOne(table, options)) ?? undefined);
  }

  async insert<New extends object>(table: Table<ObjectLiteral, New>, row: New): Promise<void> {
    await this.run(() => this.insertion(table, row).execute(), true);
  }

  /** Inserts as {@link insert} does. @returns the row, with what the database has filled in */
  async create<Row extends ObjectLiteral, New extends object>(
    table: Table<Row, New>,
    row: New,
  ): Promise<Row> {
    const query = this.insertion(table, row).returning(table.all.sql());
    const [created] = await this.run(async () => rowsIn(table, await query.execute()), true);
    if (created === undefined) throw new Error('the database answered no row for one that was written');
    return created;
  }

  /**
   * Creates as {@link create} does; gives undefined, and changes nothing, where a row has one of its keys already.
   */
  async createUnlessThere<Row extends ObjectLiteral, New extends object>(
    table: Table<Row, New>,
    row: New,
  ): Promise<Row | undefined> {
    const query = this.insertion(table, row).orIgnore().returning(table.all.sql());
    const [created] = await this.run(async () => rowsIn(table, await query.execute()), true);
    return created;
  }

  /**
   * @param changes SQL of a value by a function; undefined for no value
   * @returns the changed rows
   */
  async update<Row extends ObjectLiteral>(
    table: Table<Row, unknown>,
    where: FindOptionsWhere<Row>,
    changes: QueryPartialEntity<Row>,
  ): Promise<readonly Row[]> {
    return this.run(async () => {
      const given = Object.entries<unknown>(changes).map(
        ([column, value]) => [column, value ?? null] as const,
      );
      const query = this.manager.createQueryBuilder().update<ObjectLiteral>(table);
      query.set(Object.fromEntries(given)).where(where);
      return rowsIn(table, await query.returning(table.all.sql()).execute());
    }, true);
  }

  /** @returns how many rows are gone */
  async delete<Row extends ObjectLiteral>(
    table: Table<Row, unknown>,
    where: FindOptionsWhere<Row>,
  ): Promise<number> {
    return this.run(async () => (await this.manager.delete(table, where)).affected ?? 0, true);
  }

  /**
   * Does what is asked of the database.
   * @param isChange whether it changes anything: within a transaction nothing is changed before the end of that one
   * @throws Failure DATABASE_UNAVAILABLE, or what `translatedDatabaseError` makes of it
   */
  protected abstract run<T>(work: () => Promise<T>, isChange?: boolean): Promise<T>;

  private insertion<New extends object>(
    table: Table<ObjectLiteral, New>,
    row: New,
  ): InsertQueryBuilder<ObjectLiteral> {
    // Of a table's own rows TypeORM's type is too deep for generic code: it goes by the name.
    const query = this.manager.createQueryBuilder().insert().into<ObjectLiteral>(table.options.name);
    return query.values(row).updateEntity(false);
  }
}

/** SQL that takes effect together, or not at all. */
export class Transaction extends Sql {
  /** Only what runs within one can be passed for one. */
  private readonly isOne = true;

  async transaction<T>(work: (sql: Transaction) => Promise<T>): Promise<T> {
    return work(this);
  }

  protected async run<T>(work: () => Promise<T>): Promise<T> {
    return translated(work, () => false);
  }
}

/** A Postgres, embedded or not. */
export class Database extends Sql {
  private onUnavailable: (cause: string) => void = () => undefined;
  private readonly hasItsFiles: () => boolean;

  constructor(
    private readonly dataSource: DataSource,
    /** A description of where the data are, for people. */
    readonly description: string,
    private readonly closeStorage: () => Promise<void>,
    /** The folder of the embedded one. */
    readonly folder?: string,
  ) {
    super(dataSource.manager);
    this.hasItsFiles = folder === undefined ? () => true : openedFiles(folder);
  }

  /** Has it told, from now on, whenever it is of no use to anybody, by a {@link DatabaseHindrance}. */
  watch(onUnavailable: (cause: string) => void): void {
    this.onUnavailable = onUnavailable;
  }

  async transaction<T>(work: (sql: Transaction) => Promise<T>): Promise<T> {
    let isToCommit = false;
    const whole = () =>
      this.dataSource.transaction(async (manager) => {
        const sql = new Transaction(manager);
        if (this.folder === undefined)
          await sql.rows(`SET LOCAL idle_in_transaction_session_timeout = ${idleInTransactionMs}`);
        const result = await work(sql);
        isToCommit = true;
        return result;
      });
    return this.observed(whole, () => isToCommit);
  }

  /**
   * Reads all of one moment, however long it takes: others change it meanwhile, and no time limit of the database ends it.
   * The embedded database has no second connection for others; its copy has ({@link copyEmbedded}).
   */
  async snapshot<T>(read: (sql: Transaction) => Promise<T>): Promise<T> {
    const reading = () =>
      this.dataSource.transaction('REPEATABLE READ', async (manager) => {
        const sql = new Transaction(manager);
        await sql.rows('SET TRANSACTION READ ONLY');
        await sql.rows(`SELECT set_config(name, '0', true) FROM pg_settings WHERE name = ANY ($1::text[])`, [
          timeLimits,
        ]);
        await sql.rows(
          `SELECT set_config('bytea_output', 'hex', true), set_config('extra_float_digits', '1', true)`,
        );
        return read(sql);
      });
    return translated(reading, () => false);
  }

  /** Whether it answers now, and takes changes. */
  async takesChanges(): Promise<boolean> {
    return (await this.hindrance()) === undefined;
  }

  /** Why it is of no use now: no answer, or no changes, since after a failover the same address may be a standby's. */
  async hindrance(): Promise<DatabaseHindrance | undefined> {
    const noAnswer = 'no-answer' as const;
    const probe = this.rows<{ readonly readOnly: string }>(
      `SELECT current_setting('transaction_read_only') AS "readOnly"`,
    ).then(
      ([row]) => (row?.readOnly === 'off' ? undefined : ('read-only' as const)),
      (error: unknown) => (isOfLostFolder(error) ? ('folder-gone' as const) : noAnswer),
    );
    return Promise.race([probe, sleep(probeTimeoutMs, noAnswer, { ref: false })]);
  }

  protected async run<T>(work: () => Promise<T>, isChange = false): Promise<T> {
    return this.observed(work, () => isChange);
  }

  /** Notes for the call that it is done for how long it took, the wait for a connection included. */
  private async observed<T>(work: () => Promise<T>, mayHaveChanged: () => boolean): Promise<T> {
    const startedAtMs = performance.now();
    try {
      this.requireFiles();
      return await translated(work, mayHaveChanged);
    } catch (error) {
      const { cause = '' } = error instanceof Failure ? error.metadata : {};
      if (lossCauses.has(cause)) this.onUnavailable(cause);
      throw error;
    } finally {
      currentCall()?.onStatement({ startedAtMs, durationMs: performance.now() - startedAtMs });
    }
  }

  /** @throws Failure DATABASE_UNAVAILABLE where what is changed would be lost */
  private requireFiles(): void {
    if (this.hasItsFiles()) return;
    throw new Failure(
      'DATABASE_UNAVAILABLE',
      'The folder of the embedded database was taken away, or replaced. Nothing was changed. Put it back, or stop the service and restore ' +
        'a backup.',
      { cause: 'folder-gone' },
    );
  }

  async close(): Promise<void> {
    await this.dataSource.destroy();
    await this.closeStorage();
  }
}

function isOfLostFolder(error: unknown): boolean {
  return error instanceof Failure && error.metadata['cause'] === 'folder-gone';
}

function rowsIn<Row extends ObjectLiteral>(
  table: Table<Row, unknown>,
  { raw }: { readonly raw: unknown },
): readonly Row[] {
  const rows = raw as readonly Row[];
  for (const row of rows) table.all.read(row);
  return rows;
}

async function translated<T>(work: () => Promise<T>, mayHaveChanged: () => boolean): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translatedDatabaseError(error, mayHaveChanged());
  }
}

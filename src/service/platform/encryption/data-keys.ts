import { Failure } from '../../../core/failure.js';
import type { MasterKey } from '../../../storage/encryption/master-key.js';
import { dataKeyOf, DecryptionError, SecretBox } from '../../../storage/encryption/secret-box.js';
import { ConfigurationError } from '../configuration/configuration-error.js';
import type { Database, Sql } from '../database/database.js';
import type { RowOf } from '../database/table.js';
import { dataKeys, digestKeyNumber } from './data-key-tables.js';
import { makeFirstDataKeys } from './first-data-keys.js';
import { knownMasterKeys, type MasterKeys, type NewKey, wrongMasterKey } from './master-keys.js';

type DataKeyRow = RowOf<typeof dataKeys>;

/** How old what is known of the keys may be where something is sealed. */
const sealFreshMs = 5_000;
/** A key that was destroyed stays in memory for so long: it opens what was read from the database before. */
const forgetAfterMs = 10 * 60_000;
/** Holds rotations and changes of the master key apart. */
const changeLock = 0x53_79_6d_4b;

/** The keys in memory, and what the database said of them last. */
interface Known {
  /** Those that open, destroyed ones of lately too. */
  readonly keys: ReadonlyMap<number, Uint8Array>;
  /** Numbers of keys whose master key is not known here, and its id. */
  readonly locked: ReadonlyMap<number, string>;
  /** Since when keys in memory are not in the database any more. */
  readonly goneSinceMs: ReadonlyMap<number, number>;
  readonly newest: number;
  /** Seals only where the newest key is not locked. */
  readonly box: SecretBox;
  readonly askedAtMs: number;
}

/**
 * The data keys of a database. Another process may rotate them at any time, so whoever opens says what, and is given a box that
 * knows the keys of all of it. Within a transaction the methods take that: the embedded database has no second connection.
 */
export class DataKeys {
  private known: Known | undefined;

  private constructor(
    private readonly sql: Sql,
    readonly masters: MasterKeys,
    /** The key of images' digests. */
    readonly digestKey: Uint8Array,
  ) {}

  /**
   * Opens the keys of a database, or makes the first ones.
   * @throws ConfigurationError where they were sealed by another master key, or are damaged
   */
  static async open(database: Database, masters: MasterKeys, newKey?: NewKey): Promise<DataKeys> {
    if ((await allDataKeys(database)).length === 0) await makeFirstDataKeys(database, masters, newKey);
    const rows = await allDataKeys(database);
    const opened = new Map<number, Uint8Array>();
    for (const row of rows) {
      const key = openedRow(row, masters);
      if (key === undefined) throw wrongMasterKey(database.description, row.masterKeyId, masters, newKey);
      opened.set(row.number, key);
    }
    const digestKey = opened.get(digestKeyNumber);
    if (digestKey === undefined || opened.size < 2) {
      throw new ConfigurationError(
        `The database (${database.description}) lacks data keys: rows of data_keys are missing. Restore it from a backup.`,
      );
    }
    const keys = new DataKeys(database, masters, digestKey);
    await keys.read();
    return keys;
  }

  /** What seals now. @throws Failure ENCRYPTION_KEY_UNKNOWN, DATABASE_UNAVAILABLE */
  async toSeal(sql: Sql = this.sql): Promise<SecretBox> {
    const known =
      this.known === undefined || performance.now() - this.known.askedAtMs > sealFreshMs
        ? await this.read(sql)
        : this.known;
    if (known.locked.has(known.newest)) throwLocked(known, known.newest);
    return known.box;
  }

  /**
   * What opens these values; it is not to seal with. Keys that are not known here are looked up.
   * @throws Failure ENCRYPTION_KEY_UNKNOWN, DATABASE_UNAVAILABLE
   */
  async toOpen(sealed: readonly (Uint8Array | null | undefined)[], sql: Sql = this.sql): Promise<SecretBox> {
    const numbers = new Set(sealed.map((value) => (value ? dataKeyOf(value) : undefined)));
    numbers.delete(undefined);
    const isMissing = ({ keys, locked, newest }: Known): boolean =>
      [...numbers].some(
        (each) => each !== undefined && !keys.has(each) && (each > newest || locked.has(each)),
      );
    let { known } = this;
    if (known === undefined || isMissing(known)) known = await this.read(sql);
    for (const number of numbers)
      if (number !== undefined && known.locked.has(number)) throwLocked(known, number);
    return known.box;
  }

  /** One key. @throws Failure ENCRYPTION_KEY_UNKNOWN; Error where it is destroyed */
  async key(number: number): Promise<Uint8Array> {
    const known = this.known?.keys.has(number) === true ? this.known : await this.read();
    if (known.locked.has(number)) throwLocked(known, number);
    const key = known.keys.get(number);
    if (key === undefined) throw new Error(`the data key ${number} was destroyed`);
    return key;
  }

  /** Reads what other processes may have changed. @throws Failure DATABASE_UNAVAILABLE */
  async read(sql: Sql = this.sql): Promise<Known> {
    const askedAtMs = performance.now();
    const rows = (await allDataKeys(sql)).filter(({ number }) => number !== digestKeyNumber);
    const known = knownFrom(rows, this.known, this.masters, askedAtMs);
    // Another one may have been asked later and answered earlier.
    if (this.known === undefined || this.known.askedAtMs < askedAtMs) this.known = known;
    return known;
  }
}

/** Holds the keys for a change of them, until the transaction ends. */
export async function holdDataKeys(sql: Sql): Promise<readonly DataKeyRow[]> {
  await sql.rows('SELECT pg_advisory_xact_lock($1)', [changeLock]);
  return (await allDataKeys(sql)).filter(({ number }) => number !== digestKeyNumber);
}

/** The master key that seals a data key. @throws Failure ENCRYPTION_KEY_UNKNOWN where it is not known here */
export function masterKeyOf({ number, masterKeyId }: DataKeyRow, masters: MasterKeys): MasterKey {
  const master = knownMasterKeys(masters).find(({ id }) => id === masterKeyId);
  return master ?? throwUnknownMaster(number, masterKeyId);
}

/** All keys, that of digests too, by their numbers. @throws Failure DATABASE_UNAVAILABLE */
export async function allDataKeys(sql: Sql): Promise<readonly DataKeyRow[]> {
  return sql.find(dataKeys, { order: { number: 'ASC' } });
}

function knownFrom(
  rows: readonly DataKeyRow[],
  before: Known | undefined,
  masters: MasterKeys,
  askedAtMs: number,
): Known {
  const keys = new Map<number, Uint8Array>();
  const locked = new Map<number, string>();
  for (const row of rows) {
    const key = before?.keys.get(row.number) ?? openedRow(row, masters);
    if (key === undefined) locked.set(row.number, row.masterKeyId);
    else keys.set(row.number, key);
  }
  const goneSinceMs = new Map<number, number>();
  for (const [number, key] of before?.keys ?? []) {
    if (keys.has(number)) continue;
    const since = before?.goneSinceMs.get(number) ?? askedAtMs;
    if (askedAtMs - since > forgetAfterMs) continue;
    keys.set(number, key);
    goneSinceMs.set(number, since);
  }
  const newest = Math.max(...rows.map(({ number }) => number));
  const box = new SecretBox({ current: keys.has(newest) ? newest : Math.max(...keys.keys()), keys });
  return { keys, locked, goneSinceMs, newest, box, askedAtMs };
}

/** The data key; undefined where its master key is not known here. @throws ConfigurationError where it is damaged */
function openedRow({ number, masterKeyId, sealed }: DataKeyRow, masters: MasterKeys): Uint8Array | undefined {
  const master = knownMasterKeys(masters).find(({ id }) => id === masterKeyId);
  try {
    return master?.openDataKey(number, sealed);
  } catch (cause) {
    if (!(cause instanceof DecryptionError)) throw cause;
    throw new ConfigurationError(
      `The data key ${number} in the database is damaged: its master key does not open it. Restore the table data_keys from a backup.`,
      { cause },
    );
  }
}

function throwLocked({ locked }: Known, number: number): never {
  throwUnknownMaster(number, locked.get(number) ?? 'unknown');
}

function throwUnknownMaster(number: number, masterKeyId: string): never {
  throw new Failure(
    'ENCRYPTION_KEY_UNKNOWN',
    `This process was not given the master key ${masterKeyId}, which seals the data key ${number}. Start it again with that key ` +
      '(SYMFACE_ENCRYPTION_KEY_FILE).',
    { data_key: String(number), master_key_id: masterKeyId },
  );
}

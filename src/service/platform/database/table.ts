import {
  EntitySchema,
  type EntitySchemaColumnOptions,
  EntitySchemaOptions,
  type ObjectLiteral,
} from 'typeorm';

/**
 * A column: how PostgreSQL keeps it and, as `T`, what its values are in rows.
 * Where the database has a value of its own to fill in, `Given` is false and an INSERT may leave the column out.
 */
export class Column<out T, out Given extends boolean = true> {
  /** It is for the compiler alone. */
  declare readonly type: { readonly value: T; readonly given: Given };

  constructor(
    readonly options: EntitySchemaColumnOptions,
    /** Makes a row's value of what the driver gives, where that is another. */
    readonly read: (stored: unknown) => unknown = (stored) => stored,
  ) {}

  primary(): Column<T, Given> {
    return new Column<T, Given>({ ...this.options, primary: true }, this.read);
  }

  /** @param value written as SQL by a function, else a constant */
  default(value: boolean | number | string | (() => string)): Column<T, false> {
    return new Column<T, false>({ ...this.options, default: value }, this.read);
  }

  /** It may have no value: NULL in the database, undefined in rows. */
  optional(): Column<T | undefined, false> {
    const read = (stored: unknown): unknown => (stored === null ? undefined : this.read(stored));
    return new Column<T | undefined, false>({ ...this.options, nullable: true }, read);
  }

  /** The database counts it up. */
  generated(): Column<T, false> {
    return new Column<T, false>({ ...this.options, generated: 'increment' }, this.read);
  }

  /** @param target a table whose one primary column this one refers to */
  references(target: string, onDelete: 'CASCADE' | 'NO ACTION' = 'NO ACTION'): Column<T, Given> {
    return new Column<T, Given>({ ...this.options, foreignKey: { target, onDelete } }, this.read);
  }
}

export const text = <T extends string = string>(): Column<T> => new Column({ type: 'text' });
export const uuid = (): Column<string> => new Column({ type: 'uuid' });
export const flag = (): Column<boolean> => new Column({ type: 'boolean' });
export const integer = (): Column<number> => new Column({ type: 'integer' });
export const real = (): Column<number> => new Column({ type: 'double precision' });
export const bytes = (): Column<Uint8Array> => new Column({ type: 'bytea' });
export const json = <T>(): Column<T> => new Column({ type: 'jsonb' });
/** A time to the millisecond. */
export const moment = (): Column<Date> => new Column({ type: 'timestamptz', precision: 3 });
/** A {@link moment}; that of the INSERT where none is given. */
export const time = (): Column<Date, false> => moment().default(() => 'now()');
/** 64 bits, of which a JavaScript number has no room for all: as decimal digits. */
export const bigint = (): Column<string> => new Column({ type: 'bigint' });
/** 64 bits for what is far below 2^53: a count or a size. */
export const counter = (): Column<number> => new Column({ type: 'bigint' }, Number);

type Columns = Readonly<Record<string, Column<unknown, boolean>>>;

type Filled<C extends Columns> = {
  [K in keyof C]: C[K]['type']['given'] extends true ? never : K;
}[keyof C];

/** What a query of all columns gives. */
type RowOfColumns<C extends Columns> = { readonly [K in keyof C]: C[K]['type']['value'] };

/** What an INSERT takes. */
type NewRow<C extends Columns> = Omit<RowOfColumns<C>, Filled<C>> & Partial<Pick<RowOfColumns<C>, Filled<C>>>;

interface Index {
  readonly columns: readonly string[];
  readonly unique?: true;
  /** An SQL condition: the index has only the rows that meet it. */
  readonly where?: string;
}

interface Keys {
  readonly unique?: readonly string[];
  readonly indices?: readonly Index[];
  /** SQL conditions that each row meets, by the property that they are about. */
  readonly checks?: Readonly<Record<string, string>>;
}

/** Columns of a table, as queries list and read them. */
export class Selection<out Row> {
  /** It is for the compiler alone. */
  declare readonly row: Row;

  constructor(private readonly columns: Columns) {}

  /** @param alias of the table in the statement, where it has one */
  sql(alias?: string): string {
    const prefix = alias === undefined ? '' : `${alias}.`;
    return Object.keys(this.columns)
      .map((property) => `${prefix}${snakeCase(property)} AS "${property}"`)
      .join(', ');
  }

  /** Changes what the driver gave into a row's values, in place; what is no column of these stays. */
  read(given: object): void {
    for (const [property, stored] of Object.entries(given)) {
      const column = this.columns[property];
      if (column !== undefined) Object.assign(given, { [property]: column.read(stored) });
    }
  }
}

/**
 * The one description of a table: TypeORM's entity, and with it the type of its rows and its columns in SQL. Rows have
 * `camelCase` properties, the table `snake_case` columns. Migrations make it; test/integration/postgres/schema.spec.ts
 * proves that they make exactly this.
 */
export class Table<Row extends ObjectLiteral, New = Row> extends EntitySchema<Row> {
  /** It is for the compiler alone. */
  declare readonly newRow: New;
  /** All its columns. */
  readonly all: Selection<Row>;

  /** @param keys by properties, beside the primary key */
  constructor(
    name: string,
    private readonly columns: Columns,
    { unique, indices = [], checks = {} }: Keys = {},
  ) {
    super(
      Object.assign(new EntitySchemaOptions<Row>(), {
        name,
        columns: Object.fromEntries(
          Object.entries(columns).map(([property, column]) => [
            property,
            columnOptions(name, property, column),
          ]),
        ),
        uniques: unique === undefined ? [] : [{ name: keyName('uq', name, unique), columns: [...unique] }],
        checks: Object.entries(checks).map(([property, expression]) => ({
          name: keyName('ck', name, [property]),
          expression,
        })),
        indices: indices.map((index) => ({
          ...index,
          name: keyName('ix', name, index.columns),
          columns: [...index.columns],
        })),
      }),
    );
    this.all = new Selection(columns);
  }

  only<K extends string & keyof Row>(...properties: readonly K[]): Selection<Pick<Row, K>> {
    const chosen = new Set<string>(properties);
    return new Selection(
      Object.fromEntries(Object.entries(this.columns).filter(([property]) => chosen.has(property))),
    );
  }
}

/** What a query of a table, or of some of its columns, gives. */
export type RowOf<T extends { readonly all: Selection<unknown> } | Selection<unknown>> = T extends {
  readonly all: Selection<infer Row>;
}
  ? Row
  : T extends Selection<infer Row>
    ? Row
    : never;

/** @param keys by properties, beside the primary key */
export function table<C extends Columns>(
  name: string,
  columns: C,
  keys?: Keys,
): Table<RowOfColumns<C>, NewRow<C>> {
  return new Table(name, columns, keys);
}

function columnOptions(
  table: string,
  property: string,
  { options, read }: Column<unknown, boolean>,
): EntitySchemaColumnOptions {
  return {
    ...options,
    name: snakeCase(property),
    transformer: { from: read, to: (value: unknown) => value },
    ...(options.primary === true && { primaryKeyConstraintName: `pk_${table}` }),
    ...(options.foreignKey && {
      foreignKey: { ...options.foreignKey, name: keyName('fk', table, [property]) },
    }),
  };
}

function keyName(kind: 'ck' | 'fk' | 'ix' | 'uq', table: string, properties: readonly string[]): string {
  return [kind, table, ...properties.map(snakeCase)].join('_');
}

function snakeCase(property: string): string {
  return property.replace(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
}

import { EntitySchema, type EntitySchemaColumnOptions, EntitySchemaOptions } from 'typeorm';

/** Columns and keys of tables, under the names that the migrations give them. */
export const bigserial: EntitySchemaColumnOptions = { type: 'bigint', generated: 'increment', primary: true };
export const reference: EntitySchemaColumnOptions = { type: 'bigint' };
export const counter: EntitySchemaColumnOptions = { type: 'bigint', default: 0 };
export const text: EntitySchemaColumnOptions = { type: 'text' };
export const json: EntitySchemaColumnOptions = { type: 'jsonb' };
export const bytes: EntitySchemaColumnOptions = { type: 'bytea' };
export const real: EntitySchemaColumnOptions = { type: 'double precision' };
export const time: EntitySchemaColumnOptions = { type: 'timestamptz', precision: 3, default: () => 'now()' };
/** A time that may be none. */
export const moment: EntitySchemaColumnOptions = { type: 'timestamptz', precision: 3, nullable: true };

type TableOptions = Pick<
  EntitySchemaOptions<unknown>,
  'name' | 'columns' | 'indices' | 'uniques' | 'foreignKeys'
>;

export function table(options: TableOptions): EntitySchema {
  return new EntitySchema(Object.assign(new EntitySchemaOptions(), options));
}

export function primary(column: EntitySchemaColumnOptions, table: string): EntitySchemaColumnOptions {
  return { ...column, primary: true, primaryKeyConstraintName: `pk_${table}` };
}

export function cascade(table: string, column: string, target: string, targetColumn: string) {
  return {
    name: `fk_${table}_${column}`,
    target,
    columnNames: [column],
    referencedColumnNames: [targetColumn],
    onDelete: 'CASCADE' as const,
  };
}

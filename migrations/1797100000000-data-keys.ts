import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tables with sealed values, and their columns. */
const sealedColumns = { faces: 'sealed_crop', templates: 'sealed', measurements: 'sealed' } as const;

/**
 * Data keys, and of each sealed value the one that opens it: the database itself destroys none that is needed. What is there is
 * of data key 1, so nothing is rewritten (a constant default) or looked at (NOT VALID): the start makes that key of the operator's.
 */
export class DataKeys1797100000000 implements MigrationInterface {
  name = 'DataKeys1797100000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TABLE data_keys (
        number integer NOT NULL,
        master_key_id text NOT NULL,
        sealed bytea NOT NULL,
        create_time TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(),
        retire_time TIMESTAMP(3) WITH TIME ZONE,
        CONSTRAINT pk_data_keys PRIMARY KEY (number)
      )`,
    );
    for (const [table, column] of Object.entries(sealedColumns)) {
      await runner.query(`ALTER TABLE ${table} ADD COLUMN data_key integer DEFAULT 1`);
      await runner.query(
        `ALTER TABLE ${table} ADD CONSTRAINT fk_${table}_data_key FOREIGN KEY (data_key) REFERENCES data_keys (number) NOT VALID`,
      );
      await runner.query(
        `ALTER TABLE ${table} ADD CONSTRAINT ck_${table}_data_key CHECK (${namesItsKey(column)}) NOT VALID`,
      );
    }
    await runner.query(
      `CREATE TABLE training_keys (
        job_id uuid NOT NULL,
        data_key integer NOT NULL,
        CONSTRAINT pk_training_keys PRIMARY KEY (job_id),
        CONSTRAINT fk_training_keys_job_id FOREIGN KEY (job_id) REFERENCES jobs (id) ON DELETE CASCADE,
        CONSTRAINT fk_training_keys_data_key FOREIGN KEY (data_key) REFERENCES data_keys (number)
      )`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE training_keys');
    for (const table of Object.keys(sealedColumns).toReversed()) {
      await runner.query(`ALTER TABLE ${table} DROP COLUMN data_key`);
    }
    await runner.query('DROP TABLE data_keys');
  }
}

/** Layout 1 is of data key 1; layout 2 has the number in the four bytes after the first (src/storage/encryption/secret-box.ts). */
function namesItsKey(sealed: string): string {
  return `data_key = CASE substring(${sealed} FROM 1 FOR 1)
    WHEN '\\x01'::bytea THEN 1
    WHEN '\\x02'::bytea THEN ('x' || encode(substring(${sealed} FROM 2 FOR 4), 'hex'))::bit(32)::integer END`;
}

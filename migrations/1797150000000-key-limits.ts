import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What API keys may do a second and a day, and what they have done. */
export class KeyLimits1797150000000 implements MigrationInterface {
  name = 'KeyLimits1797150000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE api_keys
        ADD requests_per_second integer NOT NULL DEFAULT 0,
        ADD images_per_day integer NOT NULL DEFAULT 0`,
    );
    await runner.query(
      `CREATE TABLE key_usage (
        key_id text NOT NULL,
        day text NOT NULL,
        images bigint NOT NULL,
        CONSTRAINT pk_key_usage PRIMARY KEY (key_id, day)
      )`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE key_usage');
    await runner.query('ALTER TABLE api_keys DROP COLUMN images_per_day, DROP COLUMN requests_per_second');
  }
}

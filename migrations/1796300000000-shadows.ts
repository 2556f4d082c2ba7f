import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Candidates that decide a share of live verifications without a say in the answers, and what came of it. */
export class Shadows1796300000000 implements MigrationInterface {
  name = 'Shadows1796300000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE shadows (
      model_version text NOT NULL,
      share double precision NOT NULL,
      start_time TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(),
      stop_time TIMESTAMP(3) WITH TIME ZONE,
      counts jsonb NOT NULL,
      CONSTRAINT pk_shadows PRIMARY KEY (model_version)
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE shadows');
  }
}

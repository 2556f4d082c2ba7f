import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which model of each kind serves, for every replica. */
export class ActiveModels1796100000000 implements MigrationInterface {
  name = 'ActiveModels1796100000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE active_models (
      kind text NOT NULL,
      model_version text NOT NULL,
      previous_model_version text,
      activate_time TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(),
      CONSTRAINT pk_active_models PRIMARY KEY (kind)
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE active_models');
  }
}

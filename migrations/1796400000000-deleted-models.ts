import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Model versions that were deleted: every replica removes its copies. */
export class DeletedModels1796400000000 implements MigrationInterface {
  name = 'DeletedModels1796400000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE deleted_models (
      model_version text NOT NULL,
      delete_time TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(),
      CONSTRAINT pk_deleted_models PRIMARY KEY (model_version)
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE deleted_models');
  }
}

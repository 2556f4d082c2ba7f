import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Calibrations of model versions; what each pair of a benchmark came to; benchmarks shared by several replicas. */
export class Calibration1795700000000 implements MigrationInterface {
  name = 'Calibration1795700000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of up) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of down) await runner.query(statement);
  }
}

const up = [
  `ALTER TABLE evaluations
    ADD COLUMN faceless_policy text NOT NULL DEFAULT 'different',
    ADD COLUMN code_version text NOT NULL DEFAULT '',
    ADD COLUMN outcomes bytea,
    ADD COLUMN claimant text,
    ADD COLUMN claim_end_time TIMESTAMP(3) WITH TIME ZONE,
    ADD COLUMN finished_image_count integer NOT NULL DEFAULT 0`,
  'ALTER TABLE measurements ADD COLUMN quality jsonb',
  `CREATE TABLE model_calibrations (
    uid BIGSERIAL NOT NULL,
    model_version text NOT NULL,
    evaluation_id uuid NOT NULL,
    dataset_id text NOT NULL,
    calibration jsonb NOT NULL,
    create_time TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(),
    CONSTRAINT pk_model_calibrations PRIMARY KEY (uid),
    CONSTRAINT fk_model_calibrations_evaluation_id FOREIGN KEY (evaluation_id) REFERENCES evaluations (id)
  )`,
  'CREATE INDEX ix_model_calibrations_model_version_uid ON model_calibrations (model_version, uid)',
];

const down = [
  'DROP TABLE model_calibrations',
  'ALTER TABLE measurements DROP COLUMN quality',
  `ALTER TABLE evaluations
    DROP COLUMN faceless_policy, DROP COLUMN code_version, DROP COLUMN outcomes,
    DROP COLUMN claimant, DROP COLUMN claim_end_time, DROP COLUMN finished_image_count`,
];

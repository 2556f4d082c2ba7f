import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Data sets, benchmarks and what was measured for them. */
export class Evaluation1795600000000 implements MigrationInterface {
  name = 'Evaluation1795600000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE measurements, evaluations, datasets');
  }
}

const time = 'TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now()';

const statements = [
  `CREATE TABLE datasets (
    id text NOT NULL,
    format text NOT NULL,
    path text NOT NULL,
    image_folder text NOT NULL,
    image_kind text NOT NULL,
    pair_count integer NOT NULL,
    image_count integer NOT NULL,
    create_time ${time},
    CONSTRAINT pk_datasets PRIMARY KEY (id)
  )`,
  `CREATE TABLE evaluations (
    id uuid NOT NULL,
    dataset_id text NOT NULL,
    model_version text NOT NULL,
    detector_version text NOT NULL,
    image_count integer NOT NULL,
    ended jsonb,
    create_time ${time},
    end_time TIMESTAMP(3) WITH TIME ZONE,
    CONSTRAINT pk_evaluations PRIMARY KEY (id),
    CONSTRAINT fk_evaluations_dataset_id FOREIGN KEY (dataset_id) REFERENCES datasets (id)
  )`,
  'CREATE INDEX ix_evaluations_create_time_id ON evaluations (create_time, id)',
  `CREATE TABLE measurements (
    image_digest bytea NOT NULL,
    image_kind text NOT NULL,
    model_version text NOT NULL,
    detector_version text NOT NULL,
    sealed bytea,
    embedding_norm double precision NOT NULL,
    rho double precision,
    CONSTRAINT pk_measurements PRIMARY KEY (image_digest, image_kind, model_version, detector_version)
  )`,
];

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Checkpoints and other large files, for replicas that share nothing but the database. */
export class Artifacts1795800000000 implements MigrationInterface {
  name = 'Artifacts1795800000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE artifact_chunks, artifacts');
  }
}

const time = 'TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now()';

const statements = [
  // No digest: it is being written, or its writer died.
  `CREATE TABLE artifacts (
    id uuid NOT NULL,
    name text NOT NULL,
    sha256 bytea,
    size_bytes bigint,
    create_time ${time},
    write_time ${time},
    CONSTRAINT pk_artifacts PRIMARY KEY (id)
  )`,
  'CREATE UNIQUE INDEX ix_artifacts_name ON artifacts (name) WHERE (sha256 IS NOT NULL)',
  `CREATE TABLE artifact_chunks (
    artifact_id uuid NOT NULL,
    index integer NOT NULL,
    bytes bytea NOT NULL,
    CONSTRAINT pk_artifact_chunks PRIMARY KEY (artifact_id, index),
    CONSTRAINT fk_artifact_chunks_artifact_id FOREIGN KEY (artifact_id) REFERENCES artifacts (id) ON DELETE CASCADE
  )`,
  // Weights do not compress: trying to would only cost time.
  'ALTER TABLE artifact_chunks ALTER COLUMN bytes SET STORAGE EXTERNAL',
];

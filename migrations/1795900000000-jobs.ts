import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Trainings and other work that replicas and workers share. */
export class Jobs1795900000000 implements MigrationInterface {
  name = 'Jobs1795900000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE jobs');
  }
}

const time = 'TIMESTAMP(3) WITH TIME ZONE';

const statements = [
  `CREATE TABLE jobs (
    id uuid NOT NULL,
    kind text NOT NULL,
    singleton_key text,
    input jsonb NOT NULL,
    state text NOT NULL DEFAULT 'queued',
    attempt integer NOT NULL DEFAULT 0,
    failed_attempts integer NOT NULL DEFAULT 0,
    maximum_attempts integer NOT NULL,
    first_retry_delay_ms double precision NOT NULL,
    maximum_retry_delay_ms double precision NOT NULL,
    cancel_requested boolean NOT NULL DEFAULT false,
    worker text,
    lease_end_time ${time},
    progress jsonb,
    output jsonb,
    failure jsonb,
    create_time ${time} NOT NULL DEFAULT now(),
    due_time ${time} NOT NULL DEFAULT now(),
    start_time ${time},
    end_time ${time},
    CONSTRAINT pk_jobs PRIMARY KEY (id)
  )`,
  // The database itself keeps a second one of a key from becoming active, whoever asks at the same time.
  'CREATE UNIQUE INDEX ix_jobs_kind_singleton_key ON jobs (kind, singleton_key) WHERE (end_time IS NULL)',
  'CREATE INDEX ix_jobs_due_time ON jobs (due_time, create_time, id) WHERE (end_time IS NULL)',
  'CREATE INDEX ix_jobs_create_time_id ON jobs (create_time, id)',
];

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When trainings are queued without anybody asking. */
export class TrainingSchedule1796200000000 implements MigrationInterface {
  name = 'TrainingSchedule1796200000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX ix_faces_create_time');
    await runner.query('DROP TABLE training_schedules');
  }
}

const time = 'TIMESTAMP(3) WITH TIME ZONE';

const statements = [
  `CREATE TABLE training_schedules (
    id text NOT NULL,
    cron text,
    time_zone text NOT NULL,
    after_new_faces integer,
    policy jsonb NOT NULL,
    activate_when_passed boolean NOT NULL,
    actor text NOT NULL,
    revision uuid NOT NULL,
    next_time ${time},
    faces_since_time ${time},
    outcome jsonb,
    outcome_time ${time},
    update_time ${time} NOT NULL DEFAULT now(),
    CONSTRAINT pk_training_schedules PRIMARY KEY (id)
  )`,
  // Faces enrolled since a time are counted every half minute.
  'CREATE INDEX ix_faces_create_time ON faces (create_time)',
];

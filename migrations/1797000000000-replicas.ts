import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The processes of the service, and what each serves. */
export class Replicas1797000000000 implements MigrationInterface {
  name = 'Replicas1797000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TABLE replicas (
        id uuid NOT NULL,
        host text NOT NULL,
        role text NOT NULL,
        service_version text NOT NULL,
        backbone text NOT NULL,
        detector text NOT NULL,
        start_time TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(),
        seen_time TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(),
        CONSTRAINT pk_replicas PRIMARY KEY (id)
      )`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE replicas');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The false match rate in force is a property of the service; calibrations may be of enrolled faces. */
export class OperatingPoint1796800000000 implements MigrationInterface {
  name = 'OperatingPoint1796800000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TABLE operating_points (
        id text NOT NULL,
        false_match_rate double precision NOT NULL,
        actor text NOT NULL,
        set_time TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(),
        CONSTRAINT pk_operating_points PRIMARY KEY (id)
      )`,
    );
    await runner.query('ALTER TABLE model_calibrations ALTER benchmark_run_id DROP NOT NULL');
    await runner.query('ALTER TABLE model_calibrations ALTER dataset_id DROP NOT NULL');
    await runner.query("ALTER TABLE model_calibrations ADD COLUMN description text NOT NULL DEFAULT ''");
    await runner.query('UPDATE model_calibrations SET description = dataset_id');
    await runner.query('ALTER TABLE model_calibrations ALTER description DROP DEFAULT');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE model_calibrations DROP COLUMN description');
    await runner.query('DELETE FROM model_calibrations WHERE benchmark_run_id IS NULL');
    await runner.query('ALTER TABLE model_calibrations ALTER dataset_id SET NOT NULL');
    await runner.query('ALTER TABLE model_calibrations ALTER benchmark_run_id SET NOT NULL');
    await runner.query('DROP TABLE operating_points');
  }
}

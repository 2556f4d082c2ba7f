import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Thresholds in bands of how faces look, which measurements and calibrations from before do not know. */
export class ThresholdBands1796700000000 implements MigrationInterface {
  name = 'ThresholdBands1796700000000';

  async up(runner: QueryRunner): Promise<void> {
    // What is measured can be measured again; what is calibrated without bands is true of no pair.
    await runner.query('DELETE FROM measurements');
    await runner.query('DELETE FROM model_calibrations');
    await runner.query('ALTER TABLE measurements ADD COLUMN appearance jsonb');
    await runner.query('ALTER TABLE model_calibrations DROP COLUMN default_false_match_rate');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DELETE FROM model_calibrations');
    await runner.query(
      'ALTER TABLE model_calibrations ADD COLUMN default_false_match_rate double precision NOT NULL',
    );
    await runner.query('ALTER TABLE measurements DROP COLUMN appearance');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Calibrations keep how the similarities of their pairs are spread; of earlier ones it is not known. */
export class SimilarityBands1796900000000 implements MigrationInterface {
  name = 'SimilarityBands1796900000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE model_calibrations ADD COLUMN similarity_bands jsonb');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE model_calibrations DROP COLUMN similarity_bands');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is known of a face only where there is a photograph of it. */
const ofPhotograph = [
  'box',
  'landmarks',
  'probability',
  'rho',
  'nose_offset_pixels',
  'quality',
  'sealed_crop',
  'crop_width',
  'crop_height',
  'crop_landmarks',
];

/** Faces that are enrolled by an embedding have neither measurements nor a crop. */
export class FacesFromEmbeddings1796600000001 implements MigrationInterface {
  name = 'FacesFromEmbeddings1796600000001';

  async up(runner: QueryRunner): Promise<void> {
    for (const column of ofPhotograph)
      await runner.query(`ALTER TABLE faces ALTER COLUMN ${column} DROP NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DELETE FROM faces WHERE sealed_crop IS NULL');
    for (const column of ofPhotograph)
      await runner.query(`ALTER TABLE faces ALTER COLUMN ${column} SET NOT NULL`);
  }
}

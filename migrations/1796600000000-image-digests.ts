import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Enrolled faces keep a keyed digest of their photograph, by which one that is enrolled again is noticed. */
export class ImageDigests1796600000000 implements MigrationInterface {
  name = 'ImageDigests1796600000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE faces ADD COLUMN image_digest bytea');
    await runner.query(
      'CREATE INDEX ix_faces_collection_uid_image_digest ON faces (collection_uid, image_digest)',
    );
    // The new index begins with its column.
    await runner.query('DROP INDEX ix_faces_collection_uid');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX ix_faces_collection_uid ON faces (collection_uid)');
    await runner.query('DROP INDEX ix_faces_collection_uid_image_digest');
    await runner.query('ALTER TABLE faces DROP COLUMN image_digest');
  }
}

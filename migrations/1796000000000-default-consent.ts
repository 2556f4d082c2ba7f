import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What subjects of a collection consent to where nobody says. */
export class DefaultConsent1796000000000 implements MigrationInterface {
  name = 'DefaultConsent1796000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE collections ADD COLUMN default_consent_to_train boolean NOT NULL DEFAULT false',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE collections DROP COLUMN default_consent_to_train');
  }
}

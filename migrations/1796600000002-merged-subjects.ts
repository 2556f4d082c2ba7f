import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which subject an id was merged into, so that whoever asks for it learns where its faces are. */
export class MergedSubjects1796600000002 implements MigrationInterface {
  name = 'MergedSubjects1796600000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TABLE merged_subjects (
        collection_uid bigint NOT NULL,
        id text NOT NULL,
        target_uid bigint NOT NULL,
        merge_time TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(),
        CONSTRAINT pk_merged_subjects PRIMARY KEY (collection_uid, id),
        CONSTRAINT fk_merged_subjects_collection_uid FOREIGN KEY (collection_uid) REFERENCES collections (uid) ON DELETE CASCADE,
        CONSTRAINT fk_merged_subjects_target_uid FOREIGN KEY (target_uid) REFERENCES subjects (uid) ON DELETE CASCADE
      )`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE merged_subjects');
  }
}

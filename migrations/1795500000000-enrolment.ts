import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Collections, subjects, faces, templates, API keys and the audit log. */
export class Enrolment1795500000000 implements MigrationInterface {
  name = 'Enrolment1795500000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...collectionTables, ...faceTables, ...serviceTables, ...appendOnly]) {
      await runner.query(statement);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    const tables =
      'encryption_checks, audit_events, api_keys, idempotency_keys, deleted_faces, templates, model_versions, faces, ' +
      'subjects, collections';
    // Made on demand, see src/service/platform/database/vector-index.ts.
    await runner.query('DROP TABLE IF EXISTS searchable_templates');
    await runner.query(`DROP TABLE ${tables}`);
    await runner.query('DROP FUNCTION refuse_change');
  }
}

const time = 'TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now()';

const collectionTables = [
  `CREATE TABLE collections (
    uid BIGSERIAL NOT NULL,
    tenant text NOT NULL,
    id text NOT NULL,
    display_name text NOT NULL,
    quality_gate jsonb NOT NULL,
    searchable boolean NOT NULL DEFAULT false,
    revision bigint NOT NULL DEFAULT 0,
    subject_count bigint NOT NULL DEFAULT 0,
    face_count bigint NOT NULL DEFAULT 0,
    create_time ${time},
    CONSTRAINT pk_collections PRIMARY KEY (uid),
    CONSTRAINT uq_collections_tenant_id UNIQUE (tenant, id)
  )`,
  `CREATE TABLE subjects (
    uid BIGSERIAL NOT NULL,
    collection_uid bigint NOT NULL,
    id text NOT NULL,
    display_name text NOT NULL,
    consent_to_train boolean NOT NULL DEFAULT false,
    create_time ${time},
    update_time ${time},
    CONSTRAINT pk_subjects PRIMARY KEY (uid),
    CONSTRAINT uq_subjects_collection_uid_id UNIQUE (collection_uid, id),
    CONSTRAINT fk_subjects_collection_uid FOREIGN KEY (collection_uid) REFERENCES collections (uid) ON DELETE CASCADE
  )`,
];

const faceTables = [
  `CREATE TABLE faces (
    id uuid NOT NULL,
    collection_uid bigint NOT NULL,
    subject_uid bigint NOT NULL,
    box jsonb NOT NULL,
    landmarks jsonb NOT NULL,
    detection_probability double precision NOT NULL,
    rho double precision NOT NULL,
    nose_offset_pixels double precision NOT NULL,
    quality jsonb NOT NULL,
    sealed_crop bytea NOT NULL,
    crop_width integer NOT NULL,
    crop_height integer NOT NULL,
    crop_landmarks jsonb NOT NULL,
    detector_version text NOT NULL,
    create_time ${time},
    CONSTRAINT pk_faces PRIMARY KEY (id),
    CONSTRAINT fk_faces_collection_uid FOREIGN KEY (collection_uid) REFERENCES collections (uid) ON DELETE CASCADE,
    CONSTRAINT fk_faces_subject_uid FOREIGN KEY (subject_uid) REFERENCES subjects (uid) ON DELETE CASCADE
  )`,
  'CREATE INDEX ix_faces_subject_uid_create_time_id ON faces (subject_uid, create_time, id)',
  'CREATE INDEX ix_faces_collection_uid ON faces (collection_uid)',
  // Encrypted bytes do not compress.
  'ALTER TABLE faces ALTER COLUMN sealed_crop SET STORAGE EXTERNAL',
  `CREATE TABLE model_versions (
    id text NOT NULL,
    first_used_time ${time},
    CONSTRAINT pk_model_versions PRIMARY KEY (id)
  )`,
  `CREATE TABLE templates (
    face_id uuid NOT NULL,
    model_version text NOT NULL,
    collection_uid bigint NOT NULL,
    revision bigint NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT pk_templates PRIMARY KEY (face_id, model_version),
    CONSTRAINT fk_templates_face_id FOREIGN KEY (face_id) REFERENCES faces (id) ON DELETE CASCADE,
    CONSTRAINT fk_templates_collection_uid FOREIGN KEY (collection_uid) REFERENCES collections (uid) ON DELETE CASCADE,
    CONSTRAINT fk_templates_model_version FOREIGN KEY (model_version) REFERENCES model_versions (id)
  )`,
  `CREATE INDEX ix_templates_collection_uid_model_version_revision_face_id
    ON templates (collection_uid, model_version, revision, face_id)`,
  'ALTER TABLE templates ALTER COLUMN sealed SET STORAGE EXTERNAL',
  // Copies of templates in memory learn from it what to forget.
  `CREATE TABLE deleted_faces (
    collection_uid bigint NOT NULL,
    revision bigint NOT NULL,
    face_id uuid NOT NULL,
    CONSTRAINT pk_deleted_faces PRIMARY KEY (collection_uid, revision, face_id),
    CONSTRAINT fk_deleted_faces_collection_uid FOREIGN KEY (collection_uid) REFERENCES collections (uid)
      ON DELETE CASCADE
  )`,
];

const serviceTables = [
  `CREATE TABLE idempotency_keys (
    tenant text NOT NULL,
    request_id text NOT NULL,
    digest bytea NOT NULL,
    outcomes jsonb NOT NULL,
    model_version text NOT NULL,
    detector_version text NOT NULL,
    create_time ${time},
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (tenant, request_id)
  )`,
  'CREATE INDEX ix_idempotency_keys_create_time ON idempotency_keys (create_time)',
  `CREATE TABLE api_keys (
    id text NOT NULL,
    tenant text NOT NULL,
    role text NOT NULL,
    display_name text NOT NULL,
    secret_hash bytea NOT NULL,
    create_time ${time},
    revoke_time TIMESTAMP(3) WITH TIME ZONE,
    CONSTRAINT pk_api_keys PRIMARY KEY (id)
  )`,
  `CREATE TABLE audit_events (
    sequence BIGSERIAL NOT NULL,
    time ${time},
    actor text NOT NULL,
    tenant text NOT NULL,
    action text NOT NULL,
    target text NOT NULL,
    details jsonb NOT NULL,
    CONSTRAINT pk_audit_events PRIMARY KEY (sequence)
  )`,
  // A known value, sealed: tells a wrong encryption key at the start.
  `CREATE TABLE encryption_checks (
    id integer NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT pk_encryption_checks PRIMARY KEY (id)
  )`,
];

const appendOnly = [
  `CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END
  $$`,
  `CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
];

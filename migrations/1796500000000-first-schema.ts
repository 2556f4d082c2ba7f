import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The tables, each by the description beside the code that reads it (src/service/tables.ts lists them). */
export class FirstSchema1796500000000 implements MigrationInterface {
  name = 'FirstSchema1796500000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statements of [platform, access, jobs, models, enrolment, evaluation, lifecycle]) {
      for (const statement of statements) await runner.query(statement);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    // Made on demand: see the vector index.
    await runner.query('DROP TABLE IF EXISTS searchable_templates');
    await runner.query(
      `DROP TABLE training_schedules, shadows, model_calibrations, measurements, benchmark_runs, datasets, idempotency_keys,
         deleted_faces, templates, faces, subjects, collections, active_models, registered_models, jobs, artifact_chunks,
         artifacts, api_keys, audit_events, encryption_checks`,
    );
    await runner.query('DROP FUNCTION refuse_change');
  }
}

const moment = 'TIMESTAMP(3) WITH TIME ZONE';
const time = `${moment} NOT NULL DEFAULT now()`;

const platform = [
  `CREATE TABLE encryption_checks (
    id integer NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT pk_encryption_checks PRIMARY KEY (id)
  )`,
  `CREATE TABLE artifacts (
    id uuid NOT NULL,
    name text NOT NULL,
    sha256 bytea,
    size_bytes bigint,
    create_time ${time},
    write_time ${time},
    CONSTRAINT pk_artifacts PRIMARY KEY (id)
  )`,
  'CREATE UNIQUE INDEX ix_artifacts_name ON artifacts (name) WHERE (sha256 IS NOT NULL)',
  `CREATE TABLE artifact_chunks (
    artifact_id uuid NOT NULL,
    index integer NOT NULL,
    bytes bytea NOT NULL,
    CONSTRAINT pk_artifact_chunks PRIMARY KEY (artifact_id, index),
    CONSTRAINT fk_artifact_chunks_artifact_id FOREIGN KEY (artifact_id) REFERENCES artifacts (id) ON DELETE CASCADE
  )`,
  // Weights do not compress: trying to would only cost time.
  'ALTER TABLE artifact_chunks ALTER COLUMN bytes SET STORAGE EXTERNAL',
];

const access = [
  `CREATE TABLE api_keys (
    id text NOT NULL,
    tenant text NOT NULL,
    role text NOT NULL,
    display_name text NOT NULL,
    secret_hash bytea NOT NULL,
    create_time ${time},
    revoke_time ${moment},
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
  `CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END
  $$`,
  `CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
];

const jobs = [
  `CREATE TABLE jobs (
    id uuid NOT NULL,
    kind text NOT NULL,
    singleton_key text,
    actor text NOT NULL,
    tenant text NOT NULL,
    input jsonb NOT NULL,
    state text NOT NULL DEFAULT 'queued',
    attempt integer NOT NULL DEFAULT 0,
    failed_attempts integer NOT NULL DEFAULT 0,
    maximum_attempts integer NOT NULL,
    first_retry_delay_ms double precision NOT NULL,
    maximum_retry_delay_ms double precision NOT NULL,
    cancel_requested boolean NOT NULL DEFAULT false,
    worker text,
    lease_end_time ${moment},
    progress jsonb,
    output jsonb,
    failure jsonb,
    create_time ${time},
    due_time ${time},
    start_time ${moment},
    end_time ${moment},
    CONSTRAINT pk_jobs PRIMARY KEY (id)
  )`,
  // The database itself keeps a second one of a key from becoming active, whoever asks at the same time.
  'CREATE UNIQUE INDEX ix_jobs_kind_singleton_key ON jobs (kind, singleton_key) WHERE (end_time IS NULL)',
  'CREATE INDEX ix_jobs_due_time_create_time_id ON jobs (due_time, create_time, id) WHERE (end_time IS NULL)',
  'CREATE INDEX ix_jobs_create_time_id ON jobs (create_time, id)',
];

const models = [
  `CREATE TABLE registered_models (
    id text NOT NULL,
    contract_digest text NOT NULL,
    manifest jsonb NOT NULL,
    create_time ${moment} NOT NULL,
    delete_time ${moment},
    CONSTRAINT pk_registered_models PRIMARY KEY (id)
  )`,
  `CREATE UNIQUE INDEX ix_registered_models_contract_digest ON registered_models (contract_digest)
    WHERE (delete_time IS NULL)`,
  `CREATE TABLE active_models (
    kind text NOT NULL,
    id text NOT NULL,
    previous_id text,
    activate_time ${time},
    CONSTRAINT pk_active_models PRIMARY KEY (kind)
  )`,
];

const enrolment = [
  `CREATE TABLE collections (
    uid BIGSERIAL NOT NULL,
    tenant text NOT NULL,
    id text NOT NULL,
    display_name text NOT NULL,
    quality_gate jsonb NOT NULL,
    searchable boolean NOT NULL DEFAULT false,
    default_consent_to_train boolean NOT NULL DEFAULT false,
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
  `CREATE TABLE faces (
    id uuid NOT NULL,
    collection_uid bigint NOT NULL,
    subject_uid bigint NOT NULL,
    box jsonb NOT NULL,
    landmarks jsonb NOT NULL,
    probability double precision NOT NULL,
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
  'CREATE INDEX ix_faces_create_time ON faces (create_time)',
  // Encrypted bytes do not compress.
  'ALTER TABLE faces ALTER COLUMN sealed_crop SET STORAGE EXTERNAL',
  `CREATE TABLE templates (
    face_id uuid NOT NULL,
    model_version text NOT NULL,
    collection_uid bigint NOT NULL,
    revision bigint NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT pk_templates PRIMARY KEY (face_id, model_version),
    CONSTRAINT fk_templates_face_id FOREIGN KEY (face_id) REFERENCES faces (id) ON DELETE CASCADE,
    CONSTRAINT fk_templates_collection_uid FOREIGN KEY (collection_uid) REFERENCES collections (uid) ON DELETE CASCADE
  )`,
  `CREATE INDEX ix_templates_collection_uid_model_version_revision_face_id
    ON templates (collection_uid, model_version, revision, face_id)`,
  'ALTER TABLE templates ALTER COLUMN sealed SET STORAGE EXTERNAL',
  `CREATE TABLE deleted_faces (
    collection_uid bigint NOT NULL,
    revision bigint NOT NULL,
    face_id uuid NOT NULL,
    CONSTRAINT pk_deleted_faces PRIMARY KEY (collection_uid, revision, face_id),
    CONSTRAINT fk_deleted_faces_collection_uid FOREIGN KEY (collection_uid) REFERENCES collections (uid)
      ON DELETE CASCADE
  )`,
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
];

const evaluation = [
  `CREATE TABLE datasets (
    id text NOT NULL,
    format text NOT NULL,
    path text NOT NULL,
    image_folder text NOT NULL,
    image_kind text NOT NULL,
    pair_count integer NOT NULL,
    image_count integer NOT NULL,
    create_time ${time},
    CONSTRAINT pk_datasets PRIMARY KEY (id)
  )`,
  `CREATE TABLE benchmark_runs (
    id uuid NOT NULL,
    dataset_id text NOT NULL,
    model_version text NOT NULL,
    detector_version text NOT NULL,
    image_count integer NOT NULL,
    faceless_policy text NOT NULL,
    code_version text NOT NULL,
    dataset_digest text NOT NULL,
    report jsonb NOT NULL,
    outcomes bytea NOT NULL,
    create_time ${time},
    CONSTRAINT pk_benchmark_runs PRIMARY KEY (id),
    CONSTRAINT fk_benchmark_runs_dataset_id FOREIGN KEY (dataset_id) REFERENCES datasets (id)
  )`,
  'CREATE INDEX ix_benchmark_runs_create_time_id ON benchmark_runs (create_time, id)',
  `CREATE TABLE measurements (
    image_digest bytea NOT NULL,
    image_kind text NOT NULL,
    model_version text NOT NULL,
    detector_version text NOT NULL,
    sealed bytea,
    embedding_norm double precision NOT NULL,
    rho double precision,
    quality jsonb,
    CONSTRAINT pk_measurements PRIMARY KEY (image_digest, image_kind, model_version, detector_version)
  )`,
  `CREATE TABLE model_calibrations (
    uid BIGSERIAL NOT NULL,
    model_version text NOT NULL,
    benchmark_run_id uuid NOT NULL,
    dataset_id text NOT NULL,
    default_false_match_rate double precision NOT NULL,
    thresholds jsonb NOT NULL,
    logistic jsonb NOT NULL,
    impostor_pair_count integer NOT NULL,
    create_time ${time},
    CONSTRAINT pk_model_calibrations PRIMARY KEY (uid),
    CONSTRAINT fk_model_calibrations_benchmark_run_id FOREIGN KEY (benchmark_run_id)
      REFERENCES benchmark_runs (id)
  )`,
  'CREATE INDEX ix_model_calibrations_model_version_uid ON model_calibrations (model_version, uid)',
];

const lifecycle = [
  `CREATE TABLE shadows (
    candidate text NOT NULL,
    share double precision NOT NULL,
    start_time ${time},
    stop_time ${moment},
    counts jsonb NOT NULL,
    CONSTRAINT pk_shadows PRIMARY KEY (candidate)
  )`,
  `CREATE TABLE training_schedules (
    id text NOT NULL,
    cron text,
    time_zone text NOT NULL,
    after_new_faces integer,
    policy jsonb NOT NULL,
    activate_when_passed boolean NOT NULL,
    actor text NOT NULL,
    revision uuid NOT NULL,
    next_time ${moment},
    faces_since_time ${moment},
    outcome jsonb,
    outcome_time ${moment},
    update_time ${time},
    CONSTRAINT pk_training_schedules PRIMARY KEY (id)
  )`,
];

import { EntitySchema, type EntitySchemaColumnOptions, EntitySchemaOptions } from 'typeorm';

/**
 * The tables as TypeORM knows them. Migrations create them; test/integration/postgres proves that both agree. The
 * stores speak SQL: what they need (row locks, keyset pages, counts in one statement) is what an ORM hides.
 */

const bigserial: EntitySchemaColumnOptions = { type: 'bigint', generated: 'increment', primary: true };
const reference: EntitySchemaColumnOptions = { type: 'bigint' };
const counter: EntitySchemaColumnOptions = { type: 'bigint', default: 0 };
const text: EntitySchemaColumnOptions = { type: 'text' };
const json: EntitySchemaColumnOptions = { type: 'jsonb' };
const bytes: EntitySchemaColumnOptions = { type: 'bytea' };
const real: EntitySchemaColumnOptions = { type: 'double precision' };
const time: EntitySchemaColumnOptions = { type: 'timestamptz', precision: 3, default: () => 'now()' };

type TableOptions = Pick<
  EntitySchemaOptions<unknown>,
  'name' | 'columns' | 'indices' | 'uniques' | 'foreignKeys'
>;

function table(options: TableOptions): EntitySchema {
  return new EntitySchema(Object.assign(new EntitySchemaOptions(), options));
}

function primary(column: EntitySchemaColumnOptions, table: string): EntitySchemaColumnOptions {
  return { ...column, primary: true, primaryKeyConstraintName: `pk_${table}` };
}

function cascade(table: string, column: string, target: string, targetColumn: string) {
  return {
    name: `fk_${table}_${column}`,
    target,
    columnNames: [column],
    referencedColumnNames: [targetColumn],
    onDelete: 'CASCADE' as const,
  };
}

const collections = table({
  name: 'collections',
  columns: {
    uid: primary(bigserial, 'collections'),
    tenant: text,
    id: text,
    display_name: text,
    quality_gate: json,
    searchable: { type: 'boolean', default: false },
    default_consent_to_train: { type: 'boolean', default: false },
    revision: counter,
    subject_count: counter,
    face_count: counter,
    create_time: time,
  },
  uniques: [{ name: 'uq_collections_tenant_id', columns: ['tenant', 'id'] }],
});

const subjects = table({
  name: 'subjects',
  columns: {
    uid: primary(bigserial, 'subjects'),
    collection_uid: reference,
    id: text,
    display_name: text,
    consent_to_train: { type: 'boolean', default: false },
    create_time: time,
    update_time: time,
  },
  uniques: [{ name: 'uq_subjects_collection_uid_id', columns: ['collection_uid', 'id'] }],
  foreignKeys: [cascade('subjects', 'collection_uid', 'collections', 'uid')],
});

const faces = table({
  name: 'faces',
  columns: {
    id: primary({ type: 'uuid' }, 'faces'),
    collection_uid: reference,
    subject_uid: reference,
    box: json,
    landmarks: json,
    detection_probability: real,
    rho: real,
    nose_offset_pixels: real,
    quality: json,
    sealed_crop: bytes,
    crop_width: { type: 'integer' },
    crop_height: { type: 'integer' },
    crop_landmarks: json,
    detector_version: text,
    create_time: time,
  },
  indices: [
    { name: 'ix_faces_subject_uid_create_time_id', columns: ['subject_uid', 'create_time', 'id'] },
    { name: 'ix_faces_collection_uid', columns: ['collection_uid'] },
  ],
  foreignKeys: [
    cascade('faces', 'collection_uid', 'collections', 'uid'),
    cascade('faces', 'subject_uid', 'subjects', 'uid'),
  ],
});

const templates = table({
  name: 'templates',
  columns: {
    face_id: primary({ type: 'uuid' }, 'templates'),
    model_version: primary(text, 'templates'),
    collection_uid: reference,
    revision: reference,
    sealed: bytes,
  },
  indices: [
    {
      name: 'ix_templates_collection_uid_model_version_revision_face_id',
      columns: ['collection_uid', 'model_version', 'revision', 'face_id'],
    },
  ],
  foreignKeys: [
    cascade('templates', 'face_id', 'faces', 'id'),
    cascade('templates', 'collection_uid', 'collections', 'uid'),
    {
      name: 'fk_templates_model_version',
      target: 'model_versions',
      columnNames: ['model_version'],
      referencedColumnNames: ['id'],
    },
  ],
});

const modelVersions = table({
  name: 'model_versions',
  columns: { id: primary(text, 'model_versions'), first_used_time: time },
});

const deletedFaces = table({
  name: 'deleted_faces',
  columns: {
    collection_uid: primary(reference, 'deleted_faces'),
    revision: primary(reference, 'deleted_faces'),
    face_id: primary({ type: 'uuid' }, 'deleted_faces'),
  },
  foreignKeys: [cascade('deleted_faces', 'collection_uid', 'collections', 'uid')],
});

const idempotencyKeys = table({
  name: 'idempotency_keys',
  columns: {
    tenant: primary(text, 'idempotency_keys'),
    request_id: primary(text, 'idempotency_keys'),
    digest: bytes,
    outcomes: json,
    model_version: text,
    detector_version: text,
    create_time: time,
  },
  indices: [{ name: 'ix_idempotency_keys_create_time', columns: ['create_time'] }],
});

const apiKeys = table({
  name: 'api_keys',
  columns: {
    id: primary(text, 'api_keys'),
    tenant: text,
    role: text,
    display_name: text,
    secret_hash: bytes,
    create_time: time,
    revoke_time: { type: 'timestamptz', precision: 3, nullable: true },
  },
});

const auditEvents = table({
  name: 'audit_events',
  columns: {
    sequence: primary(bigserial, 'audit_events'),
    time,
    actor: text,
    tenant: text,
    action: text,
    target: text,
    details: json,
  },
});

const encryptionChecks = table({
  name: 'encryption_checks',
  columns: { id: primary({ type: 'integer' }, 'encryption_checks'), sealed: bytes },
});

const datasets = table({
  name: 'datasets',
  columns: {
    id: primary(text, 'datasets'),
    format: text,
    path: text,
    image_folder: text,
    image_kind: text,
    pair_count: { type: 'integer' },
    image_count: { type: 'integer' },
    create_time: time,
  },
});

const evaluations = table({
  name: 'evaluations',
  columns: {
    id: primary({ type: 'uuid' }, 'evaluations'),
    dataset_id: text,
    model_version: text,
    detector_version: text,
    image_count: { type: 'integer' },
    finished_image_count: { type: 'integer', default: 0 },
    faceless_policy: { ...text, default: 'different' },
    code_version: { ...text, default: '' },
    // Null while it runs.
    ended: { type: 'jsonb', nullable: true },
    outcomes: { type: 'bytea', nullable: true },
    claimant: { ...text, nullable: true },
    claim_end_time: { type: 'timestamptz', precision: 3, nullable: true },
    create_time: time,
    end_time: { type: 'timestamptz', precision: 3, nullable: true },
  },
  indices: [{ name: 'ix_evaluations_create_time_id', columns: ['create_time', 'id'] }],
  foreignKeys: [
    {
      name: 'fk_evaluations_dataset_id',
      target: 'datasets',
      columnNames: ['dataset_id'],
      referencedColumnNames: ['id'],
    },
  ],
});

const measurements = table({
  name: 'measurements',
  columns: {
    image_digest: primary(bytes, 'measurements'),
    image_kind: primary(text, 'measurements'),
    model_version: primary(text, 'measurements'),
    detector_version: primary(text, 'measurements'),
    // Without a face there is no embedding.
    sealed: { type: 'bytea', nullable: true },
    embedding_norm: real,
    // Aligned crops are not measured.
    rho: { ...real, nullable: true },
    // Without a face there is none.
    quality: { ...json, nullable: true },
  },
});

const modelCalibrations = table({
  name: 'model_calibrations',
  columns: {
    uid: primary(bigserial, 'model_calibrations'),
    model_version: text,
    evaluation_id: { type: 'uuid' },
    dataset_id: text,
    calibration: json,
    create_time: time,
  },
  indices: [{ name: 'ix_model_calibrations_model_version_uid', columns: ['model_version', 'uid'] }],
  foreignKeys: [
    {
      name: 'fk_model_calibrations_evaluation_id',
      target: 'evaluations',
      columnNames: ['evaluation_id'],
      referencedColumnNames: ['id'],
    },
  ],
});

const artifacts = table({
  name: 'artifacts',
  columns: {
    id: primary({ type: 'uuid' }, 'artifacts'),
    name: text,
    // Null while it is written.
    sha256: { ...bytes, nullable: true },
    size_bytes: { type: 'bigint', nullable: true },
    create_time: time,
    write_time: time,
  },
  indices: [{ name: 'ix_artifacts_name', columns: ['name'], unique: true, where: '(sha256 IS NOT NULL)' }],
});

const artifactChunks = table({
  name: 'artifact_chunks',
  columns: {
    artifact_id: primary({ type: 'uuid' }, 'artifact_chunks'),
    index: primary({ type: 'integer' }, 'artifact_chunks'),
    bytes,
  },
  foreignKeys: [cascade('artifact_chunks', 'artifact_id', 'artifacts', 'id')],
});

const moment: EntitySchemaColumnOptions = { type: 'timestamptz', precision: 3, nullable: true };

const jobs = table({
  name: 'jobs',
  columns: {
    id: primary({ type: 'uuid' }, 'jobs'),
    kind: text,
    singleton_key: { ...text, nullable: true },
    input: json,
    state: { ...text, default: 'queued' },
    attempt: { type: 'integer', default: 0 },
    failed_attempts: { type: 'integer', default: 0 },
    maximum_attempts: { type: 'integer' },
    first_retry_delay_ms: real,
    maximum_retry_delay_ms: real,
    cancel_requested: { type: 'boolean', default: false },
    // Whose last attempt it was.
    worker: { ...text, nullable: true },
    lease_end_time: moment,
    progress: { ...json, nullable: true },
    output: { ...json, nullable: true },
    failure: { ...json, nullable: true },
    create_time: time,
    due_time: time,
    start_time: moment,
    end_time: moment,
  },
  indices: [
    {
      name: 'ix_jobs_kind_singleton_key',
      columns: ['kind', 'singleton_key'],
      unique: true,
      where: '(end_time IS NULL)',
    },
    { name: 'ix_jobs_due_time', columns: ['due_time', 'create_time', 'id'], where: '(end_time IS NULL)' },
    { name: 'ix_jobs_create_time_id', columns: ['create_time', 'id'] },
  ],
});

export const tables: readonly EntitySchema[] = [
  collections,
  subjects,
  faces,
  templates,
  modelVersions,
  deletedFaces,
  idempotencyKeys,
  apiKeys,
  auditEvents,
  encryptionChecks,
  datasets,
  evaluations,
  measurements,
  modelCalibrations,
  artifacts,
  artifactChunks,
  jobs,
];

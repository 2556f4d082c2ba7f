import type { EntitySchema } from 'typeorm';

import {
  bigserial,
  bytes,
  cascade,
  counter,
  json,
  primary,
  real,
  reference,
  table,
  text,
  time,
} from '../platform/database/columns.js';

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
    { name: 'ix_faces_create_time', columns: ['create_time'] },
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

const deletedFaces = table({
  name: 'deleted_faces',
  columns: {
    collection_uid: primary(reference, 'deleted_faces'),
    revision: primary(reference, 'deleted_faces'),
    face_id: primary({ type: 'uuid' }, 'deleted_faces'),
  },
  foreignKeys: [cascade('deleted_faces', 'collection_uid', 'collections', 'uid')],
});

/** Whom clients have enrolled. */
export const enrolmentTables: readonly EntitySchema[] = [
  collections,
  subjects,
  faces,
  templates,
  deletedFaces,
];

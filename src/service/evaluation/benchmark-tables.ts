import type { EntitySchema } from 'typeorm';

import { bytes, json, moment, primary, real, table, text, time } from '../platform/database/columns.js';

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
    claim_end_time: moment,
    create_time: time,
    end_time: moment,
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

/** What models were measured on, and what came of it. */
export const benchmarkTables: readonly EntitySchema[] = [datasets, evaluations, measurements];

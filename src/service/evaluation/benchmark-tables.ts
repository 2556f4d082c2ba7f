import type { FaceAppearance } from '../../core/faces/quality/expected-impostor-similarity.js';
import type { DatasetImageKind } from '../../core/protocols/benchmark-dataset.js';
import type { FacelessPolicy } from '../../core/protocols/faceless-policy.js';
import type { SlicedQuality } from '../../core/protocols/measured-image.js';
import type { VerificationReport } from '../../core/protocols/verification-report.js';
import { bytes, integer, json, real, table, text, time, uuid } from '../platform/database/table.js';
import { dataKey, namesItsKey } from '../platform/encryption/data-key-tables.js';

export const datasets = table('datasets', {
  id: text().primary(),
  format: text(),
  path: text(),
  imageFolder: text(),
  imageKind: text<DatasetImageKind>(),
  pairCount: integer(),
  imageCount: integer(),
  createTime: time(),
});

export const benchmarkRuns = table(
  'benchmark_runs',
  {
    // The job's, which is forgotten earlier.
    id: uuid().primary(),
    datasetId: text().references('datasets'),
    modelVersion: text(),
    detectorVersion: text(),
    imageCount: integer(),
    facelessPolicy: text<FacelessPolicy>(),
    codeVersion: text(),
    datasetDigest: text(),
    report: json<VerificationReport>(),
    outcomes: bytes(),
    createTime: time(),
  },
  { indices: [{ columns: ['createTime', 'id'] }] },
);

export const measurements = table(
  'measurements',
  {
    imageDigest: bytes().primary(),
    imageKind: text<DatasetImageKind>().primary(),
    modelVersion: text().primary(),
    detectorVersion: text().primary(),
    // Without a face there is no embedding.
    sealed: bytes().optional(),
    dataKey: dataKey(),
    embeddingNorm: real(),
    // Aligned crops are not measured.
    rho: real().optional(),
    // Without a face there is none.
    quality: json<SlicedQuality>().optional(),
    appearance: json<FaceAppearance>().optional(),
  },
  { checks: { dataKey: namesItsKey('sealed') } },
);

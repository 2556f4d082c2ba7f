import type { EnrolledImageResult } from './faces/enrolment.js';
import type { MeasuredFace } from '../../core/faces/face-record.js';
import type { QualityGate } from './quality-gate.js';
import type { Landmarks } from '../../core/faces/landmarks.js';
import {
  bigint,
  bytes,
  counter,
  flag,
  integer,
  json,
  real,
  table,
  text,
  time,
  uuid,
} from '../platform/database/table.js';
import { dataKey, namesItsKey } from '../platform/encryption/data-key-tables.js';

export const collections = table(
  'collections',
  {
    uid: bigint().generated().primary(),
    tenant: text(),
    id: text(),
    displayName: text(),
    qualityGate: json<QualityGate>(),
    searchable: flag().default(false),
    defaultConsentToTrain: flag().default(false),
    revision: bigint().default(0),
    subjectCount: counter().default(0),
    faceCount: counter().default(0),
    createTime: time(),
  },
  { unique: ['tenant', 'id'] },
);

export const subjects = table(
  'subjects',
  {
    uid: bigint().generated().primary(),
    collectionUid: bigint().references('collections', 'CASCADE'),
    id: text(),
    displayName: text(),
    consentToTrain: flag().default(false),
    createTime: time(),
    updateTime: time(),
  },
  { unique: ['collectionUid', 'id'] },
);

/** Ids of subjects that were merged into another one of their collection. */
export const mergedSubjects = table('merged_subjects', {
  collectionUid: bigint().primary().references('collections', 'CASCADE'),
  id: text().primary(),
  targetUid: bigint().references('subjects', 'CASCADE'),
  mergeTime: time(),
});

/** What was measured and the crop are absent of a face that was enrolled by its embedding. */
export const faces = table(
  'faces',
  {
    id: uuid().primary(),
    collectionUid: bigint().references('collections', 'CASCADE'),
    subjectUid: bigint().references('subjects', 'CASCADE'),
    box: json<MeasuredFace['box']>().optional(),
    landmarks: json<Landmarks>().optional(),
    probability: real().optional(),
    rho: real().optional(),
    noseOffsetPixels: real().optional(),
    quality: json<MeasuredFace['quality']>().optional(),
    sealedCrop: bytes().optional(),
    dataKey: dataKey(),
    cropWidth: integer().optional(),
    cropHeight: integer().optional(),
    cropLandmarks: json<Landmarks>().optional(),
    detectorVersion: text(),
    /** Keyed digest of the photograph's bytes; undefined where it was enrolled before there were any. */
    imageDigest: bytes().optional(),
    createTime: time(),
  },
  {
    indices: [
      { columns: ['collectionUid', 'imageDigest'] },
      { columns: ['subjectUid', 'createTime', 'id'] },
      // Faces enrolled since a time are counted every half minute.
      { columns: ['createTime'] },
    ],
    checks: { dataKey: namesItsKey('sealed_crop') },
  },
);

export const templates = table(
  'templates',
  {
    faceId: uuid().primary().references('faces', 'CASCADE'),
    modelVersion: text().primary(),
    collectionUid: bigint().references('collections', 'CASCADE'),
    revision: bigint(),
    sealed: bytes(),
    dataKey: dataKey(),
  },
  {
    indices: [{ columns: ['collectionUid', 'modelVersion', 'revision', 'faceId'] }],
    checks: { dataKey: namesItsKey('sealed') },
  },
);

/** Copies of templates in memory learn from it what to forget; see rememberedRevisions. */
export const deletedFaces = table('deleted_faces', {
  collectionUid: bigint().primary().references('collections', 'CASCADE'),
  revision: bigint().primary(),
  faceId: uuid().primary(),
});

/** Enrolments under clients' request ids. */
export const idempotencyKeys = table(
  'idempotency_keys',
  {
    tenant: text().primary(),
    requestId: text().primary(),
    digest: bytes(),
    outcomes: json<readonly EnrolledImageResult[]>(),
    modelVersion: text(),
    detectorVersion: text(),
    createTime: time(),
  },
  { indices: [{ columns: ['createTime'] }] },
);

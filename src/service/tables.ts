import { artifactChunks, artifacts } from './platform/artifacts/postgres-artifact-store.js';
import { auditEvents } from './access/audit/audit-log.js';
import { dataKeys, encryptionChecks } from './platform/encryption/data-key-tables.js';
import { activeModels } from './models/serving/active-model.store.js';
import { apiKeys } from './access/keys/api-key.store.js';
import { keyUsage } from './access/limits/key-usage.store.js';
import { modelCalibrations } from './verification/calibration/calibration.store.js';
import { operatingPoints } from './verification/operating-point/operating-point.store.js';
import { trainingKeys } from './lifecycle/retraining/training-keys.js';
import { shadows } from './lifecycle/shadow/shadow.store.js';
import { trainingSchedules } from './lifecycle/schedule/training-schedule.store.js';
import { benchmarkRuns, datasets, measurements } from './evaluation/benchmark-tables.js';
import {
  collections,
  deletedFaces,
  faces,
  idempotencyKeys,
  mergedSubjects,
  subjects,
  templates,
} from './enrolment/enrolment-tables.js';
import { replicas } from './operations/replica.store.js';
import { jobs } from './jobs/job-tables.js';
import { registeredModels } from './models/registry/registered-models.js';

/** All tables of the service; migrations/ makes them. */
export const tables = [
  encryptionChecks,
  dataKeys,
  auditEvents,
  apiKeys,
  keyUsage,
  artifacts,
  artifactChunks,
  jobs,
  trainingKeys,
  registeredModels,
  activeModels,
  collections,
  subjects,
  mergedSubjects,
  faces,
  templates,
  deletedFaces,
  idempotencyKeys,
  datasets,
  benchmarkRuns,
  measurements,
  modelCalibrations,
  operatingPoints,
  shadows,
  trainingSchedules,
  replicas,
] as const;

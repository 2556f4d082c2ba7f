import { status } from '@grpc/grpc-js';
import { invalidField } from '../../core/invalid-field.js';
import { richStatus } from '../platform/grpc/rich-status.js';
import { type FailureRecord, fromRecord } from '../../core/failure-record.js';
import type { Job, JobState as State } from './job.js';
import type { JobKind as Kind } from '../platform/configuration/job-kinds.js';
import type { Status } from '../../generated/google/rpc/Status.js';
import type { Job as JobMessage } from '../../generated/symface/v1/Job.js';
import type { JobKind, JobKind__Output } from '../../generated/symface/v1/JobKind.js';
import type { JobState, JobState__Output } from '../../generated/symface/v1/JobState.js';
import { jobName } from '../platform/grpc/resource-names.js';
import type { JobWorkMessage } from './job-type.js';

/** The kinds of jobs as the contract names them. */
export const jobKindNames = {
  training: 'JOB_KIND_TRAINING',
  assessment: 'JOB_KIND_ASSESSMENT',
  activation: 'JOB_KIND_ACTIVATION',
  benchmark: 'JOB_KIND_BENCHMARK',
  'key-rotation': 'JOB_KIND_KEY_ROTATION',
  indexing: 'JOB_KIND_INDEXING',
} as const satisfies Record<Kind, JobKind>;

/** The states of jobs as the contract names them. */
export const jobStateNames = {
  queued: 'JOB_STATE_QUEUED',
  running: 'JOB_STATE_RUNNING',
  succeeded: 'JOB_STATE_SUCCEEDED',
  failed: 'JOB_STATE_FAILED',
  cancelled: 'JOB_STATE_CANCELLED',
} as const satisfies Record<State, JobState>;

/**
 * The kind that a request names; undefined where it names none.
 * @throws Failure INVALID_ARGUMENT for one that this version does not know
 */
export function readJobKind(kind: JobKind__Output): Kind | undefined {
  if (kind === 'JOB_KIND_UNSPECIFIED') return undefined;
  return keyOf(jobKindNames, kind) ?? throwUnknown('kind', 'JobKind');
}

/**
 * The state that a request names; undefined where it names none.
 * @throws Failure INVALID_ARGUMENT for one that this version does not know
 */
export function readJobState(state: JobState__Output): State | undefined {
  if (state === 'JOB_STATE_UNSPECIFIED') return undefined;
  return keyOf(jobStateNames, state) ?? throwUnknown('state', 'JobState');
}

/** @param work what its kind has for itself */
export function toJobMessage(job: Job, work: JobWorkMessage): JobMessage {
  return {
    name: jobName(job.id),
    kind: jobKindNames[job.kind],
    state: jobStateNames[job.state],
    error: job.failure === undefined ? null : toErrorMessage(job.failure),
    actor: job.requester.actor,
    attempt: job.attempt,
    cancelRequested: job.cancelRequested,
    createTime: job.createTime.toISOString(),
    startTime: job.startTime?.toISOString() ?? '',
    endTime: job.endTime?.toISOString() ?? '',
    ...work,
  };
}

/** The status of a failure. The record of a defect says where the reason is to be found, and nothing of internals. */
export function toErrorMessage(failure: FailureRecord): Status {
  if (failure.reason === undefined) return { code: status.INTERNAL, message: failure.message, details: [] };
  return richStatus(fromRecord(failure));
}

function keyOf<Key extends string>(values: Readonly<Record<Key, string>>, value: string): Key | undefined {
  for (const key in values) if (values[key] === value) return key;
  return undefined;
}

function throwUnknown(field: string, type: string): never {
  throw invalidField(field, `is not a known ${type}`);
}

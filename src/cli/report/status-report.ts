import type { GetServiceStatusResponse__Output } from '../../generated/symface/v1/GetServiceStatusResponse.js';
import { modelVersionId } from '../model-name.js';
import { shortTime, tableLines } from './table.js';

/** How the service does, for people. */
export function statusLines(status: GetServiceStatusResponse__Output): readonly string[] {
  const { inference, database } = status;
  const replicas = status.replicas.map(({ host, gateway, serviceVersion, backbone, detector, startTime }) => [
    host,
    gateway ? 'gateway' : 'job worker',
    serviceVersion,
    idOf(backbone),
    idOf(detector),
    shortTime(startTime),
  ]);
  const methods = status.methods.map(({ method, callCount, failedCallCount, p50Ms, p95Ms, p99Ms }) => [
    method.replace(/^\/(?:symface\.v1\.)?/u, ''),
    String(callCount),
    String(failedCallCount),
    ...[p50Ms, p95Ms, p99Ms].map(percentileText),
  ]);
  const failures = status.failures.map(({ method, reason, callCount }) => [
    method.replace(/^\/(?:symface\.v1\.)?/u, ''),
    reason,
    String(callCount),
  ]);
  const problems = status.problems.flatMap(({ alert, description, nextStep }) => [
    `  ! ${description}  (${alert})`,
    `    ${nextStep}`,
  ]);
  return [
    `SymFace ${status.serviceVersion}: ${status.ready ? 'ready' : 'NOT READY'}, since ${shortTime(status.startTime)}`,
    ...problems,
    ...(problems.length === 0 ? [] : ['  docs/runbook.md has a section for each of these names.', '']),
    `  database  ${database?.answers ? `answers in ${database.latencyMs.toFixed(1)} ms` : 'DOES NOT ANSWER, or takes no changes'}`,
    `  queue     ${inference?.queuedImageCount ?? 0} of ${inference?.queueCapacity ?? 0} images, ` +
      `${inference?.shedCallCount ?? 0} calls refused`,
    `  workers   ${inference?.runningWorkerCount ?? 0} of ${inference?.configuredWorkerCount ?? 0}, ` +
      `${inference?.lostWorkerCount ?? 0} lost`,
    ...(database?.answers
      ? [
          `  jobs      the oldest that is due waits for ${status.oldestDueJobAgeSeconds.toFixed(0)} s`,
          '',
          ...tableLines(['HOST', 'ROLE', 'VERSION', 'BACKBONE', 'DETECTOR', 'SINCE'], replicas),
        ]
      : ['  jobs      unknown while the database does not answer', '  replicas  unknown']),
    '',
    ...tableLines(['METHOD', 'CALLS', 'FAILED', 'P50 MS', 'P95 MS', 'P99 MS'], methods),
    ...(failures.length === 0 ? [] : ['', ...tableLines(['METHOD', 'REASON', 'CALLS'], failures)]),
  ];
}

/** In milliseconds, for a column that says so. From ten seconds on the contract knows no more than "or more". */
function percentileText(milliseconds: number): string {
  return milliseconds >= 10_000 ? '≥ 10000' : milliseconds.toFixed(1);
}

function idOf(name: string): string {
  return name === '' ? '-' : modelVersionId(name);
}

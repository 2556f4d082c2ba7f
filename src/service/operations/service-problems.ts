import type { JobKind } from '../platform/configuration/job-kinds.js';
import type { DatabaseHindrance } from '../platform/database/database.js';
import type { Replica } from './replica.store.js';

const daySeconds = 86_400;

/** From where on something is a problem: as the alerts of deploy/prometheus/rules.yml that have the same names. */
export const problemBounds = {
  SymfaceDatabaseSlow: 0.5,
  SymfaceQueueOld: 5,
  SymfaceDiskFull: 0.1,
  SymfaceGalleryNearlyFull: 0.8,
  SymfaceNoBackup: 2 * daySeconds,
  SymfaceCertificateExpires: 14 * daySeconds,
  SymfaceJobStuck: 1_800,
} as const;

/** Something that is wrong, by the alert that is for it. */
export interface ServiceProblem {
  readonly alert: string;
  readonly description: string;
  readonly nextStep: string;
}

/** What is known of a gateway and its service; undefined is what nobody knows now. */
export interface ServiceFacts {
  readonly database: {
    readonly hindrance: DatabaseHindrance | undefined;
    readonly latencyMs: number;
    /** Where it is. */
    readonly description: string;
  };
  readonly inference: {
    readonly runningWorkerCount: number;
    readonly configuredWorkerCount: number;
    readonly lostWorkerCount: number;
    readonly shedCallCount: number;
  };
  readonly oldestQueuedImageAgeSeconds: number;
  readonly replicas: readonly Pick<Replica, 'role' | 'serviceVersion' | 'backbone' | 'detector'>[];
  readonly oldestDueJobAgeSeconds: number;
  /** Of the last hour. */
  readonly failedJobKinds: readonly JobKind[];
  /** Since the start of this gateway. */
  readonly defectCount: number;
  readonly damagedTemplateCount: number;
  readonly freeDiskShare: number | undefined;
  readonly galleryMemoryShare: number | undefined;
  /** How long nothing was backed up: since the last backup, or since the beginning where none was ever made. */
  readonly unsavedSeconds: number;
  readonly secondsUntilCertificateExpires: number | undefined;
}

/** What is wrong, the worst first. */
export function serviceProblems(facts: ServiceFacts): readonly ServiceProblem[] {
  return [
    ...databaseProblems(facts),
    ...inferenceProblems(facts),
    ...replicaProblems(facts),
    ...storageProblems(facts),
    ...jobProblems(facts),
    ...callProblems(facts),
  ];
}

/** @returns the problem, where there is one */
function when(
  isWrong: boolean,
  alert: string,
  description: string,
  nextStep: string,
): readonly ServiceProblem[] {
  return isWrong ? [{ alert, description, nextStep }] : [];
}

function databaseProblems({ database }: ServiceFacts): readonly ServiceProblem[] {
  const { hindrance, latencyMs, description: place } = database;
  return [
    ...when(
      hindrance === 'no-answer',
      'SymfaceDatabaseDown',
      `The database (${place}) does not answer.`,
      'Is it up, are all its connections taken, is the network open? The service connects again by itself.',
    ),
    ...when(
      hindrance === 'read-only',
      'SymfaceDatabaseDown',
      `The database (${place}) takes no changes.`,
      'It is a standby since a failover, or default_transaction_read_only is set: name the primary in DATABASE_URL.',
    ),
    ...when(
      hindrance === 'folder-gone',
      'SymfaceDatabaseDown',
      `The folder of the database (${place}) was taken away, or replaced, while the service had it open.`,
      'Put the folder back that was there, or stop the service and type "symface restore FILE".',
    ),
    ...when(
      hindrance === undefined && latencyMs > problemBounds.SymfaceDatabaseSlow * 1000,
      'SymfaceDatabaseSlow',
      `The database (${place}) takes ${latencyMs.toFixed(0)} ms for a question without any work.`,
      'See what it works on in pg_stat_activity, and "symface jobs list".',
    ),
  ];
}

function inferenceProblems(facts: ServiceFacts): readonly ServiceProblem[] {
  const { runningWorkerCount: running, configuredWorkerCount: all, ...counts } = facts.inference;
  const waitedSeconds = facts.oldestQueuedImageAgeSeconds;
  const { lostWorkerCount: lost, shedCallCount: shed } = counts;
  return [
    ...when(
      running === 0,
      'SymfaceNoWorkers',
      'No inference worker serves: nothing that needs a network is answered.',
      'The log says why they end: a damaged model, or no memory. They are tried again every 10 s.',
    ),
    ...when(
      running > 0 && (lost > 0 || running < all),
      'SymfaceWorkersLost',
      `${running} of ${all} inference workers serve; ${lost} ended unexpectedly since the start.`,
      'The log has how (an inference worker ended unexpectedly): SIGKILL is the machine\'s memory, see "dmesg".',
    ),
    ...when(
      waitedSeconds > problemBounds.SymfaceQueueOld,
      'SymfaceQueueOld',
      `An image has waited for ${waitedSeconds.toFixed(0)} s.`,
      'Workers are busy with dear images, or hang: see stagesMs in the access log.',
    ),
    ...when(
      shed > 0,
      'SymfaceQueueShed',
      `${shed} calls were refused since the start, since the queue was full.`,
      'See in the access log which key sends how many images; more workers or gateways, where all do.',
    ),
  ];
}

function replicaProblems({ replicas }: ServiceFacts): readonly ServiceProblem[] {
  const gateways = replicas.filter(({ role }) => role === 'gateway');
  const pairs = new Set(gateways.map(({ backbone, detector }) => `${backbone} ${detector}`));
  const versions = new Set(replicas.map(({ serviceVersion }) => serviceVersion));
  return [
    ...when(
      pairs.size > 1,
      'SymfaceReplicasDiffer',
      'Gateways serve different models.',
      'Seconds after an activation that passes. Else the log of the one behind says why it cannot go over; take it out of the balancer.',
    ),
    ...when(
      versions.size > 1,
      'SymfaceVersionsDiffer',
      `Processes of the versions ${[...versions].sort().join(' and ')} run.`,
      'Finish the upgrade, or go back: docs/upgrading.md.',
    ),
  ];
}

function storageProblems(facts: ServiceFacts): readonly ServiceProblem[] {
  const { freeDiskShare, galleryMemoryShare = 0, unsavedSeconds, database } = facts;
  const untilExpiry = facts.secondsUntilCertificateExpires;
  return [
    ...when(
      (freeDiskShare ?? 1) < problemBounds.SymfaceDiskFull,
      'SymfaceDiskFull',
      `${percent(freeDiskShare ?? 1)} of the disk with the data folder are free.`,
      'du -xh --max-depth=2 "$SYMFACE_DATA_DIR" | sort -h | tail; "symface models delete" removes models.',
    ),
    ...when(
      galleryMemoryShare > problemBounds.SymfaceGalleryNearlyFull,
      'SymfaceGalleryNearlyFull',
      `A collection takes ${percent(galleryMemoryShare)} of the memory for exact search; above 100 % Identify refuses it.`,
      'Raise SYMFACE_GALLERY_MEMORY_MIB, or "symface collections index ID".',
    ),
    ...when(
      untilExpiry !== undefined && untilExpiry < problemBounds.SymfaceCertificateExpires,
      'SymfaceCertificateExpires',
      expiryText(untilExpiry ?? 0),
      'Put the new files in the place of the old ones, and start the gateways again, one after another.',
    ),
    ...when(
      database.hindrance === undefined && unsavedSeconds > problemBounds.SymfaceNoBackup,
      'SymfaceNoBackup',
      `The audit log has no backup of the last ${days(unsavedSeconds)}; those made with --offline are not in it.`,
      'Type "symface backup FILE", and see why the timer does not. Where other tools back the database up, never mind.',
    ),
  ];
}

function jobProblems({ oldestDueJobAgeSeconds, failedJobKinds }: ServiceFacts): readonly ServiceProblem[] {
  return [
    ...when(
      oldestDueJobAgeSeconds > problemBounds.SymfaceJobStuck,
      'SymfaceJobStuck',
      `A job has been due for ${(oldestDueJobAgeSeconds / 60).toFixed(0)} minutes.`,
      'See "symface jobs list" for its kind, and whether a process below works on that (SYMFACE_QUEUES).',
    ),
    ...when(
      failedJobKinds.length > 0,
      'SymfaceJobFailed',
      `A job has failed in the last hour (${failedJobKinds.join(', ')}).`,
      'Type "symface jobs list --state failed", then "symface jobs show ID".',
    ),
  ];
}

function callProblems({ defectCount, damagedTemplateCount }: ServiceFacts): readonly ServiceProblem[] {
  return [
    ...when(
      defectCount > 0,
      'SymfaceDefect',
      `${defectCount} calls were answered INTERNAL since the start.`,
      'The log has the stack at "a call failed unexpectedly".',
    ),
    ...when(
      damagedTemplateCount > 0,
      'SymfaceDamagedTemplates',
      `${damagedTemplateCount} templates do not open, and are left out of comparisons.`,
      'Type "symface faces verify --collection NAME --repair" for the collections that the log names.',
    ),
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

function days(seconds: number): string {
  return `${(seconds / daySeconds).toFixed(1)} days`;
}

function expiryText(seconds: number): string {
  return seconds < 0
    ? 'The certificate has expired: no client gets in.'
    : `The certificate expires in ${days(seconds)}.`;
}

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { alerts } from '../../../test/support/operations-files.js';
import { problemBounds, type ServiceFacts, serviceProblems } from './service-problems.js';

const gateway = { role: 'gateway', serviceVersion: '1.0.0', backbone: 'net-1', detector: 'det-1' } as const;
const well: ServiceFacts = {
  database: { hindrance: undefined, latencyMs: 2, description: 'PostgreSQL at db' },
  inference: { runningWorkerCount: 2, configuredWorkerCount: 2, lostWorkerCount: 0, shedCallCount: 0 },
  oldestQueuedImageAgeSeconds: 0,
  replicas: [gateway, { ...gateway, role: 'worker', backbone: '', detector: '' }],
  oldestDueJobAgeSeconds: 0,
  failedJobKinds: [],
  defectCount: 0,
  damagedTemplateCount: 0,
  freeDiskShare: 0.5,
  galleryMemoryShare: 0.1,
  unsavedSeconds: 3_600,
  secondsUntilCertificateExpires: undefined,
};

/** Facts of a service that has one thing wrong, and a word that must be said of it. */
const wrong: readonly (readonly [alert: string, facts: Partial<ServiceFacts>, said: RegExp])[] = [
  ['SymfaceDatabaseDown', { database: { ...well.database, hindrance: 'no-answer' } }, /at db\) does not/u],
  ['SymfaceDatabaseDown', { database: { ...well.database, hindrance: 'read-only' } }, /no changes/u],
  ['SymfaceDatabaseDown', { database: { ...well.database, hindrance: 'folder-gone' } }, /taken away/u],
  ['SymfaceDatabaseSlow', { database: { ...well.database, latencyMs: 900 } }, /900 ms/u],
  ['SymfaceNoWorkers', { inference: { ...well.inference, runningWorkerCount: 0 } }, /No inference worker/u],
  ['SymfaceWorkersLost', { inference: { ...well.inference, runningWorkerCount: 1 } }, /1 of 2/u],
  ['SymfaceWorkersLost', { inference: { ...well.inference, lostWorkerCount: 3 } }, /3 ended/u],
  ['SymfaceQueueShed', { inference: { ...well.inference, shedCallCount: 7 } }, /7 calls/u],
  ['SymfaceQueueOld', { oldestQueuedImageAgeSeconds: 9 }, /9 s/u],
  ['SymfaceReplicasDiffer', { replicas: [gateway, { ...gateway, backbone: 'net-2' }] }, /different models/u],
  [
    'SymfaceVersionsDiffer',
    { replicas: [gateway, { ...gateway, serviceVersion: '1.1.0' }] },
    /1\.0\.0 and 1\.1\.0/u,
  ],
  ['SymfaceDiskFull', { freeDiskShare: 0.04 }, /4 %/u],
  ['SymfaceGalleryNearlyFull', { galleryMemoryShare: 0.9 }, /90 %/u],
  ['SymfaceCertificateExpires', { secondsUntilCertificateExpires: 86_400 }, /in 1\.0 days/u],
  ['SymfaceCertificateExpires', { secondsUntilCertificateExpires: -1 }, /has expired/u],
  ['SymfaceNoBackup', { unsavedSeconds: 260_000 }, /no backup of the last 3\.0 days/u],
  ['SymfaceJobStuck', { oldestDueJobAgeSeconds: 2_400 }, /40 minutes/u],
  ['SymfaceJobFailed', { failedJobKinds: ['training'] }, /training/u],
  ['SymfaceDefect', { defectCount: 2 }, /2 calls/u],
  ['SymfaceDamagedTemplates', { damagedTemplateCount: 5 }, /5 templates/u],
];

describe('serviceProblems', () => {
  it('finds nothing wrong with a service that is well', () => {
    expect(serviceProblems(well)).toEqual([]);
  });

  it.each(wrong)('says %s of %j', (alert, facts, said) => {
    const found = serviceProblems({ ...well, ...facts });
    expect(found.map((one) => one.alert)).toEqual([alert]);
    expect(found[0]?.description).toMatch(said);
    expect(found[0]?.nextStep).not.toBe('');
  });

  it('says of the database alone what only it knows', () => {
    const database = { ...well.database, hindrance: 'no-answer' } as const;
    const found = serviceProblems({ ...well, database, unsavedSeconds: 260_000, replicas: [] });
    expect(found).toHaveLength(1);
  });

  it('has the names of alerts, and their bounds', () => {
    const rules = new Map(alerts().map(({ alert, expr }) => [alert, expr]));
    for (const [alert] of wrong) expect(rules.has(alert), alert).toBe(true);
    for (const [alert, bound] of Object.entries(problemBounds)) {
      const [, factors = ''] = /[<>] ([\d. *]+)\s*$/u.exec(rules.get(alert) ?? '') ?? [];
      const ofRule = factors.split('*').reduce((product, factor) => product * Number(factor), 1);
      expect(ofRule, alert).toBe(bound);
    }
  });

  it('names only commands and settings that the runbook has too', () => {
    const runbook = readFileSync(new URL('../../../docs/runbook.md', import.meta.url), 'utf8');
    const steps = wrong
      .flatMap(([, facts]) => serviceProblems({ ...well, ...facts }))
      .map((one) => one.nextStep);
    const commands = steps.flatMap((step) => [...step.matchAll(/symface ([a-z]+(?: [a-z]+)?)/gu)]);
    expect(commands.length).toBeGreaterThan(4);
    for (const [, command = ''] of commands) expect(runbook).toContain(`symface ${command}`);
  });
});

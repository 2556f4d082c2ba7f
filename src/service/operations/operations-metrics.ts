import { X509Certificate } from 'node:crypto';
import type { StatsFs } from 'node:fs';
import { readFile, statfs } from 'node:fs/promises';
import { Gauge, type Registry } from 'prom-client';
import { sharedWhileUnderWay } from '../platform/telemetry/shared-while-under-way.js';
import type { DatabaseHealth } from '../platform/database/database-health.js';
import type { Replica } from './replica.store.js';

interface OperationsMetricsParts {
  readonly registry: Registry;
  readonly database: Pick<DatabaseHealth, 'probe' | 'ask'>;
  readonly replicas: () => Promise<readonly Replica[]>;
  /** How long the oldest job that is due has waited, in seconds. */
  readonly oldestDueJobAgeSeconds: () => Promise<number>;
  /** When the last backup was begun; undefined where there is none. */
  readonly lastBackupTime: () => Promise<Date | undefined>;
  readonly version: string;
  readonly dataFolder: string;
  /** PEM; undefined in plaintext. */
  readonly certificateFile: string | undefined;
}

/** Shows what a process stands on: its build, database, disk and certificate, and the other replicas. */
export function watchOperations(parts: OperationsMetricsParts): void {
  const { registry } = parts;
  const registers = [registry];
  new Gauge({
    name: 'symface_build_info',
    help: '1, by version of SymFace and of Node.js',
    labelNames: ['version', 'node'],
    registers,
  }).set({ version: parts.version, node: process.version }, 1);
  watchDatabase(parts);
  watchReplicas(parts);
  watchBackups(parts);
  watchDisk(registry, parts.dataFolder);
  if (parts.certificateFile !== undefined) watchCertificate(registry, parts.certificateFile);
}

function watchDatabase({ registry, database, oldestDueJobAgeSeconds }: OperationsMetricsParts): void {
  const registers = [registry];
  const probe = sharedWhileUnderWay(async () => database.probe());
  new Gauge({
    name: 'symface_database_latency_seconds',
    help: 'How long the database took to answer the question of this scrape',
    registers,
    async collect() {
      this.set((await probe()).latencyMs / 1000);
    },
  });
  new Gauge({
    name: 'symface_database_up',
    help: '1 where the database answers and takes changes, 0 where it does not',
    registers,
    async collect() {
      this.set((await probe()).answers ? 1 : 0);
    },
  });
  new Gauge({
    name: 'symface_oldest_due_job_age_seconds',
    help: 'How long the job that is due longest has waited for a worker, of all replicas; 0 where none waits',
    registers,
    async collect() {
      this.set(await database.ask(oldestDueJobAgeSeconds).catch(() => 0));
    },
  });
}

function watchReplicas({ registry, database, replicas }: OperationsMetricsParts): void {
  new Gauge({
    name: 'symface_replica_info',
    help: '1 for each process of the service that was heard of in the last 15 seconds',
    labelNames: ['replica', 'host', 'role', 'version', 'backbone', 'detector'],
    registers: [registry],
    async collect() {
      const present = await database.ask(replicas).catch(() => []);
      this.reset();
      for (const { id, host, role, serviceVersion: version, backbone, detector } of present)
        this.set({ replica: id, host, role, version, backbone, detector }, 1);
    },
  });
}

/** Backups are days apart: they are not looked for at every scrape. */
const backupReadEveryMs = 300_000;

function watchBackups({ registry, database, lastBackupTime }: OperationsMetricsParts): void {
  let readAtMs = -Infinity;
  let last: Date | undefined;
  new Gauge({
    name: 'symface_last_backup_timestamp_seconds',
    help: 'When the last backup was begun, in seconds since 1970; 0 where the audit log has none',
    registers: [registry],
    async collect() {
      if (performance.now() - readAtMs > backupReadEveryMs) {
        last = await database.ask(lastBackupTime).catch(() => last);
        readAtMs = performance.now();
      }
      this.set((last?.getTime() ?? 0) / 1000);
    },
  });
}

function watchDisk(registry: Registry, folder: string): void {
  const registers = [registry];
  const disk = sharedWhileUnderWay(async () => statfs(folder).catch(() => undefined));
  const show = (name: string, help: string, bytesOf: (of: StatsFs) => number): void => {
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        const found = await disk();
        if (found !== undefined) this.set(bytesOf(found));
      },
    });
  };
  show('symface_data_disk_size_bytes', 'Size of the disk with the data folder', (of) => of.blocks * of.bsize);
  show('symface_data_disk_free_bytes', 'What is free on that disk', (of) => of.bavail * of.bsize);
}

/** Of the file as it is when the process starts: that is what is served until the next start. */
function watchCertificate(registry: Registry, file: string): void {
  const expiry = readFile(file).then(
    (pem) => new Date(new X509Certificate(pem).validTo).getTime(),
    () => undefined,
  );
  new Gauge({
    name: 'symface_tls_certificate_expiry_timestamp_seconds',
    help: 'When the certificate that is served expires, in seconds since 1970',
    registers: [registry],
    async collect() {
      const expiryMs = await expiry;
      if (expiryMs !== undefined) this.set(expiryMs / 1000);
    },
  });
}

import type { BackupManifest } from '../../service/operations/backup/backup-format.js';
import { tableLines } from './table.js';

/** What is told of a backup as one JSON object. */
export function backupSummary(manifest: BackupManifest, file: string, sizeBytes: number) {
  const { createTime, serviceVersion, database, keyFingerprint, models, missingModels, artifactCount } =
    manifest;
  return {
    file,
    sizeBytes,
    createTime,
    serviceVersion,
    database,
    schema: manifest.migrations.at(-1),
    keyFingerprint,
    rows: Object.fromEntries(manifest.tables.map(({ name, rowCount }) => [name, rowCount])),
    models,
    missingModels,
    artifactCount,
  };
}

/** The same for people, without tables that are empty. */
export function backupLines(manifest: BackupManifest, file: string, sizeBytes: number): readonly string[] {
  const { tables, models, missingModels, artifactCount } = manifest;
  const rows = tables
    .filter(({ rowCount }) => rowCount > 0)
    .map(({ name, rowCount }) => [name, String(rowCount)]);
  const missing = missingModels.map(
    (id) => `  the files of the model ${id} were not to be found and are not in it`,
  );
  return [
    `${file}: ${mebibytes(sizeBytes)}`,
    `  of ${manifest.createTime}, SymFace ${manifest.serviceVersion}, ${manifest.database} database, key ${manifest.keyFingerprint}`,
    `  ${models.length} model versions, ${artifactCount} artifacts`,
    ...missing,
    ...tableLines(['TABLE', 'ROWS'], rows).map((line) => `  ${line}`),
  ];
}

export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

import { describe, expect, it } from 'vitest';
import { artifactNotFound } from '../../../storage/artifacts/artifact.js';
import { Failure } from '../../../core/failure.js';
import type { Job } from '../../jobs/job.js';
import type { JobKind } from '../../platform/configuration/job-kinds.js';
import { ReadTrainingReport, type TrainingReportFormat } from './read-training-report.js';

const artifacts: Readonly<Record<string, readonly string[]>> = {
  'training/job/report.html': ['<html>', '</html>'],
  'training/job/log.jsonl': ['{}'],
};

async function* read(name: string): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  for (const piece of artifacts[name] ?? []) yield Buffer.from(piece);
  if (artifacts[name] === undefined) throw artifactNotFound(name);
}

async function reportOf(
  id: string,
  format: TrainingReportFormat,
  kind: JobKind = 'training',
): Promise<string> {
  const get = async (): Promise<Job> => Promise.resolve({ id, kind } as Job);
  const pieces: Uint8Array[] = [];
  for await (const piece of new ReadTrainingReport({ get }, { read }).execute(id, format)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

describe('ReadTrainingReport', () => {
  it('reads the page and the log of a training', async () => {
    expect(await reportOf('job', 'html')).toBe('<html></html>');
    expect(await reportOf('job', 'log')).toBe('{}');
  });

  it('says so where there is none', async () => {
    await expect(reportOf('other', 'html')).rejects.toMatchObject({ reason: 'TRAINING_REPORT_NOT_FOUND' });
    await expect(reportOf('job', 'html', 'activation')).rejects.toMatchObject({ reason: 'JOB_NOT_FOUND' });
    expect(await reportOf('other', 'log').catch((error: unknown) => error)).toBeInstanceOf(Failure);
  });
});

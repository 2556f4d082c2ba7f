import { expect, it } from 'vitest';
import { Failure } from '../../core/failure.js';
import { loggedDefects } from './logged-defects.js';

it('tells at which step of which job something went wrong, and the stack of defects only', () => {
  const lines: unknown[] = [];
  const write = (level: string) => (fields: object, message: string) => lines.push([level, fields, message]);
  const logger = { warn: write('warn'), error: write('error') } as unknown as Parameters<
    typeof loggedDefects
  >[1];
  const tell = loggedDefects('training', logger);
  const [failure, defect] = [new Failure('DATABASE_UNAVAILABLE', 'It is down.'), new TypeError('broken')];
  tell(failure, { step: 'claim a job', jobId: undefined });
  tell(failure, { step: 'record the end', jobId: 'job-1' });
  tell(defect, { step: 'work', jobId: 'job-2' });
  const [kind, reason] = ['training', 'DATABASE_UNAVAILABLE'];
  expect(lines).toEqual([
    ['warn', { kind, step: 'claim a job', reason }, 'cannot claim a job: It is down.'],
    ['warn', { kind, step: 'record the end', jobId: 'job-1', reason }, 'cannot record the end: It is down.'],
    ['error', { kind, step: 'work', jobId: 'job-2', err: defect }, 'a job failed unexpectedly'],
  ]);
});

import { describe, expect, it } from 'vitest';
import type { GetServiceStatusResponse__Output } from '../../generated/symface/v1/GetServiceStatusResponse.js';
import { statusLines } from './status-report.js';

function statusWith(answers: boolean): GetServiceStatusResponse__Output {
  return {
    serviceVersion: '1.0.0',
    startTime: '2026-11-30T12:00:00Z',
    ready: answers,
    methods: [],
    inference: null,
    database: { answers, latencyMs: 2, description: 'PostgreSQL' },
    jobs: [],
    oldestDueJobAgeSeconds: 0,
    replicas: [],
    failures: [],
    problems: [],
  };
}

describe('statusLines', () => {
  it('says unknown of what only the database knows while it does not answer', () => {
    const text = statusLines(statusWith(false)).join('\n');
    expect(text).toMatch(/database {2}DOES NOT ANSWER/u);
    expect(text).toMatch(/jobs .*unknown/u);
    expect(text).toMatch(/replicas .*unknown/u);
    expect(text).not.toMatch(/waits for 0 s/u);
  });

  it('begins with what is wrong and what to do about it', () => {
    const problem = {
      alert: 'SymfaceNoBackup',
      description: 'The audit log has no backup of the last 3.0 days.',
      nextStep: 'Type "symface backup FILE".',
    };
    const [, ...lines] = statusLines({ ...statusWith(true), problems: [problem] });
    expect(lines.slice(0, 2)).toEqual([
      '  ! The audit log has no backup of the last 3.0 days.  (SymfaceNoBackup)',
      '    Type "symface backup FILE".',
    ]);
  });

  it('does not tell the bound of the last bucket for what calls took that were slower', () => {
    const [method, callCount, failedCallCount] = ['/symface.v1.ModelService/ImportModelVersion', 3, 0];
    const slow = { method, callCount, failedCallCount, p50Ms: 9_999.94, p95Ms: 10_000, p99Ms: 10_000 };
    const lines = statusLines({ ...statusWith(true), methods: [slow] });
    expect(lines.find((line) => line.includes('ImportModelVersion'))).toMatch(/9999\.9 +≥ 10000 +≥ 10000$/u);
  });

  it('tells of jobs where it answers', () => {
    expect(statusLines(statusWith(true)).join('\n')).toMatch(/jobs .*waits for 0 s/u);
  });
});

import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { watchVerdicts } from './verdict-gauge.js';

const linesOf = async (registry: Registry): Promise<string[]> =>
  (await registry.metrics()).split('\n').filter((line) => line.startsWith('symface_'));

describe('watchVerdicts', () => {
  it('shows how many candidates have passed', async () => {
    const registry = new Registry();
    watchVerdicts(registry, () => Promise.resolve({ passed: 1, rejected: 2 }));
    expect(await linesOf(registry)).toEqual([
      'symface_assessments{verdict="passed"} 1',
      'symface_assessments{verdict="rejected"} 2',
    ]);
  });

  it('shows nothing while the database does not answer, and ends no scrape', async () => {
    const registry = new Registry();
    watchVerdicts(registry, async () => Promise.reject(new Error('away')));
    expect(await linesOf(registry)).toEqual([]);
  });
});

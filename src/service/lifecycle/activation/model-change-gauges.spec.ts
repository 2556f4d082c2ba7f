import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { watchModelChanges } from './model-change-gauges.js';

const linesOf = async (registry: Registry): Promise<string[]> =>
  (await registry.metrics()).split('\n').filter((line) => line.startsWith('symface_'));

describe('watchModelChanges', () => {
  it('shows faces left of activations that run, and verdicts', async () => {
    const registry = new Registry();
    let running = [{ modelVersion: 'net-2', facesLeft: 40 }];
    watchModelChanges(registry, {
      activations: () => Promise.resolve(running),
      verdicts: () => Promise.resolve({ passed: 1, rejected: 2 }),
    });
    const verdicts = ['symface_assessments{verdict="passed"} 1', 'symface_assessments{verdict="rejected"} 2'];
    expect(await linesOf(registry)).toEqual([
      'symface_activation_templates_left{model_version="net-2"} 40',
      ...verdicts,
    ]);
    running = [];
    expect(await linesOf(registry)).toEqual(verdicts);
  });

  it('shows nothing while the database does not answer, and ends no scrape', async () => {
    const registry = new Registry();
    const away = async () => Promise.reject(new Error('away'));
    watchModelChanges(registry, { activations: away, verdicts: away });
    expect(await linesOf(registry)).toEqual([]);
  });
});

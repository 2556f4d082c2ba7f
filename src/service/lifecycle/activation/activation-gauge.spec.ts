import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { watchActivations } from './activation-gauge.js';

const linesOf = async (registry: Registry): Promise<string[]> =>
  (await registry.metrics()).split('\n').filter((line) => line.startsWith('symface_'));

describe('watchActivations', () => {
  it('shows faces left of activations that run', async () => {
    const registry = new Registry();
    let running = [{ modelVersion: 'net-2', facesLeft: 40 }];
    watchActivations(registry, () => Promise.resolve(running));
    expect(await linesOf(registry)).toEqual(['symface_activation_templates_left{model_version="net-2"} 40']);
    running = [];
    expect(await linesOf(registry)).toEqual([]);
  });

  it('shows nothing while the database does not answer, and ends no scrape', async () => {
    const registry = new Registry();
    watchActivations(registry, async () => Promise.reject(new Error('away')));
    expect(await linesOf(registry)).toEqual([]);
  });
});

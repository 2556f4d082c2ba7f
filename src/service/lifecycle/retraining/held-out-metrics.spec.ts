import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { heldOutMetrics } from './held-out-metrics.js';

const evaluation = (step: number, equalErrorRate: number) => ({
  kind: 'evaluation',
  step,
  set: 'held-out',
  accuracyMean: 1 - equalErrorRate,
  accuracyStandardDeviation: 0,
  equalErrorRate,
  areaUnderCurve: 1 - equalErrorRate,
  trueAcceptRates: [],
});

describe('heldOutMetrics', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-figures-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  const figuresOf = async (entries: readonly object[]) => {
    const path = join(folder, 'log.jsonl');
    await writeFile(path, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    return heldOutMetrics(path);
  };

  it('are those before the first step and after the last', async () => {
    const { first, last } = await figuresOf([evaluation(0, 0.3), evaluation(10, 0.1), evaluation(20, 0.2)]);
    expect([first?.equalErrorRate, last?.equalErrorRate]).toEqual([0.3, 0.2]);
  });
});

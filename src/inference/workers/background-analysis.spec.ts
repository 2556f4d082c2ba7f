import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AnalysisBatch } from '../analyser/face-analysis.js';
import { Failure } from '../../core/failure.js';
import { BackgroundAnalysis } from './background-analysis.js';

const workerCount = 3;
const parallel = 2 * workerCount;
const control = { signal: new AbortController().signal };
const batch: AnalysisBatch = {
  models: { backboneId: '', detectorId: '', embeddingDimension: 4 },
  outcomes: [],
};

/** Takes some time for each image, and counts how many it had at once. */
class CountingEngine {
  lastLiveCallMs = -Infinity;
  refusals = 0;
  private readonly running = { background: 0, beside: 0 };
  readonly most = { background: 0, beside: 0 };

  analyseInBackground(): Promise<AnalysisBatch> {
    if (this.refusals-- > 0) return Promise.reject(new Failure('OVERLOADED', 'full'));
    return this.work('background');
  }

  analyseBesideLive(): Promise<AnalysisBatch> {
    return this.work('beside');
  }

  private async work(where: 'background' | 'beside'): Promise<AnalysisBatch> {
    this.most[where] = Math.max(this.most[where], ++this.running[where]);
    await sleep(5);
    this.running[where]--;
    return batch;
  }
}

let engine: CountingEngine;
let analysis: BackgroundAnalysis;

beforeEach(() => {
  engine = new CountingEngine();
  analysis = new BackgroundAnalysis(engine, workerCount);
});

const analyseMany = () => Promise.all(Array.from({ length: 8 }, () => analysis.analyse([], control)));

describe('BackgroundAnalysis', () => {
  it('uses all workers, two images each, where there is no live traffic', async () => {
    expect(analysis.parallel).toBe(parallel);
    await analyseMany();
    expect(engine.most).toEqual({ background: parallel, beside: 0 });
  });

  it('leaves the workers alone for seconds after a live call, and uses the spare one for an image at a time', async () => {
    engine.lastLiveCallMs = performance.now() - 5_000;
    await analyseMany();
    expect(engine.most).toEqual({ background: 0, beside: 1 });
  });

  it('changes over when live calls come', async () => {
    const first = analyseMany();
    engine.lastLiveCallMs = performance.now();
    await first;
    expect(engine.most).toEqual({ background: parallel, beside: 1 });
  });

  it('waits where the engine is full', async () => {
    engine.refusals = 2;
    expect(await analysis.analyse([], control)).toBe(batch);
  });

  it('ends with its caller', async () => {
    const gone = AbortSignal.abort(new Failure('CANCELLED', 'gone'));
    await expect(analysis.analyse([], { signal: gone })).rejects.toMatchObject({ reason: 'CANCELLED' });
  });
});

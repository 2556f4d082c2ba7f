import { beforeEach, describe, expect, it } from 'vitest';
import { Failure } from '../../../core/failure.js';
import { arcFacePreset } from '../../../core/models/presets.js';
import type { Job, Json } from '../../jobs/job.js';
import { Retrain } from './retrain.js';

const manifest = {
  ...arcFacePreset({ dimension: 8 }),
  displayName: 'small',
  license: 'MIT',
  source: 'made by this test',
  graph: { fileName: 'backbone.onnx', sha256: '' },
};
const parent = { version: { id: 'small-1', contractDigest: '', createTime: '', manifest }, folder: '' };
const job = {
  id: 'job-1',
  kind: 'training',
  attempt: 1,
  failedAttempts: 0,
  retry: { maximumAttempts: 5, firstDelayMs: 0, maximumDelayMs: 0 },
  requester: { actor: 'test', tenant: 'default' },
  input: { parent: 'small-1', policy: {}, activateWhenPassed: false },
} as unknown as Job;
const figures = { accuracyMean: 1, accuracyStandardDeviation: 0, equalErrorRate: 0, trueAcceptRates: [] };
const data = { counts: { identities: 10, faces: 40 }, heldOutIdentities: 2, heldOutBelow: 0.2, digest: '00' };

describe('Retrain', () => {
  let steps: string[];
  let output: Json | undefined;
  let stop: AbortController;
  let choice: { readonly trainedShare: number } | undefined;
  /** What happens at a step besides. */
  let at: Partial<Record<string, () => void>>;

  const step = async <T>(name: string, result?: T): Promise<T> => {
    steps.push(name);
    at[name]?.();
    if (name === 'ask') steps.pop();
    return Promise.resolve(result as T);
  };

  const run = async (): Promise<Json> => {
    const trained = { graph: new Uint8Array(1), manifest, steps: 9, parentFigures: figures };
    const parts = {
      registry: {
        get: async () => Promise.resolve(parent),
        register: async () => step('register', { stored: { version: { id: 'small-2' } } }),
      },
      snapshots: { forJob: async () => Promise.resolve(data) },
      trainer: { train: async () => step('train', { ...trained, candidateFigures: figures, choice }) },
      files: { removeLeftovers: async () => Promise.resolve() },
      assessment: { execute: async () => step('order assessment', { id: 'assessment-1' }) },
      outdated: { execute: async () => step('remove outdated models') },
    };
    const context = {
      signal: stop.signal,
      report: () => undefined,
      succeed: (known: Json) => {
        steps.push('succeed');
        output = known;
      },
      requireHeld: async () => {
        await step('ask');
      },
    };
    return new Retrain(parts as unknown as ConstructorParameters<typeof Retrain>[0]).execute(job, context);
  };

  beforeEach(() => {
    steps = [];
    output = undefined;
    at = {};
    stop = new AbortController();
    choice = undefined;
  });

  it('has succeeded as soon as its candidate is there and will be assessed', async () => {
    const result = await run();
    expect(steps).toEqual(['train', 'register', 'order assessment', 'succeed', 'remove outdated models']);
    expect(output).toEqual(result);
    expect(output).toMatchObject({ modelVersion: 'small-2', assessment: 'assessment-1', steps: 9 });
  });

  it('succeeds without a candidate where nothing is to be gained: nothing is registered, assessed or removed', async () => {
    choice = { trainedShare: 0 };
    const result = await run();
    expect(steps).toEqual(['train', 'succeed']);
    expect(result).toEqual({ data, steps: 9, parentFigures: figures, choice });
  });

  it('says how far it went', async () => {
    choice = { trainedShare: 0.4 };
    expect(await run()).toMatchObject({ modelVersion: 'small-2', choice, candidateFigures: figures });
  });

  it.each([
    ['registers none', 1, ['train']],
    ['has it assessed by nobody', 2, ['train', 'register']],
  ])('%s where another attempt has the job by then', async (_what, refusedAsk, left) => {
    let asks = 0;
    at['ask'] = () => {
      if (++asks === refusedAsk) throw new Failure('WORKER_LOST', 'another has it');
    };
    await expect(run()).rejects.toMatchObject({ reason: 'WORKER_LOST' });
    expect(steps.filter((name) => name !== 'ask')).toEqual(left);
  });

  it('registers no candidate of a job that was cancelled once it was trained', async () => {
    at['train'] = () => {
      stop.abort(new Failure('CANCELLED', 'cancelled'));
    };
    await expect(run()).rejects.toMatchObject({ reason: 'CANCELLED' });
    expect(steps).toEqual(['train']);
  });
});

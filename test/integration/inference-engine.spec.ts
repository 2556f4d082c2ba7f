import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { constants, getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { EngineObserver } from '../../src/inference/workers/engine-observer.js';
import { type EngineOptions, InferenceEngine } from '../../src/inference/workers/inference-engine.js';
import { LowPriorityWorker } from '../../src/inference/workers/low-priority-worker.js';
import type { GenerationOptions } from '../../src/inference/workers/worker-generation.js';
import type { AnalysisRequest, ServedModels } from '../../src/inference/analyser/face-analysis.js';
import type { ImageTiming } from '../../src/inference/analyser/stage-durations.js';
import type { ModelPair } from '../../src/inference/workers/model-serving.js';
import { arcFaceTemplate } from '../../src/core/faces/alignment-template.js';
import { engineOptionsOf } from '../../src/service/models/engine-options.js';
import { readConfiguration } from '../../src/service/platform/configuration/configuration.js';
import { Failure } from '../../src/core/failure.js';
import type { ModelManifest } from '../../src/core/models/manifest.js';

class RecordingObserver implements EngineObserver {
  readonly lost: string[] = [];
  readonly defects: unknown[] = [];
  shedCalls = 0;

  onShed(): void {
    this.shedCalls++;
  }

  readonly modelChangeSeconds: number[] = [];

  onModelsChanged(seconds: number): void {
    this.modelChangeSeconds.push(seconds);
  }

  readonly images: ImageTiming[] = [];

  onImages(_models: ServedModels, images: readonly ImageTiming[]): void {
    this.images.push(...images);
  }

  onWorkerLost(description: string): void {
    this.lost.push(description);
  }

  onDefect(error: unknown): void {
    this.defects.push(error);
  }
}

const input = {
  width: 112,
  height: 112,
  layout: 'NCHW',
  channelOrder: 'RGB',
  mean: [0, 0, 0],
  scale: [1, 1, 1],
} as const;
const provenance = { schemaVersion: 1, displayName: 'scripted', license: 'MIT', source: 'test' } as const;
const graph = { fileName: 'none.onnx', sha256: '' };

function models(backboneId: string, folder = ''): ModelPair {
  const stored = (id: string, manifest: ModelManifest): ModelPair['backbone'] => ({
    folder,
    version: { id, contractDigest: '', createTime: '', manifest },
  });
  return {
    backbone: stored(backboneId, {
      ...provenance,
      kind: 'backbone',
      graph,
      input,
      alignment: arcFaceTemplate,
      embedding: { dimension: 1, testTimeAugmentation: 'none' },
    }),
    detector: stored('detector', {
      ...provenance,
      kind: 'detector',
      family: 'retinaface',
      graphs: { detector: graph },
      input,
      minimumProbability: 0.5,
      maximumOverlap: 0.4,
    }),
  };
}

function request(script: string): AnalysisRequest {
  return {
    encoded: Buffer.from(script),
    kind: 'photograph',
    selection: 'all',
    wantEmbeddings: false,
    wantCrops: false,
  };
}

const never = { signal: new AbortController().signal };
const observer = new RecordingObserver();
let engine: InferenceEngine | undefined;

async function startEngine(
  options: Partial<EngineOptions> = {},
  pair = models('first'),
): Promise<InferenceEngine> {
  engine = new InferenceEngine(
    {
      workerCount: 1,
      intraOpThreads: 1,
      maximumBatchSize: 1,
      photographsPerWorker: 1,
      queueCapacity: 4,
      imageLimits: { maximumBytes: 1, maximumPixels: 1 },
      startTimeoutMs: 10_000,
      stallTimeoutMs: 10_000,
      entryPoint: fileURLToPath(new URL('../support/scripted-worker.mjs', import.meta.url)),
      ...options,
    },
    observer,
  );
  await engine.serve(pair);
  return engine;
}

async function firstOutcome(script: string, control = never): Promise<unknown> {
  const batch = await engine!.analyse([request(script)], control);
  const [outcome] = batch.outcomes;
  if (outcome?.ok === false) throw outcome.error;
  return outcome?.image;
}

afterEach(() => {
  engine?.stop();
  observer.lost.length = 0;
  observer.defects.length = 0;
  observer.shedCalls = 0;
});

describe('InferenceEngine', () => {
  it('is closed although images still waited for a worker when it was stopped', async () => {
    await startEngine({ workerCount: 1, photographsPerWorker: 1 });
    const calls = ['sleep 60000', 'now', 'now'].map(async (text) => engine!.analyse([request(text)], never));
    const closed = engine!.close();
    engine!.stop();
    for (const { outcomes } of await Promise.all(calls)) expect(outcomes[0]).toMatchObject({ ok: false });
    expect(await Promise.race([closed.then(() => 'closed'), sleep(5_000, 'held')])).toBe('closed');
  });

  it('answers every image of a call in order and names the models', async () => {
    await startEngine({ workerCount: 2 });
    const batch = await engine!.analyse([request('sleep 40'), request('now'), request('fail')], never);
    expect(batch.models).toMatchObject({ backboneId: 'first', detectorId: 'detector' });
    expect(batch.outcomes.map((outcome) => outcome.ok)).toEqual([true, true, false]);
    expect(observer.defects).toHaveLength(1);
  });

  it('refuses calls beyond the queue with OVERLOADED and still answers the accepted ones', async () => {
    await startEngine({ queueCapacity: 2 });
    const accepted = ['sleep 50', 'now', 'now'].map((script) => firstOutcome(script));
    await expect(firstOutcome('now')).rejects.toMatchObject({ reason: 'OVERLOADED' });
    expect(await Promise.all(accepted)).toHaveLength(3);
    expect(observer.shedCalls).toBe(1);
  });

  it('takes turns between tenants, whatever calls one of them makes', async () => {
    await startEngine({ queueCapacity: 800 });
    const order: string[] = [];
    const call = async (tenant: string, name: string, images: number): Promise<void> => {
      const share = [tenant, 'connection', name];
      const requests = Array.from({ length: images }, () => request('sleep 2'));
      await engine!.analyse(requests, { ...never, share });
      order.push(`${tenant} ${name}`);
    };
    const flood = Array.from({ length: 20 }, async (_, index) => call('big', `${index}`, 8));
    await Promise.all([...flood, call('small', 'first', 2), call('small', 'second', 1)]);
    expect(order.slice(0, 2).sort()).toEqual(['small first', 'small second']);
  });

  it('lets who asks for one pair wait for no more than what a worker holds already', async () => {
    const { photographsPerWorker } = engineOptionsOf(readConfiguration({}));
    // Of one process: what several answer has no order.
    await startEngine({ queueCapacity: 800, photographsPerWorker, workerCount: 1 });
    const order: string[] = [];
    const call = async (tenant: string, name: string, images: number): Promise<void> => {
      const share = [tenant, 'connection', name];
      const requests = Array.from({ length: images }, () => request('sleep 25'));
      await engine!.analyse(requests, { ...never, share });
      order.push(tenant);
    };
    const flood = Array.from({ length: 100 }, async (_, index) => call('big', `${index}`, 1));
    await sleep(60);
    const before = order.length;
    await Promise.all([...flood, call('small', 'pair', 2)]);
    // And for one that went to the worker between the two images of the pair.
    expect(order.indexOf('small') - before).toBeLessThanOrEqual(photographsPerWorker + 1);
  });

  it('gives a worker four aligned crops in place of a photograph', async () => {
    await startEngine({ queueCapacity: 40, photographsPerWorker: 1 });
    const crop = { ...request('sleep 300'), kind: 'aligned-crop' as const };
    const crops = Array.from({ length: 6 }, async () => engine!.analyse([crop], never));
    expect(engine!.queuedImages).toBe(2);
    const photograph = firstOutcome('now');
    expect(engine!.queuedImages).toBe(3);
    await Promise.all([...crops, photograph]);
  });

  it('works on two calls with many images beside one another, and lets one with few pass', async () => {
    await startEngine({ queueCapacity: 40 });
    const order: string[] = [];
    const call = async (name: string, images: number): Promise<void> => {
      const requests = Array.from({ length: images }, () => request('now'));
      await engine!.analyse(requests, { ...never, share: ['acme', name] });
      order.push(name);
    };
    await Promise.all([call('batch', 128), call('other batch', 128), call('single', 2)]);
    expect(order[0]).toBe('single');
    expect(observer.shedCalls).toBe(0);
  });

  it('drops all images of a call that leaves, and none of another', async () => {
    await startEngine({ queueCapacity: 40 });
    const controller = new AbortController();
    const share = ['acme', 'connection', 'batch'];
    const requests = Array.from({ length: 128 }, () => request('sleep 20'));
    const batch = engine!.analyse(requests, { signal: controller.signal, share });
    const other = firstOutcome('now');
    controller.abort(new Failure('CANCELLED', 'gone'));
    expect(await batch.then(({ outcomes }) => outcomes.filter(({ ok }) => ok))).toEqual([]);
    await other;
    expect(engine!.queuedImages).toBe(0);
  });

  it('answers a cancelled call at once, drops what waits and tells the worker', async () => {
    await startEngine();
    const controller = new AbortController();
    const running = firstOutcome('sleep 200');
    const queued = firstOutcome('now', { signal: controller.signal });
    controller.abort(new Failure('CANCELLED', 'gone'));
    await expect(queued).rejects.toMatchObject({ reason: 'CANCELLED' });
    expect(engine!.queuedImages).toBe(0);
    await running;
  });

  it('starts no work for a call that was cancelled before it came', async () => {
    await startEngine();
    const signal = AbortSignal.abort(new Failure('DEADLINE_EXCEEDED', 'late'));
    await expect(firstOutcome('now', { signal })).rejects.toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
  });

  it('gives the images of a dead worker to another and starts a new one', async () => {
    await startEngine({ photographsPerWorker: 2 });
    const innocent = firstOutcome('sleep 100');
    await expect(firstOutcome('crash')).rejects.toMatchObject({ reason: 'WORKER_LOST' });
    await expect(innocent).resolves.toMatchObject({ faces: [] });
    expect(observer.lost).toEqual(['exit code 7', 'exit code 7']);
    await expect(firstOutcome('now')).resolves.toMatchObject({ faces: [] });
  });

  it('kills a worker that hangs and answers its images', async () => {
    await startEngine({ stallTimeoutMs: 200 });
    await expect(firstOutcome('hang')).rejects.toMatchObject({ reason: 'WORKER_LOST' });
    expect(observer.lost).toEqual(['signal SIGKILL', 'signal SIGKILL']);
  });

  it('refuses what waits and what comes while no worker can be started, and serves again once one can', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'symface-engine-'));
    try {
      await startEngine({}, models('first', folder));
      await writeFile(join(folder, 'broken'), '');
      const [crashed, waiting] = [firstOutcome('crash'), firstOutcome('now')];
      const refusal = { reason: 'NO_WORKER', metadata: { retry_after_seconds: '1' } };
      await expect(crashed).rejects.toMatchObject(refusal);
      await expect(waiting).rejects.toMatchObject(refusal);
      await expect(engine!.analyse([request('now')], never)).rejects.toMatchObject({ reason: 'NO_WORKER' });
      expect([engine!.ready, engine!.queuedImages]).toEqual([false, 0]);
      await rm(join(folder, 'broken'));
      await expect.poll(() => engine!.ready, { timeout: 10_000 }).toBe(true);
      await expect(firstOutcome('now')).resolves.toMatchObject({ faces: [] });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('does not count what an image waits behind others for a worker that hangs', async () => {
    await startEngine({ photographsPerWorker: 3, stallTimeoutMs: 2_000 });
    const answers = ['sleep 1200', 'sleep 2400', 'sleep 3600'].map((script) => firstOutcome(script));
    expect(await Promise.all(answers)).toHaveLength(3);
    expect(observer.lost).toEqual([]);
  });

  it('swaps models while calls run: each call is answered by the models it began with', async () => {
    await startEngine({ photographsPerWorker: 4 });
    const before = engine!.analyse([request('sleep 300'), request('sleep 300')], never);
    await engine!.serve(models('second'));
    const after = engine!.analyse([request('now')], never);
    expect((await before).models.backboneId).toBe('first');
    expect((await before).outcomes.every((outcome) => outcome.ok)).toBe(true);
    expect((await after).models.backboneId).toBe('second');
    expect(observer.modelChangeSeconds).toHaveLength(1);
  });

  it('runs trials of other models beside, whose calls are never refused, and ends them when it closes', async () => {
    await startEngine({ queueCapacity: 1, workerCount: 3 });
    const pair = models('second');
    await engine!.load(pair);
    const requests = Array.from({ length: 8 }, () => request('now'));
    const trial = await engine!.analyseWith(pair, requests, never);
    expect(trial.models.backboneId).toBe('second');
    const processIds = trial.outcomes.map((outcome) => (outcome.ok ? outcome.image.width : 0));
    expect(engine!.served?.backboneId).toBe('first');
    await expect(engine!.load(models('broken'))).rejects.toMatchObject({ reason: 'MODEL_INVALID' });
    await engine!.close();
    for (let tries = 0; tries < 50 && processIds.some(isRunning); tries++) await sleep(20);
    expect(processIds.filter(isRunning)).toEqual([]);
    await expect(engine!.load(pair)).rejects.toMatchObject({ reason: 'SHUTTING_DOWN' });
  });

  it('goes on with the old models where the new ones do not load', async () => {
    await startEngine();
    await expect(engine!.serve(models('broken'))).rejects.toMatchObject({ reason: 'MODEL_INVALID' });
    const batch = await engine!.analyse([request('now')], never);
    expect(batch.models.backboneId).toBe('first');
  });

  it('finishes accepted calls when it closes, then ends its workers', async () => {
    await startEngine();
    const accepted = firstOutcome('sleep 100');
    await engine!.close();
    const { width: processId } = (await accepted) as { width: number };
    for (let tries = 0; tries < 50 && isRunning(processId); tries++) await sleep(20);
    expect(isRunning(processId)).toBe(false);
  });
});

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}

describe('work beside live calls', () => {
  const besideLive = async (
    script: string,
  ): Promise<{ readonly processId: number; readonly models: string }> => {
    const { models: answering, outcomes } = await engine!.analyseBesideLive([request(script)], never);
    const [outcome] = outcomes;
    if (outcome?.ok !== true) throw outcome?.error ?? new Error('there is no outcome');
    return { processId: outcome.image.width, models: answering.backboneId };
  };
  const isRunning = (processId: number): boolean => {
    try {
      return process.kill(processId, 0);
    } catch {
      return false;
    }
  };

  it('has a process of its own, of the lowest priority, which takes no live calls', async () => {
    await startEngine();
    const live = (await firstOutcome('now')) as { readonly width: number };
    const first = await besideLive('now');
    expect(first.processId).not.toBe(live.width);
    expect((await besideLive('now')).processId).toBe(first.processId);
    expect(getPriority(first.processId)).toBe(constants.priority.PRIORITY_LOW);
    expect(getPriority(live.width)).toBe(getPriority());
    const blocked = besideLive('sleep 300');
    expect(await firstOutcome('now')).toMatchObject({ width: live.width });
    await blocked;
    expect(engine!.runningWorkers).toBe(1);
  });

  it('is done with the models that serve; those that it began with are answered', async () => {
    await startEngine();
    const slow = besideLive('sleep 300');
    await engine!.serve(models('second'));
    const next = await besideLive('now');
    expect(next.models).toBe('second');
    const first = await slow;
    expect(first.models).toBe('first');
    await expect.poll(() => isRunning(first.processId)).toBe(false);
    expect(isRunning(next.processId)).toBe(true);
    await engine!.close();
    await expect.poll(() => isRunning(next.processId)).toBe(false);
  });

  it('is refused once the engine closes', async () => {
    await startEngine();
    await engine!.close();
    await expect(besideLive('now')).rejects.toMatchObject({ reason: 'SHUTTING_DOWN' });
  });
});

describe('the spare worker', () => {
  const size = { workerCount: 1, queueCapacity: 4 };
  const options = (entryPoint: string): GenerationOptions => ({
    setup: {
      models: models('first'),
      intraOpThreads: 1,
      maximumBatchSize: 1,
      imageLimits: { maximumBytes: 1, maximumPixels: 1 },
    },
    workerCount: 3,
    queueCapacity: 4,
    photographsPerWorker: 1,
    startTimeoutMs: 10_000,
    stallTimeoutMs: 10_000,
    entryPoint,
  });
  const script = fileURLToPath(new URL('../support/scripted-worker.mjs', import.meta.url));

  const processIdBy = async (spare: LowPriorityWorker, pair: ModelPair): Promise<number> => {
    const [outcome] = (await spare.analyse(pair, [request('now')], never)).outcomes;
    if (outcome?.ok !== true) throw new Error('there is no outcome');
    return outcome.image.width;
  };

  it.each(['one', 'several'] as const)('keeps the workers of %s pair or pairs', async (pairs) => {
    const spare = new LowPriorityWorker(() => options(script), observer, size, pairs);
    const first = await processIdBy(spare, models('first'));
    await processIdBy(spare, models('second'));
    const again = await processIdBy(spare, models('first'));
    if (pairs === 'several') expect(again).toBe(first);
    else expect(again).not.toBe(first);
    await spare.close();
  });

  it('ends when it has had nothing to do, and starts again', async () => {
    const pair = models('first');
    const spare = new LowPriorityWorker(() => options(script), observer, size, 'one', 50);
    const first = await processIdBy(spare, pair);
    await sleep(500);
    const second = await processIdBy(spare, pair);
    expect(second).not.toBe(first);
    expect(() => process.kill(first, 0)).toThrow();
    await spare.close();
  });

  it('says why it does not start, and tries again', async () => {
    const entryPoints = [fileURLToPath(new URL('../support/no-such-worker.mjs', import.meta.url)), script];
    const pair = models('first');
    const spare = new LowPriorityWorker(() => options(entryPoints.shift()!), observer, size);
    await expect(spare.analyse(pair, [request('now')], never)).rejects.toThrow('ended while starting');
    expect((await spare.analyse(pair, [request('now')], never)).outcomes).toHaveLength(1);
    spare.stop();
  });
});
